"""Door of terminology: code tables and lookups."""

from carnet.terminology.codes import Category, Coding, DocumentType, Profession, ProfessionKind, ValueSet
from carnet.terminology.lookups import (
    UNREFERENCED_FORMAT,
    categories,
    category,
    category_for_upload,
    class_of,
    coding,
    document_type,
    document_types,
    format_for,
    is_in,
    label,
    profession,
    professions,
    values,
)
from carnet.terminology.systems import oid_of, system_uri

__all__ = [
    "UNREFERENCED_FORMAT",
    "Category",
    "Coding",
    "DocumentType",
    "Profession",
    "ProfessionKind",
    "ValueSet",
    "categories",
    "category",
    "category_for_upload",
    "class_of",
    "coding",
    "document_type",
    "document_types",
    "format_for",
    "is_in",
    "label",
    "oid_of",
    "profession",
    "professions",
    "system_uri",
    "values",
]
