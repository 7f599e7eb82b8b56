"""The journal in sentences a person understands: one for what I did, one for what someone else did.

Every act code of the journal has its two sentences here (a test compares with the journal's list); an unknown code
reads as a plain "action" rather than disappearing: the journal never hides a line.
"""

import msgspec

from carnet.design.language import Language, mark
from carnet.design.parts import Moment
from carnet.design.vocabulary import profession
from carnet.interfaces.portal.presenters.access_sentences import ACCESS_SENTENCES
from carnet.interfaces.portal.presenters.desk_sentences import DESK_SENTENCES
from carnet.interfaces.portal.presenters.facts import TraceFacts
from carnet.interfaces.portal.presenters.family_sentences import FAMILY_SENTENCES
from carnet.interfaces.portal.presenters.message_sentences import MESSAGE_SENTENCES


class Sentences(msgspec.Struct, frozen=True):
    """An act told: by me, by someone else, and what was asked for when it was refused.

    Placeholders: %(actor)s, %(title)s (a document, already quoted), %(party)s.
    """

    mine: str
    theirs: str
    asked: str
    icon: str


UNKNOWN = Sentences(
    mark("Vous avez fait une action dans votre espace."),
    mark("%(actor)s a fait une action dans votre espace."),
    mark("agir dans votre espace"),
    "activity",
)

