"""Questions asked of the tables. Pure and total: an unknown code is None or False, never an error."""

import functools
from collections.abc import Iterable

from carnet.terminology import tables
from carnet.terminology.codes import Category, Coding, DocumentType, Profession, ValueSet
from carnet.terminology.systems import oid_of

_UNSTRUCTURED_TEMPLATE = "1.3.6.1.4.1.19376.1.2.20"
_UNSTRUCTURED_FORMATS = {
    "application/pdf": "urn:ihe:iti:xds-sd:pdf:2008",
    "text/plain": "urn:ihe:iti:xds-sd:text:2008",
    "image/jpeg": "urn:ihe:iti-fr:xds-sd:jpeg:2010",
    "text/rtf": "urn:ihe:iti-fr:xds-sd:rtf:2010",
    "application/rtf": "urn:ihe:iti-fr:xds-sd:rtf:2010",
    "image/tiff": "urn:ihe:iti-fr:xds-sd:tiff:2010",
}
_SHORT = 256
"""Longer than any code and its system: what strangers write is remembered up to this, a bounded number of times."""
UNREFERENCED_FORMAT = "urn:asipSante:modelesHorsProfils:2011"


def document_type(code: str) -> DocumentType | None:
    """Return the document type with that typeCode (JDV_J66), None when it is not in the list."""
    return tables.document_types().get(code)


def document_types() -> tuple[DocumentType, ...]:
    """Return every document type, in the order of the classes."""
    return tuple(tables.document_types().values())


def class_of(type_code: str) -> str | None:
    """Return the classCode that goes with a typeCode (ASS_X04), None for an unknown type."""
    found = tables.document_types().get(type_code)
    return found.class_code if found else None


def coding(value_set: ValueSet, system: str, code: str) -> Coding | None:
    """Return the member of a value set; `system` as OID, `urn:oid:…` or URI."""
    oid = oid_of(system)
    return tables.members(value_set).get((oid, code)) if oid else None


def is_in(value_set: ValueSet, system: str, code: str) -> bool:
    """Tell whether (system, code) belongs to a value set; `system` as OID, `urn:oid:…` or URI."""
    return coding(value_set, system, code) is not None


def values(value_set: ValueSet) -> tuple[Coding, ...]:
    """Return every member of a value set, in the order of the nomenclature."""
    return tuple(tables.members(value_set).values())


def label(system: str, code: str, language: str = "fr") -> str | None:
    """Return the label of a code in whichever value set holds it, None when none does."""
    short = len(system) + len(code) + len(language) <= _SHORT
    return _remembered(system, code, language) if short else _label(system, code, language)


def _label(system: str, code: str, language: str) -> str | None:
    for value_set in ValueSet:
        found = coding(value_set, system, code)
        if found:
            return found.label(language)
    return None


_remembered = functools.lru_cache(maxsize=2048)(_label)


def categories() -> tuple[Category, ...]:
    """Return the twelve shown and three hidden categories, in page order."""
    return tuple(tables.categories().values())


def category(code: str) -> Category | None:
    """Return the category with that code."""
    return tables.categories().get(code)


def category_for_upload(category_code: str) -> str | None:
    """Return the typeCode of a document the person adds to a category, None when they may not add any there."""
    found = tables.categories().get(category_code)
    return found.upload_type if found and found.person_may_add else None


def professions() -> tuple[Profession, ...]:
    """Return every subject role (JDV_J65 without the medical specialties)."""
    return tuple(tables.professions().values())


def profession(code: str, system: str | None = None) -> Profession | None:
    """Return a subject role by code. Without system, the qualified profession wins over the one in training."""
    if system is not None:
        oid = oid_of(system)
        return tables.professions().get((oid, code)) if oid else None
    return next((entry for entry in tables.professions().values() if entry.code == code), None)


def format_for(templates: Iterable[str], media_type: str | None = None) -> str:
    """Return the formatCode of a CDA from its templateIds (ASS_A11).

    media_type: of the embedded body when the CDA is level 1. A document of no known model gets the code the CI-SIS
    keeps for that (`urn:asipSante:modelesHorsProfils:2011`).
    """
    carried = set(templates)
    if _UNSTRUCTURED_TEMPLATE in carried and media_type in _UNSTRUCTURED_FORMATS:
        return _UNSTRUCTURED_FORMATS[media_type]
    known = tables.template_formats()
    return next((known[template] for template in known if template in carried), UNREFERENCED_FORMAT)
