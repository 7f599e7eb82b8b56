"""The INS is refused for true reasons, never shown, and its key is what INSEE computes."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carnet.identity import data
from carnet.identity.data import (
    INS_OIDS,
    OID_INS_C,
    OID_NIA,
    OID_NIR,
    OID_TEST_NIR,
    IdentityStatus,
    Ins,
    Nia,
    Nir,
    Sex,
    matricule_key,
    parse_birth_date,
    parse_birth_place,
    parse_ins,
    parse_traits,
)
from carnet.kernel.errors import Invalid
from factories.people import make_ins, make_traits

KNOWN = ("279035121518989", "277076322082910")
PUBLISHED_WITH_A_WRONG_KEY = ("223042545611404", "221042545611404", "224027511583555")

bodies = st.builds(
    lambda sex, year, month, department, rest: f"{sex}{year:02d}{month:02d}{department}{rest:06d}",
    st.sampled_from("123478"),
    st.integers(0, 99),
    st.integers(1, 12),
    st.sampled_from([f"{n:02d}" for n in range(1, 100)] + ["2A", "2B"]),
    st.integers(0, 999_999),
)


def codes(refused: pytest.ExceptionInfo[Invalid]) -> list[str]:
    return [problem.code for problem in refused.value.problems]


@pytest.mark.parametrize("matricule", KNOWN)
def test_published_fictitious_matricules_are_accepted(matricule):
    assert parse_ins(matricule=matricule, oid=OID_TEST_NIR) == Ins(matricule, OID_TEST_NIR)


@pytest.mark.parametrize("matricule", PUBLISHED_WITH_A_WRONG_KEY)
def test_published_matricules_with_a_wrong_key_are_refused(matricule):
    with pytest.raises(Invalid) as refused:
        parse_ins(matricule=matricule, oid=OID_TEST_NIR)
    assert codes(refused) == ["ins-key-wrong"]


def test_corsican_key_follows_the_two_conversion_rules():
    # 2A counts as 19 and 2B as 18 (equivalently: letter read as 0, minus 1 000 000 or 2 000 000).
    assert int(matricule_key("1851219004001")) == int(matricule_key("185122A004001"))
    assert int(matricule_key("185122A004001")) == 97 - (1851220004001 - 1_000_000) % 97
    assert int(matricule_key("185122B033001")) == 97 - (1851220033001 - 2_000_000) % 97


@settings(deadline=None)
@given(bodies)
def test_every_body_with_its_key_is_accepted_and_with_any_other_refused(body):
    key = matricule_key(body)
    assert parse_ins(matricule=body + key, oid=OID_NIR).matricule == body + key
    for other in {f"{n:02d}" for n in range(1, 98)} - {key}:
        with pytest.raises(Invalid) as refused:
            parse_ins(matricule=body + other, oid=OID_NIR)
        assert codes(refused) == ["ins-key-wrong"]


@given(bodies, st.integers(0, 12), st.integers(1, 9))
def test_one_mistyped_digit_is_always_caught(body, position, shift):
    if not body[position].isdigit() or body[5:7] in {"2A", "2B"}:
        return
    typed = body[:position] + str((int(body[position]) + shift) % 10) + body[position + 1 :]
    with pytest.raises(Invalid):
        parse_ins(matricule=typed + matricule_key(body), oid=OID_NIR)


def test_a_check_without_key_would_be_seen(monkeypatch):
    """Planted fault: with a key function that agrees with everything, a wrong key passes — so the test above bites."""
    wrong = KNOWN[0][:13] + "11"
    monkeypatch.setattr(data, "matricule_key", lambda _body: "11")
    assert parse_ins(matricule=wrong, oid=OID_NIR)


@pytest.mark.parametrize(
    ("matricule", "oid", "code"),
    [
        ("2790351215189", OID_NIR, "ins-key-missing"),
        ("27903512151898", OID_NIR, "ins-malformed"),
        ("2790351215189899", OID_NIR, "ins-malformed"),
        ("", OID_NIR, "ins-malformed"),
        ("2790351215189AB", OID_NIR, "ins-malformed"),
        ("279035121518989", "1.2.3", "ins-oid-not-accepted"),
        ("0123456789012345678901", OID_INS_C, "ins-c-obsolete"),
        ("٢٧٩٠٣٥١٢١٥١٨٩٨٩", OID_NIR, "ins-malformed"),
    ],
)
def test_refusals_say_why_and_never_repeat_the_number(matricule, oid, code):
    with pytest.raises(Invalid) as refused:
        parse_ins(matricule=matricule, oid=oid, path="Patient.identifier")
    assert codes(refused) == [code]
    problem = refused.value.problems[0]
    assert problem.path == "Patient.identifier"
    if matricule:
        assert matricule not in str(refused.value) + problem.fr + problem.en


def test_accepted_authorities_are_a_choice_of_the_installation():
    with pytest.raises(Invalid) as refused:
        parse_ins(matricule=KNOWN[0], oid=OID_TEST_NIR, accepted_oids=frozenset({OID_NIR, OID_NIA}))
    assert codes(refused) == ["ins-oid-not-accepted"]
    assert OID_TEST_NIR in INS_OIDS


def test_spaces_and_urn_prefix_are_forgiven():
    assert parse_ins(matricule=" 2 79 03 51 215 189 89", oid="urn:oid:" + OID_NIR) == Ins(KNOWN[0], OID_NIR)


def test_nothing_shows_a_matricule_or_a_name():
    ins, traits = make_ins(3), make_traits(3)
    shown = f"{ins!r} {ins} {ins.number!r} {ins.__rich_repr__()} {ins.number.__rich_repr__()} {traits!r} {traits}"
    shown += str(traits.__rich_repr__())
    assert ins.matricule not in shown
    assert traits.birth_name not in shown
    assert ins.oid in repr(ins)


def test_nir_and_nia_are_told_apart_by_their_authority():
    assert isinstance(Ins(KNOWN[0], OID_NIR).number, Nir)
    waiting = Ins(KNOWN[0], OID_NIA).number
    assert isinstance(waiting, Nia)
    assert (waiting.body, waiting.key) == (KNOWN[0][:13], "89")
    assert Ins(KNOWN[0], OID_TEST_NIR).is_test
    assert not Ins(KNOWN[0], OID_NIR).is_test


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("19790328", "1979-03-28"),
        ("1979-03-28", "1979-03-28"),
        ("20210401120000+0200", "2021-04-01"),
        ("2021-04-01T12:00:00+02:00", "2021-04-01"),
        ("19790328+100", "1979-03-28"),
        ("197903", "1979-03"),
        ("1979-03", "1979-03"),
        ("1979", "1979"),
        ("1931-00-00", "1931"),
        ("1931-06-00", "1931-06"),
        ("19312000", "1931"),
    ],
)
def test_whole_and_partial_birth_dates(text, expected):
    assert parse_birth_date(text) == expected


@pytest.mark.parametrize("text", ["", "31/12/1979", "1979-02-30", "79", "19790", "né en 1979"])
def test_what_is_not_a_date_is_refused(text):
    with pytest.raises(Invalid) as refused:
        parse_birth_date(text)
    assert codes(refused) == ["birth-date-malformed"]


def test_born_on_is_a_day_only_when_the_day_is_known():
    assert make_traits(1, birth_date="1979-03-28").born_on == date(1979, 3, 28)
    assert make_traits(1, birth_date="1979-03").born_on is None


def test_birth_place_is_an_official_code():
    assert parse_birth_place(" 2a004 ") == "2A004"
    with pytest.raises(Invalid):
        parse_birth_place("Ajaccio")


def test_every_wrong_trait_is_reported_at_once():
    with pytest.raises(Invalid) as refused:
        parse_traits(birth_name=" ", given_names=("a\x00",), sex="X", birth_date="hier", birth_place="ici", path="p")
    assert [(problem.code, problem.path) for problem in refused.value.problems] == [
        ("name-malformed", "p.birth_name"),
        ("name-malformed", "p.given_names"),
        ("sex-unknown-code", "p.sex"),
        ("birth-date-malformed", "p.birth_date"),
        ("birth-place-malformed", "p.birth_place"),
    ]


def test_fhir_words_for_sex_are_read():
    assert parse_traits(birth_name="Durand", sex="female").sex is Sex.FEMALE


def test_only_a_qualified_identity_feeds_a_space():
    assert [status for status in IdentityStatus if status.may_feed] == [IdentityStatus.QUALIFIEE]


def test_fictitious_people_are_repeatable_and_well_formed():
    people = [make_ins(seed) for seed in range(200)]
    assert len({person.matricule for person in people}) == 200
    assert people == [make_ins(seed) for seed in range(200)]
    assert all(parse_ins(matricule=person.matricule, oid=person.oid) == person for person in people)
