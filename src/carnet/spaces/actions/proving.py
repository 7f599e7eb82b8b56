"""Who is behind a letter's code, a pass or an INS, before there is a space: proved, held, and every miss counted.

Every wrong try gets one answer, whatever was wrong: a code nobody has, another birth date, a code over, another card,
too many tries. Right or wrong, the same statements run. A source that guesses has to wait; a code whose birth date was
missed five times is dead. What somebody proved may be carried for a quarter of an hour (`passes`); the code behind a
pass must still be the person's when it is used. Source: R1111-28 CSP, mes.md §2.2 A2.
"""

import hmac
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from carnet.identity.api import Ins, count_failure, failures_of
from carnet.infra.db import Work, system_work
from carnet.infra.db.work import set_space
from carnet.infra.installation import current
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, Reason, allow, refuse
from carnet.kernel.errors import Invalid, Problem
from carnet.kernel.ids import SpaceId
from carnet.spaces.codes import code_digest
from carnet.spaces.data import Person
from carnet.spaces.passes import LIFE, Pass, ProvedBy
from carnet.spaces.queries.keys import keyset_statement, open_keys
from carnet.spaces.queries.person import open_person
from carnet.spaces.receipts import Receipt, make_receipt
from carnet.spaces.rules.beneficiaries import Beneficiary
from carnet.spaces.rules.codes import read_code
from carnet.spaces.rules.delays import zone_of
from carnet.spaces.rules.families import is_minor
from carnet.spaces.rules.lifecycle import Event, Facts, State
from carnet.spaces.staging import unseal

WINDOW = timedelta(hours=1)
NOT_RECOGNISED = Problem(
    code="code-not-recognised",
    fr="Ce code et cette date de naissance ne sont pas reconnus. Vérifiez-les, ou appelez le 3422.",
    en="This code and birth date are not recognised. Please check them, or call 3422.",
)
_NOBODY = bytes(20)

# ## The person behind a code, or an INS, held ##
_COLUMNS = (
    "ins_digest, state, since, notified_at, departement, person_enc, code_until, code_tries, opens_at, code_digest"
)
_BEHIND = f"SELECT {_COLUMNS} FROM enrolment WHERE code_digest = %s FOR UPDATE"
_ENROLLED = f"SELECT {_COLUMNS} FROM enrolment WHERE ins_digest = %s FOR UPDATE"
_MISSED = "UPDATE enrolment SET code_tries = code_tries + %s WHERE code_digest = %s"
_SPACE = "SELECT space_id FROM ins_index WHERE ins_digest = %s AND NOT asleep"
_PERSON = "SELECT person_enc FROM space WHERE space_id = %s"


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody without an account shows. source: where they come from (address), only digested and only kept an
    hour; born: their birth date as ISO text.
    """

    code: str
    born: str
    source: str

    def __repr__(self) -> str:
        return "Proof(<hidden>)"


class Behind(msgspec.Struct, frozen=True, kw_only=True):
    """The row behind a code or an INS. since: when its state began; person: who it is, None when it cannot be opened;
    beneficiary: the same with their address, None once their space has keys of its own.
    """

    digest: bytes
    state: State
    since: datetime
    facts: Facts
    opens_at: datetime | None
    code: bytes | None
    sealed: bytes | None
    person: Person | None
    beneficiary: Beneficiary | None


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Where somebody who proved who they are stands. receipt: of what they said last; minor, represented: whether
    somebody else opens their space for them; personal: what no
    password of theirs may hold; opens_on: the day it would open by itself, where they live, as their letter says.
    """

    state: State
    name: str
    since: datetime
    opens_on: date | None
    receipt: Receipt | None
    minor: bool
    represented: bool
    personal: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Standing(state={self.state!s}, <hidden>)"


async def behind_ins(w: Work, ins_digest: bytes, *, actor: Actor) -> Behind | None:
    """Return who has this digest, held. actor: who asks; the act that follows leaves the trace.

    For the desk no key of a space is opened: whoever has a space of their own is known by it, not by name.
    """
    return await _opened(w, await w.row(_ENROLLED, (ins_digest,)), keyless=actor.at_desk)


async def behind_pass(w: Work, shown: Pass, *, actor: Actor) -> Behind | None:
    """Return who a pass is about, held; None when its code is no longer the person's (used, replaced) or time is up."""
    del actor
    found = await _opened(w, await w.row(_ENROLLED, (bytes.fromhex(shown.person),)))
    if found is None or not w.at < shown.until:
        return None
    return found if not shown.code or found.code == bytes.fromhex(shown.code) else None


async def behind_proof(w: Work, proof: Proof, act: Act, *, actor: Actor) -> Behind | None:
    """Return who proved themselves, held; else count the failure and note the refusal of `act`."""
    house, life = current().house_key, current().limits.life
    source = house.digest(proof.source, purpose="code-source")
    code = read_code(proof.code)
    digest = code_digest(house, code) if code else _NOBODY
    failures = await failures_of(w, source)
    row = await w.row(_BEHIND, (digest,))
    behind = await _opened(w, row)
    known = behind.person if behind else None
    blocked = failures >= life.source_tries
    born = (known.traits.birth_date if known else None) or "0000-00-00"
    agrees = hmac.compare_digest(born.encode(), proof.born.strip().encode())
    usable = row is not None and row[6] is not None and row[6] > w.at and row[7] < life.code_tries
    if known is not None and agrees and usable and not blocked:
        return behind
    await count_failure(w, source, within=WINDOW)
    # a right birth date from a source that has to wait is no guess at this person: their code lives
    await w.execute(_MISSED, (int(known is not None and not agrees), digest))
    await record(w, act, refuse(Reason.CODE_WRONG), actor=actor)
    return None


