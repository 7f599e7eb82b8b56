"""Somebody noted as dead stands at the desk: an agent records it with a proof, another looks at it and answers.

What an answer brings about crosses capabilities (`journeys.answer_death_contest`); here are the request and its looks.
Never opens a key of a space. Source: art. 5.1.d and 16 GDPR; decision 0235.
"""

from datetime import datetime
from uuid import UUID

from carnet.identity.api import IdentityTraits
from carnet.infra import randomness
from carnet.infra.db import Work, system_work
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, Reason, allow, refuse
from carnet.kernel.errors import Invalid, NotFound, Refused
from carnet.spaces.actions.desk_contact import Deed, note_deed
from carnet.spaces.actions.desk_deeds import Letter
from carnet.spaces.actions.desk_traces import trace_for
from carnet.spaces.holding import LASTS, agent_only, held_contact, see_contact
from carnet.spaces.queries.death_contests import DeathContest, contest_in, open_contests, proof_of_life_in, seal_contest
from carnet.spaces.queries.desk import names_them
from carnet.spaces.rules.channels import Channel
from carnet.spaces.rules.death_contests import CONTESTED_ALREADY, NO_PROOF_OF_LIFE, OTHER_PERSON, NotTakenBack
from carnet.spaces.rules.desk import NOT_CHECKED, NOT_OFFERED, Asker, Script, Shown, is_enough
from carnet.spaces.rules.lifecycle import Event, Facts, State, transition

_ADD = """
INSERT INTO death_contest (contest_id, ins_digest, asker, shown, person_enc, proof_type, proof_enc, asked_by, asked_at)
VALUES (%(contest)s, %(digest)s, %(asker)s, %(shown)s, %(person)s, %(type)s, %(proof)s, %(by)s, %(at)s)
ON CONFLICT (ins_digest) WHERE answer IS NULL DO NOTHING
"""
_ANSWER = """
UPDATE death_contest SET answer = %(answer)s, reason = %(reason)s, answered_by = %(by)s, answered_at = %(at)s
WHERE contest_id = %(contest)s AND answer IS NULL
"""
_DEAD = "SELECT since, once FROM enrolment WHERE ins_digest = %(digest)s AND state = 'DECEASED' FOR UPDATE"
# ## Back where they stood, to be told again if they had been: no code of before counts ##
_BACK = """
UPDATE enrolment SET state = %(target)s, since = %(at)s, once = NULL, alive_at = %(at)s, code_digest = NULL,
  notified_at = NULL, opens_at = NULL
WHERE ins_digest = %(digest)s
"""
# ## An heir recognised about the dead does nothing about the living: whoever is there is checked anew ##
_NO_HEIRS = """
UPDATE desk_contact SET checked_at = NULL, asker = NULL, shown = '{}'
WHERE ins_digest = %(digest)s AND asker = 'heir' AND ended_at IS NULL AND began_at > %(since)s
"""
_LOG = """
INSERT INTO enrolment_log (entry_id, at, event, target, actor_kind, actor_id, persons)
VALUES (%(entry)s, %(at)s, %(event)s, %(target)s, %(kind)s, %(actor)s, ARRAY[%(digest)s::bytea])
"""


async def contest_death(
    *, actor: Actor, contact: UUID, traits: IdentityTraits, proof: Letter | None, at: datetime
) -> UUID:
    """Record that the person of a contact lives; return the request. traits: as who asks names them.

    Raises Invalid (no proof, another's traits, not noted as dead, asked already), NotFound (the contact is over),
    Refused (identity not checked, or an heir's contact).
    """
    if proof is None:
        raise Invalid(NO_PROOF_OF_LIFE)
    _, standing = await see_contact(actor=actor, contact=contact, at=at)
    if standing.state is not State.DECEASED:
        raise Invalid(NOT_OFFERED)
    made = randomness.uuid4()
    async with system_work(at=at) as w:
        held = await held_contact(w, actor=actor, contact=contact, checked=True)
        if held.asker is None or not _may_contest(held.channel, held.shown, held.asker):
            raise Refused(NOT_CHECKED)
        if not await names_them(w, digest=held.digest, traits=traits):
            raise Invalid(OTHER_PERSON)
        name = " ".join((*traits.given_names[:1], traits.birth_name)).strip()
        row = {
            "contest": made,
            "digest": held.digest,
            "asker": str(held.asker),
            "shown": sorted(held.shown),
            "person": seal_contest("person_enc", f"{name}\n{traits.birth_date or ''}".encode(), contest=made),
            "type": proof.media_type,
            "proof": seal_contest("proof_enc", proof.content, contest=made),
            "by": actor.identifier,
            "at": at,
        }
        if not await w.execute(_ADD, row):
            raise Invalid(CONTESTED_ALREADY)
        deed = Deed(script=Script.MISTAKEN_DEATH, name="contest", act=Act.CONTEST_DEATH, details={"contest": made.hex})
        await note_deed(w, held, actor=actor, deed=deed)
    return made


