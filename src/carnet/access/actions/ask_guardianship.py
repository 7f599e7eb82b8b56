"""An agent of the desk records that a judge entrusts somebody to a guardian, or ends it, with the scanned judgment.

The one who recorded it answers nothing: another agent does. The guardian is found as anybody is at the desk, by a whole
INS with birth name and birth date, and that search is in their journal. Opens no key of a space. Source: art. 425, 459,
494-1 code civil; decision 0247.
"""

from datetime import date, datetime
from uuid import UUID

import msgspec

from carnet.access.actions.record_guardian import ALREADY, BAD_END, GUARDIANS, LONGEST
from carnet.access.queries.guardianship import GuardianFile, seal_guardianship
from carnet.access.rules.guardianship import (
    ASKED_ALREADY,
    BY_PAPER,
    DAY_TO_COME,
    GUARDS_THEMSELVES,
    NO_COURT,
    NO_DAY,
    NO_JUDGMENT,
    NO_MEASURE,
    NO_NUMBER,
    NOBODY_THERE,
    NOT_A_GUARDIAN,
    OTHER_PROTECTED,
    Measure,
)
from carnet.identity.api import IdentityTraits, Ins
from carnet.infra import randomness
from carnet.infra.db import Work, work
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow
from carnet.kernel.errors import Invalid, Problem, Refused
from carnet.kernel.legal_day import legal_day
from carnet.spaces.api import (
    NOT_CHECKED,
    NOT_OFFERED,
    Asker,
    Channel,
    Deed,
    Delegate,
    DeskContact,
    Letter,
    Script,
    digest_in,
    find_somebody,
    held_contact,
    index_digest,
    names_them,
    note_deed,
    offered,
    person_digest,
    see_contact,
)

_ADD = """
INSERT INTO guardianship_request (request_id, ins_digest, guardian, asker, shown, measure, file_enc, proof_type,
  proof_enc, asked_by, asked_at)
VALUES (%(request)s, %(digest)s, %(guardian)s, %(asker)s, %(shown)s, %(measure)s, %(file)s, %(type)s, %(proof)s,
  %(by)s, %(at)s)
ON CONFLICT (ins_digest, guardian) WHERE answer IS NULL DO NOTHING
"""
# ## By what somebody represents the person of this space now ##
_BASIS = """
SELECT basis FROM delegation
WHERE space_id = %(space)s AND delegate = %(delegate)s AND kind = 'representative' AND ended_at IS NULL
  AND refused_at IS NULL AND ends_at > %(at)s
"""


class Judgment(msgspec.Struct, frozen=True, kw_only=True):
    """What a judge decided, as the agent reads it. until: the last day, for a measure that begins."""

    measure: Measure | None
    court: str
    judged_on: date | None
    number: str
    until: date | None
    proof: Letter | None

    def __repr__(self) -> str:
        return "Judgment(<hidden>)"


class AskedGuardianship(msgspec.Struct, frozen=True, kw_only=True):
    """Who is protected and by whom, as the judgment names them. numbers: what the guardian's may be, under each
    authority trusted here.
    """

    person: IdentityTraits
    guardian: IdentityTraits
    numbers: tuple[Ins, ...]
    judgment: Judgment

    def __repr__(self) -> str:
        return "AskedGuardianship(<hidden>)"


def lacking(judgment: Judgment, *, at: datetime) -> tuple[Problem, ...]:
    """Return what is missing or cannot be, all of it at once."""
    today, until = legal_day(at), judgment.until
    begins = judgment.measure is not None and judgment.measure is not Measure.OVER
    wrong = (
        (judgment.measure is None, NO_MEASURE),
        (not judgment.court.strip(), NO_COURT),
        (judgment.judged_on is None, NO_DAY),
        (judgment.judged_on is not None and judgment.judged_on > today, DAY_TO_COME),
        (not judgment.number.strip(), NO_NUMBER),
        (begins and (until is None or not today <= until < today + LONGEST), _at(BAD_END, "fin")),
        (judgment.proof is None, NO_JUDGMENT),
    )
    return tuple(problem for is_wrong, problem in wrong if is_wrong)


