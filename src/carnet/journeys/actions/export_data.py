"""A person's copy of their data: asked for, made by the worker, kept sealed for some days, taken away, gone.

The row says where it stands, so that any worker goes on after one that died: what was written so far is an orphan like
that of a deposit (its intent came first), and a copy nobody finishes is tried again, then given up aloud. What is made
is a sealed blob of the space: destroying the space's keys makes it unreadable like the rest. Who represents a child has
theirs made in the same way, of what they are shown; each time it is taken it is weighed anew (decision 0257).
Source: art. 15 and 20 GDPR; mes.md §2.2 A15. Ignored: how fresh a representative's proof is (their door asks for it).
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import psycopg

from carnet.access.api import Look, Need, delegations, look_in
from carnet.access.api import stepped_up as has_stepped_up
from carnet.design.language import Language
from carnet.infra import clock, randomness
from carnet.infra.blobs import BlobDamaged, BlobMissing
from carnet.infra.db import Database, work
from carnet.infra.installation import current
from carnet.infra.jobs.outbox import publish
from carnet.infra.telemetry import log
from carnet.infra.vault import Unopenable
from carnet.journal.api import Act, Trace, record, record_durably
from carnet.journeys.copy_archive import Copy, JournalOf, archive
from carnet.journeys.copy_standing import Kept, standing, weigh, weigh_made
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Decision, Ground, Reason, allow, refuse
from carnet.kernel.errors import Conflict, NotFound, Problem, Refused, Unavailable
from carnet.kernel.ids import SpaceId
from carnet.records.api import ExportReady
from carnet.spaces.api import keys_in

PATIENCE = timedelta(minutes=2)
"""A copy its worker did not touch for so long has none any more."""
MOST_ATTEMPTS = 5
ALREADY = Problem(
    "export-under-way", "Une copie est déjà en préparation.", "A copy is being prepared already.", "export"
)
_PROVED_FOR = timedelta(days=1)

_ASK = """
INSERT INTO data_export (space_id, export_id, state, account_id, language, asked_at, touched_at, expires_at, delegation)
VALUES (%(space)s, %(export)s, 'asked', %(account)s, %(language)s, %(at)s, %(at)s, %(expires)s, %(delegation)s)
"""
# ## Copies to make: just asked for, tried again later each time, or left by a worker that died ##
_TO_MAKE = """
SELECT space_id, export_id FROM data_export
WHERE state = 'asked' AND touched_at <= %(at)s - attempts * interval '1 minute'
   OR state = 'making' AND touched_at < %(silent)s
ORDER BY touched_at LIMIT 1
"""
_CLAIM = """
UPDATE data_export SET state = 'making', touched_at = %(at)s, attempts = attempts + 1, done = 0
WHERE space_id = %(space)s AND export_id = %(export)s
  AND (state = 'asked' OR state = 'making' AND touched_at < %(silent)s)
RETURNING account_id, language, attempts, delegation
"""
_INTENT = "INSERT INTO deposit_intent (blob_id, noted_at) VALUES (%(blob)s, %(at)s)"
_KEEP_INTENT = "UPDATE deposit_intent SET noted_at = %(at)s WHERE blob_id = %(blob)s AND doomed_at IS NULL"
_TOUCH = """
UPDATE data_export SET touched_at = %(at)s, done = %(done)s, total = %(total)s
WHERE space_id = %(space)s AND export_id = %(export)s AND state = 'making' AND attempts = %(attempt)s
"""
_READY = """
UPDATE data_export SET state = 'ready', blob_id = %(blob)s, size = %(size)s, ready_at = %(at)s, touched_at = %(at)s,
  expires_at = %(expires)s, as_of = %(as_of)s, standing = %(standing)s
WHERE space_id = %(space)s AND export_id = %(export)s AND state = 'making' AND attempts = %(attempt)s
"""
_RELEASE = "SELECT release_intents(ARRAY[%(blob)s]::uuid[])"
_PUT_BACK = """
UPDATE data_export SET state = %(state)s, touched_at = %(at)s
WHERE space_id = %(space)s AND export_id = %(export)s AND state = 'making' AND attempts = %(attempt)s
"""
_FIND = """
SELECT blob_id, size, account_id, language, as_of, standing FROM data_export
WHERE space_id = %(space)s AND export_id = %(export)s AND state = 'ready' AND expires_at > %(at)s
  AND delegation IS NOT DISTINCT FROM %(delegation)s
"""
# ## Given no more: it goes with those whose days are over ##
_END = "UPDATE data_export SET expires_at = %(at)s WHERE space_id = %(space)s AND export_id = %(export)s"
_EXPIRED = "SELECT space_id, export_id FROM data_export WHERE expires_at <= %(at)s ORDER BY expires_at LIMIT 500"
# ## A copy goes with its bytes: those are the collector's from here on ##
_FORGET = """
WITH gone AS (DELETE FROM data_export WHERE space_id = %(space)s AND export_id = %(export)s AND expires_at <= %(at)s
              RETURNING blob_id)
