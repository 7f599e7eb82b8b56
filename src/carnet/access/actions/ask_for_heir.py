"""An agent of the desk records what an heir asks for: who, in what capacity, what for, the proof, and the physician.

The one who recorded it answers nothing: another agent does. What the person said while alive closes it at once, and the
heir may be told so. Opens no key of a space. Source: L1110-4 V, R1111-7 CSP; decision 0199.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from carnet.access.own_data import sensitive_types
from carnet.access.queries.heirs import HeirFile, may_be_named, seal_file, seal_proof
from carnet.access.rules.heirs_requests import (
    NO_MOTIVE,
    NO_PROOF,
    NO_STATEMENT,
    NOT_A_MINOR,
    NOT_THEMSELVES,
    NOT_THIS_PHYSICIAN,
    OTHER_TRAITS,
    AtDeath,
    Capacity,
    Purpose,
    Refusal,
    at_death,
    is_refused_ahead,
)
from carnet.identity.api import IdentityTraits, Ins
from carnet.infra import randomness
from carnet.infra.db import Work, work
from carnet.infra.installation import current
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow
from carnet.kernel.errors import Invalid, Problem, Refused
from carnet.spaces.api import (
    NOT_CHECKED,
    NOT_OFFERED,
    Asker,
    Deed,
    Delegate,
    DeskContact,
    Letter,
    Script,
    State,
    held_contact,
    index_digest,
    names_them,
    note_deed,
    person_digest,
    see_contact,
)

# ## What the person said while alive, and when they died: a space closed before that was closed by the living ##
_SPACE = """
SELECT a.refuses_heirs, coalesce(e.since, %(at)s), a.state
FROM authz a LEFT JOIN space_ending e USING (space_id)
WHERE a.space_id = %(space)s FOR SHARE OF a
"""
_OWN_NUMBER = "SELECT ins_digest FROM ins_index WHERE ins_digest = ANY(%(digests)s::bytea[]) LIMIT 1"
_ADD = """
INSERT INTO heirs_request (request_id, place, heir, capacity, motive, physician, withheld, request_enc, proof_type,
  proof_enc, asked_by, asked_at, answer, reason, answered_by, answered_at)
VALUES (%(request)s, %(space)s, %(heir)s, %(capacity)s, %(motive)s, %(physician)s, %(withheld)s, %(file)s, %(type)s,
  %(proof)s, %(by)s, %(at)s, %(answer)s, %(reason)s, %(answered_by)s, %(answered_at)s)
"""


class AskedByHeir(msgspec.Struct, frozen=True, kw_only=True):
    """What an heir asks for. numbers: what theirs may be, under each authority trusted here; deceased: as they name
    them; motive: None for parents of a minor; physician: RPPS.
    """

    heir: Delegate
    numbers: tuple[Ins, ...]
    deceased: IdentityTraits
    capacity: Capacity
    motive: Purpose | None
    statement: str
    physician: str
    proof: Letter | None

    def __repr__(self) -> str:
        return "AskedByHeir(<hidden>)"


async def ask_for_heir(*, actor: Actor, contact: UUID, asked: AskedByHeir, at: datetime) -> UUID:
    """Record the request of the heir of a contact; return its id. Refused at once where the person said so alive.

    Raises Invalid (what is missing or does not fit), NotFound (the contact is over), Refused (identity not checked).
    """
    _check(asked)
    _, standing = await see_contact(actor=actor, contact=contact, at=at)
    if standing.space is None or standing.state is not State.DECEASED:
        raise Invalid(NOT_OFFERED)
    made = randomness.uuid4()
    async with work(space=standing.space, at=at) as w:
        held = await held_contact(w, actor=actor, contact=contact, checked=True)
        if held.asker is not Asker.HEIR:
            raise Refused(NOT_CHECKED)
        refuses, age = await _known(w, held, asked)
        asked = await _as_known(w, asked)
        refused = is_refused_ahead(asked.capacity, refuses=refuses)
        if not refused and not await may_be_named(w, asked.physician):
            raise Invalid(NOT_THIS_PHYSICIAN)
        await w.execute(_ADD, _row(w, made, asked, age, actor, refused=refused))
        said = {"request": made.hex, "capacity": str(asked.capacity)}
        said |= {"motive": str(asked.motive)} if asked.motive else {}
        deed = Deed(script=Script.HEIRS, name="ask", act=Act.ASK_FOR_HEIR, details=said)
        await note_deed(w, held, actor=actor, deed=deed)
        if refused:
            told = {"request": made.hex, "answer": "refused", "why": str(Refusal.PERSON)}
            await record(w, Act.ANSWER_HEIR, allow(Ground.DUTY), actor=actor, details=told)
    return made


def _check(asked: AskedByHeir) -> None:
    """Raise Invalid for what the form lacks, all of it at once."""
    lacking: tuple[tuple[bool, Problem], ...] = (
        (asked.capacity is not Capacity.PARENT and asked.motive is None, NO_MOTIVE),
        (asked.capacity is not Capacity.PARENT and not asked.statement.strip(), NO_STATEMENT),
        (asked.proof is None, NO_PROOF),
    )
    if problems := [problem for missing, problem in lacking if missing]:
        raise Invalid(*problems)


async def _known(w: Work, held: DeskContact, asked: AskedByHeir) -> tuple[bool, AtDeath]:
    """Return whether the person refused heirs, and what their age decides. Raises Invalid for another's traits."""
    if not await names_them(w, digest=held.digest, traits=asked.deceased):
        raise Invalid(OTHER_TRAITS)
    if held.digest in map(person_digest, asked.numbers):
        raise Invalid(NOT_THEMSELVES)
    row = await w.row(_SPACE, {"space": w.space_id, "at": w.at})
    if row is None or row[2] != State.DECEASED:
        raise Invalid(NOT_OFFERED)
    age = at_death(asked.deceased.birth_date or "", limits=current().limits.family, died_at=row[1])
    if asked.capacity is Capacity.PARENT and not age.minor:
        raise Invalid(NOT_A_MINOR)
    return bool(row[0]), age


async def _as_known(w: Work, asked: AskedByHeir) -> AskedByHeir:
    """Return it with the number the heir's own space is found by, where they have one: nobody is told which."""
    by_digest = {person_digest(one): one for one in asked.numbers}
    row = await w.row(_OWN_NUMBER, {"digests": list(by_digest)})
    if row is None:
        return asked
    heir = msgspec.structs.replace(asked.heir, ins=by_digest[bytes(row[0])])
    return msgspec.structs.replace(asked, heir=heir)


def _row(w: Work, made: UUID, asked: AskedByHeir, age: AtDeath, actor: Actor, *, refused: bool) -> dict[str, object]:
    proof = asked.proof
    name = " ".join((*asked.deceased.given_names[:1], asked.deceased.birth_name)).strip()
    file = HeirFile(heir=asked.heir, statement=asked.statement.strip(), deceased=name)
    return {
        "request": made,
        "space": w.space_id,
        "heir": index_digest(person_digest(asked.heir.ins)),
        "capacity": str(asked.capacity),
        "motive": str(asked.motive) if asked.motive else None,
        "physician": asked.physician,
        "withheld": sorted(sensitive_types()) if age.discreet else [],
        "file": seal_file(file, request=made),
        "type": proof.media_type if proof else None,
        "proof": seal_proof(proof.content, request=made) if proof else None,
        "by": actor.identifier,
        "at": w.at,
        "answer": "refused" if refused else None,
        "reason": str(Refusal.PERSON) if refused else None,
        "answered_by": actor.identifier if refused else None,
        "answered_at": w.at if refused else None,
    }
