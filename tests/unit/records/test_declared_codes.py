"""Codes are checked against the value sets and written one way."""

import pytest

from carnet.records.data import Coding
from carnet.records.rules import declared_codes
from carnet.records.rules.findings import Findings
from carnet.terminology.api import ValueSet, document_types

LOINC = "http://loinc.org"
TRE_A07 = "https://mos.esante.gouv.fr/NOS/TRE_A07-StatusVisibiliteDocument/FHIR/TRE-A07-StatusVisibiliteDocument"
V3 = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"


def kinds(type_=None, category=None):
    findings = Findings(path="p")
    return declared_codes.type_and_class(type_, category, findings=findings), findings


@pytest.mark.parametrize("system", [LOINC, "2.16.840.1.113883.6.1", "urn:oid:2.16.840.1.113883.6.1"])
def test_every_spelling_of_a_system_becomes_one(system):
    (kind, document_class, shelf), findings = kinds(Coding(system, "11502-2", "<b>faux</b>"))
    assert (kind.system, kind.display) == (LOINC, "CR d'examens biologiques")
    assert (document_class.code, shelf) == ("10", "BIOLOGIE")
    assert not findings.problems + findings.warnings


@pytest.mark.parametrize("entry", document_types(), ids=lambda entry: entry.code)
def test_every_type_of_the_nomenclature_has_a_class(entry):
    (kind, document_class, shelf), findings = kinds(Coding(entry.system, entry.code))
    assert kind is not None
    assert document_class.code == entry.class_code
    assert shelf == entry.category
    assert not findings.problems


def test_a_class_of_another_type_is_kept_with_a_word():
    (_, document_class, _), findings = kinds(Coding(LOINC, "34133-9"), Coding("1.2.250.1.213.1.1.4.1", "10"))
    assert document_class.code == "10"
    assert [warning.code for warning in findings.warnings] == ["class-not-of-type"]


def test_a_category_that_is_no_class_is_not_one():
    (_, document_class, _), findings = kinds(Coding(LOINC, "60591-5"), Coding(LOINC, "11369-6"))
    assert document_class.code == "11"
    assert not findings.problems + findings.warnings


def test_no_type_is_filed_where_no_professional_looks():
    (kind, document_class, shelf), findings = kinds()
    assert (kind.code, document_class.code, shelf) == ("E1762", "99", "AUTR_DOC")
    assert [warning.code for warning in findings.warnings] == ["type-missing"]


@pytest.mark.parametrize(
    ("labels", "level", "codes"),
    [
        ([], "N", {"N"}),
        ([(V3, "N")], "N", {"N"}),
        ([(TRE_A07, "N")], "N", {"N"}),
        ([(V3, "R")], "R", {"N"}),
        ([(V3, "R"), (V3, "V"), (TRE_A07, "MASQUE_PS")], "V", {"MASQUE_PS"}),
        ([(V3, "N"), ("urn:oid:1.2.250.1.213.1.1.4.13", "INVISIBLE_PATIENT")], "N", {"INVISIBLE_PATIENT"}),
    ],
)
def test_labels_are_a_level_and_what_hides(labels, level, codes):
    findings = Findings(path="p")
    found = declared_codes.confidentiality(tuple(Coding(*label) for label in labels), findings=findings)
    assert found == (level, frozenset(codes))
    assert not findings.problems


@pytest.mark.parametrize("label", [(V3, "U"), (TRE_A07, "SECRET"), ("urn:oid:1.2.3", "N"), ("", "MASQUE_PS")])
def test_an_unknown_label_never_passes_for_none(label):
    findings = Findings(path="p")
    declared_codes.confidentiality((Coding(*label),), findings=findings)
    assert [(problem.code, problem.path) for problem in findings.problems] == [
        ("confidentiality-unknown-code", "p.securityLabel[0]")
    ]


@pytest.mark.parametrize(
    ("value_set", "system", "code", "problems", "warnings"),
    [
        (ValueSet.FACILITY, "1.2.250.1.71.4.2.4", "SA01", 0, 0),
        (ValueSet.FACILITY, "http://snomed.info/sct", "82242000", 0, 1),
        (ValueSet.FACILITY, "urn:oid:1.2.3", "82242000", 1, 0),
        (ValueSet.FACILITY, "", "SA01", 0, 0),
        (ValueSet.FORMAT, "", "urn:ihe:iti:xds:2017:mimeTypeSufficient", 0, 0),
        (ValueSet.FORMAT, "http://snomed.info/sct", "1", 1, 0),
        (ValueSet.TYPE, "http://snomed.info/sct", "1", 1, 0),
    ],
)
def test_what_lies_outside_a_value_set(value_set, system, code, problems, warnings):
    findings = Findings(path="p")
    found = declared_codes.known(value_set, Coding(system, code), element="x", findings=findings)
    assert (len(findings.problems), len(findings.warnings)) == (problems, warnings)
    assert (found is None) == bool(problems)
