"""The answer to somebody noted as dead, on paper: they may have neither an e-mail nor a way in yet.

Source: art. 12.3, 16 and 77 GDPR (an answer, what is wrong put right, a complaint to the CNIL).
"""

from datetime import datetime

from carnet.design.language import Language, mark
from carnet.design.paper import new_sheet, write
from carnet.interfaces.desk.presenters.deaths import facts_of
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


def deaths_letter(contest: DeathContest, *, at: datetime, language: Language) -> bytes:
    """Return one A4 page. at: when it was answered."""
    _ = language.gettext
    heading = _("Réponse à votre demande %(number)s") % {"number": contest.number}
    sheet = new_sheet(heading, at=at, language=language)
    write(sheet, heading, size=18, style="B")
    sheet.ln(6)
    for words in TAKEN_BACK if contest.taken_back else REFUSED:
        write(sheet, _(words), size=12)
        sheet.ln(3)
    sheet.ln(3)
    for fact in facts_of(contest, language):
        write(sheet, f"{fact.term} : {fact.value}" if language.code == "fr" else f"{fact.term}: {fact.value}", size=11)
    sheet.ln(4)
    write(sheet, _("Règlement général sur la protection des données, articles 16 et 77."), size=9)
    return bytes(sheet.output())
