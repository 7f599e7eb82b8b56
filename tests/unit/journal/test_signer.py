"""The signer: lines in, lines out, over a socket or a pipe; and the line the sequencer speaks with it."""

import asyncio
import base64
import json
import os
import socket
import stat
import sys
import threading
import time

import pytest

from carnet.journal.log import parties
from carnet.journal.log.parties import SignerGone, SignerLine, SignerRefused
from carnet.journal.log.signer import Signer, serve_lines, serve_socket
from carnet.journal.rules.merkle import EMPTY_ROOT, consistency_proof, range_hash
from carnet.journal.rules.notes import Checkpoint, Note, VerifierKey, signed_by
from factories.journal_export import Tree, seed

ORIGIN = "tests.carnet.example/journal"
TREE = Tree([seed(str(one)) for one in range(20)])
OTHER = Tree([seed(f"other {one}") for one in range(20)])


def checkpoint_of(size, *, tree=TREE):
    return Checkpoint(ORIGIN, size, range_hash(0, size, tree.hash_of))


def asked(size, *, old=0, tree=TREE, **other):
    proof = consistency_proof(old, size, tree.hash_of) if size >= 0 else []
    written = [base64.b64encode(one).decode() for one in proof]
    root = base64.b64encode(checkpoint_of(max(size, 0), tree=tree).root).decode()
    return json.dumps({"do": "sign", "size": size, "root": root, "proof": written} | other).encode()


@pytest.fixture
def signer(tmp_path):
    return Signer.of(tmp_path / "signer", ORIGIN)


def test_it_signs_what_only_grows_and_says_what_it_refuses(signer, tmp_path):
    assert signer.answer(b'{"do": "state"}') == {
        "key": str(signer.public),
        "size": 0,
        "root": base64.b64encode(EMPTY_ROOT).decode(),
    }
    assert signer.answer(b'{"do": "sign"}')["refused"] == "forked", "without a size it is the empty tree"
    line = signer.answer(asked(7))["signature"]
    note = Note.parse(f"{checkpoint_of(7).text}\n{line}")
    assert signed_by(note, signer.public)
    assert signer.answer(asked(6)) == {"refused": "smaller", "size": 7}
    forked = signer.answer(asked(12, old=7, tree=OTHER))
    assert (forked["refused"], forked["size"]) == ("forked", 7)
    again = Signer.of(tmp_path / "signer", ORIGIN)
    assert again.public == signer.public
    assert again.answer(b'{"do": "state"}')["size"] == 7, "across a restart"
    assert "signature" in again.answer(asked(12, old=7))


JUNK = {
    "no line": b"",
    "no json": b"hello",
    "another word": asked(7, do="seal"),
    "a size below none": asked(-1),
    "a field too many": asked(7, key="?"),
    "a root that is no base64": asked(7, root="!"),
    "a root with something else in it": asked(7, root="AA!A"),
    "a proof that is no base64": asked(7, proof=["A"]),
    "a proof with something else in it": asked(7, proof=[f"!{base64.b64encode(seed('x')).decode()}"]),
    "a proof without end": asked(7, proof=[base64.b64encode(seed("x")).decode()] * 65),
}


@pytest.mark.parametrize("case", JUNK)
def test_what_is_no_request_is_malformed_and_changes_nothing(case, signer):
    assert signer.answer(JUNK[case]) == {"refused": "malformed"}
    assert signer.answer(b'{"do": "state"}')["size"] == 0


def test_the_longest_proof_is_judged_and_an_empty_tree_is_a_tree(signer):
    proof = [base64.b64encode(seed("x")).decode()] * 64
    signer.answer(asked(7))
    assert signer.answer(asked(9, proof=proof))["refused"] == "forked"
    assert signer.answer(asked(0)) == {"refused": "smaller", "size": 7}
    assert "signature" in Signer.of(signer._memory._path.parents[1] / "new", "new.example").answer(asked(0))


