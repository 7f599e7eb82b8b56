"""Writing traces: inside the transaction of a change, or durably by themselves before content leaves.

Reads do not change anything, so their trace is all there is to commit. Concurrent requests share one commit: while
one batch is on its way to disk the next collects. Nobody is answered before the batch with their entry is durable.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import msgspec
import psycopg

from carnet.infra import randomness
from carnet.infra.db import Work
from carnet.infra.db.database import DOWN, Database, seated
from carnet.infra.db.work import Statement, rows_of_one
from carnet.journal.data import Act, Trace
from carnet.journal.receipts import has_book, note_receipts
from carnet.journal.rules.leaves import commitment
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Decision
from carnet.kernel.errors import Unavailable

_APPEND = "SELECT count(*) FROM journal_append(%(entries)s::jsonb)"
_SECURITY = """
INSERT INTO security_entry
  (entry_id, at, act, outcome, reason, actor_kind, actor_id, actor_name, organisation, client_id, session, details)
VALUES (%(entry_id)s, %(at)s, %(act)s, %(outcome)s, %(reason)s, %(actor_kind)s, %(actor_id)s, %(actor_name)s,
        %(organisation)s, %(client_id)s, %(session)s, %(details)s::jsonb)
"""


_NAMELESS = frozenset({ActorKind.PERSON, ActorKind.REPRESENTATIVE, ActorKind.CARER})
NONCE_BYTES = 32
"""What keys the commitment of an entry in the public log; gone, nothing can be learnt from it any more."""


def to_row(trace: Trace) -> dict[str, Any]:
    """Return the JSON object `journal_append` takes; ids and times are written by whoever writes the JSON.

    A person is named by their account only: entries lie in clear, and beside a space a name would tell a thief of the
    database whose it is (threats T44); so is who acts for them, and `on_behalf_of` names the delegation. Professionals
    and organisations are public in the directory.
    """
    actor = trace.actor
    return {
        "space_id": trace.space,
        "at": trace.at,
        "act": str(trace.act),
        "outcome": "done" if trace.decision.allowed else "refused",
        "reason": trace.decision.reason,
        "ground": trace.decision.ground,
        "actor_kind": str(actor.kind),
        "actor_id": actor.identifier,
        "actor_name": "" if actor.kind in _NAMELESS else actor.name,
        "profession": actor.profession,
        "organisation": actor.organisation,
        "organisation_name": actor.organisation_name,
        "client_id": actor.client_id,
        "client_name": actor.client_name,
        "on_behalf_of": trace.on_behalf_of or (actor.delegation.hex if actor.delegation else None),
        "session": actor.session,
        "document_ids": trace.documents,
        "details": trace.details,
        "nonce": randomness.token_bytes(NONCE_BYTES).hex(),
    }


async def record(
    work: Work,
    act: Act,
    decision: Decision,
    *,
    actor: Actor,
    on: tuple[UUID, ...] = (),
    details: Mapping[str, object] | None = None,
    on_behalf_of: str | None = None,
) -> None:
    """Append one entry in the transaction of the act itself: both are committed or neither is."""
    trace = Trace(
        act=act,
        actor=actor,
        decision=decision,
        at=work.at,
        space=work.space,
        documents=on,
        details=dict(details or {}),
        on_behalf_of=on_behalf_of,
    )
    await append(work, trace)


async def append(work: Work, trace: Trace) -> None:
    """Append `trace` in the open transaction; without a space it goes to the security journal."""
    if trace.space is not None:
        row = to_row(trace)
        await work.execute(_APPEND, {"entries": msgspec.json.encode([row]).decode()})
        if has_book():
            work.after_commit(lambda: acknowledge([row]))
    else:
        await work.execute(_SECURITY, _security_row(trace))


async def record_alone(trace: Trace) -> None:
    """Append `trace`, of no space, in a transaction of its own and one round trip: as long as one of a space takes."""
    await rows_of_one(Statement(_SECURITY, _security_row(trace)))


def _security_row(trace: Trace) -> dict[str, Any]:
    row = to_row(trace)
    del row["nonce"]
    return row | {"entry_id": randomness.uuid7(), "details": msgspec.json.encode(trace.details).decode()}


def acknowledge(rows: Iterable[Mapping[str, Any]]) -> None:
    """Note, outside the database, that these rows of `to_row` are committed: call it once COMMIT returned."""
    if has_book():
        note_receipts([commitment(row, nonce=bytes.fromhex(row["nonce"])) for row in rows])


MOST_AT_ONCE = 256
"""Entries of one commit: enough to share its cost, few enough that nobody waits for a long statement."""


class GroupCommit:
    """Gathers the entries of concurrent reads into one durable commit each time the previous one returns."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[tuple[dict[str, Any], bytes, asyncio.Future[None]]] = []
        self._running: asyncio.Task[None] | None = None

    async def append(self, trace: Trace) -> None:
        """Return once `trace` is on disk; raise `Unavailable` when it could not be written."""
        future = asyncio.get_running_loop().create_future()
        row = to_row(trace)
        self._waiting.append((row, msgspec.json.encode(row), future))
        if self._running is None or self._running.done():
            self._running = asyncio.get_running_loop().create_task(self._drain())
        await future

    async def _drain(self) -> None:
        batch: list[tuple[dict[str, Any], bytes, asyncio.Future[None]]] = []
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
                await self._write(batch)
        finally:  # whatever ended it (a stop of the process too): nobody waits for what will not come
            _refuse([*batch, *self._waiting], Unavailable(DOWN))
            self._waiting = []

    async def _write(self, batch: Sequence[tuple[dict[str, Any], bytes, asyncio.Future[None]]]) -> None:
        entries = b"[" + b",".join([encoded for _, encoded, _ in batch]) + b"]"
        try:
            await rows_of_one(Statement(_APPEND, {"entries": entries.decode()}), database_=self._database)
        except (Unavailable, psycopg.Error) as error:
            _refuse(batch, error if isinstance(error, Unavailable) else Unavailable(DOWN))
            return
        for *_, future in batch:
            if not future.done():
                future.set_result(None)
        acknowledge(row for row, *_ in batch)


def _refuse(batch: Sequence[tuple[dict[str, Any], bytes, asyncio.Future[None]]], refusal: Unavailable) -> None:
    for *_, future in batch:
        if not future.done():
            future.set_exception(refusal)


_committers: WeakKeyDictionary[Database, GroupCommit] = WeakKeyDictionary()


async def record_durably(trace: Trace) -> None:
    """Write the trace of a read and return only when it is durable: call this before the first byte of content."""
    database = seated()
    committer = _committers.get(database)
    if committer is None:
        committer = _committers[database] = GroupCommit(database)
    await committer.append(trace)
