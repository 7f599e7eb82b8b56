"""National identifiers of professionals and organisations: register, shape, and key when asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carnet.identity.rules.professional_ids import (
    ProfessionalId,
    ProfessionalRegister,
    StructureId,
    StructureRegister,
    luhn_holds,
    parse_finess,
    parse_professional_id,
    parse_structure_id,
)
from carnet.kernel.errors import Invalid


def code(refused):
    return [problem.code for problem in refused.value.problems]


@pytest.mark.parametrize(
    ("text", "register", "value", "national"),
    [
        ("899700218896", ProfessionalRegister.RPPS, "99700218896", "899700218896"),
        ("99700218896", ProfessionalRegister.RPPS, "99700218896", "899700218896"),
        (" 8 99700218896 ", ProfessionalRegister.RPPS, "99700218896", "899700218896"),
        ("699700218896", ProfessionalRegister.RPPS, "99700218896", "899700218896"),
        ("00B1057294", ProfessionalRegister.ADELI, "0B1057294", "00B1057294"),
        ("3480787529/1453", ProfessionalRegister.FINESS_INTERNAL, "480787529/1453", "3480787529/1453"),
        ("4518003502/A-12", ProfessionalRegister.SIREN_INTERNAL, "518003502/A-12", "4518003502/A-12"),
        ("551800350200041/7", ProfessionalRegister.SIRET_INTERNAL, "51800350200041/7", "551800350200041/7"),
    ],
)
def test_prefixes_tell_the_register(text, register, value, national):
    found = parse_professional_id(text)
    assert found == ProfessionalId(register, value)
    assert found.national == national


@pytest.mark.parametrize("text", ["", "8", "8012345678", "8012345678971", "ABC", "9970021889٦", "3480787529", "8/1"])
def test_what_is_no_identifier_is_refused(text):
    with pytest.raises(Invalid) as refused:
        parse_professional_id(text, path="author")
    assert code(refused) == ["professional-id-malformed"]
    assert refused.value.problems[0].path == "author"


@given(st.integers(0, 10**10 - 1), st.integers(0, 9))
def test_exactly_one_last_digit_fits_an_rpps(body, digit):
    fitting = [d for d in range(10) if luhn_holds(f"{body:010d}{d}")]
    assert len(fitting) == 1
    if digit == fitting[0]:
        assert parse_professional_id(f"8{body:010d}{digit}", check_key=True)
    else:
        assert parse_professional_id(f"8{body:010d}{digit}")
        with pytest.raises(Invalid) as refused:
            parse_professional_id(f"8{body:010d}{digit}", check_key=True)
        assert code(refused) == ["identifier-key-wrong"]


@pytest.mark.parametrize("number", ["10100997245", "10000441302", "750058190", "750300550", "750017212"])
def test_published_numbers_hold_their_key(number):
    assert luhn_holds(number)


@pytest.mark.parametrize(
    ("text", "register", "value"),
    [
        ("1750058190", StructureRegister.FINESS, "750058190"),
        ("750058190", StructureRegister.FINESS, "750058190"),
        ("12A0000014", StructureRegister.FINESS, "2A0000014"),
        ("2518003502", StructureRegister.SIREN, "518003502"),
        ("318003502400041", StructureRegister.SIRET, "18003502400041"),
        ("00B105729400", StructureRegister.ADELI_RANK, "0B1057294" + "00"),
        ("41010099724501", StructureRegister.RPPS_RANK, "1010099724501"),
    ],
)
def test_structures(text, register, value):
    found = parse_structure_id(text)
    assert found == StructureId(register, value)
    assert parse_structure_id(found.national) == found


def test_finess_only_and_its_key():
    assert parse_finess("1750058190") == "750058190"
    assert parse_finess("2a0000015") == "2A0000015"
    assert parse_finess("750058191", check_key=False) == "750058191"
    for text, reason in (
        ("750058191", "identifier-key-wrong"),
        ("318003502400041", "finess-expected"),
        ("75005819", "structure-id-malformed"),
    ):
        with pytest.raises(Invalid) as refused:
            parse_finess(text)
        assert code(refused) == [reason]


def test_a_key_check_that_accepts_everything_would_be_seen(monkeypatch):
    """Planted fault: with a Luhn check that always holds, a wrong FINESS passes."""
    monkeypatch.setattr("carnet.identity.rules.professional_ids.luhn_holds", lambda _digits: True)
    assert parse_finess("750058191")
