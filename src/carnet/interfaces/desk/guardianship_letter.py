"""The answer about a guardian on paper: whoever asked may have neither an e-mail nor a way in yet.

Source: art. 12.3 and 77 GDPR (an answer, a complaint to the CNIL); art. 442, 459 code civil.
"""

from carnet.access.api import GuardianshipRequest, Measure
from carnet.design.language import mark

_JOURNAL = mark("La personne protégée lit chacun de ces actes dans le journal de son espace, et voit qui peut agir.")
RECORDED = (
    mark(
        "La mesure est enregistrée. La personne à qui elle est confiée peut entrer dans l'espace, de son propre espace."
    ),
    mark("Elle prend fin d'elle-même après son dernier jour. Une nouvelle décision se présente de la même façon."),
    _JOURNAL,
)
ENDED = (
    mark("La mesure est terminée. La personne à qui elle était confiée ne voit plus rien de l'espace."),
    _JOURNAL,
)
REFUSED = (
    mark("Votre demande est refusée : rien n'a changé dans l'espace."),
    mark("Vous pouvez la présenter de nouveau avec un autre jugement, à un guichet ou par courrier."),
    mark("Vous pouvez aussi saisir la Commission nationale de l'informatique et des libertés (CNIL), ou le tribunal."),
)
LAW = mark("Code civil, articles 425, 442, 459 et 494-1.")


def said(request: GuardianshipRequest) -> tuple[str, ...]:
    """Return the paragraphs of an answer, French ones to translate."""
    if not request.granted:
        return REFUSED
    return ENDED if request.measure is Measure.OVER else RECORDED
