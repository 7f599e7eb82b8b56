"""Reads the packaged tables, once per process. A malformed table stops the start: these are our own files."""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import msgspec

from carnet.terminology.codes import Category, Coding, DocumentType, Profession, ValueSet


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of packaged table `name` (without ".csv") as dictionaries of text."""
    text = files("carnet.terminology").joinpath("data", f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def document_types() -> Mapping[str, DocumentType]:
    """Every document type by code."""
    read = (msgspec.convert(row, DocumentType) for row in rows("document_types"))
    return MappingProxyType({entry.code: entry for entry in read})


@cache
def categories() -> Mapping[str, Category]:
    """Every category by code, in page order."""
    read = (msgspec.convert(row, Category, strict=False) for row in rows("categories"))
    return MappingProxyType({entry.code: entry for entry in sorted(read, key=lambda entry: entry.rank)})


@cache
def professions() -> Mapping[tuple[str, str], Profession]:
    """Every subject role by (system OID, code), qualified professions before those in training."""
    read = (msgspec.convert(row, Profession) for row in rows("professions"))
    return MappingProxyType({(entry.system, entry.code): entry for entry in read})


_CODING_TABLES = {
    ValueSet.CLASS: "document_classes",
    ValueSet.FORMAT: "format_codes",
    ValueSet.FACILITY: "facility_types",
    ValueSet.SETTING: "practice_settings",
    ValueSet.CONFIDENTIALITY: "confidentiality",
    ValueSet.AUTHOR_SPECIALTY: "author_specialties",
}


@cache
def members(value_set: ValueSet) -> Mapping[tuple[str, str], Coding]:
    """Every code of a value set by (system OID, code)."""
    if value_set is ValueSet.TYPE:
        found = [Coding(t.code, t.system, t.label_fr, t.label_en) for t in document_types().values()]
    elif value_set is ValueSet.PROFESSION:
        found = [Coding(p.code, p.system, p.label_fr, p.label_en) for p in professions().values()]
    else:
        found = [
            Coding(row["code"], row["system"], row["label_fr"], row.get("label_en", row["label_fr"]))
            for row in rows(_CODING_TABLES[value_set])
        ]
    return MappingProxyType({(coding.system, coding.code): coding for coding in found})


@cache
def template_formats() -> Mapping[str, str]:
    """FormatCode by CDA templateId, for structured documents (ASS_A11)."""
    return MappingProxyType({row["template"]: row["format_code"] for row in rows("template_formats")})
