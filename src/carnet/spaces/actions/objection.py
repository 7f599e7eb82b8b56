"""Saying no, and taking it back: on line with the letter's code and the birth date, no account; or through an agent.

Every wrong try gets one answer, whatever was wrong: a code nobody has, another birth date, a code over, too many tries.
Right or wrong, the same statements run. A source that guesses has to wait; a code whose birth date was missed five
times is dead. Once the space has keys of its own nothing here knows the birth date any more and no code is recognised
on line: an agent says then that the space is open. An agent acts on an INS, named in the journal, after checking who it
is. Source: R1111-28 CSP.
"""

import hmac
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec

from carnet.identity.api import Ins
from carnet.infra import randomness
from carnet.infra.db import Work, system_work
from carnet.infra.db.work import set_space
from carnet.infra.installation import current
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Decision, Ground, Reason, allow, refuse
from carnet.kernel.errors import Invalid, Problem
from carnet.kernel.ids import SpaceId
from carnet.spaces.codes import code_digest
from carnet.spaces.data import Reach
from carnet.spaces.receipts import Receipt, make_receipt
from carnet.spaces.rules.beneficiaries import Beneficiary
from carnet.spaces.rules.codes import read_code
from carnet.spaces.rules.delays import zone_of
from carnet.spaces.rules.lifecycle import Event, Facts, Outcome, Refusal, State, transition
from carnet.spaces.staging import seal, unseal

WINDOW = timedelta(hours=1)
NOT_RECOGNISED = Problem(
    code="code-not-recognised",
    fr="Ce code et cette date de naissance ne sont pas reconnus. Vérifiez-les, ou appelez le 3422.",
    en="This code and birth date are not recognised. Please check them, or call 3422.",
)
TOO_LATE = Problem(
    code="already-open",
    fr="Votre espace est déjà ouvert. Vous pouvez le fermer à tout moment.",
    en="Your space is open already. You can close it at any time.",
)
NOT_ENROLLED = Problem(
    code="not-enrolled",
    fr="Aucune personne à informer ne correspond à cet INS.",
    en="Nobody to be told matches this INS.",
    path="ins",
)
_NOBODY = bytes(20)

# ## The person behind a code, or an INS, held ##
_COLUMNS = "ins_digest, state, since, notified_at, departement, person_enc, code_until, code_tries"
_BEHIND = f"SELECT {_COLUMNS} FROM enrolment WHERE code_digest = %s FOR UPDATE"  # noqa: S608 - our own columns
_ENROLLED = f"SELECT {_COLUMNS} FROM enrolment WHERE ins_digest = %s FOR UPDATE"  # noqa: S608 - our own columns
_FAILURES = "SELECT failures FROM code_failure WHERE source = %(source)s AND until > %(at)s FOR UPDATE"
_FAILED = """
INSERT INTO code_failure AS f (source, failures, until) VALUES (%(source)s, 1, %(until)s)
ON CONFLICT (source) DO UPDATE SET failures = CASE WHEN f.until > %(at)s THEN f.failures + 1 ELSE 1 END,
  until = CASE WHEN f.until > %(at)s THEN f.until ELSE excluded.until END
"""
_MISSED = "UPDATE enrolment SET code_tries = code_tries + %s WHERE code_digest = %s"
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


class Channel(StrEnum):
    """How somebody says no, or takes it back (mes.md §1.2 R4)."""

    ON_LINE = "on-line"
    PHONE = "phone"
    COUNTER = "counter"
    POST = "post"


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody without an account shows. source: where they come from (address), only digested and only kept an
    hour; born: their birth date as ISO text.
    """

    code: str
    born: str
    source: str

    def __repr__(self) -> str:
        return "Proof(<hidden>)"


class _Behind(msgspec.Struct, frozen=True):
    """The row behind a code or an INS. since: when its state began; sealed: who it is, None once their space has keys
    of its own (it lies there then, and nothing of it can be compared here).
    """

    digest: bytes
    state: State
    since: datetime
    facts: Facts
    sealed: bytes | None

    def beneficiary(self) -> Beneficiary | None:
        """Open who it is."""
        return None if self.sealed is None else unseal(current().house_key, self.digest, self.sealed)


async def object_on_line(*, actor: Actor, proof: Proof, at: datetime) -> Receipt:
    """Record an objection and return its receipt; twice gives the receipt of the first. Raises Invalid.

    NOT_RECOGNISED says nothing about who exists; TOO_LATE only to whoever proved the code.
    """
    return await _say(Event.OBJECT, Act.RECORD_OPPOSITION, actor=actor, proof=proof, at=at)


async def retract_on_line(*, actor: Actor, proof: Proof, at: datetime) -> Receipt:
    """Take an objection back: the space opens at once. Raises Invalid as `object_on_line`."""
    return await _say(Event.RETRACT, Act.RETRACT_OPPOSITION, actor=actor, proof=proof, at=at)


async def object_at_desk(*, actor: Actor, ins: Ins, how: Channel, at: datetime) -> Receipt:
    """Record an objection an agent took by phone, at a counter or from a letter, once they checked who it is.

    actor: the agent (operator), named in the journal. Raises Refused (another kind of actor), Invalid (nobody by this
    INS in the campaign, or a space open already: to be closed instead). Source: R1111-28 CSP; mes.md §1.2 R4.
    """
    return await _at_desk(Event.OBJECT, Act.RECORD_OPPOSITION, actor=actor, ins=ins, how=how, at=at)


async def retract_at_desk(*, actor: Actor, ins: Ins, how: Channel, at: datetime) -> Receipt:
    """Take an objection back at somebody's demand: the space opens at once. Raises as `object_at_desk`."""
    return await _at_desk(Event.RETRACT, Act.RETRACT_OPPOSITION, actor=actor, ins=ins, how=how, at=at)