INSERT INTO deposit_intent (blob_id, noted_at, doomed_at) SELECT blob_id, %(at)s, %(at)s FROM gone
WHERE blob_id IS NOT NULL
"""


class _Making(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt at one copy. delegation: on which row whoever asked for it rests; None for the person."""

    space: SpaceId
    export: UUID
    account: UUID
    language: str
    attempt: int
    delegation: UUID | None

    def asked(self, **more: Any) -> dict[str, Any]:
        """Return the parameters of its statements."""
        return {"space": self.space, "export": self.export, "attempt": self.attempt, **more}


async def ask_export(*, actor: Actor, space: SpaceId, account: UUID, language: str, at: datetime) -> UUID:
    """Ask for a copy of everything the person may see. Raises Refused (not theirs, no fresh second proof), Conflict.

    What is kept apart is in it, so that it is only asked for, told of in detail and taken away by who proved twice. Who
    represents a child asks for what they are shown; one at a time each, whatever the others or the child ask for.
    """
    export = randomness.uuid4()
    expires = at + timedelta(days=current().limits.export_days)
    try:
        async with work(space=space, at=at) as w:
            decision = _decide(await look_in(w, actor=actor))
            await record(w, Act.ASK_EXPORT, decision, actor=actor)
            if decision.allowed:
                values = {"space": space, "export": export, "account": account, "language": language}
                await w.execute(_ASK, values | {"at": at, "expires": expires, "delegation": actor.delegation})
    except psycopg.errors.UniqueViolation as error:
        raise Conflict(ALREADY) from error
    decision.raise_if_refused()
    return export


async def make_exports(
    *, actor: Actor, batch: Database, languages: tuple[Language, ...], journal: JournalOf, at: datetime
) -> int:
    """Make the copies that wait, one after the other; return how many were made. batch: as carnet_batch.

    languages: of the pages inside; journal: how the journal is written with its proofs. Safe on ten workers, to kill.
    """
    made = 0
    while (found := await _next(batch, clock.now())) is not None:
        made += await _make(found, languages, journal, actor)
    if made:
        async with work(space=None, at=at, database_=batch) as w:
            await record(w, Act.MAKE_EXPORT, allow(Ground.DUTY), actor=actor, details={"made": made})
    return made


async def open_export(
    *,
    actor: Actor,
    space: SpaceId,
    export: UUID,
    languages: tuple[Language, ...] = (),
    journal: JournalOf | None = None,
    at: datetime,
) -> Kept:
    """Return the copy, to be sent in whole or by range; the trace is durable before. Raises NotFound, Refused.

    languages, journal: those it was made with, by which a representative's is weighed. One that holds what they are
    shown no longer is NotFound, and goes.
    """
    named = {"space": space, "export": export, "at": at}
    async with work(space=space, at=at) as w:
        decision = _decide(await look_in(w, actor=actor))
        row = await w.row(_FIND, named | {"delegation": actor.delegation}) if decision.allowed else None
        keys = await keys_in(w) if row else None
    await record_durably(Trace(act=Act.DOWNLOAD_EXPORT, actor=actor, decision=decision, at=at, space=space))
    decision.raise_if_refused()
    if row is None or keys is None:
        raise NotFound
    blob, size, account, language, as_of, counted = row
    opened = await current().blobs.open(blob, keys=keys, space_id=space, size=size)
    if actor.kind is ActorKind.PERSON:
        return Kept(blob=opened)
    if journal is None:
        raise NotFound
    own_first = _own_first(languages, language)
    copy = Copy(actor=actor, space=space, account=account, languages=own_first, journal=journal, at=as_of)
    try:
        await weigh(copy, counted)
    except NotFound:
        async with work(space=space, at=at) as w:
            await w.execute(_END, named)
        raise
    return Kept(blob=opened, copy=copy, counted=counted)


def _decide(seen: Look) -> Decision:
    """The person who proved twice; or who manages the access of a child, in their name."""
    if seen.actor.delegation is not None:
        decision = seen.decide(Need.MANAGE_ACCESS)
        mine = seen.actor.kind is ActorKind.REPRESENTATIVE
        return decision if mine or not decision.allowed else refuse(Reason.NOT_A_READER)
    decision = seen.decide(Need.LIST)
    if decision.allowed and not (decision.ground is Ground.OWN_SPACE and has_stepped_up(seen.actor, at=seen.at)):
        return refuse(Reason.WEAK_AUTHENTICATION)
    return decision


async def expire_exports(*, actor: Actor, batch: Database, at: datetime) -> int:
    """Forget the copies whose days are over, and their bytes; return how many. batch: as carnet_batch."""
    async with work(space=None, at=at, database_=batch) as w:
        rows = await w.rows(_EXPIRED, {"at": at})
    for space, export in rows:
        async with work(space=SpaceId(space), at=at) as w:
            await w.execute(_FORGET, {"space": space, "export": export, "at": at})
    if rows:
        async with work(space=None, at=at, database_=batch) as w:
            await record(w, Act.PURGE_EXPIRED, allow(Ground.DUTY), actor=actor, details={"data_export": len(rows)})
    return len(rows)


