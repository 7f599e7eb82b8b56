"""Every tree up to a size, every older tree in it, every set of leaves: what proves passes, nothing else does."""

import itertools

import pytest

from carnet.journal.rules.merkle import (
    EMPTY_ROOT,
    Frontier,
    ProofError,
    batch_proof,
    check_consistency,
    consistency_proof,
    node_hash,
    range_hash,
    split,
)
from carnet.journal.verify_journal import rebuilt_root
from factories.journal_export import Tree, seed

MOST = 34  # past two powers of two
LEAVES = [seed(f"leaf {one}") for one in range(MOST)]
OTHER = seed("other")


def naive(leaves):
    """RFC 6962 §2.1 to the letter: k is the largest power of two smaller than n."""
    if len(leaves) < 2:
        return leaves[0] if leaves else EMPTY_ROOT
    half = max(1 << power for power in range(10) if 1 << power < len(leaves))
    return node_hash(naive(leaves[:half]), naive(leaves[half:]))


ROOTS = [naive(LEAVES[:size]) for size in range(MOST + 1)]
PAIRS = [(old, new) for new in range(MOST + 1) for old in range(new + 1)]


def proof_of(old, new):
    return consistency_proof(old, new, Tree(LEAVES[:new]).hash_of)


def refused(old, old_root, new, new_root, proof):
    try:
        check_consistency(old, old_root, new, new_root, proof)
    except ProofError:
        return True
    return False


def test_every_tree_is_shown_to_begin_with_every_older_one():
    for old, new in PAIRS:
        check_consistency(old, ROOTS[old], new, ROOTS[new], proof_of(old, new))


def spoilt(proof):
    """Each hash changed, left out or said twice, one added at either end, all of it turned round, all of it gone."""
    for place in range(len(proof)):
        yield [*proof[:place], OTHER, *proof[place + 1 :]]
        yield [*proof[:place], *proof[place + 1 :]]
        yield [*proof[: place + 1], *proof[place:]]
    yield [OTHER, *proof]
    yield [*proof, OTHER]
    if proof != proof[::-1]:
        yield proof[::-1]
    if proof:
        yield []


def test_no_other_proof_shows_it():
    for old, new in PAIRS:
        for proof in spoilt(proof_of(old, new)):
            assert refused(old, ROOTS[old], new, ROOTS[new], proof), (old, new)


def test_no_other_tree_is_shown_by_it():
    for old, new in PAIRS:
        proof = proof_of(old, new)
        assert refused(old, OTHER, new, ROOTS[new], proof), (old, new)
        assert old == 0 or refused(old, ROOTS[old], new, OTHER, proof), (old, new)
        for size in {old - 1, old + 1} & set(range(1, new + 1)):
            assert refused(size, ROOTS[old], new, ROOTS[new], proof), (old, new)


def test_a_refusal_says_what_is_wrong():
    for case, why in (
        ((5, OTHER, 5, ROOTS[5], []), "two trees of one size differ"),
        ((0, EMPTY_ROOT, 5, ROOTS[5], [OTHER]), "nothing needs no proof"),
        ((0, OTHER, 5, ROOTS[5], []), "nothing needs no proof"),
        ((5, ROOTS[5], 4, ROOTS[4], []), "the newer tree is smaller"),
        ((5, ROOTS[5], 8, ROOTS[8], []), "the proof is empty"),
        ((4, ROOTS[4], 5, ROOTS[5], [LEAVES[4], OTHER, OTHER]), "the proof is too long"),
    ):
        with pytest.raises(ProofError, match=why):
            check_consistency(*case)


@pytest.mark.parametrize(("old", "new"), [(5, 4), (1, 0), (-1, 4), (-1, 0)])
def test_there_is_no_proof_of_a_tree_that_shrank(old, new):
    with pytest.raises(ProofError):
        consistency_proof(old, new, Tree(LEAVES).hash_of)


def test_every_leaf_and_every_few_leaves_lead_to_the_root_with_their_proof_and_no_other():
    chosen = [(size, (index,)) for size in range(1, MOST + 1) for index in range(size)]
    chosen += [
        (size, some)
        for size in range(8)
        for few in range(size + 1)
        for some in itertools.combinations(range(size), few)
    ]
    for size, indices in chosen:
        proof = list(batch_proof(indices, size, Tree(LEAVES[:size]).hash_of))
        leaves = {one: LEAVES[one] for one in indices}
        if not size:
            assert proof == []
            continue
        rest = iter(proof)
        assert rebuilt_root(leaves, size, rest) == ROOTS[size]
        assert next(rest, None) is None, "no hash too many"


def test_a_tree_grows_from_wherever_it_was_left():
    for old, new in PAIRS:
        frontier = Frontier()
        for leaf in LEAVES[:old]:
            frontier.add(leaf)
        again = Frontier(frontier.size, frontier.hashes)
        for leaf in LEAVES[old:new]:
            again.add(leaf)
        assert (again.size, again.root()) == (new, ROOTS[new])
        assert frontier.root() == ROOTS[old], "what it was left as is not touched"


@pytest.mark.parametrize(("size", "hashes"), [(0, 1), (1, 0), (3, 1), (4, 2), (4, 0)])
def test_a_frontier_has_a_hash_for_each_bit_of_its_size(size, hashes):
    with pytest.raises(ValueError, match="one hash for each bit"):
        Frontier(size, LEAVES[:hashes])


def test_a_width_is_split_at_the_largest_power_of_two_below_it():
    assert [split(width) for width in (2, 3, 4, 5, 8, 9, 256, 257)] == [1, 2, 2, 4, 4, 8, 128, 256]
    assert range_hash(0, 0, Tree(LEAVES).hash_of) == EMPTY_ROOT
