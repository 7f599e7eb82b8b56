"""A channel of its own for news of what the person keeps apart: an e-mail address or a mobile nobody else looks into.

It counts once the code sent there came back. Only a session with a fresh second proof sets it or is told that there is
one; in the journal it is a deed of keeping apart, which a simple session, representatives and carers are never shown.
It lies in the sealed contact, and goes with the space. Ignored here: what is told by it (`notifications`).
"""

import hmac
from datetime import datetime, timedelta

import msgspec

from carnet.identity.api import TOO_MANY_CODES, count_failure, read_destination
from carnet.infra.db import Work, work
from carnet.infra.installation import current
from carnet.infra.jobs.outbox import publish
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Decision, Ground, Reason, allow, refuse
from carnet.kernel.errors import Invalid, Problem
from carnet.kernel.ids import SpaceId
from carnet.spaces.actions.contact import CODE_LASTS, MOST_TRIES, NO_CODE, WRONG_CODE, new_code
from carnet.spaces.data import Contact, Proposed
from carnet.spaces.events import ContactChanged
from carnet.spaces.queries.contact import hold_contact, store_contact

MOST_CODES, WINDOW = 5, timedelta(hours=1)
"""Codes sent to one address or number, and for one space, in an hour: no stranger is written to without end."""


async def propose_channel_apart(*, actor: Actor, space: SpaceId, address: str | None, at: datetime) -> None:
    """Send a code to an e-mail address or a mobile number; None takes the one in force away at once.

    Raises Invalid (neither, too many codes) or Refused (not the person, WEAK_AUTHENTICATION without a fresh proof).
    """
    to = None if address is None else read_destination(address, sms="@" not in address)
    decision = _decide(actor, space, at=at)
    async with work(space=space, at=at) as w:
        await record(w, Act.SAFEGUARD, decision, actor=actor, details={"what": "channel-asked"})
        if decision.allowed:
            held, proposed = await hold_contact(w), None
            if to is not None:
                await _count(w, to)
                proposed = Proposed(address=to, code=new_code(), until=at + CODE_LASTS)
            changed = msgspec.structs.replace(held, apart_proposed=proposed)
            await store_contact(w, changed if to else msgspec.structs.replace(changed, apart=None))
            await publish(w, ContactChanged(space=space))
    decision.raise_if_refused()


async def confirm_channel_apart(*, actor: Actor, space: SpaceId, code: str, at: datetime) -> None:
    """Put the proposed channel in force. Raises Invalid (wrong, too late, tried too often) or Refused as above."""
    decision = _decide(actor, space, at=at)
    problem: Problem | None = None
    async with work(space=space, at=at) as w:
        held = await hold_contact(w) if decision.allowed else Contact()
        proposed = held.apart_proposed
        if proposed is None or proposed.until <= at or proposed.tries >= MOST_TRIES:
            problem = NO_CODE
        elif not hmac.compare_digest(proposed.code.encode(), "".join(code.split()).encode()):
            problem = WRONG_CODE
            again = msgspec.structs.replace(proposed, tries=proposed.tries + 1)
            await store_contact(w, msgspec.structs.replace(held, apart_proposed=again))
        else:
            await store_contact(w, msgspec.structs.replace(held, apart=proposed.address, apart_proposed=None))
        if problem is None or not decision.allowed:
            await record(w, Act.SAFEGUARD, decision, actor=actor, details={"what": "channel"})
    decision.raise_if_refused()
    if problem is not None:
        raise Invalid(problem)


async def _count(w: Work, to: str) -> None:
    house = current().house_key
    for source in sorted({house.digest(one, purpose="code-apart") for one in (to.casefold(), w.space_id.hex)}):
        if await count_failure(w, source, within=WINDOW) > MOST_CODES:
            raise Invalid(TOO_MANY_CODES)


def _decide(actor: Actor, space: SpaceId, *, at: datetime) -> Decision:
    if actor.space != space or not actor.strong:
        return refuse(Reason.OTHER_SPACE)
    fresh = actor.stepped_up_until is not None and at < actor.stepped_up_until
    return allow(Ground.OWN_SPACE) if fresh else refuse(Reason.WEAK_AUTHENTICATION)
