"""The journal on paper: sentences by day, and attached to the file the data that proves them.

The signature is a C2SP signed note by the house's statement key over the SHA-256 of the attached data, printed on the
last page and attached too; the data carries its own proof (docs/journal-format.md §10). Only the newest lines are
printed; every line is attached. It knows no font but the standard ones: letters they lack are written plainly.
"""

import hashlib
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from carnet.design.language import PARIS, Language
from carnet.journal.api import StatementKey

PRINTED = 2_000
_LAST = "\u00ff"
_PLAIN = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "—": "-", "–": "-", "…": "...", "œ": "oe", "Œ": "Oe", "\u202f": " "}
)


def journal_pdf(data: bytes, *, key: StatementKey, at: datetime, language: Language) -> bytes:
    """Return the PDF of an export (JSON as downloaded)."""
    from fpdf import FPDF  # noqa: PLC0415 - forty megabytes that a process which signs no paper never needs

    export: dict[str, Any] = msgspec.json.decode(data)
    rows = (export["entries"] + export["waiting"])[-PRINTED:]
    note = key.note(data, entries=len(export["entries"]))
    _ = language.gettext
    sheet = FPDF(format="A4")
    sheet.set_creation_date(at)
    sheet.set_title(plain(_("Journal de votre espace")))
    sheet.set_lang(language.code)
    sheet.set_auto_page_break(auto=True, margin=20)
    sheet.set_margins(20, 20)
    sheet.add_page()
    _text(sheet, _("Journal de votre espace"), size=18, style="B")
    counted = _("%(number)s lignes scellées, %(waiting)s en attente. Fait le %(moment)s.")
    words = {"number": len(export["entries"]), "waiting": len(export["waiting"]), "moment": language.moment(at)}
    _text(sheet, counted % words, size=10)
    _rows(sheet, rows, language)
    sheet.add_page()
    _text(sheet, _("Ce qui prouve ce journal"), size=14, style="B")
    explained = _(
        "Les données complètes sont jointes à ce fichier (carnet-journal.json). verify_journal.py les vérifie"
        " sans réseau. L'empreinte SHA-256 des données jointes est :"
    )
    _text(sheet, explained, size=10)
    _text(sheet, hashlib.sha256(data).hexdigest(), size=8, family="Courier")
    _text(sheet, _("Elle est signée (Ed25519, note signée C2SP) avec la clé :"), size=10)
    _text(sheet, f"{key.public}\n\n{note}", size=8, family="Courier")
    _text(sheet, _("Le registre public, signé et vu par ses témoins :"), size=10)
    _text(sheet, export["checkpoint"] or "-", size=8, family="Courier")
    sheet.embed_file(bytes=data, basename="carnet-journal.json", desc="carnet-journal/1", compress=True)
    sheet.embed_file(bytes=note.encode(), basename="carnet-journal.note", desc="C2SP signed note")
    return bytes(sheet.output())


def _rows(sheet: Any, rows: Sequence[dict[str, Any]], language: Language) -> None:
    day = ""
    for row in reversed(rows):
        at = datetime.fromisoformat(row["entry"]["at"]).astimezone(PARIS)
        if language.long_date(at.date()) != day:
            day = language.long_date(at.date())
            sheet.ln(2)
            _text(sheet, day, size=11, style="B")
        number = f" [{row['number']}]" if "number" in row else ""
        _text(sheet, f"{language.time(at)}  {row.get('sentence', row['entry']['act'])}{number}", size=9)


def _text(sheet: Any, text: str, *, size: int, style: str = "", family: str = "Helvetica") -> None:
    sheet.set_font(family, style, size)
    sheet.multi_cell(0, size * 0.5, plain(text), new_x="LMARGIN", new_y="NEXT")


def plain(text: str) -> str:
    """Return `text` in the letters every PDF reader has (Latin-1); others lose their accents or become "?"."""
    shown = unicodedata.normalize("NFKC", text.translate(_PLAIN))
    return (
        "".join(one if one <= _LAST else unicodedata.normalize("NFD", one)[0] for one in shown)
        .encode("latin-1", "replace")
        .decode("latin-1")
    )
