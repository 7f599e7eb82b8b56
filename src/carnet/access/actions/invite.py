"""The person invites a carer; a representative invites the second one of a child.

Whether the invited has a space, or is who was named, is decided on their side and never here: the answer is the same
for somebody who does not exist. Source: mes.md §2.2 A10, A11.
"""

from datetime import datetime, timedelta
from uuid import UUID

from carnet.access.data import Need
from carnet.access.gate import Look, look_in
from carnet.access.queries.delegation_list import Delegations, NewDelegation
from carnet.access.queries.delegations import Standing
from carnet.access.rules.delegating import (
    ASKED_ALREADY,
    BY_THE_DESK,
    NAMES,
    ONESELF,
    TOO_MANY,
    TWO_PARENTS,
    Wanted,
    check_wanted,
)
from carnet.infra.db import work
from carnet.infra.installation import current
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Reason, problem_of
from carnet.kernel.errors import Invalid, Refused
from carnet.kernel.ids import SpaceId
from carnet.spaces.api import Claim, Delegate, SpaceView, autonomy, view_in

_TAKING_UP = frozenset({Standing.WAITING, Standing.LATER, Standing.ACTIVE})


async def invite_carer(*, actor: Actor, space: SpaceId, invited: Delegate, wanted: Wanted, at: datetime) -> UUID:
    """Invite somebody to help; return the invitation. Raises Refused (not the person), Invalid (fields as paths)."""
    limits = current().limits.family
    async with work(space=space, at=at) as w:
        held = await Delegations.held(w)
        decision = (await look_in(w, actor=actor, changing=True)).decide(Need.MANAGE_CARERS)
        made = None
        if decision.allowed:
            view = await view_in(w)
            _check_invited(invited, view)
            check_wanted(wanted, limits=limits, at=at)
            if await held.is_known(invited, kind="carer"):
                raise Invalid(ASKED_ALREADY)
            carers = [one for one in await held.all() if one.kind == "carer" and one.standing(at) in _TAKING_UP]
            if len(carers) >= limits.carers_of_one:
                raise Invalid(TOO_MANY)
            new = NewDelegation(
                delegate=invited,
                kind="carer",
                basis="chosen",
                origin="invitation",
                recorded_by=actor.identifier,
                subject=view.person.display_name,
                starts_at=wanted.starts_at,
                ends_at=wanted.ends_at,
                answer_by=min(at + timedelta(days=limits.invitation_days), wanted.ends_at),
                claim=_claim(invited),
                purpose=wanted.purpose,
                withheld=wanted.withheld,
                messages=wanted.messages,
                documents=wanted.documents,
                agenda=wanted.agenda,
            )
            made = await held.add(new)
        details = {"delegation": made.hex, "until": wanted.ends_at.isoformat()} if made else {}
        await record(w, Act.INVITE_DELEGATE, decision, actor=actor, details=details)
    decision.raise_if_refused()
    return made or UUID(int=0)


async def invite_representative(*, actor: Actor, space: SpaceId, invited: Delegate, at: datetime) -> UUID:
    """A parent invites the second legal representative of a child; return the invitation. Raises Refused, Invalid."""
    limits = current().limits.family
    async with work(space=space, at=at) as w:
        held = await Delegations.held(w)
        seen: Look = await look_in(w, actor=actor, changing=True)
        decision = seen.decide(Need.INVITE_REPRESENTATIVE)
        made = None
        if decision.allowed:
            mine = await held.line(actor.delegation) if actor.delegation else None
            view = await view_in(w)
            if mine is None or mine.basis != "parental" or view.person.traits.birth_date is None:
                raise Refused(problem_of(Reason.BEYOND_DELEGATION))
            _check_invited(invited, view)
            if await held.is_known(invited, kind="representative"):
                raise Invalid(ASKED_ALREADY)
            if await held.has_both_parents():
                raise Invalid(TWO_PARENTS)
            if await held.was_ended_by_desk(invited):
                raise Invalid(BY_THE_DESK)
            steps = autonomy(view.person.traits.birth_date, limits)
            new = NewDelegation(
                delegate=invited,
                kind="representative",
                basis="parental",
                origin="invitation",
                recorded_by=actor.identifier,
                subject=view.person.display_name,
                starts_at=at,
                ends_at=steps.majority,
                answer_by=min(at + timedelta(days=limits.invitation_days), steps.majority),
                claim=_claim(invited),
                discreet_from=steps.discreet_from,
                looks_only_from=steps.looks_only_from,
            )
            made = await held.add(new)
        await record(
            w, Act.INVITE_DELEGATE, decision, actor=actor, details={"delegation_made": made.hex} if made else {}
        )
    decision.raise_if_refused()
    return made or UUID(int=0)


def _claim(invited: Delegate) -> Claim:
    return Claim(birth_name=invited.birth_name, given_name=invited.given_name, birth_date=invited.birth_date)


def _check_invited(invited: Delegate, view: SpaceView) -> None:
    if invited.ins == view.person.ins:
        raise Invalid(ONESELF)
    if not (invited.birth_name.strip() and invited.given_name.strip() and invited.birth_date):
        raise Invalid(NAMES)
