"""The insurer's file goes in: block by block, each in one transaction that also says how far the file was read.

Killed anywhere, it goes on after the last block that was committed; run twice, it does nothing twice; of two at once on
the same file one is told so. Memory holds a few blocks, whatever the size of the file. Parsing and sealing run in the
executor given, while the database stores the block before. The rules of merging are in docs/campaign-format.md §4.
"""

import asyncio
import contextlib
import os
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Executor
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

import msgspec

from carnet.infra.courtesy import rest_after
from carnet.infra.db import Database, Work, work
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow
from carnet.kernel.errors import Conflict, Invalid, Problem
from carnet.spaces.beneficiary_file import Source, digest_of, open_beneficiaries
from carnet.spaces.rules.beneficiaries import CONTRADICTS, DEATH_CONTESTED, SPACE_OPEN
from carnet.spaces.rules.lifecycle import Event, State, sources
from carnet.spaces.staging import Block, Reject, Staged, stage

AHEAD = 3
"""Blocks being parsed while one is stored: what memory holds."""

ELSEWHERE = Problem(
    code="import-running",
    fr="Ce fichier est déjà en cours d'import : attendez qu'il soit fini.",
    en="This file is being imported already: wait for that to end.",
)
_BEGIN = "INSERT INTO import_file (file_digest, begun_at, size) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
_PROGRESS = """
SELECT read_bytes, lines, stored, merged, rejected, reject_bytes, ended_at IS NOT NULL
FROM import_file WHERE file_digest = %s
"""
# ## A block is looked up line by line: a plan that reads everybody for each block makes the last million the slowest ##
_PLANS = """
SET LOCAL enable_seqscan = on; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off
"""
# ## A block the machine forgets is read again, as it forgets the mark as well: only the last one waits for the disk ##
_DURABLE = {False: "SET LOCAL synchronous_commit = off", True: "SET LOCAL synchronous_commit = on"}

_STAGED = """
CREATE TEMP TABLE IF NOT EXISTS staged (line bigint, ins_digest bytea, traits_mac bytea, line_mac bytea,
  person_enc bytea, departement text, reachable boolean, target text) ON COMMIT DELETE ROWS
"""
_STAGED_PLACES = """
CREATE TEMP TABLE IF NOT EXISTS staged_place (ins_digest bytea, traits_mac bytea, delegate bytea, place_id bytea,
  place_enc bytea, until timestamptz) ON COMMIT DELETE ROWS
"""
_COPY_PLACES = "COPY staged_place FROM STDIN (FORMAT BINARY)"
# ## Where the representatives named may act: of the people this file was right about, minors still, not named before ##
_PLACE = """
INSERT INTO delegate_place (delegate, place_id, kind, place_enc, until)
SELECT p.delegate, p.place_id, 'named', p.place_enc, p.until FROM staged_place p JOIN enrolment e USING (ins_digest)
WHERE e.traits_mac = p.traits_mac AND p.until > %s ON CONFLICT DO NOTHING
"""
_COPY = "COPY staged FROM STDIN (FORMAT BINARY)"


def _named(states: tuple[State, ...]) -> str:
    return ", ".join(f"'{one}'" for one in states)


# ## What a known person becomes: only what the table of the life of a space allows ##
_BECOMES = f"""CASE
  WHEN excluded.state = 'DECEASED' THEN 'DECEASED'
  WHEN excluded.state = 'NOT_ELIGIBLE' AND e.state IN ({_named(sources(Event.LOSE_RIGHTS, State.NOT_ELIGIBLE))})
    THEN 'NOT_ELIGIBLE'
  WHEN excluded.state = 'ELIGIBLE' AND e.state IN ({_named(sources(Event.GAIN_RIGHTS, State.ELIGIBLE))}) THEN 'ELIGIBLE'
  ELSE e.state END"""
