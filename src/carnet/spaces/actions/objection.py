"""Saying no, and taking it back: on line, no account, by whoever proved who they are (`proving`); or through an agent.

An agent acts on an INS, named in the journal, after checking who it is. Source: R1111-28 CSP.
"""

from datetime import datetime

from carnet.identity.api import Ins
from carnet.infra import randomness
from carnet.infra.db import Work, system_work
from carnet.infra.db.work import set_space
from carnet.infra.installation import current
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, Reason, allow, problem_of, refuse
from carnet.kernel.errors import Invalid, Problem, Refused
from carnet.kernel.ids import SpaceId
from carnet.spaces.actions.proving import NOT_RECOGNISED, Behind, Proof, behind_ins, behind_pass, behind_proof
from carnet.spaces.data import Reach
from carnet.spaces.passes import Pass
from carnet.spaces.receipts import Receipt, make_receipt
from carnet.spaces.rules.beneficiaries import Beneficiary
from carnet.spaces.rules.channels import Channel
from carnet.spaces.rules.lifecycle import Event, Outcome, Refusal, State, transition
from carnet.spaces.staging import seal

TOO_LATE = Problem(
    code="already-open",
    fr="Votre espace est déjà ouvert. Vous pouvez le fermer à tout moment.",
    en="Your space is open already. You can close it at any time.",
)
BLOCKED = Problem(
    code="enrolment-blocked",
    fr="Rien ne peut être fait en ligne à ce nom. Appelez le 3422, ou rendez-vous à un guichet.",
    en="Nothing can be done on line under this name. Please call 3422, or go to a counter.",
)
NOT_ENROLLED = Problem(
    code="not-enrolled",
    fr="Aucune personne à informer ne correspond à cet INS.",
    en="Nobody to be told matches this INS.",
    path="ins",
)
_ACTS = {Event.OBJECT: Act.RECORD_OPPOSITION, Event.RETRACT: Act.RETRACT_OPPOSITION}
_MOVE = """
UPDATE enrolment SET state = %(target)s, since = %(at)s, person_enc = %(sealed)s WHERE ins_digest = %(person)s
"""
_PLACE = "INSERT INTO ins_index (ins_digest, space_id, asleep) VALUES (%s, %s, true) ON CONFLICT DO NOTHING"
_RIGHTS = "INSERT INTO authz (space_id, state) VALUES (%s, 'OPEN')"
_LOG = """
INSERT INTO enrolment_log (entry_id, at, event, target, actor_kind, actor_id, persons, details)
VALUES (%(entry)s, %(at)s, %(event)s, %(target)s, %(kind)s, %(actor)s, ARRAY[%(person)s::bytea],
  jsonb_build_object('how', %(how)s::text))
"""


async def object_on_line(*, actor: Actor, proof: Proof | Pass, at: datetime) -> Receipt:
    """Record an objection and return its receipt; twice gives the receipt of the first. Raises Invalid.

    NOT_RECOGNISED says nothing about who exists; TOO_LATE only to whoever proved the code.
    """
    return await _say(Event.OBJECT, Act.RECORD_OPPOSITION, actor=actor, proof=proof, at=at)


async def retract_on_line(*, actor: Actor, proof: Proof | Pass, at: datetime) -> Receipt:
    """Take an objection back: the space opens at once. Raises Invalid as `object_on_line`."""
    return await _say(Event.RETRACT, Act.RETRACT_OPPOSITION, actor=actor, proof=proof, at=at)


async def object_at_desk(*, actor: Actor, ins: Ins, how: Channel, at: datetime) -> Receipt:
    """Record an objection an agent took by phone, at a counter or from a letter, once they checked who it is.

    actor: the agent (operator), named in the journal. Raises Refused (another kind of actor), Invalid (nobody by this
    INS in the campaign, or a space open already: to be closed instead). Source: R1111-28 CSP; mes.md §1.2 R4.
    """
    return await _at_desk(Event.OBJECT, actor=actor, ins=ins, how=how, at=at)


async def retract_at_desk(*, actor: Actor, ins: Ins, how: Channel, at: datetime) -> Receipt:
    """Take an objection back at somebody's demand: the space opens at once. Raises as `object_at_desk`."""
    return await _at_desk(Event.RETRACT, actor=actor, ins=ins, how=how, at=at)


