"""The rounds of a sequencer: what is published when, whose cosignatures count, what it does when something is gone.

The database is played here; with a real one: tests/integration/journal.
"""

import asyncio
import contextlib
import datetime as dt
import shutil
import stat
import tempfile
import threading
import time
from pathlib import Path
from uuid import UUID

import httpx
import msgspec
import pytest

from carnet.infra import clock
from carnet.infra.db.database import DOWN
from carnet.infra.folder_lock import AlreadyRunningError
from carnet.journal.actions.seal import Batch, DatabaseDiffers, Sealed
from carnet.journal.log import sequencer as running
from carnet.journal.log.parties import SignerGone, SignerLine, WitnessAt
from carnet.journal.log.sequencer import BATCH, Place, Sequencer, keep_sequencing, sequencer_of
from carnet.journal.log.signer import Signer, serve_socket
from carnet.journal.rules.findings import Finding
from carnet.journal.rules.leaves import LEAF_BYTES
from carnet.journal.rules.notes import WITNESS, Note, cosign, public_key, seen_by, signed_by
from carnet.kernel.errors import Unavailable
from factories.journal_export import key_of, seed

ORIGIN = "tests.carnet.example/journal"
AT = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)
NAMES = ("w1", "w2", "w3")


def sealed(index):
    leaf = seed(f"leaf {index}").ljust(LEAF_BYTES, b"\0")
    return Sealed(UUID(int=1), index + 1, False, index + 1, index, leaf)


class Database:
    """What waits to be sealed, as `seal_pending` and `was_sealed` tell it."""

    def __init__(self, monkeypatch):
        self.waiting, self.findings, self.trouble, self.asked = 0, (), [], []
        self.committed = True
        monkeypatch.setattr(running, "seal_pending", self._seal)
        monkeypatch.setattr(running, "was_sealed", self._was_sealed)

    async def _seal(self, database, *, origin, size, at, watched_since, limit, stage):
        self.asked.append((at, watched_since, limit))
        assert (database, origin) == (None, ORIGIN)
        if self.trouble:
            raise self.trouble.pop(0)
        taken = min(self.waiting, limit)
        self.waiting -= taken
        new = tuple(sealed(size + one) for one in range(taken))
        if new:
            stage(new)
        return Batch(new, self.findings, taken)

    async def _was_sealed(self, database, one, *, origin, at):
        assert (database, origin, at) == (None, ORIGIN, clock.now())
        return self.committed


class Witnesses:
    """Three who cosign whatever they are sent, each with the clock it is given; the silent ones say nothing."""

    def __init__(self):
        self.off, self.silent, self.status = dict.fromkeys(NAMES, 0), set(), dict.fromkeys(NAMES, 200)
        self.at = tuple(
            WitnessAt(public_key(key_of(one), name=one, kind=WITNESS), f"http://{one}.example") for one in NAMES
        )

    def answer(self, request):
        name = request.url.host.partition(".")[0]
        if name in self.silent:
            raise httpx.ConnectError("nobody")
        text = Note.parse(request.content.decode().partition("\n\n")[2]).text
        seconds = int(clock.now().timestamp()) + self.off[name]
        line = cosign(text, key=key_of(name), name=name, seconds=seconds).line
        return httpx.Response(self.status[name], stream=httpx.ByteStream(line.encode()))


class House:
    """A sequencer and those around it."""

    def __init__(self, home, socket, monkeypatch, now):
        self.home, self.socket, self.now = home, socket, now
        self.signer = Signer.of(home / "signer", ORIGIN)
        self.database, self.witnesses = Database(monkeypatch), Witnesses()
        self.place = Place(
            origin=ORIGIN,
            public=home / "a" / "log",
            private=home / "b" / "private",
            witnesses=self.witnesses.at,
            quorum=2,
        )
        self.waits = []

    async def line(self):
        deadline = time.monotonic() + 10
        while True:
            try:
                return await SignerLine.to_socket(self.socket)
            except OSError:
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.01)

    def seen(self, sequencer):
        """The size published, and who saw it; None when nothing is."""
        text = sequencer.store.checkpoint()
        if not text:
            return None
        note = Note.parse(text)
        assert signed_by(note, self.signer.public)
        return note.checkpoint().size, [one.key.name for one in self.witnesses.at if seen_by(note, one.key) is not None]

    def pauses(self, monkeypatch, stop, *, most):
        """Have pauses pass at once, `most` of them; what they were to last is kept."""

        async def pause(given, seconds):
            assert given is stop
            self.waits.append(seconds)
            await asyncio.sleep(0)
            if len(self.waits) >= most:
                stop.set()

        monkeypatch.setattr(running, "_pause", pause)


