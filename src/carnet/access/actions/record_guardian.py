"""The desk records a protected adult's guardian, or ends it, upon a document it was shown. Nobody invites a guardian.

What was seen (court, date, number of the decision) is sealed with the row and never shown but to the person. A curator
assists and does not stand for the person: they look, and change nothing, unless the judge said otherwise (then it is a
habilitation). Source: art. 425, 447, 459, 467, 494-1 code civil; art. L1111-2, R1111-26 CSP.
"""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from carnet.access.events import RECORDED, DelegationChanged
from carnet.access.queries.delegation_list import Delegations, NewDelegation
from carnet.access.queries.delegations import Standing
from carnet.access.rules.decide import OPEN_STATES
from carnet.identity.api import Ins
from carnet.infra.db import Work, work
from carnet.infra.jobs.outbox import publish
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Decision, Ground, Reason, allow, refuse
from carnet.kernel.errors import Conflict, Invalid, NotFound, Problem
from carnet.kernel.ids import SpaceId
from carnet.spaces.api import Delegate, view_in

LONGEST = timedelta(days=20 * 366)
"""Art. 442 code civil: twenty years, for whom no improvement is to be hoped for."""
GUARDIANS = frozenset({"tutelle", "curatelle", "habilitation"})
_OVER = frozenset({Standing.OVER, Standing.REFUSED, Standing.EXPIRED})
NO_PROOF = Problem(
    "proof-missing",
    "Écrivez quel document a été vu : tribunal, date et numéro de la décision.",
    "Write which document was seen: court, date and number of the decision.",
    "proof",
)
BAD_MEASURE = Problem("measure", "Mesure inconnue.", "Unknown measure.", "measure")
BAD_END = Problem(
    "guardian-end",
    "La mesure se termine à une date à venir, dans vingt ans au plus.",
    "The measure ends on a day to come, twenty years from now at the latest.",
    "ends_at",
)
ALREADY = Problem(
    "guardian-already",
    "Cette personne représente déjà le titulaire.",
    "This person represents the holder already.",
    "matricule",
)


class Guardian(msgspec.Struct, frozen=True, kw_only=True):
    """Who is to act by which measure, until when, and which document was seen. measure: one of `GUARDIANS`."""

    who: Delegate
    measure: str
    proof: str
    ends_at: datetime

    def __repr__(self) -> str:
        return "Guardian(<hidden>)"


async def record_guardian(
    *, actor: Actor, space: SpaceId, guardian: Delegate, measure: str, proof: str, ends_at: datetime, at: datetime
) -> UUID:
    """Let a guardian act until `ends_at`; return the delegation. measure: "tutelle", "curatelle" or "habilitation".

    actor: the operator; at the desk two agents do it (`answer_guardianship`). Both are told. Raises Refused (anybody
    else, space not open), Invalid, Conflict.
    """
    told = Guardian(who=guardian, measure=measure, proof=proof, ends_at=ends_at)
    may = allow(Ground.DUTY) if actor.kind is ActorKind.OPERATOR else refuse(Reason.NOT_A_READER)
    check_guardian(told, at=at)
    async with work(space=space, at=at) as w:
        decision, made = await write_guardian(w, told, actor=actor, may=may)
    decision.raise_if_refused()
    return made


def check_guardian(told: Guardian, *, at: datetime) -> None:
    """Raise Invalid unless a guardian may be recorded so at `at`."""
    if not told.proof.strip():
        raise Invalid(NO_PROOF)
    if told.measure not in GUARDIANS:
        raise Invalid(BAD_MEASURE)
    if not at < told.ends_at <= at + LONGEST:
        raise Invalid(BAD_END)


