"""What a person says about a document of their own: title, category, date, as they typed them.

Problems carry the name of the form's field, so that a page can show each where it belongs. Deliberately ignored: the
bytes (`add_own`). Source: mes.md D1–D4 and §3.1.4 (category → typeCode).
"""

from datetime import UTC, date, datetime, time
from typing import Final
from uuid import UUID

import msgspec

from carnet.kernel.errors import Problem
from carnet.records.data import Author, Coding
from carnet.records.rules.declared_codes import type_and_class
from carnet.records.rules.findings import Findings
from carnet.terminology import api as terminology
from carnet.terminology.api import ValueSet

MAX_TITLE: Final = 50
FORBIDDEN: Final = frozenset("@<>?:/€*#|%~+£\\$!§¤")
EARLIEST: Final = date(1880, 1, 1)
EXPRESSION_PATIENT: Final = "EXP_PATIENT"
NOON: Final = time(12)

_NO_TITLE = Problem("title-missing", "Donnez un titre au document.", "Give the document a title.", "titre")
_LONG_TITLE = Problem(
    "title-length",
    f"Le titre compte au plus {MAX_TITLE} caractères.",
    f"The title has at most {MAX_TITLE} characters.",
    "titre",
)
_BAD_TITLE = Problem(
    "title-characters",
    "Le titre contient un signe interdit. Gardez des lettres, des chiffres, des espaces et . , ; - ' ( ) &",
    "The title holds a forbidden sign. Keep letters, digits, spaces and . , ; - ' ( ) &",
    "titre",
)
_NO_CATEGORY = Problem("category", "Choisissez une catégorie.", "Choose a category.", "categorie")
_NO_DATE = Problem("date", "Donnez la date du document.", "Give the date of the document.", "date")
_FUTURE = Problem(
    "date-future", "La date du document ne peut pas être à venir.", "The date cannot be in the future.", "date"
)


class OwnDescription(msgspec.Struct, frozen=True, kw_only=True):
    """What the person typed. about: ISO day."""

    title: str
    category: str
    about: str


class Described(msgspec.Struct, frozen=True, kw_only=True):
    """The same, checked: type and class follow from the category."""

    title: str
    category: str
    type: Coding
    document_class: Coding
    creation: datetime
    facility_type: Coding | None
    practice_setting: Coding | None
    author: Author


def describe(said: OwnDescription, *, today: date, findings: Findings) -> Described | None:
    """Return the checked description, None when a problem was noted in `findings`. today: in the person's time zone."""
    title = " ".join(said.title.split())
    if not title:
        findings.add(_NO_TITLE)
    elif len(title) > MAX_TITLE:
        findings.add(_LONG_TITLE)
    elif FORBIDDEN & set(title) or not title.isprintable():
        findings.add(_BAD_TITLE)
    type_code = terminology.category_for_upload(said.category)
    if type_code is None:
        findings.add(_NO_CATEGORY)
    about = _day(said.about)
    if about is None or about < EARLIEST:
        findings.add(_NO_DATE)
    elif about > today:
        findings.add(_FUTURE)
    if findings.problems or type_code is None or about is None:
        return None
    entry = terminology.document_type(type_code)
    declared = Coding(terminology.system_uri(entry.system) if entry else "", type_code)
    kind, document_class, _ = type_and_class(declared, None, findings=findings)
    if kind is None or document_class is None:
        return None
    return Described(
        title=title,
        category=said.category,
        type=kind,
        document_class=document_class,
        creation=datetime.combine(about, NOON, UTC),
        facility_type=_expression(ValueSet.FACILITY),
        practice_setting=_expression(ValueSet.SETTING),
        author=Author(kind="patient"),
    )


def read_request_id(text: str) -> UUID | None:
    """Return the id a form was given, so that sending it twice adds one document; None when it is not one."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _expression(value_set: ValueSet) -> Coding | None:
    found = next((one for one in terminology.values(value_set) if one.code == EXPRESSION_PATIENT), None)
    return Coding(terminology.system_uri(found.system), found.code, found.label_fr) if found else None
