"""The person changes the address notices go to: it counts once the code sent there came back.

Until then notices go on to the address in force. The former address is told when another takes its place, so that
nobody's notices are taken away in silence (threats T12). Addresses and code are sealed; nothing of them is in a trace.
"""

import hmac
import re
from datetime import datetime, timedelta

import msgspec

from carnet.infra import randomness
from carnet.infra.db import work
from carnet.infra.jobs.outbox import publish
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Decision, Ground, Reason, allow, refuse
from carnet.kernel.errors import Invalid, Problem
from carnet.kernel.ids import SpaceId
from carnet.spaces.data import Contact, Proposed
from carnet.spaces.events import ContactChanged
from carnet.spaces.queries.contact import hold_contact, store_contact

CODE_LASTS = timedelta(minutes=30)
MOST_TRIES = 5
DIGITS = 6
_EMAIL = re.compile(r"[^@\s<>,;:\"()\[\]\\]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])")
BAD_EMAIL = Problem(
    code="email", fr="Cette adresse e-mail n'est pas valable.", en="This e-mail address is not valid.", path="email"
)
WRONG_CODE = Problem(
    code="code",
    fr="Ce code n'est pas le bon. Recopiez les six chiffres du dernier message reçu.",
    en="This is not the right code. Copy the six digits of the last message you received.",
    path="code",
)
NO_CODE = Problem(
    code="code-over",
    fr="Ce code n'est plus valable. Demandez-en un autre.",
    en="This code is no longer valid. Ask for another one.",
    path="code",
)


async def propose_email(*, actor: Actor, space: SpaceId, email: str | None, at: datetime) -> None:
    """Send a code to `email`; None takes the address in force away at once. Raises Invalid, or Refused (not theirs)."""
    if email is not None and _EMAIL.fullmatch(email) is None:
        raise Invalid(BAD_EMAIL)
    decision = _decide(actor, space)
    async with work(space=space, at=at) as w:
        await record(w, Act.CHANGE_SETTINGS, decision, actor=actor, details={"what": "email-asked"})
        if decision.allowed:
            held = await hold_contact(w)
            proposed = None if email is None else Proposed(address=email, code=new_code(), until=at + CODE_LASTS)
            changed = msgspec.structs.replace(held, proposed=proposed)
            await store_contact(w, changed if email is not None else _replaced(changed, None))
            await publish(w, ContactChanged(space=space))
    decision.raise_if_refused()


async def confirm_email(*, actor: Actor, space: SpaceId, code: str, at: datetime) -> None:
    """Put the proposed address in force. Raises Invalid (wrong, too late, tried too often) or Refused (not theirs)."""
    decision = _decide(actor, space)
    problem: Problem | None = None
    async with work(space=space, at=at) as w:
        held = await hold_contact(w) if decision.allowed else Contact()
        proposed = held.proposed
        if proposed is None or proposed.until <= at or proposed.tries >= MOST_TRIES:
            problem = NO_CODE
        elif not hmac.compare_digest(proposed.code.encode(), "".join(code.split()).encode()):
            problem = WRONG_CODE
            again = msgspec.structs.replace(proposed, tries=proposed.tries + 1)
            await store_contact(w, msgspec.structs.replace(held, proposed=again))
        else:
            await store_contact(w, _replaced(held, proposed.address))
            await publish(w, ContactChanged(space=space))
        if problem is None or not decision.allowed:
            await record(w, Act.CHANGE_SETTINGS, decision, actor=actor, details={"what": "email"})
    decision.raise_if_refused()
    if problem is not None:
        raise Invalid(problem)


def _replaced(held: Contact, email: str | None) -> Contact:
    former = held.email if held.email not in {None, email} else held.former
    return msgspec.structs.replace(held, email=email, former=former, proposed=None)


def _decide(actor: Actor, space: SpaceId) -> Decision:
    return allow(Ground.OWN_SPACE) if actor.space == space and actor.strong else refuse(Reason.OTHER_SPACE)


def new_code() -> str:
    """Return a code of six digits nobody can foresee."""
    return f"{int.from_bytes(randomness.token_bytes(16)) % 10**DIGITS:0{DIGITS}d}"
