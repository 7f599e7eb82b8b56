"""A witness answers as C2SP tlog-witness says, and remembers across restarts what it cosigned."""

import base64
import http.client
import stat
import threading

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from carnet.journal.log.memory import Forked, Memory, MemoryLostError, Smaller, open_key
from carnet.journal.log.witness import LARGEST_BODY, Witness, witness_server
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
    "another word": (b"new 7" + request(7, 12)[1][5:], 400),
    "no note": (b"old 7", 400),
    "a proof line with something else in it": (request(7, 12)[1].replace(b"=\n", b"=!\n", 1), 400),
    "the most hashes a proof may have, and none of them right": (
        request(7, 12, proof=[seed("x")] * 63)[1],
        422,
    ),
    "a hash more": (request(7, 12, proof=[seed("x")] * 64)[1], 400),
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


def test_a_log_it_was_not_begun_with_needs_saying(tmp_path):
    """A memory that is gone is not taken for a log that is new, unless the one who runs it says so."""
    made(tmp_path).add_checkpoint(request(0, 7)[1])
    log = public_key(KEY, name="new.example/log", kind=LOG)
    with pytest.raises(MemoryLostError):
        Witness.of(tmp_path, name="w.example", logs=[log])
    both = [public_key(KEY, name=one, kind=LOG) for one in ("new.example/log", ORIGIN)]
    witness = Witness.of(tmp_path, name="w.example", logs=both, accept_new=True)
    assert witness.add_checkpoint(request(0, 3, origin="new.example/log")[1]).status == 200
    assert witness.add_checkpoint(request(7, 12)[1]).status == 200, "what it remembers it goes on from"
    assert Witness.of(tmp_path, name="w.example", logs=both).public == witness.public


def test_key_and_memory_are_its_own_to_read(tmp_path):
    folder = tmp_path / "deep" / "witness"
    witness = made(folder)
    for _ in ("begun", "gone on"):
        files = [one for one in folder.rglob("*") if one.is_file()]
        assert [stat.S_IMODE(one.stat().st_mode) for one in files] == [0o600, 0o600]
        witness.add_checkpoint(request(0, 7)[1])
    assert {stat.S_IMODE(one.stat().st_mode) for one in (folder, folder / "memory")} == {0o700}
    for mode in (0o610, 0o604, 0o640, 0o601, 0o620):
        (folder / "key").chmod(mode)
        with pytest.raises(PermissionError):
            made(folder)
    (folder / "key").chmod(0o400)
    assert made(folder).add_checkpoint(request(7, 12)[1]).status == 200


def test_a_folder_that_was_begun_and_not_finished_is_begun_again(tmp_path):
    (tmp_path / "memory").mkdir()
    assert made(tmp_path).add_checkpoint(request(0, 7)[1]).status == 200


def checkpoint_of(size, *, tree=TREE):
    return Checkpoint(ORIGIN, size, range_hash(0, size, tree.hash_of))


def test_a_memory_goes_forward_only_from_where_it_stands(tmp_path):
    _, (memory,) = open_key(tmp_path, [ORIGIN])
    assert (memory.size, memory.root) == (0, range_hash(0, 0, TREE.hash_of))
    memory.advance(checkpoint_of(7), consistency_proof(0, 7, TREE.hash_of))
    for size, old in ((6, None), (12, 6), (12, 0), (7, 6)):
        with pytest.raises(Smaller) as refusal:
            memory.advance(checkpoint_of(size), consistency_proof(min(7, size), size, TREE.hash_of), old=old)
        assert refusal.value.size == 7
    with pytest.raises(Forked):
        memory.advance(checkpoint_of(7, tree=OTHER), [])
    memory.advance(checkpoint_of(7), [], old=7)
    path = next((tmp_path / "memory").iterdir())
    assert Memory(path).size == 7, "across a restart"
    memory.advance(checkpoint_of(12), consistency_proof(7, 12, TREE.hash_of), old=7)
    assert (Memory(path).size, Memory(path).root) == (12, checkpoint_of(12).root)
    path.unlink()
    with pytest.raises(MemoryLostError):
        open_key(tmp_path, [ORIGIN])


@pytest.fixture
def served(tmp_path):
    server = witness_server(made(tmp_path), host="127.0.0.1", port=0)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def posted(connection, path, body=b"", **headers):
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    return answer.status, answer.read(), answer.getheader("Connection")


def test_one_connection_serves_many_submissions_and_ends_where_the_request_is_odd(served):
    """A log asks the same witness every few seconds; a body that was not read would be taken for the next request."""
    host, port = served.server_address
    connection = http.client.HTTPConnection(host, port, timeout=5)
    status, line, closes = posted(connection, "/w/add-checkpoint", request(0, 7)[1])
    assert (status, line.startswith("\u2014 w.example ".encode()), closes) == (200, True, None)
    assert posted(connection, "/w/add-checkpoint/", request(7, 12)[1])[0] == 200
    assert posted(connection, "/add-checkpoint", b"x" * LARGEST_BODY)[0] == 400
    assert posted(connection, "/w/other", b"x") == (404, b"not here\n", "close")
    for length in (str(LARGEST_BODY + 1), "-1", "1e3", "123456", ""):
        assert posted(connection, "/add-checkpoint", **{"Content-Length": length}) == (413, b"too large\n", "close")
    connection.close()


def test_a_submission_of_sixteen_kibibytes_is_read():
    """Enough for 63 hashes and the signatures of a great many witnesses."""
    assert LARGEST_BODY == 2**14
    assert len(request(0, 20, proof=[seed("x")] * 63)[1]) < LARGEST_BODY