SENTENCES: dict[str, Sentences] = {
    **{act: Sentences(*told) for act, told in (ACCESS_SENTENCES | MESSAGE_SENTENCES | FAMILY_SENTENCES).items()},
    **{act: Sentences(*told) for act, told in DESK_SENTENCES.items()},
    "sign-in": Sentences(
        mark("Vous avez ouvert une session."),
        mark("%(actor)s a ouvert une session."),
        mark("ouvrir une session"),
        "sign-in",
    ),
    "sign-out": Sentences(
        mark("Vous avez quitté votre session."),
        mark("%(actor)s a quitté sa session."),
        mark("quitter une session"),
        "sign-out",
    ),
    "end-session": Sentences(
        mark("Vous avez fermé une session à distance."),
        mark("%(actor)s a fermé une session à distance."),
        mark("fermer une session"),
        "device",
    ),
    "deposit-document": Sentences(
        mark("Vous avez ajouté %(title)s."),
        mark("%(actor)s a ajouté %(title)s."),
        mark("ajouter %(title)s"),
        "upload",
    ),
    "replace-document": Sentences(
        mark("Vous avez remplacé %(title)s."),
        mark("%(actor)s a remplacé %(title)s."),
        mark("remplacer %(title)s"),
        "replaced",
    ),
    "edit-document": Sentences(
        mark("Vous avez modifié %(title)s."),
        mark("%(actor)s a modifié %(title)s."),
        mark("modifier %(title)s"),
        "edit",
    ),
    "delete-document": Sentences(
        mark("Vous avez supprimé un document."),
        mark("%(actor)s a supprimé un document."),
        mark("supprimer %(title)s"),
        "trash",
    ),
    "read-document": Sentences(
        mark("Vous avez consulté %(title)s."),
        mark("%(actor)s a consulté %(title)s."),
        mark("consulter %(title)s"),
        "eye",
    ),
    "download-document": Sentences(
        mark("Vous avez téléchargé %(title)s."),
        mark("%(actor)s a téléchargé %(title)s."),
        mark("télécharger %(title)s"),
        "download",
    ),
    "list-documents": Sentences(
        mark("Vous avez consulté la liste de vos documents."),
        mark("%(actor)s a consulté la liste de vos documents."),
        mark("consulter la liste de vos documents"),
        "documents",
    ),
    "search-documents": Sentences(
        mark("Vous avez cherché dans vos documents."),
        mark("%(actor)s a cherché dans vos documents."),
        mark("chercher dans vos documents"),
        "search",
    ),
    "mask-document": Sentences(
        mark("Vous avez masqué %(title)s aux professionnels."),
        mark("%(actor)s a masqué %(title)s aux professionnels."),
        mark("masquer %(title)s"),
        "eye-off",
    ),
    "reveal-document": Sentences(
        mark("Vous avez rendu %(title)s visible aux professionnels."),
        mark("%(actor)s a rendu %(title)s visible."),
        mark("rendre visible %(title)s"),
        "eye",
    ),
    "authorise": Sentences(
        mark("Vous avez autorisé %(party)s à consulter vos documents."),
        mark("%(actor)s a donné accès à vos documents à %(party)s."),
        mark("donner un accès à vos documents"),
        "access",
    ),
    "end-authorisation": Sentences(
        mark("Vous avez mis fin à l'accès de %(party)s."),
        mark("%(actor)s a mis fin à son accès."),
        mark("mettre fin à un accès"),
        "lock",
    ),
    "block": Sentences(
        mark("Vous avez bloqué %(party)s."),
        mark("%(actor)s a bloqué %(party)s."),
        mark("bloquer %(party)s"),
        "ban",
    ),
    "unblock": Sentences(
        mark("Vous avez débloqué %(party)s."),
        mark("%(actor)s a débloqué %(party)s."),
        mark("débloquer %(party)s"),
        "unlock",
    ),
    "find-patient": Sentences(
        mark("Vous avez ouvert votre espace."),
        mark("%(actor)s a recherché votre espace."),
        mark("ouvrir votre espace"),
        "search",
    ),
    "export-journal": Sentences(
        mark("Vous avez téléchargé votre journal."),
        mark("%(actor)s a téléchargé votre journal."),
        mark("télécharger votre journal"),
        "download",
    ),
    "change-settings": Sentences(
        mark("Vous avez modifié vos réglages."),
        mark("%(actor)s a modifié vos réglages."),
        mark("modifier vos réglages"),
        "settings",
    ),
    "notify": Sentences(
        mark("Une notification vous a été envoyée."),
        mark("Une notification vous a été envoyée."),
        mark("vous envoyer une notification"),
        "bell",
    ),
    "open-space": Sentences(
        mark("Votre espace a été ouvert."), mark("Votre espace a été ouvert."), mark("ouvrir votre espace"), "home"
    ),
    "add-credential": Sentences(
        mark("Vous avez ajouté un moyen de connexion."),
        mark("%(actor)s a ajouté un moyen de connexion."),
        mark("ajouter un moyen de connexion"),
        "lock",
    ),
    "drop-credential": Sentences(
        mark("Vous avez retiré un moyen de connexion."),
        mark("%(actor)s a retiré un moyen de connexion."),
        mark("retirer un moyen de connexion"),
        "unlock",
    ),
    "activate-space": Sentences(
        mark("Vous avez activé votre espace."),
        mark("%(actor)s a activé votre espace."),
        mark("activer votre espace"),
        "home",
    ),
    "read-metadata": Sentences(
        mark("Vous avez ouvert la fiche de %(title)s."),
        mark("%(actor)s a ouvert la fiche de %(title)s."),
        mark("ouvrir la fiche de %(title)s"),
        "file",
    ),
    "list-submissions": Sentences(
        mark("Vous avez consulté la liste des envois."),
        mark("%(actor)s a consulté la liste des envois reçus dans votre espace."),
        mark("consulter la liste des envois"),
        "documents",
    ),
    "first-access": Sentences(
        mark("Vous avez accédé à votre espace pour la première fois."),
        mark("%(actor)s a accédé à votre espace pour la première fois."),
        mark("accéder à votre espace"),
        "access",
    ),
    "record-consent": Sentences(
        mark("Vous avez donné votre accord."),
        mark("%(actor)s a déclaré que vous lui donnez accès à vos documents."),
        mark("déclarer que vous lui donnez accès"),
        "access",
    ),
    "view-journal": Sentences(
        mark("Vous avez consulté ce journal."),
        mark("%(actor)s a consulté ce journal."),
        mark("consulter ce journal"),
        "activity",
    ),
    "read-notification": Sentences(
        mark("Vous avez trié vos notifications."),
        mark("%(actor)s a trié vos notifications."),
        mark("trier vos notifications"),
        "bell",
    ),
    "delete-notification": Sentences(
        mark("Vous avez supprimé une notification."),
        mark("%(actor)s a supprimé une notification."),
        mark("supprimer une notification"),
        "trash",
    ),
    "destroy-space-key": Sentences(
        mark("Le contenu de votre espace a été effacé."),
        mark("Le contenu de votre espace a été effacé."),
        mark("effacer votre espace"),
        "trash",
    ),
    "close-space": Sentences(
        mark("Vous avez fermé votre espace."),
        mark("%(actor)s a fermé votre espace."),
        mark("fermer votre espace"),
        "lock",
    ),
    "reopen-space": Sentences(
        mark("Vous avez rouvert votre espace."),
        mark("%(actor)s a rouvert votre espace."),
        mark("rouvrir votre espace"),
        "check",
    ),
    "ask-deletion": Sentences(
        mark("Vous avez demandé l'effacement de vos données."),
        mark("%(actor)s a demandé l'effacement de vos données."),
        mark("faire effacer vos données"),
        "trash",
    ),
    "cancel-deletion": Sentences(
        mark("Vous avez annulé l'effacement de vos données."),
        mark("%(actor)s a annulé l'effacement de vos données."),
        mark("annuler l'effacement de vos données"),
        "check",
    ),
    "suspend-space": Sentences(
        mark("Vous avez suspendu votre espace."),
        mark("%(actor)s a suspendu votre espace."),
        mark("suspendre votre espace"),
        "lock",
    ),
    "lift-suspension": Sentences(
        mark("Vous avez levé la suspension de votre espace."),
        mark("%(actor)s a levé la suspension de votre espace."),
        mark("lever la suspension de votre espace"),
        "check",
    ),
    "record-death": Sentences(
        mark("Un décès a été noté pour cet espace."),
        mark("Un décès a été noté pour cet espace."),
        mark("noter un décès"),
        "lock",
    ),
    "erase-space": Sentences(
        mark("Le contenu de votre espace a été effacé."),
        mark("Le contenu de votre espace a été effacé."),
        mark("effacer votre espace"),
        "trash",
    ),
    "ask-export": Sentences(
        mark("Vous avez demandé une copie de vos données."),
        mark("%(actor)s a demandé une copie de vos données."),
        mark("demander une copie de vos données"),
        "download",
    ),
    "make-export": Sentences(
        mark("La copie de vos données que vous aviez demandée a été préparée."),
        mark("La copie de vos données que vous aviez demandée a été préparée."),
        mark("préparer une copie de vos données"),
        "download",
    ),
    "download-export": Sentences(
        mark("Vous avez téléchargé la copie de vos données."),
        mark("%(actor)s a téléchargé la copie de vos données."),
        mark("télécharger la copie de vos données"),
        "download",
    ),
    "rotate-keys": Sentences(
        mark("Les clés qui protègent votre espace ont été renouvelées."),
        mark("Les clés qui protègent votre espace ont été renouvelées."),
        mark("renouveler les clés de votre espace"),
        "lock",
    ),
}
NEVER_IN_A_SPACE = frozenset(
    {
        "list-cases",
        "prove-identity",
        "send-login-code",
        "register-software",
        "suspend-software",
        "reinstate-software",
        "issue-token",
        "import-directory",
        "load-matrix",
        "search-directory",
        "collect-orphans",
        "purge-expired",
        "retry-dead-letter",
        "read-texts",
        "list-identity-flags",
        "look-for-misuse",
        "begin-log",
        "close-alert",
        "import-beneficiaries",
        "inform-beneficiaries",
        "open-due-spaces",
        "register-agent",
        "end-agent",
        "desk-end",
        "view-indicators",
        "count-indicators",
        "record-opposition",
        "retract-opposition",
    }
)
"""Acts of the house, written in the security journal: no person's journal holds them."""