async def write_guardian(w: Work, told: Guardian, *, actor: Actor, may: Decision) -> tuple[Decision, UUID]:
    """Write a guardian that was checked, with its trace; return what was decided and the delegation.

    may: whether this actor records guardians at all. A step. Raises Conflict.
    """
    held = await Delegations.held(w)
    view = await view_in(w)
    decision = may if view.state in OPEN_STATES else refuse(Reason.SPACE_NOT_OPEN)
    details: dict[str, object] = {"basis": told.measure, "origin": "desk", "until": told.ends_at.isoformat()}
    made = UUID(int=0)
    if decision.allowed:
        if await held.is_known(told.who, kind="representative"):
            raise Conflict(ALREADY)
        new = NewDelegation(
            delegate=msgspec.structs.replace(told.who, proof=" ".join(told.proof.split())[:500]),
            kind="representative",
            basis=told.measure,
            origin="desk",
            recorded_by=actor.identifier,
            subject=view.person.display_name,
            starts_at=w.at,
            ends_at=told.ends_at,
            looks_only_from=w.at if told.measure == "curatelle" else None,
        )
        made = await held.add(new)
        details["delegation"] = made.hex
        await publish(w, DelegationChanged(space=w.space_id, delegation=made, what=RECORDED))
    await record(w, Act.RECORD_DELEGATION, decision, actor=actor, details=details)
    return decision, made


async def end_representative(*, actor: Actor, space: SpaceId, delegation: UUID, at: datetime) -> None:
    """The desk ends a representative's delegation upon a decision it was shown (parental authority withdrawn, measure
    lifted). No later file of the insurer brings it back. Raises Refused, NotFound (not one in force here).
    """
    async with work(space=space, at=at) as w:
        held = await Delegations.held(w)
        decision = allow(Ground.DUTY) if actor.kind is ActorKind.OPERATOR else refuse(Reason.NOT_A_READER)
        if decision.allowed:
            line = await held.line(delegation)
            if line is None or line.kind != "representative" or line.standing(at) in _OVER:
                raise NotFound
            await held.end(line, by="desk")
        await record(w, Act.END_DELEGATION, decision, actor=actor, details={"delegation": delegation.hex})
    decision.raise_if_refused()


async def end_guardian(w: Work, guardian: Ins, *, actor: Actor) -> bool:
    """End the measure in force entrusted to whoever has this INS, with its trace; False when there is none. A step of
    the answer that decides it.
    """
    held = await Delegations.held(w)
    theirs = [one for one in await held.all() if one.delegate.ins == guardian and one.basis in GUARDIANS]
    lines = [one for one in theirs if one.standing(w.at) not in _OVER]
    for line in lines:
        await held.end(line, by="desk")
        details = {"delegation": line.delegation_id.hex}
        await record(w, Act.END_DELEGATION, allow(Ground.DUTY), actor=actor, details=details)
    return bool(lines)


async def bar_representative(*, actor: Actor, space: SpaceId, barred: Delegate, proof: str, at: datetime) -> UUID:
    """Upon a decision that was shown, keep somebody from ever representing this person; return the delegation.

    In force or asked for, it ends; never begun, it is written as over: no file of the insurer attaches them and no
    other parent invites them. Only the desk brings them back. Who never began hears nothing. Raises Refused, Invalid.
    Source: art. 378, 379-1 code civil (authority withdrawn, in whole or in part).
    """
    seen = " ".join(proof.split())[:500]
    if not seen:
        raise Invalid(NO_PROOF)
    async with work(space=space, at=at) as w:
        held = await Delegations.held(w)
        view = await view_in(w)
        decision = allow(Ground.DUTY) if actor.kind is ActorKind.OPERATOR else refuse(Reason.NOT_A_READER)
        made = UUID(int=0)
        if decision.allowed:
            new = NewDelegation(
                delegate=msgspec.structs.replace(barred, proof=seen),
                kind="representative",
                basis="parental",
                origin="desk",
                recorded_by=actor.identifier,
                subject=view.person.display_name,
                starts_at=at,
                ends_at=at + timedelta(days=1),
            )
            for line in await held.all():
                if line.kind == "representative" and line.delegate.ins == barred.ins and line.ended_at is None:
                    await held.end(line, by="desk")
            made = await held.bar(new)
        details = {"delegation": made.hex, "barred": True} if decision.allowed else {}
        await record(w, Act.END_DELEGATION, decision, actor=actor, details=details)
    decision.raise_if_refused()
    return made
