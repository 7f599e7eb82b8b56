"""Letters ready to print: A4, a page a person, the address where French envelopes have their window, a file a batch.

Standard fonts, so nothing is embedded and every press prints them; what they cannot write loses its accent.
Ignored here: who is written to, and when the file counts (actions).
"""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import segno

from carnet.formats.standard_fonts import ENCODING, plain
from carnet.spaces.rules.codes import written
from carnet.spaces.rules.information import NEVER_ASKED, Notice, addressee, heading, in_french, paragraphs

WINDOW = (110.0, 45.0, 85.0)
"""Left, top and width (mm) of the address in a DL window envelope folded in three (NF Z 10-011)."""
_MODULE = 0.9
_LEFT, _WIDTH = 25.0, 160.0


def letters(notices: Sequence[Notice], *, sender: str) -> bytes:
    """Return one PDF with a page for each of `notices`, in order. sender: name and return address, lines."""
    import fpdf  # noqa: PLC0415 - forty megabytes only those who print need

    pdf = fpdf.FPDF(unit="mm", format="A4")
    pdf.core_fonts_encoding = ENCODING
    pdf.set_auto_page_break(auto=False)
    pdf.set_title("Information")
    pdf.set_lang("fr-FR")
    for notice in notices:
        pdf.add_page()
        _head(pdf, notice, sender)
        _body(pdf, notice)
        _code(pdf, notice)
    return bytes(pdf.output())


def _head(pdf: Any, notice: Notice, sender: str) -> None:
    pdf.set_font("Helvetica", size=9)
    pdf.set_xy(_LEFT, 15)
    pdf.multi_cell(80, 4.5, plain(sender), align="L")
    pdf.set_font("Helvetica", size=11)
    left, top, width = WINDOW
    sent = notice.sent_at.astimezone(ZoneInfo(notice.zone)).date()
    pdf.set_xy(left, top)
    pdf.multi_cell(width, 5, plain("\n".join(addressee(notice.beneficiary, at=notice.sent_at))), align="L")
    pdf.set_xy(left, 85)
    pdf.cell(width, 5, plain(f"Le {in_french(sent)}"))


def _body(pdf: Any, notice: Notice) -> None:
    pdf.set_xy(_LEFT, 95)
    pdf.set_font("Helvetica", style="B", size=13)
    pdf.multi_cell(_WIDTH, 7, plain(heading(notice)), align="L")
    pdf.set_font("Helvetica", size=12)
    for one in paragraphs(notice):
        pdf.set_xy(_LEFT, pdf.get_y() + 3)
        pdf.multi_cell(_WIDTH, 6, plain(one), align="L")


def _code(pdf: Any, notice: Notice) -> None:
    top = 235.0
    pdf.set_xy(_LEFT, top)
    pdf.set_font("Helvetica", size=12)
    pdf.cell(100, 7, "Votre code :")
    pdf.set_xy(_LEFT, top + 8)
    pdf.set_font("Courier", style="B", size=20)
    pdf.cell(100, 10, written(notice.code))
    pdf.set_xy(_LEFT, top + 22)
    pdf.set_font("Helvetica", size=10)
    pdf.multi_cell(105, 5, plain(NEVER_ASKED), align="L")
    for row, modules in enumerate(segno.make(notice.address, error="m", micro=False).matrix):
        _runs(pdf, bytes(modules), x=145.0, y=top + row * _MODULE)


def _runs(pdf: Any, modules: bytes, *, x: float, y: float) -> None:
    """Draw the dark modules of one row of the QR code, neighbours as one bar."""
    column = 0
    for dark in modules.split(b"\x00"):
        if dark:
            pdf.rect(x + column * _MODULE, y, len(dark) * _MODULE, _MODULE, style="F")
        column += len(dark) + 1