REFUSED_MINE = mark("Vous avez voulu %(asked)s. Cela a été refusé.")
REFUSED_THEIRS = mark("%(actor)s a voulu %(asked)s. Cela a été refusé.")


def sentence(trace: TraceFacts, language: Language) -> str:
    """The journal entry as one sentence."""
    found = SENTENCES.get(trace.act, UNKNOWN)
    words = {
        "actor": actor_words(trace, language),
        "title": language.gettext("« %(title)s »") % {"title": trace.document_title}
        if trace.document_title
        else language.gettext("un document"),
        "party": trace.party or language.gettext("un professionnel"),
    }
    if trace.refused:
        asked = language.gettext(found.asked) % words
        told = REFUSED_MINE if trace.by == "me" else REFUSED_THEIRS
        return language.gettext(told) % {"actor": words["actor"], "asked": asked}
    template = found.mine if trace.by == "me" else found.theirs
    return language.gettext(template) % words


_ROLES = {
    "representative": mark("%(name)s (représentant légal)"),
    "carer": mark("%(name)s (aidant)"),
}


def actor_words(trace: TraceFacts, language: Language) -> str:
    """Who acted, ready to start a sentence."""
    if trace.by in _ROLES and trace.actor:
        return language.gettext(_ROLES[trace.by]) % {"name": trace.actor}
    if trace.by == "professional" and trace.profession:
        return f"{trace.actor} ({profession(trace.profession, language)})"
    fallback = {
        "support": language.gettext("Le service d'aide"),
        "system": language.gettext("Carnet"),
        "me": language.gettext("Vous"),
        "representative": language.gettext("Votre représentant légal"),
        "carer": language.gettext("Votre aidant"),
    }
    return trace.actor or fallback.get(trace.by, language.gettext("Une personne non identifiée"))


def moment(trace: TraceFacts, language: Language, *, link: bool = True, full_date: bool = False) -> Moment:
    """The journal entry as a point of a timeline; emergency accesses and refusals stand out."""
    told = SENTENCES.get(trace.act, UNKNOWN)
    details = [trace.organisation] if trace.organisation else []
    if trace.software:
        details.append(language.gettext("Avec le logiciel %(name)s") % {"name": trace.software})
    if trace.mode != "normal":
        details.append(language.gettext("Accès en urgence, sans votre accord préalable"))
    if trace.refused:
        details.append(language.gettext("Rien n'a été montré ni changé."))
    return Moment(
        when=language.moment(trace.at) if full_date else language.time(trace.at),
        stamp=trace.at.isoformat(timespec="seconds"),
        sentence=sentence(trace, language),
        icon=told.icon,
        details=tuple(details),
        alert=trace.refused or trace.mode != "normal",
        href=f"/documents/{trace.document}" if link and trace.document and "%(title)s" in told.theirs else None,
        link=language.gettext("Voir le document"),
    )
