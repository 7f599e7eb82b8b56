"""The receipt of an objection on paper: what was said, when, and what lets anybody have it checked. It names nobody.

Made from the token alone, so that it can be printed again whenever its holder wants. Source: mes.md §2.2 A8.
"""

from typing import Any

import segno

from carnet.design.language import Language
from carnet.design.paper import new_sheet, write
from carnet.interfaces.portal.presenters.enrolment import grouped, receipt_words
from carnet.spaces.api import Receipt

_MODULE = 1.1
_LEFT, _TOP = 25.0, 160.0


def receipt_pdf(receipt: Receipt, *, address: str, language: Language) -> bytes:
    """Return one A4 page. address: of the page that checks receipts."""
    _ = language.gettext
    words = receipt_words(receipt, language)
    sheet = new_sheet(words.heading, at=receipt.at, language=language, margins=(_LEFT, 30))
    write(sheet, words.heading, size=20, style="B")
    sheet.ln(6)
    for one in words.sentences:
        write(sheet, one, size=12)
        sheet.ln(2)
    sheet.ln(4)
    write(sheet, _("Numéro du récépissé"), size=12, style="B")
    write(sheet, grouped(receipt.token), size=12, family="Courier")
    sheet.ln(4)
    write(sheet, _("Pour le vérifier : %(address)s, ou ce code à photographier.") % {"address": address}, size=11)
    _draw(sheet, f"{address}?jeton={receipt.token}")
    sheet.set_y(250)
    write(sheet, _("Ce papier ne dit pas qui vous êtes : gardez-le avec vos papiers."), size=10)
    return bytes(sheet.output())


def _draw(sheet: Any, text: str) -> None:
    for row, modules in enumerate(segno.make(text, error="m", micro=False).matrix):
        for column, dark in enumerate(modules):
            if dark:
                sheet.rect(_LEFT + column * _MODULE, _TOP + row * _MODULE, _MODULE, _MODULE, style="F")