@pytest.fixture
def house(tmp_path, monkeypatch):
    short = Path(tempfile.mkdtemp(prefix="cl-", dir="/tmp"))
    with clock.frozen(AT) as now:
        made = House(tmp_path, short / "s", monkeypatch, now)
        threading.Thread(target=serve_socket, args=(made.signer, short / "s"), daemon=True).start()
        yield made
    shutil.rmtree(short)


@contextlib.asynccontextmanager
async def sequencing(house, *, begin=True):
    line = await house.line()
    async with httpx.AsyncClient(transport=httpx.MockTransport(house.witnesses.answer)) as client:
        sequencer = Sequencer(house.place, database=None, signer=line, client=client)
        if begin:
            await sequencer.begin()
        yield sequencer
    await line.close()


async def test_what_is_sealed_is_published_with_the_keys_of_all(house):
    async with sequencing(house) as sequencer:
        assert await sequencer.round() == 0
        assert not await sequencer.publish()
        assert house.seen(sequencer) is None, "an empty log is not published"
        house.database.waiting = 3
        assert await sequencer.round() == 3
        assert house.seen(sequencer) == (3, list(NAMES))
        assert await sequencer.publish()
        keys = (house.place.public / "keys").read_text().splitlines()
        assert keys == [str(house.signer.public), *(str(one.key) for one in house.witnesses.at)]
        assert stat.S_IMODE(house.place.private.stat().st_mode) == 0o700
        assert [one.name for one in house.place.private.iterdir()] == [], "nothing is left staged"
        assert {limit for _, _, limit in house.database.asked} == {2_000}
        assert not sequencer.alarms.raised
    assert Place(origin=ORIGIN, public=house.home, private=house.home).quorum == 0
    async with sequencing(house) as again:  # the folders are there already
        assert again.store.size == 3


async def test_before_it_has_begun_it_publishes_nothing(house):
    async with sequencing(house, begin=False) as sequencer:
        with pytest.raises(SignerGone):
            await sequencer.publish()


async def test_a_quiet_log_is_witnessed_again_every_minute(house):
    async with sequencing(house) as sequencer:
        house.database.waiting = 1
        await sequencer.round()
        first = sequencer.store.checkpoint()
        house.now.advance(60 * SECOND)
        await sequencer.round()
        assert sequencer.store.checkpoint() == first
        house.now.advance(SECOND)
        await sequencer.round()
        second = sequencer.store.checkpoint()
        assert second != first
        house.now.advance(60 * SECOND)
        await sequencer.round()
        assert sequencer.store.checkpoint() == second, "counted from the last one"
    async with sequencing(house) as again:
        await again.round()
        assert again.store.checkpoint() != second, "whoever begins is witnessed at once"


async def test_below_its_quorum_nothing_is_published_and_it_is_asked_again(house):
    async with sequencing(house) as sequencer:
        house.database.waiting, house.witnesses.silent = 2, {"w1", "w2"}
        await sequencer.round()
        assert house.seen(sequencer) is None
        assert not await sequencer.publish()
        house.witnesses.silent = {"w3"}
        await sequencer.round()
        assert house.seen(sequencer) == (2, ["w1", "w2"])
        house.witnesses.silent = {"w1", "w2"}
        house.database.waiting = 2
        await sequencer.round()
        assert house.seen(sequencer) == (2, ["w1", "w2"])
        house.witnesses.silent = set()
        await sequencer.round()
        assert house.seen(sequencer) == (4, list(NAMES)), "nothing waits, and what is published is behind"
        assert not sequencer.alarms.raised, "silence alone is no accusation"


@pytest.mark.parametrize(("off", "counts"), [(5, True), (6, False), (-5, True), (-6, False)])
async def test_a_witness_of_another_time_is_not_counted_and_named(off, counts, house):
    async with sequencing(house) as sequencer:
        house.witnesses.off["w2"] = off
        house.database.waiting = 1
        await sequencer.round()
        assert house.seen(sequencer) == (1, list(NAMES) if counts else ["w1", "w3"])
        rung = [(one.kind, one.where) for one in sequencer.alarms.raised]
        assert rung == ([] if counts else [("clock", "w2")])


async def test_what_does_not_fit_is_rung(house):
    async with sequencing(house) as sequencer:
        house.database.findings = (Finding("replayed", "x:3"),)
        await sequencer.round()
        house.witnesses.status["w1"] = 422
        house.database.waiting = 1
        await sequencer.round()
        rung = [(one.kind, one.where) for one in sequencer.alarms.raised]
        assert rung == [("replayed", "x:3"), ("forked", "witness:w1")]
        assert house.seen(sequencer) == (1, ["w2", "w3"])