# ## New persons, and what changed of known ones. A space open already is its holder's; an objection keeps no address ##
_MERGE = f"""
WITH put AS (
  INSERT INTO enrolment AS e (ins_digest, state, since, departement, reachable, traits_mac, line_mac, person_enc, once)
  SELECT s.ins_digest, CASE WHEN i.ins_digest IS NULL THEN s.target ELSE 'OPEN' END, %(at)s, s.departement, s.reachable,
    s.traits_mac, s.line_mac, CASE WHEN i.ins_digest IS NULL THEN s.person_enc END,
    CASE WHEN i.ins_digest IS NULL AND s.target = 'DECEASED' THEN 'ELIGIBLE' END
  FROM staged s LEFT JOIN ins_index i USING (ins_digest) ORDER BY s.ins_digest
  ON CONFLICT (ins_digest) DO UPDATE SET state = {_BECOMES},
    since = CASE WHEN e.state <> {_BECOMES} THEN %(at)s ELSE e.since END,
    departement = excluded.departement, reachable = excluded.reachable, line_mac = excluded.line_mac,
    person_enc = CASE WHEN e.state = 'OPPOSED' THEN e.person_enc ELSE excluded.person_enc END,
    code_digest = CASE WHEN excluded.state = 'DECEASED' THEN NULL ELSE e.code_digest END,
    once = CASE WHEN excluded.state = 'DECEASED' THEN e.state END
  WHERE e.traits_mac = excluded.traits_mac AND e.line_mac <> excluded.line_mac AND e.state NOT IN ('OPEN', 'DECEASED')
    AND (excluded.state <> 'DECEASED' OR e.alive_at IS NULL)
  RETURNING e.ins_digest, e.state, e.since = %(at)s AND xmax <> 0 AS moved
), logged AS (
  INSERT INTO enrolment_log (entry_id, at, event, target, actor_kind, actor_id, persons)
  SELECT gen_random_uuid(), %(at)s, %(events)s::jsonb ->> put.state, put.state, %(kind)s, %(actor)s,
    array_agg(ins_digest)
  FROM put JOIN enrolment before USING (ins_digest) WHERE moved AND before.state <> put.state GROUP BY put.state
)
SELECT count(*) FROM put
"""
# ## Lines that changed nothing and must not go unsaid: another identity; a space open already, which is its holder's ##
_CONTRADICTS = "SELECT s.line FROM staged s JOIN enrolment e USING (ins_digest) WHERE e.traits_mac <> s.traits_mac"
_OPEN_ALREADY = f"""
SELECT s.line FROM staged s JOIN enrolment e USING (ins_digest)
WHERE e.state = '{State.OPEN}' AND s.target <> '{State.ELIGIBLE}' AND e.traits_mac = s.traits_mac
"""
# ## A death told of somebody who showed that an earlier one was a mistake: for a human to look at ##
_CONTESTED = f"""
SELECT s.line FROM staged s JOIN enrolment e USING (ins_digest)
WHERE s.target = '{State.DECEASED}' AND e.alive_at IS NOT NULL AND e.state <> '{State.OPEN}'
  AND e.traits_mac = s.traits_mac
"""
_READ_TO = """
UPDATE import_file SET read_bytes = %(to)s, lines = lines + %(lines)s, stored = stored + %(stored)s,
  merged = merged + %(merged)s, rejected = rejected + %(rejected)s, reject_bytes = %(reject_bytes)s,
  ended_at = CASE WHEN %(to)s = size THEN %(at)s END
WHERE file_digest = %(file)s AND read_bytes = %(from)s
"""
_EVENTS = {State.ELIGIBLE: Event.GAIN_RIGHTS, State.NOT_ELIGIBLE: Event.LOSE_RIGHTS, State.DECEASED: Event.DIE}


class DeathInSpace(Protocol):
    """Carries a death into the space of whoever died; what that ends lies beyond this capability."""

    async def __call__(self, *, actor: Actor, digest: bytes, identity: bytes, at: datetime) -> bool:
        """Return whether they have a space; done before, it changes nothing. Raises Invalid: not to be done here."""


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """How far a file went in. stored: persons new or changed; merged: lines another one of the file replaced."""

    size: int
    read: int
    lines: int
    stored: int
    merged: int
    rejected: int
    reject_bytes: int
    ended: bool


async def import_beneficiaries(
    *,
    actor: Actor,
    batch: Database,
    source: Source,
    executor: Executor | None = None,
    deaths: DeathInSpace | None = None,
    progress: Callable[[Imported], None] = lambda _: None,
    at: datetime,
) -> Imported:
    """Import a file of beneficiaries, or go on where it was left; return how far it went (to the end).

    executor: where blocks are parsed (processes that have the house's keys); None: a thread. deaths: carries those of
    people who have a space there; None: they are listed. Raises Invalid (not such a file), Conflict (being imported
    already). Source: R1111-28 CSP; format: docs/campaign-format.md.
    """
    digest = await asyncio.to_thread(digest_of, source.path)
    with open_beneficiaries(source) as reading:
        done = await _begin(actor, batch, digest, reading.size, source.path.stat().st_size, at)
        if done.ended:
            return done
        blocks = reading.blocks(after=done.read, lines=done.lines, at=at)
        with _reject_list(source.rejects, keep=done.reject_bytes) as rejects:
            async for staged, end in _parsed(blocks, executor):
                begun = time.monotonic()
                buried = await _bury(staged, deaths, actor=actor, at=at)
                async with work(space=None, at=at, database_=batch) as w:
                    stored = await _store(w, staged, last=end == done.size, actor=actor)
                    listed = _list(_refused(staged, buried, await _unheard(w)), rejects)
                    done = await _move_on(w, staged, stored, listed, digest=digest, done=done, end=end)
                progress(done)
                await rest_after(time.monotonic() - begun)
    return done


async def _begin(actor: Actor, batch: Database, digest: bytes, size: int, weight: int, at: datetime) -> Imported:
    """Note that a file is read, once; return how far it was. size: in its own places; weight: in bytes."""
    async with work(space=None, at=at, database_=batch) as w:
        if await w.execute(_BEGIN, (digest, at, size)):
            details = {"file": digest.hex(), "bytes": weight}
            await record(w, Act.IMPORT_BENEFICIARIES, allow(Ground.DUTY), actor=actor, details=details)
        return await _progress(w, digest, size)


