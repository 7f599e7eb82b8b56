"""The sequencer: twice a second, what was committed becomes leaves, tiles, a signed tree head, and witnessed.

Order of a round, each step durable before the next: leaves staged → database commits which entry is which leaf → tiles
→ signature → cosignatures → published checkpoint. A crash between two steps is finished or undone at the next start.
It never decides what is true: the signer and the witnesses refuse whatever is not an extension, and say so.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path

import httpx
import msgspec

from carnet.infra import clock
from carnet.infra.db.database import Database
from carnet.infra.folder_lock import FolderLock
from carnet.infra.telemetry import log
from carnet.journal.actions.seal import DatabaseDiffers, Sealed, seal_pending, was_sealed
from carnet.journal.log.alarms import Alarms
from carnet.journal.log.parties import SignerGone, SignerLine, SignerRefused, WitnessAnswer, WitnessAt, WitnessLine
from carnet.journal.log.tiles import TileStore, write_durably
from carnet.journal.rules.merkle import consistency_proof
from carnet.journal.rules.notes import Checkpoint, Note
from carnet.kernel.errors import Unavailable

PERIOD = 0.5
SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
BATCH = 2_000
REFRESH = timedelta(seconds=60)
"""A quiet log is witnessed again this often, so that "nothing happened" is said by somebody with the time."""
CLOCK_SECONDS = 5
"""A witness whose time differs by more is not counted: one of the two clocks is wrong (threats T54)."""

ANOTHER_LOG = {"forked": "forked", "refused-422": "forked", "ahead": "rolled-back"}
"""Answers of a witness that has cosigned what is not the beginning of this log, and what they are called."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a log lives and under which name. quorum: cosignatures a checkpoint needs to be published."""

    origin: str
    public: Path
    private: Path
    witnesses: tuple[WitnessAt, ...] = ()
    quorum: int = 0


