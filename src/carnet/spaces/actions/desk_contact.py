"""An agent of the desk meets somebody: finds them by INS and traits, writes down how they were recognised, closes.

Nobody can be looked through: a whole INS with birth name and birth date, one answer for everything else. What an agent
does is in the journal of the person's space; before there is one, in the row of the contact, from where it enters the
journal once the space has its keys. Never opens a key of a space.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from carnet.identity.api import IdentityTraits, Ins
from carnet.infra import randomness
from carnet.infra.db import Work, system_work, work
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow
from carnet.kernel.errors import Invalid, NotFound, Problem
from carnet.spaces.actions.desk_tickets import close_done, take_up
from carnet.spaces.actions.desk_traces import trace_for
from carnet.spaces.holding import agent_only, held_contact, see_contact
from carnet.spaces.queries.desk import DeskContact, find_somebody
from carnet.spaces.rules.channels import Channel
from carnet.spaces.rules.desk import NOT_ENOUGH, Asker, Shown, askers, is_enough

OUTCOMES = frozenset({"done", "informed", "refused", "given-up"})
BAD_OUTCOME = Problem("outcome", "Choisissez comment le contact se termine.", "Choose how the contact ends.", "issue")
_BEGIN = """
INSERT INTO desk_contact (contact_id, agent, channel, began_at, ins_digest, ended_at, outcome, told_at)
VALUES (%(contact)s, %(agent)s, %(channel)s, %(at)s, %(digest)s, %(ended)s, %(outcome)s, %(told)s)
"""
_CHECKED = "UPDATE desk_contact SET asker = %s, shown = %s, checked_at = %s WHERE contact_id = %s"
_END = "UPDATE desk_contact SET ended_at = %s, outcome = %s WHERE contact_id = %s"
_DEED = """
UPDATE desk_contact SET script = %(script)s, deeds = array_append(deeds, %(deed)s) WHERE contact_id = %(contact)s
"""


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """What was done in a contact. act: its trace; None when it has one of its own."""

    script: str
    name: str
    act: Act | None = None
    details: dict[str, Any] = {}


async def begin_contact(
    *, actor: Actor, channel: Channel, asked: Sequence[Ins], traits: IdentityTraits, at: datetime
) -> UUID:
    """Open a contact with whoever one of these INS, birth name and birth date belong to; return its id.

    asked: what a number may be, under each authority trusted here. Raises NotFound (nobody, or another's traits: the
    same), Refused (not an agent). The search leaves its trace first.
    """
    decision = agent_only(actor)
    found = await find_somebody(asked=asked, traits=traits) if decision.allowed else None
    contact, space = randomness.uuid4(), found.space if found else None
    async with work(space=space, at=at) as w:
        if decision.allowed:
            row = {
                "contact": contact,
                "agent": actor.identifier,
                "channel": str(channel),
                "at": at,
                "digest": found.digest if found else None,
                "ended": None if found else at,
                "outcome": None if found else "not-found",
                "told": at if space else None,
            }
            await w.execute(_BEGIN, row)
        told = {"channel": str(channel), "found": found is not None}
        await record(w, Act.DESK_FIND, decision, actor=actor, details=told)
    decision.raise_if_refused()
    if found is None:
        raise NotFound
    return contact


async def check_identity(*, actor: Actor, contact: UUID, asker: Asker, shown: frozenset[Shown], at: datetime) -> None:
    """Write down what was shown and by whom. Raises Invalid (not enough for this channel), NotFound, Refused."""
    _, standing = await see_contact(actor=actor, contact=contact, at=at)
    async with system_work(at=at) as w:
        held = await held_contact(w, actor=actor, contact=contact)
        if asker not in askers(standing.state) or not is_enough(held.channel, shown, asker=asker, state=standing.state):
            raise Invalid(NOT_ENOUGH)
        await w.execute(_CHECKED, (str(asker), sorted(shown), at, contact))
        told = {"asker": str(asker), "shown": sorted(shown), "channel": str(held.channel)}
        await trace_for(w, held.digest, Act.DESK_CHECK, actor=actor, details=told)
        await take_up(w, held.digest, asker=asker, actor=actor)


async def end_contact(*, actor: Actor, contact: UUID, outcome: str, at: datetime) -> None:
    """Close a contact. outcome: one of OUTCOMES. Raises Invalid, NotFound, Refused."""
    if outcome not in OUTCOMES:
        raise Invalid(BAD_OUTCOME)
    async with system_work(at=at) as w:
        held = await held_contact(w, actor=actor, contact=contact)
        await w.execute(_END, (at, outcome, contact))
        told = {"contact": str(held.contact), "outcome": outcome}
        await record(w, Act.DESK_END, allow(Ground.DUTY), actor=actor, details=told)


async def note_deed(w: Work, held: DeskContact, *, actor: Actor, deed: Deed) -> None:
    """Add to the contact what was done in it, and leave the trace: in the person's journal, or the house's.

    A step of a deed, in its transaction. What was left open of it is closed.
    """
    await w.execute(_DEED, {"script": deed.script, "deed": deed.name, "contact": held.contact})
    if deed.act is not None:
        await trace_for(w, held.digest, deed.act, actor=actor, details=deed.details)
    await close_done(w, held.digest, script=deed.script, asker=held.asker, actor=actor)
