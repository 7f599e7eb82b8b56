"""Codes are recognised under every spelling of their system, and unknown ones are simply unknown."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carnet.terminology.api import (
    UNREFERENCED_FORMAT,
    ProfessionKind,
    ValueSet,
    category,
    category_for_upload,
    class_of,
    coding,
    document_type,
    format_for,
    is_in,
    label,
    oid_of,
    profession,
    system_uri,
    values,
)

LOINC = "2.16.840.1.113883.6.1"
TRAINING = "https://mos.esante.gouv.fr/NOS/TRE_G16-ProfessionFormation/FHIR/TRE-G16-ProfessionFormation"


@pytest.mark.parametrize("system", [LOINC, "urn:oid:" + LOINC, "http://loinc.org", " http://loinc.org "])
def test_one_system_many_spellings(system):
    assert oid_of(system) == LOINC
    assert is_in(ValueSet.TYPE, system, "11502-2")


def test_right_code_under_the_wrong_system_is_refused():
    assert not is_in(ValueSet.TYPE, "http://snomed.info/sct", "11502-2")
    assert not is_in(ValueSet.TYPE, "", "11502-2")
    assert not is_in(ValueSet.FACILITY, LOINC, "SA01")


@settings(deadline=None)
@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_gets_an_answer(system, code):
    for value_set in ValueSet:
        assert is_in(value_set, system, code) == (coding(value_set, system, code) is not None)
    assert label(system, code) is None or is_in(ValueSet.TYPE, system, code)
    assert document_type(code) is None or code


def test_every_member_survives_the_round_trip_through_fhir():
    for value_set in ValueSet:
        for member in values(value_set):
            assert oid_of(system_uri(member.system)) == member.system
            assert coding(value_set, system_uri(member.system), member.code) == member


def test_unknown_systems():
    assert oid_of("http://example.org/mine") is None
    assert system_uri("1.2.3.4") == "urn:oid:1.2.3.4"
    assert system_uri("urn:oid:" + LOINC) == "http://loinc.org"
    assert oid_of("urn:oid:1.2.3.4") == "1.2.3.4"


def test_ihe_format_codes_are_known_under_both_uris():
    code = "urn:ihe:iti:xds-sd:pdf:2008"
    assert is_in(ValueSet.FORMAT, "http://ihe.net/fhir/ihe.formatcode.fhir/CodeSystem/formatcode", code)
    assert is_in(ValueSet.FORMAT, "1.3.6.1.4.1.19376.1.2.3", code)
    assert system_uri("1.3.6.1.4.1.19376.1.2.3").startswith("https://mos.esante.gouv.fr/")


def test_a_document_type_speaks_to_each_reader():
    biology = document_type("11502-2")
    assert biology.label("fr") == "CR d'examens biologiques"
    assert biology.plain("fr") == "Compte rendu de biologie"
    assert biology.plain("en") == biology.label("en") == "Laboratory report"
    assert (class_of("11502-2"), biology.category) == ("10", "BIOLOGIE")
    assert document_type("0") is None
    assert class_of("0") is None


def test_labels_in_both_languages():
    assert label("http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "N", "en") == "Normal"
    assert label("1.2.250.1.213.1.1.4.9", "HAD") == "Hospitalisation à domicile"
    assert label("1.2.250.1.213.1.1.4.9", "HAD", "en") == "Hospital at home"
    assert label("1.2.250.1.71.4.2.4", "SA05", "en") == "Centre de santé"


@pytest.mark.parametrize(
    ("shelf", "type_code"),
    [
        ("SYNTHESE", "DOCPAT01"),
        ("ORD_SOIN", "DOCPAT02"),
        ("CPT_REND", "DOCPAT03"),
        ("RADIO_SC", "DOCPAT04"),
        ("BIOLOGIE", "DOCPAT05"),
        ("DEPISTAG", "DOCPAT06"),
        ("CERT_MED", "DOCPAT07"),
        ("DOC_ADM", "DOCPAT09"),
        ("AUTR_DOC", "EXPPAT_2"),
        ("DIR_ANT", "EXPPAT_3"),
        ("SYNTH_PML", None),
        ("REMB", None),
        ("nowhere", None),
    ],
)
def test_what_the_person_may_add_where(shelf, type_code):
    assert category_for_upload(shelf) == type_code
    if type_code:
        assert document_type(type_code).category == shelf


def test_a_type_lies_on_one_shelf():
    assert {document_type(code).category for code in ("11502-2", "60568-3", "DOCPAT05")} == {"BIOLOGIE"}
    assert category("BIOLOGIE").filterable
    assert not category("DIR_ANT").filterable


def test_the_same_code_in_training_is_another_profession():
    assert profession("10").kind is ProfessionKind.HEALTH
    assert profession("10", TRAINING).kind is ProfessionKind.TRAINING
    assert profession("60").label("en") == "Nurse"
    assert profession("60", "1.2.3") is None
    assert profession("nobody") is None


@pytest.mark.parametrize(
    ("templates", "media_type", "expected"),
    [
        (["1.3.6.1.4.1.19376.1.2.20"], "application/pdf", "urn:ihe:iti:xds-sd:pdf:2008"),
        (["1.3.6.1.4.1.19376.1.2.20", "1.2.250.1.213.1.1.1.55"], "image/tiff", "urn:ihe:iti-fr:xds-sd:tiff:2010"),
        (["1.2.250.1.213.1.1.1.1", "1.2.250.1.213.1.1.1.55"], None, "urn:ihe:lab:xd-lab:2008"),
        (["1.2.250.1.213.1.1.1.13"], None, "urn:asip:ci-sis:vsm:2012"),
        ([], None, UNREFERENCED_FORMAT),
        (["1.3.6.1.4.1.19376.1.2.20"], "video/mp4", UNREFERENCED_FORMAT),
    ],
)
def test_format_of_a_clinical_document(templates, media_type, expected):
    assert format_for(templates, media_type) == expected
    assert any(member.code == expected for member in values(ValueSet.FORMAT))