@pytest.mark.parametrize(("leaves", "kind"), [((), "rolled-back"), (("another", "history", "again", "!"), "forked")])
async def test_what_the_signer_refuses_is_rung_and_not_published(leaves, kind, house):
    async with sequencing(house) as sequencer:
        house.database.waiting = 3
        await sequencer.round()
        published = sequencer.store.checkpoint()
        shutil.rmtree(house.place.public / "tile")
        (house.place.public / "size").unlink()
        fresh = [seed(one).ljust(LEAF_BYTES, b"\0") for one in leaves]
        sequencer.store = type(sequencer.store)(house.place.public)
        sequencer.store.append(fresh or [sealed(0).leaf])
        assert not await sequencer.publish()
        assert [(one.kind, one.where) for one in sequencer.alarms.raised] == [(kind, "signer:3")]
        assert sequencer.store.checkpoint() == published


async def test_a_batch_nobody_told_the_end_of_is_finished_or_forgotten(house):
    async with sequencing(house) as sequencer:
        house.database.waiting = 2
        await sequencer.round()
        staged = house.place.private / "staged"
        for leaves, committed, size in (
            ([sealed(2), sealed(3)], True, 4),
            ([sealed(4)], False, 4),
            ([sealed(3)], True, 4),
            ([], True, 4),
        ):
            staged.write_bytes(msgspec.json.encode(leaves))
            house.database.committed = committed
            await sequencer.round()
            assert not staged.exists()
            assert sequencer.store.size == size
        assert house.seen(sequencer) == (4, list(NAMES))


async def test_staged_leaves_are_its_own_to_read(house):
    async with sequencing(house) as sequencer:
        sequencer._stage([sealed(0)])
        assert stat.S_IMODE((house.place.private / "staged").stat().st_mode) == 0o600


async def test_it_goes_on_when_the_database_is_gone_and_stops_when_it_went_back(house, monkeypatch):
    stop = asyncio.Event()
    house.pauses(monkeypatch, stop, most=4)
    async with sequencing(house) as sequencer:
        house.database.waiting = BATCH + 1
        began = sequencer._began
        house.now.advance(SECOND)
        house.database.trouble = [Unavailable(DOWN)]
        await sequencer.run(stop)
        assert house.waits == [0.5] * 4
        times = [watched - began for _, watched, _ in house.database.asked]
        assert times[0] == dt.timedelta(0)
        assert set(times[1:]) == {SECOND}, "what comes late after a gap was not dated otherwise"
        assert len(times) == 5, "a full batch is followed by the next without a pause"
        assert sequencer.store.size == BATCH + 1
        stop.clear()
        house.waits.clear()
        house.now.advance(SECOND)
        house.database.waiting = BATCH
        await sequencer.run(stop)
        assert house.database.asked[-1][1] - began == 2 * SECOND, "whoever is behind reads old entries"
        stop.clear()
        house.database.trouble = [DatabaseDiffers(database=3, log=5)]
        with pytest.raises(DatabaseDiffers, match="database was rolled back"):
            await sequencer.run(stop)
        assert ("rolled-back", "database:3:log:5") in [(one.kind, one.where) for one in sequencer.alarms.raised]
    assert "folder was rolled back" in str(DatabaseDiffers(database=5, log=3))


async def test_there_is_never_a_second_one_and_the_first_makes_room_when_it_ends(house):
    line = await house.line()
    async with sequencer_of(house.place, database=None, signer=line):
        with pytest.raises(AlreadyRunningError):
            async with sequencer_of(house.place, database=None, signer=line):
                pass
    async with sequencer_of(house.place, database=None, signer=line) as again:
        (asking, *_) = again._witnesses
        assert asking._client.follow_redirects is False
        assert asking._client.trust_env is False
    await line.close()


async def test_what_is_gone_for_a_while_is_asked_again_ever_later(house, monkeypatch):
    stop, opened = asyncio.Event(), []
    house.pauses(monkeypatch, stop, most=9)

    async def open_signer():
        opened.append(None)
        if len(opened) == 7:
            return await house.line()
        raise ConnectionRefusedError

    house.database.trouble = [OSError("full")]
    await keep_sequencing(house.place, database=None, open_signer=open_signer, stop=stop)
    assert house.waits == [1, 2, 4, 8, 16, 30, 1, 2, 4], "and from the beginning once it ran"
    stop.clear()
    house.database.trouble = [DatabaseDiffers(database=3, log=5)]
    with pytest.raises(DatabaseDiffers):
        await keep_sequencing(house.place, database=None, open_signer=house.line, stop=stop)


async def test_a_pause_ends_when_it_is_told_to_stop():
    stop = asyncio.Event()
    stop.set()
    async with asyncio.timeout(5):
        await running._pause(stop, 60)
    stop.clear()
    await running._pause(stop, 0.01)
    assert not stop.is_set(), "and one that ends by itself tells nobody to stop"
