"""A CDA and its metadata about the same thing agree, whatever the spelling; about another thing they never do."""

import datetime as dt

import pytest

from carnet.formats import cda
from carnet.identity.api import IdentityTraits, Ins, Sex
from carnet.records.data import Coding, DeclaredDocument
from carnet.records.rules.agreement import check_agreement, same_moment
from carnet.records.rules.cda_header import completed, header_replaces, set_id, traits_of
from carnet.records.rules.findings import Findings
from factories.cda import make_cda
from factories.ins import DEFAULT_NIR, TEST_INS_OID, matricule

INS = Ins(matricule(), TEST_INS_OID)
TRAITS = IdentityTraits("Pat-Trois", ("Dominique", "Marie"), Sex.FEMALE, "1979-03-28", "51215")


def disagreements(declared=None, *, ins=INS, **fields):
    document = cda.read(make_cda(**fields))
    findings = Findings(path="p")
    check_agreement(
        declared or DeclaredDocument(content=b""),
        document,
        ins=ins,
        header_traits=traits_of(document, path="cda"),
        findings=findings,
    )
    return [problem.code for problem in findings.problems]


def declared(**said):
    return DeclaredDocument(content=b"", **said)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"unique_id": "urn:oid:1.2.250.1.999.1.1.1^DOC-0001"},
        {"unique_id": "1.2.250.1.999.1.1.1^DOC-0001"},
        {"type": Coding("http://loinc.org", "11502-2")},
        {"type": Coding("", "11502-2")},
        {"traits": TRAITS},
        {"creation": dt.datetime(2024, 5, 2, 8, 30, tzinfo=dt.UTC)},
        {"creation": dt.datetime(2024, 5, 2, 8, 30, 59, tzinfo=dt.UTC)},
        {"creation": dt.datetime(2024, 5, 2, 0, 0, tzinfo=dt.timezone(dt.timedelta(hours=2)))},
    ],
)
def test_what_agrees(said):
    assert disagreements(declared(**said)) == []


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"unique_id": "urn:oid:1.2.250.1.999.1.1.1^DOC-0002"}, "cda-identifier-disagrees"),
        ({"unique_id": "urn:oid:1.2.250.1.999.1.1.1"}, "cda-identifier-disagrees"),
        ({"type": Coding("http://loinc.org", "34133-9")}, "cda-type-disagrees"),
        ({"type": Coding("http://snomed.info/sct", "11502-2")}, "cda-type-disagrees"),
        ({"creation": dt.datetime(2024, 5, 2, 8, 32, tzinfo=dt.UTC)}, "cda-date-disagrees"),
        ({"creation": dt.datetime(2024, 5, 3, 0, 0, tzinfo=dt.UTC)}, "cda-date-disagrees"),
        ({"traits": IdentityTraits("Autre", ("Dominique",), Sex.FEMALE, "1979-03-28")}, "cda-traits-disagree"),
        ({"traits": IdentityTraits("Pat-Trois", ("Dominique",), Sex.MALE, "1979-03-28")}, "cda-traits-disagree"),
    ],
)
def test_what_disagrees(said, problem):
    assert disagreements(declared(**said)) == [problem]


@pytest.mark.parametrize(
    ("fields", "problems"),
    [
        ({"matricule": matricule("1790351215189")}, ["cda-patient-disagrees"]),
        ({"ins_oid": "1.2.250.1.213.1.4.8"}, ["cda-patient-disagrees"]),
        ({"matricule": DEFAULT_NIR}, []),
        ({"matricule": DEFAULT_NIR + "99"}, ["cda-patient-disagrees"]),
        ({"ins_oid": "1.2.250.1.213.1.4.2"}, ["cda-ins-missing"]),
        ({"other_ids": [("1.2.250.1.213.1.4.8", "1" * 15)]}, []),
    ],
)
def test_whose_document_it_is(fields, problems):
    assert disagreements(**fields) == problems


@pytest.mark.parametrize(
    ("raw", "creation", "same"),
    [
        ("20240502", "2024-05-02T23:30:00+02:00", True),
        ("20240502", "2024-05-01T22:00:00+00:00", True),
        ("20240502", "2024-05-04T00:00:00+02:00", False),
        ("202405", "2024-05-31T23:00:00+02:00", True),
        ("202405", "2024-06-02T00:00:00+02:00", False),
        ("2024", "2024-12-31T00:00:00+01:00", True),
        ("2024050210", "2024-05-02T10:59:00+02:00", True),
        ("2024050210", "2024-05-02T12:00:00+02:00", False),
    ],
)
def test_moments_agree_as_finely_as_the_coarser(raw, creation, same):
    moment = cda.read(make_cda(effective_time=raw)).effective_time
    assert same_moment(dt.datetime.fromisoformat(creation), moment) is same


def test_a_header_fills_silences_only():
    document = cda.read(make_cda(replaces=("1.2.3", "OLD")))
    filled = completed(declared(title="Le mien", language="en"), document)
    assert (filled.title, filled.language) == ("Le mien", "en")
    assert filled.unique_id == "urn:oid:1.2.250.1.999.1.1.1^DOC-0001"
    assert filled.authors[0].rpps == "10101010101"
    assert filled.authors[0].finess == "750999999"
    assert filled.facility_type.code == "SA25"
    assert filled.practice_setting.code == "ETABLISSEMENT"
    assert filled.period_start == dt.datetime(2024, 5, 2, 6, tzinfo=dt.UTC)
    assert header_replaces(document) == "urn:oid:1.2.3^OLD"
    assert set_id(document) == "urn:oid:1.2.250.1.999.1.1.2^SET-0001"


def test_a_header_s_withdrawn_codes_are_left_out_not_refused():
    filled = completed(declared(), cda.read(make_cda(facility_type="SA999", confidentiality="Q")))
    assert filled.facility_type is None
    assert filled.labels == ()