async def _next(batch: Database, at: datetime) -> _Making | None:
    """Claim the next copy to make; None when there is none."""
    silent = at - PATIENCE
    async with work(space=None, at=at, database_=batch) as w:
        row = await w.row(_TO_MAKE, {"at": at, "silent": silent})
    if row is None:
        return None
    space, export = SpaceId(row[0]), row[1]
    async with work(space=space, at=at) as w:
        claimed = await w.row(_CLAIM, {"space": space, "export": export, "at": at, "silent": silent})
    if claimed is None:  # another worker was quicker
        return await _next(batch, at)
    account, language, attempt, delegation = claimed
    return _Making(
        space=space, export=export, account=account, language=language, attempt=attempt, delegation=delegation
    )


async def _make(making: _Making, languages: tuple[Language, ...], journal: JournalOf, worker: Actor) -> bool:
    """Make one copy; return whether it is ready. What cannot be done now is put back, what never can is given up."""
    if making.attempt > MOST_ATTEMPTS:
        await _give_up(making, why="every worker died of it")
        return False
    blob, at = randomness.uuid4(), clock.now()
    async with work(space=making.space, at=at) as w:
        await w.execute(_INTENT, {"blob": blob, "at": at})

    async def progress(done: int, total: int) -> None:
        now = clock.now()
        async with work(space=making.space, at=now) as w:
            if not await w.execute(_TOUCH, making.asked(at=now, done=done, total=total)):
                raise Refused(ALREADY)
            await w.execute(_KEEP_INTENT, {"blob": blob, "at": now})

    try:
        async with work(space=making.space, at=at) as w:
            keys = await keys_in(w)
        copy = await _copy(making, languages, journal, at)
        counted = None if copy.mine else await standing(copy)
        stored = await current().blobs.put(blob, archive(copy, progress=progress), keys=keys, space_id=making.space)
        await weigh_made(copy, counted)
        await _finish(making, blob, stored.size, worker, as_of=at, counted=counted)
    except Unavailable as error:
        if making.attempt < MOST_ATTEMPTS:
            await _put_back(making, "asked")
        else:
            await _give_up(making, why=type(error).__name__)
        return False
    except (Unopenable, BlobDamaged, BlobMissing) as error:
        await _give_up(making, why=type(error).__name__)
        return False
    except (Refused, NotFound):  # closed or erased meanwhile, or another worker goes on
        await _put_back(making, "failed")
        return False
    return True


async def _copy(making: _Making, languages: tuple[Language, ...], journal: JournalOf, at: datetime) -> Copy:
    if making.delegation is None:
        actor = Actor(
            kind=ActorKind.PERSON,
            identifier=str(making.account),
            name="",
            space=making.space,
            strong=True,
            stepped_up_until=at + _PROVED_FOR,
        )
    else:
        actor = await _representative(making, making.delegation, at)
    own_first = _own_first(languages, making.language)
    return Copy(actor=actor, space=making.space, account=making.account, languages=own_first, journal=journal, at=at)


async def _representative(making: _Making, delegation: UUID, at: datetime) -> Actor:
    """Return who asked for it as they act in the child's space, named as the journal names them. Raises Refused."""
    actor = Actor(
        kind=ActorKind.REPRESENTATIVE,
        identifier=str(making.account),
        name="",
        acts_for=making.space,
        delegation=delegation,
        strong=True,
    )
    async with work(space=making.space, at=at) as w:
        seen = await look_in(w, actor=actor)
        _decide(seen).raise_if_refused()
        held = await delegations(w, keys=seen.opened_keys)
    name = next((one.delegate.name for one in held if one.delegation_id == delegation), "")
    return msgspec.structs.replace(actor, name=name)


def _own_first(languages: tuple[Language, ...], code: str) -> tuple[Language, ...]:
    return tuple(sorted(languages, key=lambda one: one.code != code))


async def _finish(
    making: _Making, blob: UUID, size: int, worker: Actor, *, as_of: datetime, counted: bytes | None
) -> None:
    at = clock.now()
    expires = at + timedelta(days=current().limits.export_days)
    async with work(space=making.space, at=at) as w:
        await w.execute(_RELEASE, {"blob": blob})
        made = making.asked(blob=blob, size=size, at=at, expires=expires, as_of=as_of, standing=counted)
        if not await w.execute(_READY, made):
            raise Refused(ALREADY)
        await record(w, Act.MAKE_EXPORT, allow(Ground.DUTY), actor=worker)
        if making.delegation is None:  # a notice would stand in the child's space: theirs is on the page they asked on
            await publish(w, ExportReady(space=making.space, export=making.export))


async def _put_back(making: _Making, state: str) -> None:
    at = clock.now()
    async with work(space=making.space, at=at) as w:
        await w.execute(_PUT_BACK, making.asked(state=state, at=at))


async def _give_up(making: _Making, *, why: str) -> None:
    """The person reads that it failed and where to call; the operator, whose matter it is, reads why."""
    log.error("copy-given-up", export=str(making.export), why=why)
    await _put_back(making, "failed")