async def prove_by_code(*, actor: Actor, proof: Proof, at: datetime) -> Pass:
    """Return the pass of whoever holds the letter's code and knows the birth date. Raises Invalid (NOT_RECOGNISED)."""
    async with system_work(at=at) as w:
        behind = await behind_proof(w, proof, Act.PROVE_IDENTITY, actor=actor)
        if behind is not None:
            await record(w, Act.PROVE_IDENTITY, allow(Ground.OWN_SPACE), actor=actor, details={"by": "code"})
    if behind is None or behind.code is None:
        raise Invalid(NOT_RECOGNISED)
    return Pass(person=behind.digest.hex(), by=ProvedBy.CODE, until=at + LIFE, code=behind.code.hex())


async def prove_by_identity(*, actor: Actor, ins: Ins, strong: bool, at: datetime) -> Pass | None:
    """Return the pass of whoever an identity provider says has this INS; None when the campaign knows nobody by it."""
    digest = current().index_key.ins_digest(matricule=ins.matricule, oid=ins.oid)
    async with system_work(at=at) as w:
        found = await behind_ins(w, digest, actor=actor)
        decision = allow(Ground.OWN_SPACE) if found else refuse(Reason.SPACE_NOT_OPEN)
        await record(w, Act.PROVE_IDENTITY, decision, actor=actor, details={"by": "identity"})
    by = ProvedBy.IDENTITY if strong else ProvedBy.WEAK_IDENTITY
    return Pass(person=digest.hex(), by=by, until=at + LIFE) if found else None


async def note_missed_card(*, actor: Actor, shown: Pass, source: str, at: datetime) -> None:
    """Count another card beside a right code as another birth date is: five times and the code is dead."""
    async with system_work(at=at) as w:
        await count_failure(w, current().house_key.digest(source, purpose="code-source"), within=WINDOW)
        await w.execute(_MISSED, (1, bytes.fromhex(shown.code)))
        await record(w, Act.PROVE_IDENTITY, refuse(Reason.CODE_WRONG), actor=actor, details={"by": "card"})


async def see_standing(*, actor: Actor, shown: Pass, at: datetime) -> Standing | None:
    """Return where the person of a pass stands, None when the pass is worth nothing any more."""
    async with system_work(at=at) as w:
        found = await behind_pass(w, shown, actor=actor)
        decision = allow(Ground.OWN_SPACE) if found else refuse(Reason.CODE_WRONG)
        await record(w, Act.PROVE_IDENTITY, decision, actor=actor, details={"by": str(shown.by)})
    return _standing(found, at=at) if found else None


async def person_of(*, actor: Actor, shown: Pass, at: datetime) -> Person | None:
    """Return who the pass is about, for the one service that must be asked about them (their card)."""
    async with system_work(at=at) as w:
        found = await behind_pass(w, shown, actor=actor)
        await record(w, Act.PROVE_IDENTITY, allow(Ground.OWN_SPACE), actor=actor, details={"by": str(shown.by)})
    return found.person if found else None


def _standing(found: Behind, *, at: datetime) -> Standing:
    said = {State.OPPOSED: Event.OBJECT}.get(found.state)
    kept = found.beneficiary
    minor = found.person is not None and is_child(found.person, at=at)
    return Standing(
        state=found.state,
        name=found.person.display_name if found.person else "",
        since=found.since,
        opens_on=found.opens_at.astimezone(ZoneInfo(found.facts.zone)).date() if found.opens_at else None,
        receipt=make_receipt(current().house_key, found.digest, event=said, at=found.since) if said else None,
        minor=minor,
        personal=personal_words(found.person) if found.person else (),
        represented=not minor and kept is not None and bool(kept.reach.representatives),
    )


def is_child(person: Person, *, at: datetime) -> bool:
    """Tell whether somebody is a minor by the settings of this house."""
    return is_minor(person.traits.birth_date, majority_age=current().limits.family.majority_age, at=at)


def personal_words(person: Person) -> tuple[str, ...]:
    """Return what of a person must not be in their password."""
    traits = person.traits
    return (traits.birth_name, traits.usual_name or "", *traits.given_names, traits.birth_date or "")


async def _opened(w: Work, row: tuple[Any, ...] | None, *, keyless: bool = False) -> Behind | None:
    if row is None:
        return None
    digest, state, since, notified_at = bytes(row[0]), State(row[1]), row[2], row[3]
    sealed = None if row[5] is None else bytes(row[5])
    kept = None if sealed is None else unseal(current().house_key, digest, sealed)
    return Behind(
        digest=digest,
        state=state,
        since=since,
        facts=Facts(since=notified_at or since, zone=zone_of(row[4])),
        opens_at=row[8],
        code=None if row[9] is None else bytes(row[9]),
        sealed=sealed,
        person=kept.person if kept else None if keyless else await _person_in_space(w, digest, state),
        beneficiary=kept,
    )


async def _person_in_space(w: Work, digest: bytes, state: State) -> Person | None:
    """Return the person of a space that has keys of its own and was opened without its holder."""
    found = await w.row(_SPACE, (digest,)) if state is State.OPEN else None
    if found is None:
        return None
    space = SpaceId(found[0])
    await w.execute(set_space(space))
    wanted = keyset_statement(space)
    keys = await open_keys(await w.rows(wanted.sql, wanted.params), space=space)
    row = await w.row(_PERSON, (space,))
    return open_person(row[0], keys=keys, space=space) if row and keys else None
