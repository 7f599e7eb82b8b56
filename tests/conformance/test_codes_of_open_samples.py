"""Codes and identities met in the open French samples are read as their publishers meant them."""

import csv
from pathlib import Path

import pytest

from carnet.identity.data import OID_TEST_NIR, parse_ins
from carnet.kernel.errors import Invalid
from carnet.terminology.api import ValueSet, is_in

SAMPLES = Path(__file__).parents[2].parent / "shared" / "samples"
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="open samples are not at hand")

WITHDRAWN_TYPES = {"EXPORT_DUI", "11526-1"}
FIELDS = {
    "1.2.250.1.213.1.1.4.9": ValueSet.SETTING,
    "1.2.250.1.71.4.2.4": ValueSet.FACILITY,
    "2.16.840.1.113883.5.25": ValueSet.CONFIDENTIALITY,
    "1.2.250.1.71.1.2.7": ValueSet.PROFESSION,
    "1.2.250.1.213.1.1.4.5": ValueSet.AUTHOR_SPECIALTY,
}


def rows(name):
    with (SAMPLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_french_document_has_a_known_type_but_two_withdrawn_ones():
    french = [row for row in rows("PROFILE_CDA.csv") if row["set"].startswith("cda-a") and row["type_code"]]
    unknown = {row["type_code"] for row in french if not is_in(ValueSet.TYPE, row["type_system"], row["type_code"])}
    assert len(french) > 60
    assert unknown == WITHDRAWN_TYPES


def test_identities_are_accepted_or_refused_as_an_independent_reader_found():
    seen = set()
    for row in rows("PROFILE_CDA.csv"):
        if not row["ins_value"]:
            continue
        try:
            parse_ins(matricule=row["ins_value"], oid=OID_TEST_NIR)
            verdict = "15c:key ok"
        except Invalid as refused:
            verdict = {"ins-key-wrong": "15c:KEY WRONG"}.get(refused.problems[0].code, "13c:not a NIR")
        assert verdict == row["ins"]
        seen.add(verdict)
    assert seen == {"15c:key ok", "15c:KEY WRONG", "13c:not a NIR"}


def test_only_withdrawn_specialties_are_unknown():
    met = [row for row in rows("CODES_SEEN.csv") if row["system_oid"] in FIELDS]
    unknown = {row["code"] for row in met if not is_in(FIELDS[row["system_oid"]], row["system_oid"], row["code"])}
    assert len(met) > 40
    assert all(code.startswith(("G15_10/SCH", "G15_10-SM")) for code in unknown)
