"""What the next page says about the act just done. Kept as codes by `design.door.Notices`."""

from carnet.design.language import mark
from carnet.design.shell import Tone

NOTICES: dict[str, tuple[Tone, str]] = {
    "added": ("success", mark("Le document est ajouté à votre espace.")),
    "edited": ("success", mark("Les changements sont enregistrés.")),
    "deleted": ("success", mark("Le document est supprimé.")),
    "masked": ("success", mark("Le document est masqué aux professionnels.")),
    "revealed": ("success", mark("Le document est de nouveau visible des professionnels que vous avez autorisés.")),
    "authorised": ("success", mark("L'accès est donné.")),
    "ended": ("success", mark("L'accès est terminé.")),
    "blocked": ("success", mark("C'est fait : cette personne ou cet établissement est bloqué.")),
    "unblocked": ("success", mark("Le blocage est levé. Pour donner accès, il faut encore autoriser.")),
    "saved": ("success", mark("Vos réglages sont enregistrés.")),
    "hidden": ("success", mark("C'est caché, à partir de maintenant.")),
    "shown-again": ("success", mark("Ce n'est plus caché.")),
    "disputed": ("success", mark("C'est noté : cet accès est suspendu, et quelqu'un va chercher ce qui s'est passé.")),
    "known": ("success", mark("C'est noté : vous connaissez cette personne.")),
    "never-came": ("info", mark("Cette personne n'a pas d'accès à votre espace.")),
    "result-asked": ("success", mark("C'est demandé. Le soignant qui devait vous l'expliquer est prévenu.")),
    "result-waits": ("success", mark("C'est noté : vous préférez attendre l'explication.")),
    "kept-apart": ("success", mark("Ce document est gardé à part.")),
    "no-longer-apart": ("success", mark("Ce document n'est plus gardé à part.")),
    "code-sent": ("info", mark("Presque fini : recopiez ci-dessous le code que nous venons d'envoyer.")),
    "code-again": ("info", mark("Un autre code est parti.")),
    "way-added": ("success", mark("Ce moyen de connexion est ajouté. Vous pouvez l'utiliser dès maintenant.")),
    "way-waits": (
        "info",
        mark("Ce moyen est ajouté. Par prudence, il servira dans trois jours ; votre adresse e-mail en est avertie."),
    ),
    "way-dropped": ("success", mark("Ce moyen de connexion est retiré.")),
    "email-confirmed": ("success", mark("Cette adresse est confirmée. Les messages y seront envoyés.")),
    "email-removed": ("success", mark("Vous ne recevrez plus de message par e-mail.")),
    "screen-stopped": ("success", mark("Le partage est arrêté. Le service d'aide ne sait plus où vous êtes.")),
    "copy-asked": ("success", mark("C'est demandé. Vous serez prévenu quand votre copie sera prête.")),
    "closed": ("success", mark("Votre espace est fermé.")),
    "look-again": (
        "warning",
        mark(
            "Quelque chose a changé entre-temps dans l'espace d'un enfant. Rien n'a été fait : relisez et recommencez."
        ),
    ),
    "child-reopened": ("success", mark("Cet espace est rouvert. Vous pouvez y entrer.")),
    "terms-accepted": ("success", mark("C'est noté : vous avez accepté les conditions.")),
    "terms-changed": ("warning", mark("Les conditions ont changé entre-temps. Relisez-les, puis répondez.")),
    "reopened": ("success", mark("Votre espace est rouvert. Vous y retrouvez tout.")),
    "erasure-asked": ("success", mark("C'est noté : votre espace est fermé et vos données seront effacées.")),
    "erasure-cancelled": ("success", mark("L'effacement est annulé. Vos données restent gardées sous clé.")),
    "sessions": ("success", mark("La ou les sessions sont fermées.")),
    "message-sent": ("success", mark("Votre message est parti.")),
    "draft-kept": ("success", mark("Le brouillon est gardé.")),
    "conversation-taken-back": (
        "success",
        mark("La conversation est supprimée. Ce qui n'était pas encore parti ne partira pas."),
    ),
    "conversation-deleted": ("success", mark("La conversation est supprimée.")),
    "draft-deleted": ("success", mark("Le brouillon est supprimé.")),
    "conversation-inbox": ("success", mark("La conversation est de nouveau en réception.")),
    "conversation-archive": ("success", mark("La conversation est rangée dans « Terminés ».")),
    "conversation-bin": ("success", mark("La conversation est dans la corbeille.")),
    "conversation-apart": ("success", mark("Cette conversation est gardée pour vous seul.")),
    "not-sent-kept": ("warning", mark("Votre message n'est pas parti. Votre texte est gardé en brouillon.")),
    "attachment-saved": ("success", mark("C'est dans vos documents.")),
    "attachment-there": ("info", mark("C'était déjà dans vos documents.")),
    "not-saved": ("warning", mark("Ce fichier ne peut pas être gardé dans vos documents.")),
    "not-masked": ("warning", mark("Ce document ne peut pas être masqué pour le moment.")),
    "invited": (
        "success",
        mark("L'invitation est enregistrée. Si cette personne a un espace, elle la verra à sa prochaine visite."),
    ),
    "accepted": ("success", mark("C'est accepté. Le nom de la personne est dans la liste ci-dessous.")),
    "refused": ("success", mark("L'invitation est refusée.")),
    "help-ended": ("success", mark("L'aide est terminée, dès maintenant.")),
    "delegation-over": ("info", mark("Vous ne pouvez plus agir dans cet espace. Vous êtes de nouveau dans le vôtre.")),
    "gone": ("info", mark("C'était déjà fait.")),
    "blocked-first": ("warning", mark("Cette personne ou cet établissement est bloqué : débloquez-le d'abord.")),
    "secret-first": (
        "warning",
        mark(
            "Une consultation gardée secrète est en cours avec ce professionnel, et vos représentants verraient cette "
            "autorisation. Attendez la fin de la consultation, ou mettez-y fin d'abord."
        ),
    ),
}