async def ask_guardianship(*, actor: Actor, contact: UUID, asked: AskedGuardianship, at: datetime) -> UUID:
    """Record what is asked in a contact; return the request.

    Raises Invalid (what is missing or does not fit, a guardian nobody finds, asked already), NotFound (the contact is
    over), Refused (identity not checked).
    """
    if problems := lacking(asked.judgment, at=at):
        raise Invalid(*problems)
    seen, standing = await see_contact(actor=actor, contact=contact, at=at)
    if seen.checked_at is None or seen.asker not in {Asker.PERSON, Asker.REPRESENTATIVE}:
        raise Refused(NOT_CHECKED)
    if seen.channel is Channel.PHONE:
        raise Invalid(BY_PAPER)
    if standing.space is None or Script.GUARDIANSHIP not in offered(standing.state):
        raise Invalid(NOT_OFFERED)
    guardian = await _found(actor, seen, asked, at)
    made = randomness.uuid4()
    async with work(space=standing.space, at=at) as w:
        held = await held_contact(w, actor=actor, contact=contact, checked=True)
        await _check_pair(w, held, asked, guardian)
        if not await w.execute(_ADD, _row(w, made, held, asked, guardian, actor)):
            raise Invalid(ASKED_ALREADY)
        details = {"request": made.hex, "measure": str(asked.judgment.measure)}
        deed = Deed(script=Script.GUARDIANSHIP, name="ask", act=Act.ASK_GUARDIANSHIP, details=details)
        await note_deed(w, held, actor=actor, deed=deed)
    return made


async def _found(actor: Actor, contact: DeskContact, asked: AskedGuardianship, at: datetime) -> Ins:
    """Return the number the guardian is known by. Raises Invalid; either way the search leaves its trace."""
    found = await find_somebody(asked=asked.numbers, traits=asked.guardian)
    async with work(space=found.space if found else None, at=at) as w:
        told = {"channel": str(contact.channel), "found": found is not None}
        await record(w, Act.DESK_FIND, allow(Ground.DUTY), actor=actor, details=told)
    if found is None:
        raise Invalid(NOBODY_THERE)
    return next(one for one in asked.numbers if person_digest(one) == found.digest)


async def _check_pair(w: Work, held: DeskContact, asked: AskedGuardianship, guardian: Ins) -> None:
    """Raise Invalid unless these two are who the contact and the judgment speak of, and it changes something."""
    if not await names_them(w, digest=held.digest, traits=asked.person):
        raise Invalid(OTHER_PROTECTED)
    if person_digest(guardian) == held.digest:
        raise Invalid(GUARDS_THEMSELVES)
    params = {"space": w.space_id, "delegate": digest_in(w.space_id, guardian), "at": w.at}
    bases = {str(row[0]) for row in await w.rows(_BASIS, params)}
    if asked.judgment.measure is Measure.OVER and not bases & GUARDIANS:
        raise Invalid(NOT_A_GUARDIAN)
    if asked.judgment.measure is not Measure.OVER and bases:
        raise Invalid(_at(ALREADY, "ins"))


def _row(
    w: Work, made: UUID, held: DeskContact, asked: AskedGuardianship, guardian: Ins, actor: Actor
) -> dict[str, object]:
    judgment, traits = asked.judgment, asked.guardian
    proof = judgment.proof
    given = " ".join(traits.given_names[:1])
    file = GuardianFile(
        person=" ".join((*asked.person.given_names[:1], asked.person.birth_name)).strip(),
        born=asked.person.birth_date or "",
        guardian=Delegate(
            ins=guardian,
            birth_name=traits.birth_name,
            given_name=given,
            birth_date=traits.birth_date or "",
            name=f"{given} {traits.birth_name}".strip(),
        ),
        court=judgment.court.strip(),
        judged_on=judgment.judged_on or legal_day(w.at),  # it is there: `lacking` saw to it
        number=judgment.number.strip(),
        until=None if judgment.measure is Measure.OVER else judgment.until,
    )
    return {
        "request": made,
        "digest": held.digest,
        "guardian": index_digest(person_digest(guardian)),
        "asker": str(held.asker),
        "shown": sorted(held.shown),
        "measure": str(judgment.measure),
        "file": seal_guardianship("file_enc", msgspec.json.encode(file), request=made),
        "type": proof.media_type if proof else None,
        "proof": seal_guardianship("proof_enc", proof.content, request=made) if proof else None,
        "by": actor.identifier,
        "at": w.at,
    }


def _at(problem: Problem, path: str) -> Problem:
    return msgspec.structs.replace(problem, path=path)
