"""What the log asks its witnesses, and what it makes of answers: of honest ones, odd ones and silent ones."""

import asyncio
import base64
import contextlib
import datetime as dt
import threading

import httpx
import pytest

from carnet.infra import clock
from carnet.journal.log import parties
from carnet.journal.log.parties import LARGEST_ANSWER, WitnessAt, WitnessLine
from carnet.journal.log.witness import Witness, witness_server
from carnet.journal.rules.merkle import consistency_proof, range_hash
from carnet.journal.rules.notes import LOG, WITNESS, Checkpoint, Note, cosign, public_key, seen_by, sign
from factories.journal_export import Tree, key_of, seed

ORIGIN = "tests.carnet.example/journal"
AT = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
TREE = Tree([seed(str(one)) for one in range(20)])
OTHER = Tree([seed(f"other {one}") for one in range(20)])
THEIRS = public_key(key_of("w"), name="w.example", kind=WITNESS)


def note_of(size, *, tree=TREE):
    text = Checkpoint(ORIGIN, size, range_hash(0, size, tree.hash_of)).text
    return Note(text, (sign(text, key=key_of("log"), name=ORIGIN),))


@contextlib.asynccontextmanager
async def asking(answer):
    """A line to a witness played by `answer`, and the bodies it was sent."""
    sent = []

    def handle(request):
        sent.append((str(request.url), request.content.decode()))
        status, said = answer(len(sent), request.content)
        stream = httpx.ByteStream(said.encode()) if isinstance(said, str) else said
        return httpx.Response(status, stream=stream)

    async with httpx.AsyncClient(transport=httpx.MockTransport(handle)) as client:
        yield WitnessLine(WitnessAt(THEIRS, "http://w.example/w"), client), sent


def cosigned(size, *, seconds=5, key="w", name="w.example"):
    return cosign(note_of(size).text, key=key_of(key), name=name, seconds=seconds)


async def test_a_real_witness_is_asked_from_where_it_stands(tmp_path):
    log = public_key(key_of("log"), name=ORIGIN, kind=LOG)
    witness = Witness.of(tmp_path, name="w.example", logs=[log])
    server = witness_server(witness, host="127.0.0.1", port=0)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        async with httpx.AsyncClient() as client:
            at = WitnessAt(witness.public, f"http://127.0.0.1:{server.server_address[1]}")
            line = WitnessLine(at, client)
            with clock.frozen(AT):
                for size in (5, 5, 13):
                    answer = await line.cosign(note_of(size), TREE.hash_of)
                    assert (answer.seconds, answer.trouble, answer.witness) == (int(AT.timestamp()), "", at)
                    signed = Note(note_of(size).text, (answer.signature,))
                    assert seen_by(signed, witness.public) == answer.seconds
                again = WitnessLine(at, client)  # after a restart it knows nothing, and is told
                assert (await again.cosign(note_of(20), TREE.hash_of)).signature
            forked = await WitnessLine(at, client).cosign(note_of(20, tree=OTHER), OTHER.hash_of)
            assert (forked.signature, forked.trouble) == (None, "forked")
            ahead = WitnessLine(at, client)
            assert (await ahead.cosign(note_of(7), TREE.hash_of)).trouble == "ahead"
            assert (await ahead.cosign(note_of(20), TREE.hash_of)).signature, "asked again where it stands"
            split = WitnessLine(at, client)
            split._size = 20
            assert (await split.cosign(note_of(20, tree=OTHER), OTHER.hash_of)).trouble == "forked"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


async def test_what_is_sent_is_old_size_proof_and_note():
    async with asking(lambda number, _: (200, cosigned((5, 13)[number - 1]).line)) as (line, sent):
        await line.cosign(note_of(5), TREE.hash_of)
        await line.cosign(note_of(13), TREE.hash_of)
    proof = "".join(f"{base64.b64encode(one).decode()}\n" for one in consistency_proof(5, 13, TREE.hash_of))
    address = "http://w.example/w/add-checkpoint"
    assert sent == [(address, f"old 0\n\n{note_of(5)}"), (address, f"old 5\n{proof}\n{note_of(13)}")]


ANSWERS = {
    "refused": ((422, "no"), "refused-422"),
    "created": ((201, cosigned(5).line), "refused-201"),
    "elsewhere": ((409, "three\n"), "bad-answer"),
    "nothing": ((200, ""), "bad-answer"),
    "no note": ((200, "hello\n"), "bad-answer"),
    "another tree": ((200, cosigned(6).line), "bad-answer"),
    "another witness": ((200, cosigned(5, name="v.example").line), "bad-answer"),
    "another key": ((200, cosigned(5, key="v").line), "bad-answer"),
    "the size it was asked from": ((409, "0\n"), "forked"),
    "a page": ((200, "x" * (LARGEST_ANSWER + 1)), "bad-answer"),
}


@pytest.mark.parametrize("case", ANSWERS)
async def test_an_odd_answer_is_no_cosignature(case):
    answer, trouble = ANSWERS[case]
    async with asking(lambda *_: answer) as (line, sent):
        found = await line.cosign(note_of(5), TREE.hash_of)
        assert (found.signature, found.seconds, found.trouble) == (None, 0, trouble)
        assert len(sent) == 1
        assert line._size == 0


async def test_ones_own_line_is_found_among_others_and_the_longest_answer_is_read():
    lines = cosigned(5, name="v.example", key="v").line + cosigned(5, seconds=7).line
    padded = lines + cosigned(5, name="x" * (LARGEST_ANSWER - len((lines + cosigned(5, name="").line).encode()))).line
    assert len(padded.encode()) == LARGEST_ANSWER == 16_384
    for text in (lines, padded):
        async with asking(lambda *_, text=text: (200, text)) as (line, _):
            found = await line.cosign(note_of(5), TREE.hash_of)
            assert (found.seconds, found.trouble) == (7, "")


async def test_who_keeps_saying_another_size_is_asked_twice():
    async with asking(lambda number, _: (409, f"{number + 1}\n")) as (line, sent):
        assert (await line.cosign(note_of(5), TREE.hash_of)).trouble == "ahead"
        assert [body.partition("\n")[0] for _, body in sent] == ["old 0", "old 2"]
        assert line._size == 0


async def test_who_stands_at_the_very_size_is_asked_from_there():
    def answer(number, _):
        return (409, "5\n") if number == 1 else (200, cosigned(5).line)

    async with asking(answer) as (line, sent):
        assert (await line.cosign(note_of(5), TREE.hash_of)).signature
        assert sent[1][1] == f"old 5\n\n{note_of(5)}"


async def test_silence_is_an_answer(monkeypatch):
    def gone(*_):
        raise httpx.ConnectError("nobody")

    class Dripping(httpx.AsyncByteStream):
        async def __aiter__(self):
            while True:
                yield b""
                await asyncio.sleep(0.01)

    async with asking(gone) as (line, _):
        assert (await line.cosign(note_of(5), TREE.hash_of)).trouble == "silent"
    monkeypatch.setattr(parties, "WITNESS_SECONDS", 0.05)
    async with asking(lambda *_: (200, Dripping())) as (line, _):
        assert (await line.cosign(note_of(5), TREE.hash_of)).trouble == "silent"
