"""The shipped tables are whole, agree with one another, and agree with their sources when these are at hand."""

import csv
import json
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from carnet.terminology import tables
from carnet.terminology.api import (
    ValueSet,
    categories,
    document_type,
    document_types,
    is_in,
    professions,
    values,
)

SHARED = Path(__file__).parents[3].parent / "shared"


@pytest.mark.parametrize(
    ("value_set", "size"),
    [
        (ValueSet.TYPE, 108),
        (ValueSet.CLASS, 13),
        (ValueSet.FORMAT, 62),
        (ValueSet.FACILITY, 69),
        (ValueSet.SETTING, 12),
        (ValueSet.CONFIDENTIALITY, 6),
        (ValueSet.AUTHOR_SPECIALTY, 391),
        (ValueSet.PROFESSION, 56),
    ],
)
def test_value_sets_are_complete(value_set, size):
    assert len(values(value_set)) == size


def test_every_type_has_a_known_class_and_category():
    classes = {coding.code for coding in values(ValueSet.CLASS)}
    shelves = {category.code for category in categories()}
    assert {entry.class_code for entry in document_types()} <= classes
    assert {entry.category for entry in document_types()} <= shelves


def test_every_category_has_an_upload_type_that_lands_on_it():
    for category in categories():
        entry = document_type(category.upload_type)
        assert entry is not None
        assert entry.category == category.code


def test_labels_are_complete_and_distinct():
    entries = [*document_types(), *categories(), *professions()]
    assert all(entry.label("fr").strip() and entry.label("en").strip() for entry in entries)
    for texts in (
        [entry.plain_fr for entry in document_types()],
        [entry.label_en for entry in document_types()],
        [entry.label_fr for entry in categories()],
    ):
        assert [text for text, times in Counter(texts).items() if times > 1] == []
    assert not any(entry.plain_fr.startswith("CR ") for entry in document_types())


def test_categories_come_in_order_and_twelve_are_shown():
    ranks = [category.rank for category in categories()]
    assert ranks == sorted(ranks)
    assert sum(category.shown for category in categories()) == 12
    assert not any(category.filterable and not category.shown for category in categories())


def test_every_system_in_the_tables_has_a_uri():
    known = {row["oid"] for row in tables.rows("code_systems")}
    used = {coding.system for value_set in ValueSet for coding in values(value_set)}
    assert used <= known


def test_formats_of_templates_are_mostly_current():
    current = {coding.code for coding in values(ValueSet.FORMAT)}
    withdrawn = {code for code in tables.template_formats().values() if code not in current}
    assert all(code.startswith("urn:ihe:pat:apsr:") or code == "urn:asip:ci-sis:export-dui:2023" for code in withdrawn)


@pytest.mark.skipif(not SHARED.is_dir(), reason="source tables are not at hand")
def test_types_and_value_sets_agree_with_their_sources():
    with (SHARED / "reference" / "doc_types.csv").open(encoding="utf-8") as file:
        source = list(csv.DictReader(file))
    assert [row["type_code"] for row in source] == [entry.code for entry in document_types()]
    for row in source:
        entry = document_type(row["type_code"])
        assert (entry.system, entry.category) == (row["code_system_oid"], row["mes_category_reconstructed"])
        assert not row["class"] or entry.class_code == row["class"]
    xds = json.loads((SHARED / "terminologies" / "xds_metadata.json").read_text(encoding="utf-8"))
    for name, value_set in (
        ("healthcareFacilityTypeCode", ValueSet.FACILITY),
        ("practiceSettingCode", ValueSet.SETTING),
        ("confidentialityCode", ValueSet.CONFIDENTIALITY),
        ("authorSpecialty", ValueSet.AUTHOR_SPECIALTY),
    ):
        assert {(row["system_oid"], row["code"]) for row in xds[name]} == set(tables.members(value_set))
        assert all(is_in(value_set, row["system_oid"], row["code"]) for row in xds[name])


def test_a_category_without_types_would_be_seen(monkeypatch):
    """Planted fault: one type moved to a shelf that does not exist must turn the cross-reference check red."""
    broken = dict(tables.document_types())
    any_code = next(iter(broken))
    broken[any_code] = msgspec.structs.replace(broken[any_code], category="NOWHERE")
    monkeypatch.setattr(tables, "document_types", lambda: broken)
    with pytest.raises(AssertionError):
        test_every_type_has_a_known_class_and_category()