async def _at_desk(event: Event, act: Act, *, actor: Actor, ins: Ins, how: Channel, at: datetime) -> Receipt:
    may = actor.kind is ActorKind.OPERATOR and actor.strong
    digest = current().index_key.ins_digest(matricule=ins.matricule, oid=ins.oid)
    problem: Problem | None = NOT_ENROLLED
    receipt: Receipt | None = None
    async with system_work(at=at) as w:
        behind = _behind(await w.row(_ENROLLED, (digest,))) if may else None
        if behind is not None:
            outcome = transition(behind.state, event, facts=behind.facts, at=at)
            problem = TOO_LATE if outcome.refusal else None
            if problem is None:
                receipt = await _carry_out(w, event, behind, outcome, actor, how=how)
        decision = allow(Ground.DUTY) if may else refuse(Reason.NOT_A_READER)
        await record(w, act, decision, actor=actor, details={"how": str(how), "done": receipt is not None})
    decision.raise_if_refused()
    if receipt is None:
        raise Invalid(problem or NOT_ENROLLED)
    return receipt


async def _say(event: Event, act: Act, *, actor: Actor, proof: Proof, at: datetime) -> Receipt:
    problem: Problem | None = NOT_RECOGNISED
    decision: Decision = refuse(Reason.CODE_WRONG)
    receipt: Receipt | None = None
    async with system_work(at=at) as w:
        behind = await _proved(w, proof)
        if behind is not None:
            outcome = transition(behind.state, event, facts=behind.facts, at=at)
            if outcome.refusal is Refusal.NOT_FROM_HERE:
                problem = TOO_LATE
            else:
                decision, problem = allow(Ground.OWN_SPACE), None
                receipt = await _carry_out(w, event, behind, outcome, actor, how=Channel.ON_LINE)
        await record(w, act, decision, actor=actor)
    if problem is not None or receipt is None:
        raise Invalid(problem or NOT_RECOGNISED)
    return receipt


async def _proved(w: Work, proof: Proof) -> _Behind | None:
    """Return who proved themselves; count a failure otherwise. The same statements whatever is wrong."""
    house, life = current().house_key, current().limits.life
    source = house.digest(proof.source, purpose="code-source")
    code = read_code(proof.code)
    digest = code_digest(house, code) if code else _NOBODY
    asked = {"source": source, "at": w.at, "until": w.at + WINDOW}
    failures = await w.row(_FAILURES, asked)
    row = await w.row(_BEHIND, (digest,))
    behind = _behind(row)
    known = behind.beneficiary() if behind else None
    blocked = failures is not None and failures[0] >= life.source_tries
    born = (known.person.traits.birth_date if known else None) or "0000-00-00"
    agrees = hmac.compare_digest(born.encode(), proof.born.strip().encode())
    usable = row is not None and row[6] is not None and row[6] > w.at and row[7] < life.code_tries
    if known is not None and agrees and usable and not blocked:
        return behind
    await w.execute(_FAILED, asked)
    # a right birth date from a source that has to wait is no guess at this person: their code lives
    await w.execute(_MISSED, (int(known is not None and not agrees), digest))
    return None


def _behind(row: tuple[Any, ...] | None) -> _Behind | None:
    if row is None:
        return None
    digest, state, since, notified_at = bytes(row[0]), State(row[1]), row[2], row[3]
    sealed = None if row[5] is None else bytes(row[5])
    return _Behind(digest, state, since, Facts(since=notified_at or since, zone=zone_of(row[4])), sealed)


async def _carry_out(
    w: Work, event: Event, behind: _Behind, outcome: Outcome, actor: Actor, *, how: Channel
) -> Receipt:
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


def _without_address(behind: _Behind) -> bytes | None:
    """Who objected is written to no more; who stands for them is still who stands for them."""
    known = behind.beneficiary()
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
