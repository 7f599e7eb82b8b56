"""The journal on paper: sentences by day, and attached to the file the data that proves them.

The signature is a C2SP signed note by the house's statement key over the SHA-256 of the attached data, printed on the
last page and attached too; the data carries its own proof (docs/journal-format.md §10). Only the newest lines are
printed; every line is attached. It knows no font but the standard ones: letters they lack are written plainly.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from carnet.design.language import PARIS, Language
from carnet.design.paper import new_sheet, write
from carnet.journal.api import StatementKey

PRINTED = 2_000


def journal_pdf(data: bytes, *, key: StatementKey, at: datetime, language: Language) -> bytes:
    """Return the PDF of an export (JSON as downloaded)."""
    export: dict[str, Any] = msgspec.json.decode(data)
    rows = (export["entries"] + export["waiting"])[-PRINTED:]
    note = key.note(data, entries=len(export["entries"]))
    _ = language.gettext
    sheet = new_sheet(_("Journal de votre espace"), at=at, language=language, margins=(20, 20))
    write(sheet, _("Journal de votre espace"), size=18, style="B")
    counted = _("%(number)s lignes scellées, %(waiting)s en attente. Fait le %(moment)s.")
    words = {"number": len(export["entries"]), "waiting": len(export["waiting"]), "moment": language.moment(at)}
    write(sheet, counted % words, size=10)
    _rows(sheet, rows, language)
    sheet.add_page()
    write(sheet, _("Ce qui prouve ce journal"), size=14, style="B")
    explained = _(
        "Les données complètes sont jointes à ce fichier (carnet-journal.json). verify_journal.py les vérifie"
        " sans réseau. L'empreinte SHA-256 des données jointes est :"
    )
    write(sheet, explained, size=10)
    write(sheet, hashlib.sha256(data).hexdigest(), size=8, family="Courier")
    write(sheet, _("Elle est signée (Ed25519, note signée C2SP) avec la clé :"), size=10)
    write(sheet, f"{key.public}\n\n{note}", size=8, family="Courier")
    write(sheet, _("Le registre public, signé et vu par ses témoins :"), size=10)
    write(sheet, export["checkpoint"] or "-", size=8, family="Courier")
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
            write(sheet, day, size=11, style="B")
        number = f" [{row['number']}]" if "number" in row else ""
        write(sheet, f"{language.time(at)}  {row.get('sentence', row['entry']['act'])}{number}", size=9)
