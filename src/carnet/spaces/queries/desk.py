"""What an agent may know of somebody: where their space stands and since when. No key of a space is opened for it.

Somebody is found by a whole INS, the birth name and the birth date, compared by keyed digest. Ignored here: rights (the
actions decide), and everything in the space.
"""

import unicodedata
from collections.abc import Sequence
from datetime import datetime
from itertools import product
from typing import Any
from uuid import UUID

import msgspec

from carnet.identity.api import IdentityTraits, Ins, Sex
from carnet.infra.db import Work
from carnet.infra.db.work import Statement, rows_in_one_trip
from carnet.infra.installation import current
from carnet.kernel.ids import SpaceId
from carnet.spaces.rules.channels import Channel
from carnet.spaces.rules.desk import Asker, Script, Shown
from carnet.spaces.rules.lifecycle import State
from carnet.spaces.staging import traits_mac

# ## Whoever has one of these digests: their space if any, and what to compare ##
_FIND = """
SELECT asked.digest, i.space_id, i.traits_mac, e.traits_mac
FROM unnest(%(digests)s::bytea[]) AS asked(digest)
LEFT JOIN ins_index i ON i.ins_digest = asked.digest LEFT JOIN enrolment e ON e.ins_digest = asked.digest
"""
_TRAITS = """
SELECT i.traits_mac, e.traits_mac FROM (SELECT %(digest)s::bytea AS digest) asked
LEFT JOIN ins_index i ON i.ins_digest = asked.digest LEFT JOIN enrolment e ON e.ins_digest = asked.digest
"""
# ## A contact of one agent that is not over, held ##
_CONTACT = """
SELECT contact_id, channel, began_at, ins_digest, asker, shown, checked_at, script, deeds FROM desk_contact
WHERE contact_id = %(contact)s AND agent = %(agent)s AND ended_at IS NULL AND began_at > %(since)s FOR UPDATE
"""
# ## Is this agent in contact with the person of a space, their identity checked? ##
_WITH = """
SELECT EXISTS (SELECT FROM desk_contact c JOIN ins_index i USING (ins_digest) WHERE c.agent = %(agent)s
  AND c.ended_at IS NULL AND c.began_at > %(since)s AND c.checked_at IS NOT NULL AND c.asker = ANY(%(askers)s)
  AND i.space_id = %(space)s)
"""
# ## Where somebody stands before they have a space, and the space itself: once left, since it was ##
_ENROLLED = """
SELECT e.state, e.since, e.notified_at, e.opens_at, e.channel, e.code_until, i.space_id
FROM (SELECT %(digest)s::bytea AS digest) asked
LEFT JOIN ins_index i ON i.ins_digest = asked.digest LEFT JOIN enrolment e ON e.ins_digest = asked.digest
"""
_SPACE = """
SELECT a.state, CASE WHEN a.state IN ('OPEN', 'ACTIVE') THEN s.opened_at ELSE coalesce(e.since, s.opened_at) END,
  s.activated_at
FROM authz a LEFT JOIN space s USING (space_id) LEFT JOIN space_ending e USING (space_id)
WHERE a.space_id = %(space)s
"""
# ## What one agent did since a time, newest first ##
_DAY = """
SELECT contact_id, channel, began_at, ended_at, script, deeds, outcome FROM desk_contact
WHERE agent = %(agent)s AND began_at >= %(since)s ORDER BY began_at DESC LIMIT 100
"""


class Found(msgspec.Struct, frozen=True):
    """Somebody the INS and traits agree on. space: None before there is one."""

    digest: bytes
    space: SpaceId | None


class DeskContact(msgspec.Struct, frozen=True, kw_only=True):
    """A contact under way."""

    contact: UUID
    channel: Channel
    began_at: datetime
    digest: bytes
    asker: Asker | None
    shown: frozenset[Shown]
    checked_at: datetime | None
    script: Script | None
    deeds: tuple[str, ...]


class DeskStanding(msgspec.Struct, frozen=True, kw_only=True):
    """Where somebody's space stands. told_by: "email" or "post"; code_until: life of the letter's code."""

    state: State | None
    since: datetime | None = None
    told_at: datetime | None = None
    told_by: str | None = None
    opens_at: datetime | None = None
    code_until: datetime | None = None
    activated_at: datetime | None = None
    space: SpaceId | None = None


