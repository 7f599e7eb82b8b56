"""A witness answers as C2SP tlog-witness says, and remembers across restarts what it cosigned."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from carnet.journal.log.memory import MemoryLostError
from carnet.journal.log.witness import Witness
from carnet.journal.rules.merkle import consistency_proof, range_hash
from carnet.journal.rules.notes import LOG, Checkpoint, Note, parse_signature, public_key, seen_by, sign
from factories.journal_export import Tree, seed

ORIGIN = "tests.carnet.example/journal"
KEY = Ed25519PrivateKey.from_private_bytes(seed("log"))
TREE = Tree([seed(str(one)) for one in range(20)])
OTHER = Tree([seed(f"other {one}") for one in range(20)])


def made(folder, **options):
    log = public_key(KEY, name=ORIGIN, kind=LOG)
    return Witness.of(folder, name="w.example", logs=[log], **options)


def request(old, size, *, tree=TREE, proof=None, origin=ORIGIN, key=KEY):
    checkpoint = Checkpoint(origin, size, range_hash(0, size, tree.hash_of))
    note = Note(checkpoint.text, (sign(checkpoint.text, key=key, name=origin),))
    hashes = consistency_proof(old, size, tree.hash_of) if proof is None else proof
    lines = "".join(f"{base64.b64encode(one).decode()}\n" for one in hashes)
    return note, f"old {old}\n{lines}\n{note}".encode()


def test_a_log_that_only_grows_is_cosigned(tmp_path):
    witness = made(tmp_path)
    for old, size in ((0, 5), (5, 13), (13, 13), (13, 20)):
        note, body = request(old, size)
        answer = witness.add_checkpoint(body)
        assert answer.status == 200
        assert seen_by(Note(note.text, (parse_signature(answer.body.rstrip("\n")),)), witness.public)


REFUSED = {
    "another size": (request(0, 9, proof=[])[1], 409),
    "smaller": (request(3, 3)[1], 409),
    "the same size, another root": (request(7, 7, tree=OTHER)[1], 409),
    "another history": (request(7, 12, tree=OTHER)[1], 422),
    "a proof too short": (request(7, 12, proof=[])[1], 422),
    "an unknown log": (request(7, 12, origin="stranger.example/log")[1], 404),
    "another key": (request(7, 12, key=Ed25519PrivateKey.from_private_bytes(seed("thief")))[1], 403),
    "old larger than new": (b"old 15" + request(7, 12)[1][5:], 400),
    "no request": (b"hello", 400),
    "a number with a zero": (b"old 07" + request(7, 12)[1][5:], 400),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_growth_is_refused_and_changes_nothing(case, tmp_path):
    witness = made(tmp_path)
    assert witness.add_checkpoint(request(0, 7)[1]).status == 200
    body, status = REFUSED[case]
    answer = witness.add_checkpoint(body)
    assert answer.status == status
    if status == 409:
        assert (answer.body, answer.media_type) == ("7\n", "text/x.tlog.size")
    assert made(tmp_path).add_checkpoint(request(7, 12)[1]).status == 200


def test_without_its_memory_it_does_not_start(tmp_path):
    made(tmp_path).add_checkpoint(request(0, 7)[1])
    next((tmp_path / "memory").iterdir()).unlink()
    with pytest.raises(MemoryLostError):
        made(tmp_path)


def test_a_key_others_may_read_is_refused(tmp_path):
    made(tmp_path)
    (tmp_path / "key").chmod(0o644)
    with pytest.raises(PermissionError):
        made(tmp_path)