async def _bury(
    staged: Staged, deaths: DeathInSpace | None, *, actor: Actor, at: datetime
) -> dict[int, Problem | None]:
    """Carry the deaths of a block into the spaces there are; return those lines, with why one could not be.

    Before the block is stored: killed in between, it is read again, and a death noted before changes nothing.
    """
    buried: dict[int, Problem | None] = {}
    if deaths is not None:
        for one in staged.deaths:
            try:
                if await deaths(actor=actor, digest=one.digest, identity=one.identity, at=at):
                    buried[one.line] = None
            except Invalid as refused:
                buried[one.line] = refused.problems[0]
    return buried


async def _store(w: Work, staged: Staged, *, last: bool, actor: Actor) -> int:
    """Store the people of a block; return how many are new or changed."""
    await w.execute(_PLANS)
    await w.execute(_DURABLE[last])
    await w.execute(_STAGED)
    async with w.conn.cursor().copy(_COPY) as copy:
        await copy.write(staged.copied)
    await w.execute("ANALYZE staged")
    events = msgspec.json.encode(_EVENTS).decode()
    row = await w.row(_MERGE, {"at": w.at, "events": events, "kind": str(actor.kind), "actor": actor.identifier})
    if staged.places:
        await w.execute(_STAGED_PLACES)
        async with w.conn.cursor().copy(_COPY_PLACES) as copy:
            await copy.write(staged.places)
        await w.execute(_PLACE, (w.at,))
    return row[0] if row else 0


async def _unheard(w: Work) -> list[Reject]:
    """Return the lines of the block stored that changed nothing and must not go unsaid."""
    others = [Reject(line, CONTRADICTS) for (line,) in await w.rows(_CONTRADICTS)]
    others += [Reject(line, DEATH_CONTESTED) for (line,) in await w.rows(_CONTESTED)]
    return others + [Reject(line, SPACE_OPEN) for (line,) in await w.rows(_OPEN_ALREADY)]


def _refused(staged: Staged, buried: dict[int, Problem | None], unheard: list[Reject]) -> list[Reject]:
    """Return the refusals in the order of the file; of a death, what its space answered."""
    answered = [Reject(line, why) for line, why in buried.items() if why is not None]
    others = [one for one in unheard if one.line not in buried]
    return sorted((*staged.rejects, *others, *answered), key=lambda one: one.line)


async def _move_on(
    w: Work, staged: Staged, stored: int, refused: tuple[int, int], *, digest: bytes, done: Imported, end: int
) -> Imported:
    """Say how far the file was read, in the transaction that stored it. refused: lines, and bytes of their list.

    The list of refused lines is on disk before the database says so.
    """
    rejected, reject_bytes = refused
    moved = {
        "file": digest,
        "from": done.read,
        "to": end,
        "at": w.at,
        "lines": staged.lines,
        "stored": stored,
        "merged": staged.merged,
        "rejected": rejected,
        "reject_bytes": reject_bytes,
    }
    if not await w.execute(_READ_TO, moved):
        raise Conflict(ELSEWHERE)
    return Imported(
        size=done.size,
        read=end,
        lines=done.lines + staged.lines,
        stored=done.stored + stored,
        merged=done.merged + staged.merged,
        rejected=done.rejected + rejected,
        reject_bytes=reject_bytes,
        ended=end == done.size,
    )


async def _progress(w: Work, digest: bytes, size: int) -> Imported:
    row = await w.row(_PROGRESS, (digest,))
    if row is None:
        raise Conflict(ELSEWHERE)
    return Imported(
        size=size,
        read=row[0],
        lines=row[1],
        stored=row[2],
        merged=row[3],
        rejected=row[4],
        reject_bytes=row[5],
        ended=row[6],
    )


async def _parsed(blocks: Iterator[tuple[Block, int]], executor: Executor | None) -> AsyncIterator[tuple[Staged, int]]:
    """Parse `AHEAD` blocks ahead of whoever takes them, in order."""
    loop = asyncio.get_running_loop()
    waiting: deque[tuple[asyncio.Future[Staged], int]] = deque()
    try:
        for block, end in blocks:
            waiting.append((loop.run_in_executor(executor, stage, block), end))
            if len(waiting) > AHEAD:
                future, reached = waiting.popleft()
                yield await future, reached
        while waiting:
            future, reached = waiting.popleft()
            yield await future, reached
    finally:
        for future, _ in waiting:
            future.cancel()


@contextlib.contextmanager
def _reject_list(path: Path, *, keep: int) -> Iterator[BinaryIO]:
    """Open the list of refused lines after the `keep` bytes the database knows of: the rest was never committed."""
    path.touch(mode=0o600)
    with path.open("r+b") as file:
        file.truncate(keep)
        file.seek(keep)
        yield file


def _list(refused: list[Reject], file: BinaryIO) -> tuple[int, int]:
    """Write the refusals down; return how many, and how long the list is now."""
    file.writelines(f"{one.line};{one.problem.code};{one.problem.fr}\n".encode() for one in refused)
    if refused:
        file.flush()
        os.fsync(file.fileno())
    return len(refused), file.tell()
