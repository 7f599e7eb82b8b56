"""Nobody of the insurer's file lives where no wave comes."""

from collections import Counter

import pytest

from carnet.spaces.rules.beneficiaries import departement_of
from carnet.spaces.rules.waves import PILOTS, WAVES

EVERY = Counter(one for wave in WAVES.values() for one in wave.departements)


def test_every_postcode_is_in_one_wave_and_the_pilots_are_first():
    assert set(EVERY.values()) == {1}
    assert WAVES["1"].departements == PILOTS == ("31", "44", "80")
    assert {departement_of(f"{number:05d}") for number in range(100_000)} == set(EVERY)


@pytest.mark.parametrize(
    ("postcode", "departement"),
    [("00200", "99"), ("98000", "99"), ("96000", "99"), ("99999", "99"), ("20200", "2B"), ("97411", "974")],
)
def test_the_post_of_the_armed_forces_monaco_and_mistakes_go_with_those_abroad(postcode, departement):
    assert departement_of(postcode) == departement
