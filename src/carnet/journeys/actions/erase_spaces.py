"""Erased is erased: what is due loses its keys, its rows and its way back to a person, and a certificate says so.

One transaction a space: keys destroyed, rows gone (`forget_space`, the one door), state DELETED, certificate issued and
put in the public log; killed at any point, all of it happened or nothing, and the next run goes on. Bytes are left to
the collector of orphans, doomed in the same transaction. What stays: the state, the dates, the journal under an id that
leads to nobody (decision 0100). Source: R1111-36, L1111-18 CSP; mes.md §3.3.
"""

import asyncio
import contextlib
from datetime import datetime
from uuid import UUID

import msgspec

from carnet.access.api import delegations, forget_delegates, forget_own_side
from carnet.infra.db import Database, Work, work
from carnet.infra.installation import current
from carnet.infra.jobs.outbox import publish
from carnet.infra.telemetry import log
from carnet.infra.vault import Unopenable
from carnet.journal.api import Act, Trace, append, record
from carnet.journeys.actions.leave_space import close_suspended
from carnet.journeys.certificates import Certificate, issue, number_of
from carnet.journeys.erasure_list import ErasureList
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Ground, Reason, allow, refuse
from carnet.kernel.errors import Conflict, NotFound
from carnet.kernel.ids import SpaceId
from carnet.spaces.api import (
    Event,
    Life,
    SpaceErased,
    SpaceView,
    State,
    hold_life,
    keys_in,
    live_on,
    seal_farewell,
    store_life,
    view_in,
)

BATCH = 500
_ERASED = Life(state=State.DELETED)
_ERASING = frozenset({Event.ERASE_REQUESTED, Event.ERASE_ARCHIVED})
_DUTY_BOUND = frozenset({ActorKind.SYSTEM, ActorKind.OPERATOR})

# ## What is due by now, oldest first, after the last one looked at ##
_DUE = """
SELECT space_id, due_event FROM space_ending WHERE due_at <= %(at)s AND space_id > %(after)s
ORDER BY space_id LIMIT %(most)s
"""
_TO_NOTE = """
SELECT space_id, erased_at FROM space_ending WHERE erased_at IS NOT NULL AND NOT noted ORDER BY space_id LIMIT %(most)s
"""
_NOTED = "UPDATE space_ending SET noted = true WHERE space_id = %(space)s"
_DESTROY = """
UPDATE vault.space_keyset SET wrapped = NULL, destroyed_at = %(at)s
WHERE space_id = %(space)s AND wrapped IS NOT NULL
"""
_GONE = "SELECT count(*) FROM vault.space_keyset WHERE space_id = %(space)s AND wrapped IS NULL"
_FORGET = "SELECT forget_space(%(space)s, %(at)s)"
# ## What lies on the side of those who acted there, found without a key: none may be left ##
_PLACES = """
DELETE FROM delegate_place p USING delegation g
WHERE g.space_id = %(space)s AND p.place_id = uuid_send(g.delegation_id)
"""
# ## What heirs asked for lies under the key of the house, and goes with the space it was about ##
_HEIRS = "DELETE FROM heirs_request WHERE place = %(space)s"
_CERTIFY = """
INSERT INTO erasure_certificate (certificate_id, number_digest, issued_at, said, note)
VALUES (%(certificate)s, %(digest)s, %(at)s, %(said)s, %(note)s) ON CONFLICT DO NOTHING
"""
_TO_KEEP = """
SELECT certificate_id, number_digest, issued_at, said, note FROM erasure_certificate
WHERE NOT noted ORDER BY certificate_id LIMIT %(most)s
"""
_KEPT = "UPDATE erasure_certificate SET noted = true WHERE certificate_id = %(certificate)s"
# ## Spaces whose every key was destroyed: the keys' own backup knows of erasures an old database does not ##
_KEYLESS = """
SELECT space_id FROM vault.space_keyset WHERE space_id > %(after)s
GROUP BY space_id HAVING bool_and(wrapped IS NULL) ORDER BY space_id LIMIT %(most)s
"""


