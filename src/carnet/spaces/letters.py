"""Letters ready to print: A4, a page a person, the address where French envelopes have their window, a file a batch.

Standard fonts, so nothing is embedded and every press prints them; what they cannot write loses its accent. Letters are
as large as the page holds: 14 points usually, never below 12. Ignored here: who is written to, and when the file counts
(actions).
"""

import re
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import segno

from carnet.formats.standard_fonts import ENCODING, plain
from carnet.spaces.rules.codes import written
from carnet.spaces.rules.information import (
    NEVER_ASKED,
    Notice,
    addressee,
    heading,
    in_french,
    paragraphs,
    with_a_phone,
)

WINDOW = (110.0, 46.0, 80.0, 33.0)
"""Left, top, width and height (mm) of what a DL envelope's window shows however the sheet folded in three lies in it.

The window is 100 by 45 mm, 20 from the right and from the bottom (NF Z 10-011); a sheet of 210 by 99 has 10 and 11 to
move. Nothing else stands where the window may be: 90 to 200 from the left, 34 to 90 from the top.
"""
_MODULE = 0.9
_LEFT, _WIDTH = 22.0, 166.0
_TOP, _BOTTOM = 96.0, 226.0
"""Between these (mm) stands the text; below, the code."""
_ADDRESS_SIZES = (11.0, 10.0, 9.0, 8.0, 7.0, 6.0, 5.0)
_TEXT_SIZES = (14.0, 13.5, 13.0, 12.5, 12.0)
_POINT = 25.4 / 72
_LINE, _GAP = _POINT * 1.3, 3.0
"""Of the text: a line a point of size, and between paragraphs (mm)."""
_QR_LEFT = 147.0
_Known = dict[tuple[str, float, float], tuple[str, ...]]
"""Lines by text, width and size: of what a whole file says, never of an address."""
_STUCK = re.compile(r" (?=[;:!?»])|(?<=«) | (?=\d{4}\b)|(?<=\b\d) (?=[a-zéû])|(?<=\b\d\d) (?=[a-zéû])")
"""Blanks no line ends at: before a sign of two parts, inside a date."""


def letters(notices: Sequence[Notice], *, sender: str) -> bytes:
    """Return one PDF with a page for each of `notices`, in order. sender: name and return address, lines."""
    import fpdf  # noqa: PLC0415 - forty megabytes only those who print need

    pdf = fpdf.FPDF(unit="mm", format="A4")
    pdf.core_fonts_encoding = ENCODING
    pdf.set_auto_page_break(auto=False)
    pdf.set_title("Information")
    pdf.set_lang("fr-FR")
    known: _Known = {}
    for notice in notices:
        pdf.add_page()
        _head(pdf, notice, sender)
        _body(pdf, notice, known)
        _code(pdf, notice, known)
    return bytes(pdf.output())


def _head(pdf: Any, notice: Notice, sender: str) -> None:
    pdf.set_font("Helvetica", size=9)
    pdf.set_xy(_LEFT, 15)
    pdf.multi_cell(80, 4.5, plain(sender), align="L")
    _address(pdf, plain("\n".join(addressee(notice.beneficiary, at=notice.sent_at))))
    sent = notice.sent_at.astimezone(ZoneInfo(notice.zone)).date()
    pdf.set_font("Helvetica", size=11)
    pdf.set_xy(_LEFT, 82)
    pdf.cell(60, 5, plain(f"Le {in_french(sent)}"))


def _address(pdf: Any, text: str) -> None:
    """Write the address as large as the window shows it whole."""
    left, top, width, height = WINDOW
    for size in _ADDRESS_SIZES:
        step = size * _POINT * 1.2
        lines = _broken(pdf, text, width=width, size=size)
        if len(lines) * step <= height:
            break
    _write(pdf, lines, x=left, y=top, step=step)


def _body(pdf: Any, notice: Notice, known: _Known) -> None:
    pdf.set_xy(_LEFT, _TOP)
    pdf.set_font("Helvetica", style="B", size=15)
    pdf.cell(_WIDTH, 7, plain(heading(notice)))
    said = tuple(_STUCK.sub("\xa0", plain(one)) for one in paragraphs(notice))
    y = _TOP + 7
    for size in _TEXT_SIZES:
        broken = [_once(pdf, known, one, width=_WIDTH, size=size) for one in said]
        if y + sum(len(lines) * size * _LINE + _GAP for lines in broken) <= _BOTTOM:
            break
    pdf.set_font("Helvetica", size=size)
    for lines in broken:
        y = _write(pdf, lines, x=_LEFT, y=y + _GAP, step=size * _LINE)


def _once(pdf: Any, known: _Known, text: str, *, width: float, size: float) -> tuple[str, ...]:
    """Break what most letters of a file say once for all of them: it takes most of the time."""
    if (text, width, size) not in known:
        known[text, width, size] = _broken(pdf, text, width=width, size=size)
    return known[text, width, size]


def _broken(pdf: Any, text: str, *, width: float, size: float) -> tuple[str, ...]:
    """Return the lines a text takes in a width (mm), at a size of letters (points), which stays set."""
    pdf.set_font("Helvetica", size=size)
    lines = pdf.multi_cell(width, 1, text, align="L", dry_run=True, output="LINES")
    return tuple(one.encode("latin-1").decode(ENCODING) for one in lines)  # as the font counts its signs


def _write(pdf: Any, lines: Sequence[str], *, x: float, y: float, step: float) -> float:
    """Write lines below one another; return where they end."""
    for line in lines:
        pdf.set_xy(x, y)
        pdf.cell(0, step, line)
        y += step
    return y


def _code(pdf: Any, notice: Notice, known: _Known) -> None:
    top = 232.0
    pdf.set_xy(_LEFT, top)
    pdf.set_font("Helvetica", size=13)
    pdf.cell(100, 7, "Votre code :")
    pdf.set_xy(_LEFT, top + 8)
    pdf.set_font("Courier", style="B", size=22)
    pdf.cell(100, 10, written(notice.code))
    never = _once(pdf, known, plain(NEVER_ASKED), width=108, size=12)
    pdf.set_font("Helvetica", size=12)
    _write(pdf, never, x=_LEFT, y=top + 21, step=5.5)
    for row, modules in enumerate(segno.make(notice.address, error="m", micro=False).matrix):
        _runs(pdf, bytes(modules), x=_QR_LEFT, y=top + row * _MODULE)
    pdf.set_font("Helvetica", size=10)
    for number, line in enumerate(plain(with_a_phone(notice)).split("\n")):
        pdf.set_xy(_QR_LEFT - 14, top + 36 + number * 4.5)
        pdf.cell(62, 4.5, line, align="C")


def _runs(pdf: Any, modules: bytes, *, x: float, y: float) -> None:
    """Draw the dark modules of one row of the QR code, neighbours as one bar."""
    column = 0
    for dark in modules.split(b"\x00"):
        if dark:
            pdf.rect(x + column * _MODULE, y, len(dark) * _MODULE, _MODULE, style="F")
        column += len(dark) + 1
