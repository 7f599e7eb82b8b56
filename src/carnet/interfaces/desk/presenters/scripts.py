"""What agents say, word for word: short sentences a worried person understands. One script for each matter.

French first; the English is in the catalogue. A script never asks for a code that opens more than a screen
sharing, for a password, or for anything about health.
"""

from typing import Final

import msgspec

from carnet.design.language import mark
from carnet.spaces.api import Script


class ScriptText(msgspec.Struct, frozen=True, kw_only=True):
    """say: to read aloud, sentence by sentence; act: the button, and what it does; more: a second button's words."""

    title: str
    lead: str
    say: tuple[str, ...]
    act: str
    icon: str
    more: str = ""


TEXTS: Final[dict[Script, ScriptText]] = {
    Script.OBJECTION: ScriptText(
        title=mark("Noter une opposition"),
        lead=mark("La personne refuse l'ouverture de son espace."),
        say=(
            mark("« Vous pouvez refuser l'ouverture de votre espace. C'est votre droit. »"),
            mark("« Vous n'avez pas à dire pourquoi. Cela ne change ni vos soins, ni vos remboursements. »"),
            mark("« Vous pourrez changer d'avis quand vous voudrez. Je vous remets un reçu. »"),
            mark("« Vous confirmez que vous refusez ? »"),
        ),
        act=mark("Enregistrer l'opposition"),
        icon="ban",
    ),
    Script.RETRACTION: ScriptText(
        title=mark("Lever une opposition"),
        lead=mark("La personne avait refusé ; elle veut maintenant un espace."),
        say=(
            mark("« Vous aviez refusé votre espace. Vous pouvez revenir sur ce refus. »"),
            mark("« Votre espace s'ouvrira tout de suite. Vos soignants pourront y déposer des documents. »"),
            mark("« Vous déciderez qui peut les lire. Vous pourrez fermer votre espace à tout moment. »"),
            mark("« Vous confirmez que vous voulez cet espace ? »"),
        ),
        act=mark("Lever l'opposition et ouvrir l'espace"),
        icon="unlock",
    ),
    Script.ACTIVATION: ScriptText(
        title=mark("Aider à activer l'espace"),
        lead=mark("La personne veut entrer dans son espace pour la première fois."),
        say=(
            mark("« Allez sur le site de Carnet, puis choisissez Se connecter. »"),
            mark("« Choisissez FranceConnect, puis un compte que vous avez : impôts, assurance maladie, La Poste. »"),
            mark("« Ne me dites jamais un mot de passe ni un code : je n'en ai pas besoin. »"),
            mark("« La première page vous demande trois choix. Vous pourrez les changer ensuite. »"),
        ),
        act=mark("Noter que la personne a été aidée"),
        icon="help",
    ),
    Script.CLOSING: ScriptText(
        title=mark("Fermer l'espace"),
        lead=mark("La personne ne veut plus de son espace."),
        say=(
            mark("« Vous pouvez fermer votre espace à tout moment. Vous n'avez pas à dire pourquoi. »"),
            mark("« Plus personne n'y lira ni n'y déposera rien. Vos autorisations prennent fin tout de suite. »"),
            mark(
                "« Vos documents sont archivés dix ans, chiffrés. Vous pourrez demander leur suppression, ou rouvrir. »"
            ),
            mark("« Vous confirmez que je ferme votre espace ? »"),
        ),
        act=mark("Fermer l'espace"),
        icon="close",
    ),
    Script.LOST_ACCESS: ScriptText(
        title=mark("Accès perdu"),
        lead=mark("La personne n'arrive plus à entrer, ou craint que quelqu'un d'autre y soit entré."),
        say=(
            mark("« Essayez avec un autre compte FranceConnect : n'importe lequel ouvre votre espace. »"),
            mark("« Si vous avez perdu un appareil, je peux fermer toutes vos sessions. Vous vous reconnecterez. »"),
            mark("« Si quelqu'un connaît votre mot de passe, changez-le chez le fournisseur de ce compte. »"),
            mark("« Dans Activité, vous verrez qui est venu, et quand. »"),
        ),
        act=mark("Noter que la personne a été aidée"),
        icon="lock",
        more=mark("Fermer toutes ses sessions"),
    ),
    Script.DISPUTE: ScriptText(
        title=mark("Contester un accès"),
        lead=mark("La personne ne connaît pas un professionnel qui a consulté son espace."),
        say=(
            mark("« Ouvrez Activité, puis la ligne de cet accès. »"),
            mark("« Choisissez Je ne connais pas cet accès : il est suspendu aussitôt. »"),
            mark("« Un dossier s'ouvre, avec une date limite de réponse. Nous n'y voyons aucun de vos documents. »"),
            mark("« La réponse sera dans votre espace. »"),
        ),
        act=mark("Noter que la personne a été aidée"),
        icon="access",
    ),
    Script.NEW_CODE: ScriptText(
        title=mark("Envoyer une nouvelle lettre"),
        lead=mark("La personne a perdu sa lettre, ou son code ne vaut plus."),
        say=(
            mark("« Je peux vous faire envoyer une nouvelle lettre, avec un nouveau code. »"),
            mark(
                "« Elle part à l'adresse que connaît votre assurance maladie. Je ne la vois pas, je ne la change pas. »"
            ),
            mark("« L'ancien code ne vaut plus, dès maintenant. »"),
            mark("« Si vous avez déménagé, prévenez d'abord votre caisse, puis rappelez-nous. »"),
        ),
        act=mark("Faire partir une lettre"),
        icon="mail",
    ),
    Script.HEIRS: ScriptText(
        title=mark("Demande d'un ayant droit"),
        lead=mark("Un proche de la personne décédée demande des informations sur sa santé."),
        say=(
            mark(
                "« La loi permet d'en savoir assez pour l'un de ces trois motifs, et pas davantage : connaître les "
                "causes de la mort, défendre la mémoire de la personne, faire valoir vos droits. »"
            ),
            mark("« Si la personne l'a refusé de son vivant, je dois vous répondre non. »"),
            mark(
                "« Un médecin que vous choisissez lira pour vous, pendant trente jours, et vous dira ce qui répond à "
                "votre motif. Il est tenu au secret. »"
            ),
            mark("« Un autre agent va répondre, sous huit jours. »"),
        ),
        act=mark("Enregistrer la demande"),
        icon="people",
    ),
    Script.MISTAKEN_DEATH: ScriptText(
        title=mark("Corriger un décès noté par erreur"),
        lead=mark("La personne est en vie, et son espace est bloqué parce qu'un décès a été noté."),
        say=(
            mark("« Je suis désolé de cette erreur. Nous allons la corriger avec vous. »"),
            mark(
                "« Je joins une preuve : votre pièce d'identité, si vous êtes devant moi ; sinon un certificat de vie, "
                "que donne la mairie. »"
            ),
            mark("« Un autre agent va vérifier, sous huit jours. Votre espace reviendra comme il était. »"),
            mark("« Si l'erreur vient de l'état civil ou de votre caisse, écrivez-leur aussi. »"),
        ),
        act=mark("Enregistrer la demande"),
        icon="check",
    ),
    Script.GUARDIANSHIP: ScriptText(
        title=mark("Tutelle, curatelle, habilitation familiale"),
        lead=mark("Un juge confie la personne à quelqu'un, ou y met fin (guichet ou courrier, avec le jugement)."),
        say=(
            mark("« Je copie ce que dit le jugement, et je le joins. Il me faut toutes ses pages. »"),
            mark(
                "« Il me faut aussi le numéro de sécurité sociale de la personne à qui la mesure est confiée : elle "
                "entrera depuis son propre espace. »"
            ),
            mark("« Un autre agent va vérifier, sous huit jours. Vous en serez tous les deux prévenus. »"),
            mark(
                "« La mesure prend fin d'elle-même après son dernier jour. La personne protégée garde son espace, et "
                "voit tout ce qui y est fait. »"
            ),
        ),
        act=mark("Enregistrer la demande"),
        icon="people",
    ),
    Script.SCREEN: ScriptText(
        title=mark("Suivre ses pages"),
        lead=mark("La personne est dans son espace et ne sait plus où cliquer."),
        say=(
            mark("« En bas de la page, choisissez Aide : partager mon écran, puis Obtenir un code. »"),
            mark("« Je saurai sur quelle page vous êtes, un quart d'heure. Je ne verrai rien de ce qu'elle dit. »"),
            mark("« Un bandeau vous le rappelle ; vous pouvez arrêter quand vous voulez. »"),
            mark("« Lisez-moi les six chiffres. »"),
        ),
        act=mark("Suivre ses pages"),
        icon="search",
    ),
}
