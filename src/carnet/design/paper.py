"""What people are given on paper: an A4 sheet of words in the standard fonts, whatever is in a name."""

from datetime import datetime
from typing import Any, Final

from carnet.design.language import Language
from carnet.formats.standard_fonts import ENCODING, plain

MARGINS: Final = (25.0, 30.0)
"""Left and right, top, in mm."""


def new_sheet(title: str, *, at: datetime, language: Language, margins: tuple[float, float] = MARGINS) -> Any:
    """Return a document (fpdf.FPDF) with its first page open. at: when it says it was made."""
    from fpdf import FPDF  # noqa: PLC0415 - forty megabytes that a process which prints nothing never needs

    sheet = FPDF(format="A4")
    sheet.core_fonts_encoding = ENCODING
    sheet.set_creation_date(at)
    sheet.set_title(plain(title))
    sheet.set_lang(language.code)
    sheet.set_margins(*margins)
    sheet.add_page()
    return sheet


def write(sheet: Any, text: str, *, size: int, style: str = "", family: str = "Helvetica") -> None:
    """Write a paragraph below what is there. size: points; style: "B" is bold."""
    sheet.set_font(family, style, size)
    sheet.multi_cell(0, size * 0.5, plain(text), new_x="LMARGIN", new_y="NEXT")