async def carry_out_due(*, actor: Actor, batch: Database, listed: ErasureList, at: datetime) -> dict[str, int]:
    """Close and erase what is due at `at`; return how many by event. batch: the database as carnet_batch.

    listed: where erasures are noted outside the database. Safe to run twice, on ten workers, and to kill. One space
    that cannot be read stops no other: it is logged, and tried again the next time.
    """
    done: dict[str, int] = {}
    after = UUID(int=0)
    while True:
        async with work(space=None, at=at, database_=batch) as w:
            rows = await w.rows(_DUE, {"at": at, "after": after, "most": BATCH})
        for space, event in rows:
            carry_out = close_suspended if event == Event.CLOSE_SUSPENDED else erase_space
            if event in _ERASING and not await _names_open(SpaceId(space), at):
                async with work(space=None, at=at, database_=batch) as w:
                    await w.execute(_PLACES, {"space": space})
            try:
                await carry_out(actor=actor, space=SpaceId(space), at=at)
            except Conflict:  # its holder objected since it was listed
                continue
            except Unopenable:
                log.error("leaving-unreadable", space=str(space), step=event)
                continue
            done[event] = done.get(event, 0) + 1
        if len(rows) < BATCH:
            break
        after = rows[-1][0]
    await _note(batch, listed, at)
    return done


async def erase_space(*, actor: Actor, space: SpaceId, at: datetime) -> Life:
    """Erase one space that is due; one that is not, or was erased before, is left alone. Raises Refused.

    Only the house and its operator carry it out, and never before the day the holder was told.
    """
    decision = allow(Ground.DUTY) if actor.kind in _DUTY_BOUND else refuse(Reason.NOT_A_READER)
    async with work(space=space, at=at) as w:
        life = await hold_life(w)
        if not decision.allowed:
            await record(w, Act.ERASE_SPACE, decision, actor=actor)
        elif life.due_event is not None and life.due_at is not None and life.due_at <= at:
            outcome, moved = live_on(life, life.due_event, delays=current().limits.life, at=at)
            if outcome.changed and outcome.state is State.DELETED:
                await _erase(w, actor=actor, before=life, after=moved)
                life = moved
    decision.raise_if_refused()
    if life.state is State.DELETED:
        current().keys.forget(space)
    return life


async def repeat_erasures(*, actor: Actor, batch: Database, listed: ErasureList, at: datetime) -> int:
    """After a restore: erase again what was erased since the backup; return how many.

    Goes by the list kept outside the database and by keys that are gone already. Safe to run at any time, twice.
    Certificates come back as they were issued, also those of requests younger than the backup; one the list does not
    know is issued anew, of the same number, where the backup knows the request.
    """
    again = 0
    for certificate in listed.certificates():
        async with work(space=SpaceId(certificate.certificate_id), at=at) as w:
            await _publish(w, certificate, actor=actor)
    for space in [*listed.spaces(), *await _keyless(batch, at)]:
        async with work(space=None, at=at, database_=batch) as w:
            await w.execute(_PLACES, {"space": space})
        async with work(space=space, at=at) as w:
            try:
                life = await hold_life(w)
            except NotFound:  # the backup is older than the space
                continue
            again += await _erase_again(w, actor=actor, before=life)
        current().keys.forget(space)
    await _note(batch, listed, at)
    return again


async def _erase(w: Work, *, actor: Actor, before: Life, after: Life) -> None:
    """Carry the erasure out in the open transaction: what is told to the holder is read before the keys go."""
    view = await _holder(w)
    await w.execute(_DESTROY, {"space": w.space_id, "at": w.at})
    number = number_of(w.space_id, before)
    certificate = issue(before, number=number, keys=await _gone(w), at=w.at)
    await record(w, Act.ERASE_SPACE, allow(Ground.DUTY), actor=actor, details={"certificate": certificate.digest})
    await _publish(w, certificate, actor=actor)
    if view is not None and view.contact.email:
        sealed = seal_farewell(certificate.certificate_id, address=view.contact.email, number=number)
        await publish(
            w, SpaceErased(certificate=certificate.certificate_id, language=view.settings.language, to=sealed)
        )
    await store_life(w, after)
    await _forget(w)


