"""The daily job: opens the space of everybody who was told six weeks ago and did not object.

Set-based, by slices of the index of those who wait: a space is its place in the index and its rights, nothing else; its
keys are made when somebody first needs them (docs/decisions/0015). Any number of workers may run at once, each
over its own share of digests; a row another transaction holds (an objection arriving now) is left for the next run.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime

import msgspec

from carnet.infra.courtesy import rest_after
from carnet.infra.db import Database, work
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow
from carnet.spaces.rules.lifecycle import Event, State, sources

SLICE = 2_000
"""Persons of one transaction: enough to share its cost, few enough that neither an objection nor a page waits long."""
# ## A step the machine forgets is opened again: only the word that all is done waits for the disk (decision 0212) ##
_AGAIN = "SET LOCAL synchronous_commit = off"
_FROM = ", ".join(f"'{one}'" for one in sources(Event.OPEN, State.OPEN))

# ## A slice of those whose delay is over, each row held; then index, rights and trace. A row that moved while it was
# being held is left for the next run, whole: a space is never there without its state ##
_OPEN = f"""
WITH due AS MATERIALIZED (
  SELECT ins_digest, ctid AS place FROM enrolment
  WHERE state IN ({_FROM}) AND ins_digest > %(after)s AND ins_digest < %(before)s AND opens_at <= %(at)s
  ORDER BY ins_digest LIMIT %(slice)s FOR UPDATE SKIP LOCKED
), opened AS (
  UPDATE enrolment e SET state = '{State.OPEN}', since = %(at)s FROM due WHERE e.ctid = due.place
  RETURNING e.ins_digest
), placed AS (
  INSERT INTO ins_index (ins_digest, space_id, asleep) SELECT ins_digest, gen_random_uuid(), true FROM opened
  ON CONFLICT DO NOTHING RETURNING space_id
), rights AS (
  INSERT INTO authz (space_id, state) SELECT space_id, '{State.OPEN}' FROM placed ORDER BY space_id
), logged AS (
  INSERT INTO enrolment_log (entry_id, at, event, target, actor_kind, actor_id, persons)
  SELECT gen_random_uuid(), %(at)s, '{Event.OPEN}', '{State.OPEN}', %(kind)s, %(actor)s, array_agg(ins_digest)
  FROM opened HAVING count(*) > 0
)
SELECT (SELECT count(*) FROM opened), (SELECT max(ins_digest) FROM due), (SELECT count(*) FROM due)
"""


class Share(msgspec.Struct, frozen=True):
    """The digests between two others, both left out: what one worker goes through."""

    after: bytes = b""
    before: bytes = b"\xff" * 33


def shares(number: int) -> tuple[Share, ...]:
    """Cut all digests into `number` equal shares (at most 256)."""
    edges = [bytes([256 * one // number]) for one in range(1, number)]
    return tuple(Share(*pair) for pair in zip([b"", *edges], [*edges, Share().before], strict=True))


async def open_due_spaces(
    *,
    actor: Actor,
    batch: Database,
    workers: int = 1,
    slice_: int = SLICE,
    progress: Callable[[int], None] = lambda _: None,
    at: datetime,
) -> int:
    """Open what is due at `at`; return how many spaces. Safe to run twice, to kill, and on several machines at once.

    progress: told how many each time. Source: R1111-28 CSP (42 days from the sending).
    """
    counts = await asyncio.gather(
        *(_open_share(share, actor, batch, slice_, progress, at) for share in shares(workers))
    )
    opened = sum(counts)
    if opened:
        async with work(space=None, at=at, database_=batch) as w:
            await record(w, Act.OPEN_DUE_SPACES, allow(Ground.DUTY), actor=actor, details={"opened": opened})
    return opened


async def _open_share(
    share: Share, actor: Actor, batch: Database, slice_: int, progress: Callable[[int], None], at: datetime
) -> int:
    total, after = 0, share.after
    signed = {"kind": str(actor.kind), "actor": actor.identifier}
    while True:
        asked = {"after": after, "before": share.before, "at": at, "slice": slice_, **signed}
        begun = time.monotonic()
        async with work(space=None, at=at, database_=batch) as w:
            await w.execute(_AGAIN)
            row = await w.row(_OPEN, asked)
        if row is None or row[1] is None:
            return total
        total, after = total + row[0], bytes(row[1])
        progress(row[0])
        await rest_after(time.monotonic() - begun)
