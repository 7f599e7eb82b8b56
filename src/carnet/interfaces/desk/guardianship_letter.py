"""The answer about a guardian on paper: whoever asked may have neither an e-mail nor a way in yet.

Source: art. 12.3 and 77 GDPR (an answer, a complaint to the CNIL); art. 442, 459 code civil.
"""

from datetime import datetime

from carnet.access.api import GuardianshipRequest, Measure
from carnet.design.language import Language, mark
from carnet.design.paper import new_sheet, write
from carnet.interfaces.desk.presenters.guardianship import facts_of

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


def guardianship_letter(request: GuardianshipRequest, *, at: datetime, language: Language) -> bytes:
    """Return one A4 page. at: when it was answered."""
    _ = language.gettext
    heading = _("Réponse à votre demande %(number)s") % {"number": request.number}
    sheet = new_sheet(heading, at=at, language=language)
    write(sheet, heading, size=18, style="B")
    sheet.ln(6)
    done = ENDED if request.measure is Measure.OVER else RECORDED
    for words in done if request.granted else REFUSED:
        write(sheet, _(words), size=12)
        sheet.ln(3)
    sheet.ln(3)
    for fact in facts_of(request, language):
        write(sheet, f"{fact.term} : {fact.value}" if language.code == "fr" else f"{fact.term}: {fact.value}", size=11)
    sheet.ln(4)
    write(sheet, _("Code civil, articles 425, 442, 459 et 494-1."), size=9)
    return bytes(sheet.output())
