"""What providers say, read into our words, or refused with every reason at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carnet.identity.claims import read_pivot, read_professional
from carnet.identity.data import Sex
from carnet.kernel.errors import Invalid

PIVOT = {
    "given_name": "Nour Amel",
    "given_name_array": ["Nour", "Amel"],
    "family_name": "BENSAÏD",
    "birthdate": "1991-04-03",
    "gender": "female",
    "birthplace": "35238",
    "birthcountry": "99100",
    "preferred_username": "LE GOFF",
}
CARD = {
    "SubjectNameID": "899900000013",
    "SubjectRole": ["10^1.2.250.1.213.1.1.5.5"],
    "SubjectOrganizationID": "1990000011",
}


def test_the_pivot_becomes_traits():
    traits = read_pivot(PIVOT)
    assert (traits.birth_name, traits.given_names, traits.sex) == ("BENSAÏD", ("Nour", "Amel"), Sex.FEMALE)
    assert (traits.birth_date, traits.birth_place, traits.usual_name) == ("1991-04-03", "35238", "LE GOFF")


def test_names_in_one_text_and_a_birth_abroad():
    abroad = {**PIVOT, "birthplace": "", "birthcountry": "99352"}
    del abroad["given_name_array"]
    traits = read_pivot(abroad)
    assert traits.given_names == ("Nour", "Amel")
    assert traits.birth_place == "99352"


@pytest.mark.parametrize("missing", ["family_name", "gender", "birthdate"])
def test_an_incomplete_pivot_is_refused(missing):
    with pytest.raises(Invalid) as refusal:
        read_pivot({name: value for name, value in PIVOT.items() if name != missing})
    assert refusal.value.problems[0].code == "pivot-incomplete"


def test_a_card_becomes_a_professional():
    said = read_professional(CARD)
    assert (said.rpps, said.profession, said.organisation) == ("99900000013", "10", "990000011")


def test_other_roles_beside_the_profession_are_ignored():
    roles = ["SM26^1.2.250.1.213.1.6.1.133", "10^1.2.250.1.213.1.1.5.5"]
    assert read_professional(CARD | {"SubjectRole": roles}).profession == "10"
    assert read_professional(CARD | {"SubjectRole": "21^1.2.250.1.213.1.1.5.5"}).profession == "21"


def test_every_missing_thing_is_told_at_once():
    with pytest.raises(Invalid) as refusal:
        read_professional({})
    assert {problem.code for problem in refusal.value.problems} == {"no-rpps", "no-profession", "no-organisation"}


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys((*PIVOT, *CARD), json)))
def test_any_claims_are_read_or_refused(claims):
    for read in (read_pivot, read_professional):
        try:
            told = [read(claims)]
        except Invalid as refusal:
            told = list(refusal.problems)
        assert told
