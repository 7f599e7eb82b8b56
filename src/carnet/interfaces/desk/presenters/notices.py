"""What the next page says about the act just done. Kept as codes by `design.door.Notices`."""

from carnet.design.language import mark
from carnet.design.shell import Tone

NOTICES: dict[str, tuple[Tone, str]] = {
    "checked": ("success", mark("L'identité est vérifiée. Vous pouvez agir.")),
    "helped": ("success", mark("C'est noté. La personne le lira dans son journal.")),
    "sessions": ("success", mark("Toutes les sessions de la personne sont fermées.")),
    "ended": ("success", mark("Le contact est terminé.")),
    "left-open": ("success", mark("La demande reste ouverte. Donnez son numéro à la personne, et la date.")),
    "ticket-closed": ("success", mark("La demande est close. La personne le lira dans son journal.")),
    "case": ("success", mark("Le signalement est clos. La personne le lira dans son journal.")),
    "code-asked": ("success", mark("La lettre est demandée. L'ancien code ne vaut plus.")),
    "heir-asked": ("success", mark("La demande est enregistrée. Un autre agent doit y répondre.")),
    "heir-refused": ("info", mark("La demande est refusée : remettez la lettre à la personne.")),
    "heir-granted": ("success", mark("La demande est acceptée : remettez la lettre à la personne.")),
    "heir-ended": ("success", mark("La lecture est terminée.")),
    "death-contested": ("success", mark("La demande est enregistrée. Un autre agent doit y répondre.")),
    "death-taken-back": ("success", mark("Le décès est corrigé : remettez ou envoyez la lettre à la personne.")),
    "death-stands": ("info", mark("La demande est refusée : remettez ou envoyez la lettre à la personne.")),
    "guardianship-asked": ("success", mark("La demande est enregistrée. Un autre agent doit y répondre.")),
    "guardianship-granted": (
        "success",
        mark("C'est fait : remettez ou envoyez la lettre. Les deux personnes sont prévenues."),
    ),
    "guardianship-refused": ("info", mark("La demande est refusée : remettez ou envoyez la lettre à la personne.")),
    "screen-over": ("info", mark("Le partage est terminé.")),
    "closed": ("success", mark("L'espace est fermé. La personne en est prévenue.")),
}