def test_each_line_has_its_answer(signer):
    said = []
    serve_lines(signer, [b'{"do": "state"}\n', b"?\n"], said.append)
    assert [one[-1:] for one in said] == [b"\n", b"\n"]
    assert [list(json.loads(one)) for one in said] == [["key", "size", "root"], ["refused"]]


@pytest.fixture
def listening(signer, tmp_path):
    """A signer on a socket where one was left behind."""
    path = tmp_path / "s"
    path.write_text("left behind")
    threading.Thread(target=serve_socket, args=(signer, path), daemon=True).start()
    deadline = time.monotonic() + 10
    while not (stat.S_ISSOCK(path.stat().st_mode) if path.exists() else False):
        assert time.monotonic() < deadline
    return path


async def connected(path):
    async with asyncio.timeout(10):
        while True:
            try:
                return await SignerLine.to_socket(path)
            except OSError:
                await asyncio.sleep(0.01)


async def test_over_a_socket_of_the_sequencers_group(signer, listening):
    line = await connected(listening)
    assert stat.S_IMODE(listening.stat().st_mode) == 0o660
    with socket.socket(socket.AF_UNIX) as rude:
        rude.connect(str(listening))
        rude.sendall(b"{")  # and gone: nobody else notices
    assert await line.state() == (signer.public, 0, EMPTY_ROOT)
    signature = await line.sign(checkpoint_of(7), consistency_proof(0, 7, TREE.hash_of))
    assert signed_by(Note(checkpoint_of(7).text, (signature,)), signer.public)
    with pytest.raises(SignerRefused, match="a tree of 7 leaves") as refusal:
        await line.sign(checkpoint_of(6), [])
    assert (refusal.value.kind, refusal.value.size) == ("smaller", 7)
    both = await asyncio.gather(*(line.state() for _ in range(5)))
    assert {size for _, size, _ in both} == {7}, "each question waits for its answer"
    await line.close()
    with pytest.raises(SignerGone):
        await line.state()


SAYING = "import sys\nfor line in sys.stdin:\n    sys.stdout.write({!r})\n    sys.stdout.flush()\n"
NAMELESS = '{"key": "nobody", "size": 3, "root": ""}\n'
ODD = {
    "nothing": "",
    "no json": "hello\n",
    "a line without end": "x" * 70_000,
    "no key": NAMELESS,
    "a root that is none": f'{{"key": "{VerifierKey("a", 1, seed("k"))}", "root": "A"}}\n',
}


async def child(source):
    return await SignerLine.to_child([sys.executable, "-I", "-S", "-c", source])


@pytest.mark.parametrize("case", ODD)
async def test_a_signer_that_does_not_say_who_it_is_is_gone(case, monkeypatch):
    monkeypatch.setattr(parties, "PATIENCE", 0.3 if case == "nothing" else 20.0)
    line = await child(SAYING.format(ODD[case]))
    with pytest.raises(SignerGone):
        await line.state()
    await line.close()


async def test_what_is_no_signature_is_none():
    line = await child(SAYING.format('{"signature": "mine"}\n'))
    with pytest.raises(SignerGone):
        await line.sign(checkpoint_of(7), [])
    await line.close()
    line = await child(SAYING.format("{}\n"))
    with pytest.raises(SignerRefused) as refusal:
        await line.sign(checkpoint_of(7), [])
    assert (refusal.value.kind, refusal.value.size) == ("malformed", 0)
    await line.close()


async def test_a_child_that_will_not_go_is_killed(monkeypatch):
    monkeypatch.setattr(parties, "CLOSING", 0.2)
    deaf = "import signal, time\nprint('{}', flush=True)\nwhile True: time.sleep(60)\n"
    line = await child(deaf)
    await line._ask({"do": "state"})
    async with asyncio.timeout(10):
        await line.close()
    assert line._child.returncode == -9
    with pytest.raises(ProcessLookupError):
        os.kill(line._child.pid, 0)


async def test_a_child_that_ends_with_its_input_is_left_to_end():
    line = await child(SAYING.format("{}\n"))
    await line._ask({"do": "state"})
    await line.close()
    assert line._child.returncode == 0