async def list_death_contests(*, actor: Actor, at: datetime) -> tuple[DeathContest, ...]:
    """Return what waits for an answer. Raises Refused for whoever is not an agent."""
    decision = agent_only(actor)
    async with system_work(at=at) as w:
        await record(w, Act.LIST_CASES, decision, actor=actor, details={"kind": "deaths"})
        found = await open_contests(w) if decision.allowed else ()
    decision.raise_if_refused()
    return found


async def see_death_contest(*, actor: Actor, contest: UUID, at: datetime) -> DeathContest:
    """Return one, for an agent. Raises NotFound, Refused."""
    agent_only(actor).raise_if_refused()
    async with system_work(at=at) as w:
        return await _traced(w, contest, actor)


async def see_proof_of_life(*, actor: Actor, contest: UUID, at: datetime) -> tuple[str, bytes]:
    """Return the media type and bytes of what was scanned, for an agent. Raises NotFound (let go), Refused."""
    agent_only(actor).raise_if_refused()
    async with system_work(at=at) as w:
        proof = await proof_of_life_in(w, contest)
        if proof is None:
            raise NotFound
        await _traced(w, contest, actor, proof=True)
    return proof


async def store_answer(w: Work, held: DeathContest, *, actor: Actor, refusal: NotTakenBack | None) -> bool:
    """Write the answer of a request held, with its trace; False when it is not theirs to give: they recorded it.

    A step of the flow that carries it out.
    """
    own = held.asked_by == actor.identifier
    told: dict[str, object] = {"contest": held.contest.hex, "answer": "refused" if refusal else "taken-back"}
    told |= {"why": str(refusal)} if refusal else {}
    decision = refuse(Reason.NOT_A_READER) if own else allow(Ground.DUTY)
    await record(w, Act.ANSWER_DEATH_CONTEST, decision, actor=actor, details=told)
    if own:
        return False
    row = {
        "contest": held.contest,
        "answer": "taken-back" if refusal is None else "refused",
        "reason": str(refusal) if refusal else None,
        "by": actor.identifier,
        "at": w.at,
    }
    await w.execute(_ANSWER, row)
    if refusal is None:
        await w.execute(_NO_HEIRS, {"digest": held.digest, "since": w.at - LASTS})
    return True


async def take_back_enrolled(w: Work, digest: bytes, *, actor: Actor) -> State | None:
    """Bring whoever was noted as dead before they had a space back where they stood; None when they are not dead here.

    Where nobody knows where that was, to their objection: nothing opens before they say so. A step, as `store_answer`.
    """
    row = await w.row(_DEAD, {"digest": digest})
    if row is None:
        return None
    once = State(row[1]) if row[1] else State.OPPOSED
    outcome = transition(State.DECEASED, Event.TAKE_BACK_DEATH, facts=Facts(since=row[0], once=once), at=w.at)
    moved = {
        "entry": randomness.uuid4(),
        "event": str(Event.TAKE_BACK_DEATH),
        "target": str(outcome.state),
        "digest": digest,
        "at": w.at,
        "kind": str(actor.kind),
        "actor": actor.identifier,
    }
    await w.execute(_BACK, moved)
    await w.execute(_LOG, moved)
    told = {"state": str(outcome.state)}
    await trace_for(w, digest, Act.TAKE_BACK_DEATH, actor=actor, details=told)
    return outcome.state


def _may_contest(channel: Channel, shown: frozenset[Shown], asker: Asker) -> bool:
    """Tell whether what was shown is enough about somebody noted as dead: the check may be older than the death."""
    return asker is not Asker.HEIR and is_enough(channel, shown, asker=asker, state=State.DECEASED)


async def _traced(w: Work, contest: UUID, actor: Actor, *, proof: bool = False) -> DeathContest:
    found = await contest_in(w, contest)
    if found is None:
        raise NotFound
    told: dict[str, object] = {"contest": contest.hex} | ({"proof": True} if proof else {})
    await trace_for(w, found.digest, Act.SEE_DEATH_CONTEST, actor=actor, details=told)
    return found