async def _at_desk(event: Event, *, actor: Actor, ins: Ins, how: Channel, at: datetime) -> Receipt:
    digest = current().index_key.ins_digest(matricule=ins.matricule, oid=ins.oid)
    async with system_work(at=at) as w:
        said = await say_at_desk(w, event, actor=actor, digest=digest, how=how)
    return said_or_refused(said)


async def say_at_desk(w: Work, event: Event, *, actor: Actor, digest: bytes, how: Channel) -> Receipt | Problem:
    """Carry out an objection or its end for the person of a digest, with its trace; return its receipt, or why not.

    A step, so that what goes with it is one transaction: give the answer to `said_or_refused` once it is committed.
    """
    decision = allow(Ground.DUTY)
    answer: Receipt | Problem = NOT_ENROLLED
    if not actor.at_desk:
        decision, answer = refuse(Reason.NOT_A_READER), problem_of(Reason.NOT_A_READER)
    elif (behind := await behind_ins(w, digest, actor=actor)) is not None:
        outcome = transition(behind.state, event, facts=behind.facts, at=w.at)
        answer = TOO_LATE if outcome.refusal else await _carry_out(w, event, behind, outcome, actor, how=how)
    told = {"how": str(how), "done": isinstance(answer, Receipt)}
    await record(w, _ACTS[event], decision, actor=actor, details=told)
    return answer


def said_or_refused(said: Receipt | Problem) -> Receipt:
    """Return the receipt. Raises Refused (not at the desk) or Invalid (nobody, too late)."""
    if isinstance(said, Receipt):
        return said
    raise (Refused if said.code == Reason.NOT_A_READER else Invalid)(said)


async def _say(event: Event, act: Act, *, actor: Actor, proof: Proof | Pass, at: datetime) -> Receipt:
    problem: Problem | None = NOT_RECOGNISED
    receipt: Receipt | None = None
    async with system_work(at=at) as w:
        behind = await _behind(w, proof, act, actor)
        if behind is not None:
            outcome = transition(behind.state, event, facts=behind.facts, at=at)
            if outcome.refusal is Refusal.NOT_FROM_HERE:
                problem = _too_late(behind.state)
            else:
                problem = None
                receipt = await _carry_out(w, event, behind, outcome, actor, how=Channel.ON_LINE)
            await record(w, act, refuse(Reason.NOT_CURRENT) if problem else allow(Ground.OWN_SPACE), actor=actor)
    if problem is not None or receipt is None:
        raise Invalid(problem or NOT_RECOGNISED)
    return receipt


async def _behind(w: Work, proof: Proof | Pass, act: Act, actor: Actor) -> Behind | None:
    if isinstance(proof, Proof):
        return await behind_proof(w, proof, act, actor=actor)
    found = await behind_pass(w, proof, actor=actor)
    if found is None:
        await record(w, act, refuse(Reason.CODE_WRONG), actor=actor)
    return found


def _too_late(state: State) -> Problem:
    return TOO_LATE if state is State.OPEN else BLOCKED


async def _carry_out(w: Work, event: Event, behind: Behind, outcome: Outcome, actor: Actor, *, how: Channel) -> Receipt:
    """Write what the table says follows; what was done before is only told again."""
    if outcome.changed:
        sealed = behind.sealed
        if outcome.state is State.OPPOSED:
            sealed = _without_address(behind)
        else:
            await _place(w, behind.digest)
        moved = {"target": str(outcome.state), "at": w.at, "person": behind.digest}
        await w.execute(_MOVE, moved | {"sealed": sealed})
        signed = {"kind": str(actor.kind), "actor": actor.identifier, "event": str(event), "how": str(how)}
        await w.execute(_LOG, moved | signed | {"entry": randomness.uuid7()})
    when = w.at if outcome.changed else behind.since
    return make_receipt(current().house_key, behind.digest, event=event, at=when)


def _without_address(behind: Behind) -> bytes | None:
    """Who objected is written to no more; who stands for them is still who stands for them."""
    known = behind.beneficiary
    if known is None:
        return None
    kept = Beneficiary(person=known.person, reach=Reach(representatives=known.reach.representatives))
    return seal(current().house_key, behind.digest, kept)


async def _place(w: Work, digest: bytes) -> None:
    """Open the space as the daily job does: its place and its rights; keys come at the first need."""
    space = randomness.uuid4()
    if await w.execute(_PLACE, (digest, space)):
        await w.execute(set_space(SpaceId(space)))
        await w.execute(_RIGHTS, (space,))
