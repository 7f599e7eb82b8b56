"""The tree against the published vectors of RFC 6962 implementations, a naive one, and itself after every cut.

Signed notes are checked against the examples of C2SP signed-note; the witness against the statuses of tlog-witness.
"""

import base64
import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carnet.journal.log.tiles import TileStore, read_tile, split_bundle, tile_path
from carnet.journal.rules.leaves import LEAF_BYTES, leaf_hash
from carnet.journal.rules.merkle import (
    EMPTY_ROOT,
    Frontier,
    ProofError,
    batch_proof,
    check_consistency,
    consistency_proof,
    range_hash,
)
from carnet.journal.rules.notes import Note, VerifierKey, seen_by, signed_by
from carnet.journal.verify_journal import check_signatures, parse_key, rebuilt_root
from factories.journal_export import Tree, seed

# the leaves and roots every RFC 6962 implementation is tested with (Certificate Transparency's reference log)
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
# (leaf, size) -> audit path; (old, new) -> consistency proof: from the same reference
PATH_5_OF_8 = [
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
]
GROWN_6_TO_8 = [
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
]
KNOWN = [leaf_hash(bytes.fromhex(one)) for one in LEAVES]


def naive(leaves):
    """RFC 6962 §2.1 to the letter."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\x01" + naive(leaves[:half]) + naive(leaves[half:])).digest()


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_the_reference(size):
    frontier = Frontier()
    for one in KNOWN[:size]:
        frontier.add(one)
    assert frontier.root().hex() == ROOTS[size]
    assert range_hash(0, size, Tree(KNOWN).hash_of).hex() == ROOTS[size]


def test_proofs_are_those_of_the_reference():
    hash_of = Tree(KNOWN).hash_of
    assert {one.hex() for one in batch_proof([5], 8, hash_of)} == set(PATH_5_OF_8)
    assert [one.hex() for one in consistency_proof(6, 8, hash_of)] == GROWN_6_TO_8


@settings(max_examples=60, deadline=None)
@given(data=st.data(), size=st.integers(1, 200))
def test_every_proof_proves_and_no_changed_one_does(data, size):
    leaves = [seed(f"leaf {one}") for one in range(size)]
    hash_of, root = Tree(leaves).hash_of, naive(leaves)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    path = list(batch_proof([index], size, hash_of))
    assert rebuilt_root({index: leaves[index]}, size, iter(path)) == root
    grown = consistency_proof(old, size, hash_of)
    check_consistency(old, naive(leaves[:old]), size, root, grown)
    chosen = sorted(data.draw(st.sets(st.integers(0, size - 1))))
    batch = list(batch_proof(chosen, size, hash_of))
    assert rebuilt_root({one: leaves[one] for one in chosen}, size, iter(batch)) == root
    if 0 < old < size:
        for place in range(len(grown)):
            broken = [*grown[:place], seed("other"), *grown[place + 1 :]]
            with pytest.raises(ProofError):
                check_consistency(old, naive(leaves[:old]), size, root, broken)
        for broken in (grown[:-1], [*grown, seed("more")]):
            with pytest.raises(ProofError):
                check_consistency(old, naive(leaves[:old]), size, root, broken)
    if path:
        assert rebuilt_root({index: leaves[index]}, size, iter([seed("other"), *path[1:]])) != root


@settings(max_examples=15, deadline=None)
@given(parts=st.lists(st.integers(1, 300), min_size=1, max_size=5))
def test_tiles_hold_the_tree_however_it_grew(tmp_path_factory, parts):
    store, leaves = TileStore(tmp_path_factory.mktemp("tiles")), []
    for part in parts:
        fresh = [seed(f"{len(leaves) + one}").ljust(LEAF_BYTES, b"\0") for one in range(part)]
        store.append(fresh)
        leaves += fresh
    hashes = [leaf_hash(one) for one in leaves]
    assert store.root(len(leaves)) == naive(hashes)
    assert store.root(len(leaves) // 2) == naive(hashes[: len(leaves) // 2])
    bundles = [split_bundle(store.read("entries", number)) for number in range(-(-len(leaves) // 256))]
    assert [one for bundle in bundles for one in bundle] == leaves
    assert TileStore(store.folder).root(len(leaves)) == naive(hashes)


def test_what_a_crash_left_behind_is_overwritten(tmp_path):
    store = TileStore(tmp_path)
    whole = [seed(str(one)).ljust(LEAF_BYTES, b"\0") for one in range(300)]
    store.append(whole[:200])
    (tmp_path / "size").write_text("100")  # the tiles were written, the size was not
    again = TileStore(tmp_path)
    assert read_tile(tmp_path, "0", 0, 101) is None
    again.append(whole[100:])
    assert again.root(300) == naive([leaf_hash(one) for one in whole])


@pytest.mark.parametrize(
    ("number", "path"), [(0, "000"), (255, "255"), (1234067, "x001/x234/067"), (1000, "x001/000"), (999, "999")]
)
def test_tiles_are_named_as_the_standard_names_them(number, path):
    assert tile_path(0, number) == f"0/{path}"


def test_an_address_means_the_same_bytes_for_ever(tmp_path):
    store = TileStore(tmp_path)
    store.append([seed(str(one)).ljust(LEAF_BYTES, b"\0") for one in range(100)])
    before = read_tile(tmp_path, "0", 0, 70), read_tile(tmp_path, "entries", 0, 70)
    assert read_tile(tmp_path, "0", 0, 256) is None
    assert read_tile(tmp_path, "1", 0, 1) is None
    store.append([seed(str(one)).ljust(LEAF_BYTES, b"\0") for one in range(100, 300)])
    assert (read_tile(tmp_path, "0", 0, 70), read_tile(tmp_path, "entries", 0, 70)) == before
    assert len(read_tile(tmp_path, "0", 0, 256)) == 256 * 32
    assert len(read_tile(tmp_path, "1", 0, 1)) == 32


# the example of C2SP signed-note (golang.org/x/mod/sumdb/note): a key, a text and its signature made by another program
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETERS_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_a_note_signed_by_another_program_is_verified():
    key, note = VerifierKey.parse(PETER), Note.parse(PETERS_NOTE)
    assert str(key) == PETER
    assert str(note) == PETERS_NOTE
    assert signed_by(note, key)
    assert not signed_by(Note(note.text + "!", note.signatures), key)


def test_an_empty_tree_has_the_root_of_nothing():
    assert base64.b64encode(EMPTY_ROOT) == b"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


# a checkpoint of a public log, and the line of a public witness that runs another program
NAVIGLI = "witness.navigli.sunlight.geomys.org+a3e00fe2+BNy/co4C1Hn1p+INwJrfUlgz7W55dSZReusH/GhUhJ/G"
COSIGNED = (
    "coachandhorses2026h1.staging.certificate.transparency.goog\n"
    "185550722\n"
    "YXAM0VmnrfvLaBCOOYSJhCaE5F10oGBOo+hkbDa1kng=\n"
    "\n"
    "— witness.navigli.sunlight.geomys.org"
    " o+AP4gAAAABqb7DzNrGFRJnQ9vrJ8xpnwZytnr/ZYczDIsvwvouiSjwOjn7a72ccxBk+lKnZ7dKqkYKER1s/KxLTaVwQD7lJZTC/CQ==\n"
)


def test_a_cosignature_made_by_another_program_is_verified_by_house_and_verifier():
    """C2SP tlog-checkpoint and tlog-cosignature as others write them; one leaf more is another checkpoint."""
    key, note = VerifierKey.parse(NAVIGLI), Note.parse(COSIGNED)
    assert (str(key), str(note), note.checkpoint().size) == (NAVIGLI, COSIGNED, 185_550_722)
    assert seen_by(note, key) == 0x6A6FB0F3
    assert check_signatures(COSIGNED, [parse_key(NAVIGLI)]) == (False, [(key.name, 0x6A6FB0F3)])
    other = COSIGNED.replace("185550722", "185550723")
    assert seen_by(Note.parse(other), key) is None
    assert check_signatures(other, [parse_key(NAVIGLI)]) == (False, [])
