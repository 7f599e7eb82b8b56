"""What hides a document: nothing is ever loosened, and two codes never meet."""

import itertools

import pytest

from carnet.kernel.errors import Invalid
from carnet.records.rules.confidentiality import EXCLUSIVE, MASKS, codes_in_force, labels_of

SUBSETS = [
    frozenset(chosen) or frozenset({"N"})
    for size in range(len(MASKS) + 1)
    for chosen in itertools.combinations(sorted(MASKS), size)
]


@pytest.mark.parametrize("asked", SUBSETS)
@pytest.mark.parametrize("replaced", SUBSETS)
@pytest.mark.parametrize("masked_by_default", [False, True])
def test_every_combination(asked, replaced, masked_by_default):
    wanted = (asked | replaced) & MASKS
    if wanted >= EXCLUSIVE:
        with pytest.raises(Invalid) as refused:
            codes_in_force(asked, replaced=replaced, masked_by_default=masked_by_default)
        assert refused.value.problems[0].code == "codes-exclude-each-other"
        return
    held = codes_in_force(asked, replaced=replaced, masked_by_default=masked_by_default)
    assert held >= wanted
    assert not held >= EXCLUSIVE
    assert held - wanted <= {"N", "MASQUE_PS"}
    assert ("MASQUE_PS" in held - wanted) == (
        masked_by_default and "INVISIBLE_PATIENT" not in wanted and "MASQUE_PS" not in wanted
    )
    assert ("N" in held) == (not held & MASKS)


@pytest.mark.parametrize(
    ("codes", "level", "labels"),
    [
        ({"N"}, "N", {"N"}),
        ({"N"}, "R", {"R"}),
        ({"MASQUE_PS"}, "N", {"MASQUE_PS"}),
        ({"MASQUE_PS"}, "V", {"MASQUE_PS", "V"}),
    ],
)
def test_labels(codes, level, labels):
    assert labels_of(frozenset(codes), level=level) == labels
