"""The answer of a second agent on paper: whoever asked may have neither an e-mail nor a way in yet.

Source: art. 12.3 GDPR (an answer). What each kind says, and by which law, is its own.
"""

from datetime import datetime

from carnet.design.language import Language
from carnet.design.paper import new_sheet, write
from carnet.design.parts import Fact


def two_agents_letter(
    *, number: str, said: tuple[str, ...], facts: tuple[Fact, ...], law: str, at: datetime, language: Language
) -> bytes:
    """Return one A4 page. said, law: French, to translate; at: when it was answered."""
    _ = language.gettext
    heading = _("Réponse à votre demande %(number)s") % {"number": number}
    sheet = new_sheet(heading, at=at, language=language)
    write(sheet, heading, size=18, style="B")
    sheet.ln(6)
    for words in said:
        write(sheet, _(words), size=12)
        sheet.ln(3)
    sheet.ln(3)
    for fact in facts:
        write(sheet, f"{fact.term} : {fact.value}" if language.code == "fr" else f"{fact.term}: {fact.value}", size=11)
    sheet.ln(4)
    write(sheet, _(law), size=9)
    return bytes(sheet.output())
