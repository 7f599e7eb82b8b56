"""The answer to somebody noted as dead, on paper: they may have neither an e-mail nor a way in yet.

Source: art. 12.3, 16 and 77 GDPR (an answer, what is wrong put right, a complaint to the CNIL).
"""

from carnet.design.language import mark
from carnet.spaces.api import DeathContest

TAKEN_BACK = (
    mark("Un décès avait été noté par erreur à votre nom. C'est corrigé, et nous vous présentons nos excuses."),
    mark(
        "Ce qui existait avant est de nouveau là : votre espace de santé comme il était, votre refus, ou "
        "l'information que vous alliez recevoir. Plus personne ne lit à la demande d'un proche."
    ),
    mark(
        "Les autorisations données à des professionnels et à des aidants ont pris fin avec cette erreur : vous seul "
        "décidez de les redonner, dans votre espace."
    ),
    mark("Aucun fichier ne notera plus de décès à votre nom sans que quelqu'un l'ait vérifié."),
)
REFUSED = (
    mark("Votre demande est refusée : le décès reste noté."),
    mark("Vous pouvez la présenter de nouveau avec une autre preuve, à un guichet ou par courrier."),
    mark("Vous pouvez aussi saisir la Commission nationale de l'informatique et des libertés (CNIL), ou le tribunal."),
)
LAW = mark("Règlement général sur la protection des données, articles 16 et 77.")


def said(contest: DeathContest) -> tuple[str, ...]:
    """Return the paragraphs of an answer, French ones to translate."""
    return TAKEN_BACK if contest.taken_back else REFUSED
