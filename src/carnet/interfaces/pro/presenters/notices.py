"""What the next page says about the act just done. Kept as codes by `design.door.Notices`."""

from carnet.design.language import mark
from carnet.design.shell import Tone

NOTICES: dict[str, tuple[Tone, str]] = {
    "agreed": ("success", mark("L'accord est enregistré. La personne en est prévenue.")),
    "added": ("success", mark("Le document est déposé.")),
    "added-closed": (
        "success",
        mark("Le document est déposé. Vous ne le verrez ici qu'avec l'accord du patient."),
    ),
    "unchanged": ("info", mark("Ce document était déjà déposé, inchangé : rien n'a été ajouté.")),
    "preferences": ("success", mark("Vos préférences sont enregistrées.")),
    "deposited": (
        "success",
        mark("Le document est déposé. Rien d'autre ne vous est montré de ce dossier."),
    ),
    "deposited-mail": ("success", mark("C'est dans le dossier du patient, qui en est prévenu.")),
    "answered": (
        "success",
        mark("Votre réponse est en route. Si elle n'arrive pas, la boîte d'où elle part reçoit un avis."),
    ),
    "blocked": ("success", mark("C'est bloqué. La personne seule peut débloquer.")),
    "emergency-ended": ("success", mark("L'accès en urgence est terminé.")),
    "emergency-asked": ("info", mark("Votre demande attend l'accord d'un confrère de votre structure.")),
    "emergency-approved": ("success", mark("L'accès de votre confrère est ouvert, pour sa session et trente minutes.")),
    "mailbox-rules": ("success", mark("C'est enregistré. Les patients le voient dès maintenant.")),
    "sessions": ("success", mark("Vos autres sessions sont fermées.")),
}