async def _erase_again(w: Work, *, actor: Actor, before: Life) -> bool:
    """Erase what a backup brought back; return whether it brought anything."""
    destroyed = await w.execute(_DESTROY, {"space": w.space_id, "at": w.at})
    if not destroyed and before.state is State.DELETED:
        return False
    await record(w, Act.ERASE_SPACE, allow(Ground.DUTY), actor=actor, details={"again": True})
    if before.due_event in _ERASING:
        number = number_of(w.space_id, before)
        await _publish(w, issue(before, number=number, keys=await _gone(w), at=w.at), actor=actor)
    await store_life(w, msgspec.structs.replace(_ERASED, motive=before.motive, since=w.at, erased_at=w.at))
    await _forget(w)
    return True


async def _gone(w: Work) -> int:
    """Return how many keys of the space are destroyed, now or before."""
    row = await w.row(_GONE, {"space": w.space_id})
    return int(row[0]) if row else 0


async def _names_open(space: SpaceId, at: datetime) -> bool:
    """Tell whether the holder and those who acted for them can be named, which forgets them on the others' sides."""
    async with work(space=space, at=at) as w:
        with contextlib.suppress(NotFound, Unopenable):
            await view_in(w)
            await delegations(w, keys=await keys_in(w))
            return True
    return False


async def _holder(w: Work) -> SpaceView | None:
    """Return whom to tell, those who acted for them forgotten; None when the key is gone and nobody can be named.

    What does not open keeps nobody from being erased.
    """
    with contextlib.suppress(NotFound, Unopenable):
        view = await view_in(w)
        with contextlib.suppress(Unopenable):
            await forget_delegates(w)
        return view
    return None


async def _forget(w: Work) -> None:
    """Remove the rows, and first whom the person acted for: found while the index still knows them."""
    await forget_own_side(w)
    await w.execute(_HEIRS, {"space": w.space_id})
    await w.execute(_FORGET, {"space": w.space_id, "at": w.at})


async def _publish(w: Work, certificate: Certificate, *, actor: Actor) -> None:
    """Keep the certificate, and put its digest in the public log under an id of its own, a stream of one entry.

    One that is there already, or another of the same number, stays as it is.
    """
    values = {
        "certificate": certificate.certificate_id,
        "digest": certificate.number_digest,
        "at": certificate.issued_at,
        "said": certificate.said,
        "note": certificate.note,
    }
    if not await w.execute(_CERTIFY, values):
        return
    told = Trace(
        act=Act.ERASE_SPACE,
        actor=actor,
        decision=allow(Ground.DUTY),
        at=w.at,
        space=SpaceId(certificate.certificate_id),
        details={"certificate": certificate.digest},
    )
    await append(w, told)


async def _note(batch: Database, listed: ErasureList, at: datetime) -> None:
    """Note outside the database what was erased and certified and is not noted yet."""
    while True:
        async with work(space=None, at=at, database_=batch) as w:
            rows = await w.rows(_TO_KEEP, {"most": BATCH})
        for row in rows:
            names = ("certificate_id", "number_digest", "issued_at", "said", "note")
            await asyncio.to_thread(listed.keep, Certificate(**dict(zip(names, row, strict=True))))
            async with work(space=None, at=at, database_=batch) as w:
                await w.execute(_KEPT, {"certificate": row[0]})
        if len(rows) < BATCH:
            break
    while True:
        async with work(space=None, at=at, database_=batch) as w:
            rows = await w.rows(_TO_NOTE, {"most": BATCH})
        for space, erased_at in rows:
            await asyncio.to_thread(listed.note, SpaceId(space), at=erased_at)
            async with work(space=None, at=at, database_=batch) as w:
                await w.execute(_NOTED, {"space": space})
        if len(rows) < BATCH:
            return


async def _keyless(batch: Database, at: datetime) -> list[SpaceId]:
    found: list[SpaceId] = []
    while True:
        after = found[-1] if found else UUID(int=0)
        async with work(space=None, at=at, database_=batch) as w:
            rows = await w.rows(_KEYLESS, {"after": after, "most": BATCH})
        found += [SpaceId(row[0]) for row in rows]
        if len(rows) < BATCH:
            return found
