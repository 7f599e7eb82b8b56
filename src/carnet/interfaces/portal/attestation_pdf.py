"""The attestation of a carer on paper: who helps whom, from when to when, and when it ended. Kept among the documents.

Source: mes.md §2.2 A11. It proves nothing by itself: the journal of the space does.
"""

from datetime import datetime
from typing import Any

from carnet.access.api import DelegationLine
from carnet.design.language import Language, last_day
from carnet.interfaces.portal.journal_pdf import plain


def attestation_pdf(line: DelegationLine, *, helped: str, ended: bool, at: datetime, language: Language) -> bytes:
    """Return one A4 page. helped: name of the person helped; ended: it says that the help is over."""
    from fpdf import FPDF  # noqa: PLC0415 - forty megabytes that a process which prints nothing never needs

    _ = language.gettext
    names = {
        "carer": line.delegate.name,
        "person": helped,
        "start": language.long_date(line.starts_at),
        "end": language.long_date(at if ended else last_day(line.ends_at)),
    }
    heading = _("Fin de l'aide") if ended else _("Attestation d'aidant")
    said = (
        _("%(carer)s n'aide plus %(person)s dans son espace de santé depuis le %(end)s.")
        if ended
        else _("%(carer)s aide %(person)s dans son espace de santé, du %(start)s au %(end)s.")
    )
    sheet = FPDF(format="A4")
    sheet.set_creation_date(at)
    sheet.set_title(plain(heading))
    sheet.set_lang(language.code)
    sheet.set_margins(25, 30)
    sheet.add_page()
    _text(sheet, heading, size=20, style="B")
    sheet.ln(6)
    _text(sheet, said % names, size=12)
    sheet.ln(3)
    if not ended:
        may = _("Un aidant lit et ajoute des documents. Chacune de ses actions est écrite dans le journal de l'espace.")
        _text(sheet, may, size=12)
        sheet.ln(3)
        _text(sheet, _("Chacun des deux peut y mettre fin à tout moment, dans Carnet, page « Mes proches »."), size=12)
        sheet.ln(3)
    _text(sheet, _("Fait le %(moment)s.") % {"moment": language.moment(at)}, size=11)
    return bytes(sheet.output())


def _text(sheet: Any, text: str, *, size: int, style: str = "") -> None:
    sheet.set_font("Helvetica", style, size)
    sheet.multi_cell(0, size * 0.5, plain(text), new_x="LMARGIN", new_y="NEXT")
