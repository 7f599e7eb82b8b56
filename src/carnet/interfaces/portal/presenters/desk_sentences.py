"""The sentences of what the desk does for somebody: the desk and the agent's reference start each of them.

Each: by me, by someone else, what was asked for when it was refused, icon (see `sentences`).
"""

from carnet.design.language import mark

DESK_SENTENCES: dict[str, tuple[str, str, str, str]] = {
    "desk-find": (
        mark("Vous avez contacté le service d'aide."),
        mark("%(actor)s a retrouvé votre espace pour vous répondre, sans en voir le contenu."),
        mark("retrouver votre espace"),
        "search",
    ),
    "desk-check": (
        mark("Vous avez prouvé votre identité."),
        mark("%(actor)s a vérifié votre identité."),
        mark("vérifier votre identité"),
        "person",
    ),
    "desk-before": (
        mark("Avant l'ouverture de votre espace, vous avez contacté le service d'aide."),
        mark("Avant l'ouverture de votre espace, %(actor)s a traité une demande faite à votre nom."),
        mark("traiter une demande à votre nom"),
        "phone",
    ),
    "desk-activation": (
        mark("Vous avez demandé de l'aide pour activer votre espace."),
        mark("%(actor)s vous a expliqué comment activer votre espace."),
        mark("vous aider à activer votre espace"),
        "help",
    ),
    "desk-lost-access": (
        mark("Vous avez demandé de l'aide pour retrouver l'accès à votre espace."),
        mark("%(actor)s vous a expliqué comment retrouver l'accès à votre espace."),
        mark("vous aider à retrouver l'accès à votre espace"),
        "help",
    ),
    "desk-sessions": (
        mark("Vous avez fait fermer toutes vos sessions."),
        mark("%(actor)s a fermé toutes vos sessions, à votre demande."),
        mark("fermer toutes vos sessions"),
        "device",
    ),
    "desk-dispute": (
        mark("Vous avez demandé de l'aide pour contester un accès."),
        mark("%(actor)s vous a expliqué comment contester un accès."),
        mark("vous aider à contester un accès"),
        "access",
    ),
    "desk-code": (
        mark("Vous avez demandé une nouvelle lettre avec un code."),
        mark("%(actor)s a fait envoyer une nouvelle lettre avec un code, à l'adresse que connaît l'assurance maladie."),
        mark("faire envoyer une nouvelle lettre"),
        "mail",
    ),
    "desk-left-open": (
        mark("Vous avez laissé une demande ouverte."),
        mark("%(actor)s a laissé votre demande ouverte : un autre agent peut la reprendre."),
        mark("laisser votre demande ouverte"),
        "calendar",
    ),
    "desk-taken-up": (
        mark("Vous avez repris une demande laissée ouverte."),
        mark("%(actor)s a repris la demande que vous aviez laissée ouverte."),
        mark("reprendre votre demande"),
        "phone",
    ),
    "desk-ticket-closed": (
        mark("Vous avez clos une demande laissée ouverte."),
        mark("%(actor)s a clos la demande que vous aviez laissée ouverte."),
        mark("clore votre demande"),
        "check",
    ),
    "ask-for-heir": (
        mark("Vous avez enregistré la demande d'un ayant droit."),
        mark("%(actor)s a enregistré la demande d'un ayant droit, sans voir le contenu de l'espace."),
        mark("enregistrer la demande d'un ayant droit"),
        "people",
    ),
    "see-heir-request": (
        mark("Vous avez consulté votre demande d'ayant droit."),
        mark("%(actor)s a consulté la demande d'un ayant droit, sans voir le contenu de l'espace."),
        mark("consulter la demande d'un ayant droit"),
        "people",
    ),
    "answer-heir": (
        mark("Vous avez répondu à la demande d'un ayant droit."),
        mark("%(actor)s a répondu à la demande d'un ayant droit."),
        mark("répondre à la demande d'un ayant droit"),
        "people",
    ),
    "end-heir-reading": (
        mark("Vous avez mis fin à la lecture demandée par un ayant droit."),
        mark("%(actor)s a mis fin à la lecture demandée par un ayant droit."),
        mark("mettre fin à la lecture demandée par un ayant droit"),
        "close",
    ),
    "contest-death": (
        mark("Vous avez enregistré qu'un décès avait été noté par erreur."),
        mark("%(actor)s a enregistré qu'un décès avait été noté par erreur pour cet espace."),
        mark("enregistrer qu'un décès a été noté par erreur"),
        "people",
    ),
    "see-death-contest": (
        mark("Vous avez consulté la demande de corriger un décès."),
        mark("%(actor)s a consulté la demande de corriger un décès, sans voir le contenu de l'espace."),
        mark("consulter la demande de corriger un décès"),
        "people",
    ),
    "answer-death-contest": (
        mark("Vous avez répondu à la demande de corriger un décès."),
        mark("%(actor)s a répondu à la demande de corriger un décès."),
        mark("répondre à la demande de corriger un décès"),
        "people",
    ),
    "ask-guardianship": (
        mark("Vous avez enregistré une demande sur une mesure de protection."),
        mark("%(actor)s a enregistré une demande sur une mesure de protection, sans voir le contenu de l'espace."),
        mark("enregistrer une demande sur une mesure de protection"),
        "people",
    ),
    "see-guardianship": (
        mark("Vous avez consulté une demande sur une mesure de protection."),
        mark("%(actor)s a consulté une demande sur une mesure de protection, sans voir le contenu de l'espace."),
        mark("consulter une demande sur une mesure de protection"),
        "people",
    ),
    "answer-guardianship": (
        mark("Vous avez répondu à une demande sur une mesure de protection."),
        mark("%(actor)s a répondu à une demande sur une mesure de protection."),
        mark("répondre à une demande sur une mesure de protection"),
        "people",
    ),
    "share-screen": (
        mark("Vous avez demandé un code pour partager votre écran avec le service d'aide."),
        mark("%(actor)s a demandé un code pour partager votre écran avec le service d'aide."),
        mark("partager votre écran"),
        "phone",
    ),
    "stop-screen": (
        mark("Vous avez arrêté le partage de votre écran."),
        mark("%(actor)s a arrêté le partage de votre écran."),
        mark("arrêter le partage de votre écran"),
        "close",
    ),
    "desk-screen": (
        mark("Vous avez commencé à suivre les pages ouvertes."),
        mark("%(actor)s a utilisé votre code et peut savoir quelle page vous voyez, sans son contenu."),
        mark("utiliser un code de partage d'écran"),
        "phone",
    ),
    "desk-page": (
        mark("Vous avez suivi une page ouverte."),
        mark("%(actor)s a su que vous étiez à la page %(place)s, sans en voir le contenu."),
        mark("savoir quelle page vous voyez"),
        "search",
    ),
}