class Sequencer:
    """One log's only writer."""

    def __init__(self, place: Place, *, database: Database, signer: SignerLine, client: httpx.AsyncClient) -> None:
        self.place = place
        self.store = TileStore(place.public)
        self.alarms = Alarms(place.private / "alarms", by="sequencer")
        self._database, self._signer = database, signer
        self._witnesses = [WitnessLine(one, client) for one in place.witnesses]
        self._staged = place.private / "staged"
        self._signed: Checkpoint | None = None
        self._began = clock.now()
        self._published_at = clock.now() - 2 * REFRESH

    async def begin(self) -> None:
        """Finish or undo what a crash interrupted; publish the keys. Raises DatabaseDiffers, SignerGone."""
        self.place.public.mkdir(parents=True, exist_ok=True)
        self.place.private.mkdir(parents=True, exist_ok=True, mode=0o700)
        key, size, root = await self._signer.state()
        self._signed = Checkpoint(self.place.origin, size, root)
        keys = "".join(f"{one}\n" for one in (key, *(witness.key for witness in self.place.witnesses)))
        write_durably(self.place.public / "keys", keys.encode())
        await self._recover()

    async def round(self) -> int:
        """Seal what waits, then publish. Return how many entries waited. Raises DatabaseDiffers, Unavailable."""
        await self._recover()
        batch = await seal_pending(
            self._database,
            origin=self.place.origin,
            size=self.store.size,
            at=clock.now(),
            watched_since=self._began,
            limit=BATCH,
            stage=self._stage,
        )
        if batch.sealed:
            self.store.append([one.leaf for one in batch.sealed])
            self._staged.unlink()
        for finding in batch.findings:
            self.alarms.ring(finding.kind, finding.where)
        if clock.now() - self._published_at > REFRESH or self._is_behind():
            await self.publish()
        return batch.taken

    async def publish(self) -> bool:
        """Have the tree signed and witnessed, and publish it if enough witnesses agree. Raises SignerGone."""
        if self._signed is None:
            raise SignerGone("begin() has not run")
        size = self.store.size
        if size == 0:
            return False
        checkpoint = Checkpoint(self.place.origin, size, self.store.root(size))
        try:
            old = self._signed.size
            proof = consistency_proof(old, size, self.store.hash_of) if old <= size else []
            signature = await self._signer.sign(checkpoint, proof)
        except SignerRefused as refusal:
            self.alarms.ring("rolled-back" if refusal.kind == "smaller" else refusal.kind, f"signer:{refusal.size}")
            return False
        self._signed = checkpoint
        note = Note(checkpoint.text, (signature,))
        asked = clock.now().timestamp()
        answers = await asyncio.gather(*(one.cosign(note, self.store.hash_of) for one in self._witnesses))
        for one in answers:
            if one.trouble in ANOTHER_LOG:  # what it cosigned was not made here: whoever made it has the signer's key
                self.alarms.ring(ANOTHER_LOG[one.trouble], f"witness:{one.witness.key.name}")
        cosigned = [one.signature for one in answers if one.signature and self._is_credible(one, asked)]
        if len(cosigned) < self.place.quorum:
            return False
        self.store.publish(str(Note(note.text, (signature, *cosigned))))
        self._published_at = clock.now()
        return True

    async def run(self, stop: asyncio.Event) -> None:
        """Round after round until `stop`; what the database cannot do now is tried again. Raises SignerGone."""
        while not stop.is_set():
            try:
                taken = await self.round()
            except Unavailable as error:
                log.warning("sequencer-waits", why=type(error).__name__)
                self._began = clock.now()
                taken = 0
            except DatabaseDiffers as error:
                self.alarms.ring("rolled-back", f"database:{error.database}:log:{error.log}")
                raise
            if taken == BATCH:
                self._began = clock.now()  # it is behind: what comes late now was not dated otherwise
            else:
                await _pause(stop, PERIOD)

    async def _recover(self) -> None:
        """Finish or undo a batch of which nobody told whether the database committed it. Raises Unavailable."""
        if not self._staged.exists():
            return
        staged = msgspec.json.decode(self._staged.read_bytes(), type=list[Sealed])
        wanted = bool(staged) and staged[0].index == self.store.size
        if wanted and await was_sealed(self._database, staged[0], origin=self.place.origin, at=clock.now()):
            self.store.append([one.leaf for one in staged])
        self._staged.unlink()

    def _stage(self, sealed: Sequence[Sealed]) -> None:
        write_durably(self._staged, msgspec.json.encode(sealed), mode=0o600)

    def _is_behind(self) -> bool:
        published = self.store.checkpoint()
        return (Note.parse(published).checkpoint().size if published else 0) < self.store.size

    def _is_credible(self, answer: WitnessAnswer, asked: float) -> bool:
        if asked - CLOCK_SECONDS <= answer.seconds <= clock.now().timestamp() + CLOCK_SECONDS:
            return True
        self.alarms.ring("clock", answer.witness.key.name)
        return False


@contextlib.asynccontextmanager
async def sequencer_of(place: Place, *, database: Database, signer: SignerLine) -> AsyncIterator[Sequencer]:
    """Yield the sequencer of a log, ready for its rounds. Raises AlreadyRunningError: there is never a second one."""
    lock = FolderLock(place.private)
    plain = {"accept-encoding": "identity"}
    try:
        async with httpx.AsyncClient(timeout=3.0, follow_redirects=False, trust_env=False, headers=plain) as client:
            sequencer = Sequencer(place, database=database, signer=signer, client=client)
            await sequencer.begin()
            yield sequencer
    finally:
        lock.release()


async def keep_sequencing(
    place: Place, *, database: Database, open_signer: Callable[[], Awaitable[SignerLine]], stop: asyncio.Event
) -> None:
    """Sequence until `stop`; what is gone for a while (signer, database, disk) is asked again after a pause.

    Raises DatabaseDiffers and AlreadyRunningError, which no pause would heal.
    """
    pause = SHORTEST_PAUSE
    while not stop.is_set():
        try:
            signer = await open_signer()
            try:
                async with sequencer_of(place, database=database, signer=signer) as sequencer:
                    pause = SHORTEST_PAUSE
                    await sequencer.run(stop)
            finally:
                await signer.close()
        except (Unavailable, OSError) as error:  # SignerGone is one
            log.warning("sequencer-pauses", why=type(error).__name__, seconds=pause)
            await _pause(stop, pause)
            pause = min(2 * pause, LONGEST_PAUSE)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
