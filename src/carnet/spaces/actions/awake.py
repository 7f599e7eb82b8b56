"""A space the campaign opened gets keys of its own at the first need, or by the worker in advance, whichever is first.

Until then its person lies in `enrolment`, sealed with the house key; afterwards under the space's key, and nowhere else
(docs/decisions/0015). Two at once: one does it, the other waits and finds it done. Ignored here: rights; whoever found
the space decides next.
"""

from datetime import datetime

import msgspec

from carnet.identity.api import desk_name
from carnet.infra.db import Database, Work, work
from carnet.infra.installation import current
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Ground, allow
from carnet.kernel.ids import SpaceId
from carnet.kernel.legal_day import legal_day
from carnet.spaces.data import Contact
from carnet.spaces.staging import unseal

_HOLD = "SELECT asleep FROM ins_index WHERE ins_digest = %s FOR UPDATE"
_WAITING = "SELECT person_enc, notified_at, since FROM enrolment WHERE ins_digest = %s FOR UPDATE"
_KEYSET = "INSERT INTO vault.space_keyset (space_id, version, kek_id, wrapped, created_at) VALUES (%s, 1, %s, %s, %s)"
_SPACE = "INSERT INTO space (space_id, person_enc, contact_enc, opened_at) VALUES (%s, %s, %s, %s)"
_AWAKE = "UPDATE ins_index SET asleep = false WHERE ins_digest = %s"
_FORGET = "UPDATE enrolment SET person_enc = NULL WHERE ins_digest = %s"
_DESK = """
UPDATE desk_contact c SET told_at = %s FROM agent g
WHERE c.ins_digest = %s AND c.told_at IS NULL AND g.reference = c.agent
RETURNING g.reference, g.kind, g.desk, c.began_at, c.deeds
"""
_ASLEEP = """
SELECT ins_digest, space_id FROM ins_index WHERE asleep AND ins_digest > %(after)s ORDER BY ins_digest LIMIT %(most)s
"""
_OPENER = Actor(kind=ActorKind.SYSTEM, identifier="open-due-spaces", name="Carnet", strong=True)


async def awaken(*, actor: Actor = _OPENER, space: SpaceId, digest: bytes, at: datetime) -> bool:
    """Give an opened space its keys and its person; return whether that was still to do.

    The opening enters the person's journal here, with the day it took place: before, nobody could have read it.
    """
    ring = current().keys
    wrapped = await ring.create(space_id=space, version=1)
    async with work(space=space, at=at) as w:
        held = await w.row(_HOLD, (digest,))
        if held is None or not held[0]:
            return False
        row = await w.row(_WAITING, (digest,))
        if row is None or row[0] is None:
            raise RuntimeError("a space asleep whose person is not known")
        await _move_in(w, space=space, digest=digest, sealed=bytes(row[0]), opened_at=row[2], wrapped=wrapped)
        days = {"opened": row[2], "informed": row[1]}
        told = {what: legal_day(when).isoformat() for what, when in days.items() if when}
        await record(w, Act.OPEN_SPACE, allow(Ground.DUTY), actor=actor, details=told)
        await _tell_of_the_desk(w, digest)
    return True


async def awaken_in_advance(*, actor: Actor, batch: Database, most: int, after: bytes = b"", at: datetime) -> bytes:
    """Give keys to up to `most` sleeping spaces after the digest `after`; return the last one's, empty at the end."""
    async with work(space=None, at=at, database_=batch) as w:
        asleep = await w.rows(_ASLEEP, {"after": after, "most": most})
    for digest, space in asleep:
        await awaken(actor=actor, space=SpaceId(space), digest=bytes(digest), at=at)
    return bytes(asleep[-1][0]) if asleep else b""


async def _tell_of_the_desk(w: Work, digest: bytes) -> None:
    """What agents did for somebody before they had a space enters their journal with it."""
    for reference, kind, desk, began_at, deeds in await w.rows(_DESK, (w.at, digest)):
        agent = Actor(kind=ActorKind(kind), identifier=reference, name=desk_name(desk, reference), strong=True)
        details = {"on": legal_day(began_at).isoformat(), "deeds": list(deeds)}
        await record(w, Act.DESK_BEFORE, allow(Ground.DUTY), actor=agent, details=details)


async def _move_in(
    w: Work, *, space: SpaceId, digest: bytes, sealed: bytes, opened_at: datetime, wrapped: bytes
) -> None:
    installed = current()
    keys = await installed.keys.open(space_id=space, version=1, wrapped=wrapped)
    known = unseal(installed.house_key, digest, sealed)
    person = msgspec.json.encode(known.person)
    contact = msgspec.json.encode(Contact(email=known.reach.email, insurer=known.reach))
    await w.execute(_KEYSET, (space, installed.keys.kek.key_id, wrapped, w.at))
    row = (
        space,
        keys.seal(table="space", column="person_enc", row=space, plaintext=person),
        keys.seal(table="space", column="contact_enc", row=space, plaintext=contact),
        opened_at,
    )
    await w.execute(_SPACE, row)
    await w.execute(_AWAKE, (digest,))
    await w.execute(_FORGET, (digest,))