class ContactLine(msgspec.Struct, frozen=True):
    """A contact in its agent's list: no name, no number."""

    contact: UUID
    channel: str
    began_at: datetime
    ended_at: datetime | None
    script: str | None
    deeds: tuple[str, ...]
    outcome: str | None


async def find_somebody(*, asked: Sequence[Ins], traits: IdentityTraits) -> Found | None:
    """Return who has one of these INS, None when nobody does or the traits are another's: one answer, the same work."""
    key, alike = current().index_key, candidates(traits)
    digests = [key.ins_digest(matricule=ins.matricule, oid=ins.oid) for ins in asked]
    for digest, space, *known in (await rows_in_one_trip([Statement(_FIND, {"digests": digests})], space=None))[0]:
        if alike & {bytes(mac) for mac in known if mac is not None}:
            return Found(bytes(digest), SpaceId(space) if space else None)
    return None


def candidates(traits: IdentityTraits) -> frozenset[bytes]:
    """Return what the digest of these traits may be: the name as typed or without its signs, whatever the sex."""
    house = current().house_key
    names = {traits.birth_name, plain_name(traits.birth_name)}
    return frozenset(
        traits_mac(house, msgspec.structs.replace(traits, birth_name=name, sex=sex))
        for name, sex in product(names, Sex)
    )


def plain_name(name: str) -> str:
    """Return a name without accents."""
    return "".join(sign for sign in unicodedata.normalize("NFD", name) if not unicodedata.combining(sign))


async def names_them(work: Work, *, digest: bytes, traits: IdentityTraits) -> bool:
    """Return whether these are the birth name and date of who has this digest."""
    row = await work.row(_TRAITS, {"digest": digest})
    return row is not None and bool(candidates(traits) & {bytes(mac) for mac in row if mac is not None})


async def contact_in(work: Work, *, contact: UUID, agent: str, since: datetime) -> DeskContact | None:
    """Return a contact of `agent` begun after `since` and not over, held for this transaction."""
    row = await work.row(_CONTACT, {"contact": contact, "agent": agent, "since": since})
    if row is None or row[3] is None:
        return None
    return DeskContact(
        contact=row[0],
        channel=Channel(row[1]),
        began_at=row[2],
        digest=bytes(row[3]),
        asker=Asker(row[4]) if row[4] else None,
        shown=frozenset(map(Shown, row[5])),
        checked_at=row[6],
        script=Script(row[7]) if row[7] else None,
        deeds=tuple(row[8]),
    )


async def has_contact(work: Work, *, agent: str, space: SpaceId, since: datetime, askers: tuple[Asker, ...]) -> bool:
    """Return whether `agent` is in contact with one of these about `space`, who proved who they are after `since`."""
    asked = {"agent": agent, "space": space, "since": since, "askers": list(askers)}
    row = await work.row(_WITH, asked)
    return row is not None and bool(row[0])


async def standing_of(digest: bytes) -> DeskStanding:
    """Return where the space of this digest stands; `state` None for somebody nobody knows any more."""
    row = (await rows_in_one_trip([Statement(_ENROLLED, {"digest": digest})], space=None))[0][0]
    state, since, told_at, opens_at, told_by, code_until, place = row
    enrolled = DeskStanding(
        state=State(state) if state else None,
        since=since,
        told_at=told_at,
        told_by=told_by,
        opens_at=opens_at,
        code_until=code_until,
    )
    if place is None:
        return enrolled
    space = SpaceId(place)
    rows: list[tuple[Any, ...]] = (await rows_in_one_trip([Statement(_SPACE, {"space": space})], space=space))[0]
    if not rows:
        return enrolled
    state, opened_at, activated_at = rows[0]
    return msgspec.structs.replace(
        enrolled, state=State(state), since=opened_at or since, activated_at=activated_at, space=space
    )


async def contacts_since(*, agent: str, since: datetime) -> tuple[ContactLine, ...]:
    """Return the contacts one agent had since a time, newest first."""
    rows = (await rows_in_one_trip([Statement(_DAY, {"agent": agent, "since": since})], space=None))[0]
    return tuple(
        ContactLine(contact, channel, began_at, ended_at, script, tuple(deeds), outcome)
        for contact, channel, began_at, ended_at, script, deeds, outcome in rows
    )
