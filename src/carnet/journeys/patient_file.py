"""A professional at the door of a space: finding it by INS, seeing whose it is, adding a document to it.

Crosses identity (the INS), spaces (whose), access (may they), records (deposit). Unknown, closed, erased and blocked
are one and the same answer after the same work: whoever types numbers learns nothing from them. It ignores pages, and
lists nobody: there is no way in but a complete, correct INS.
"""

from datetime import datetime
from typing import Final, Literal

import msgspec

from carnet.access.api import ClosedSince, Effect, HeirsReading, Look, Need, closed_since, current_matrix, look
from carnet.design.language import Language
from carnet.formats.kinds import ContentKind, identify
from carnet.identity.api import Ins, parse_ins
from carnet.infra import randomness
from carnet.infra.db import rows_in_one_trip, work
from carnet.infra.installation import current
from carnet.journal.api import Act, Trace, record_durably
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Decision, Ground, Reason, problem_of
from carnet.kernel.errors import Invalid, NotFound, Problem, Refused
from carnet.kernel.ids import SpaceId
from carnet.records.api import (
    Author,
    DeclaredDocument,
    Deposit,
    Stored,
    deposit,
    establish,
    journalled_input,
    near,
    refuse_unknown,
)
from carnet.spaces.api import Person, find_statement, found_space, open_person, person_statement

_MOTIVES: Final = {
    "holder": (", à la demande de la personne", ", at the person's request"),
    "death": (", après un décès", ", after a death"),
}
Standing = Literal["authorised", "to_ask", "emergency", "heirs"]
NOT_FOUND: Final = Problem(
    "patient-not-found",
    "Aucun espace ne peut être ouvert avec ce matricule.",
    "No space can be opened with this number.",
    "ins",
)


class Patient(msgspec.Struct, frozen=True, kw_only=True):
    """Whose space this is, for somebody who may know that it exists.

    standing: "authorised" (may list and read) or "to_ask" (the person's agreement must first be recorded). since: start
    of the authorisation it rests on. through_organisation: it was given to the organisation. administrator: sees masked
    documents too. emergency_until: standing "emergency", when it ends: nobody agreed, a banner must say so.
    code_needed: an agreement is recorded with the one-time code the person shows (the strong mode). reading: standing
    "heirs", the person died and this is looked at for an heir: until when, and what for.
    """

    space: SpaceId
    person: Person
    standing: Standing
    since: datetime | None = None
    through_organisation: bool = False
    administrator: bool = False
    emergency_until: datetime | None = None
    code_needed: bool = False
    reading: HeirsReading | None = None


class Added(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a document: kept now, or already there unchanged. warnings: accepted, with a word to say."""

    stored: Stored
    warnings: tuple[Problem, ...] = ()


async def find_patient(
    *, actor: Actor, matricule: str, oid: str | None = None, motive: str = "", at: datetime
) -> Patient:
    """Return the patient of a typed INS. The search is journalled: in their space, else in the security journal.

    oid: who assigned the number, when that is known (a launch says it): nobody else's number is meant. motive: why, a
    code the professional chose, written in the trace.
    Raises Invalid (not a matricule, wrong key), Refused (this professional may read nobody's documents), NotFound
    (unknown, closed, blocked: one answer). Source: mes.md §2.4 (TD0.2), R1111-46 CSP.
    """
    _check_reader(actor)
    asked = candidates(matricule, oid=oid)
    rows = await rows_in_one_trip([find_statement(ins) for ins in asked], space=None)
    found = await found_space(next((one for one in rows if one), []))
    seen = await _look(actor, found or SpaceId(randomness.uuid4()), at)
    if found is None:
        await refuse_unknown(actor=actor, act=Act.FIND_PATIENT, ins=asked[0], at=at)
    else:
        decision = _known(seen)
        await record_durably(
            Trace(
                act=Act.FIND_PATIENT,
                actor=actor,
                decision=decision,
                at=at,
                space=found,
                details=({"motive": motive} if motive else {}) | near(actor, asked[0], at=at),
            )
        )
    return _patient(seen)


async def see_patient(*, actor: Actor, space: SpaceId, at: datetime) -> Patient:
    """Return the patient of a space already found, as things stand now. Raises NotFound when it closed or blocked.

    Leaves no trace of its own: it only repeats what `find_patient` journalled, beside acts that are journalled.
    Whoever lost a right by the closing is told so (Refused): its day and motive, no more. A search never tells it.
    """
    try:
        return _patient(await _look(actor, space, at))
    except NotFound:
        async with work(space=space, at=at) as w:
            closed = await closed_since(w, actor=actor)
        if closed is None:
            raise
    raise Refused(_closed_problem(closed))


async def add_for_patient(*, actor: Actor, patient: Patient, declared: DeclaredDocument, at: datetime) -> Added:
    """Check and deposit a document as the professional, for their organisation; return when it is durable.

    Feeding needs no authorisation (R1111-47 CSP). The identity is the space's own; a CDA that names somebody else is
    refused. Raises as `records.establish` and `records.deposit`; a refusal is journalled.
    """
    person = patient.person
    said = msgspec.structs.replace(
        declared,
        traits=person.traits,
        patient_display=person.display_name,
        authors=declared.authors or authors_of(actor, declared),
    )
    async with journalled_input(actor=actor, act=Act.DEPOSIT_DOCUMENT, at=at):
        established = await establish(actor=actor, declared=said, ins=person.ins, at=at)
    parcel = Deposit(
        ins=person.ins, traits=person.traits, documents=(established.document,), claimed_space=patient.space
    )
    receipt = await deposit(actor=actor, deposit=parcel, at=at)
    return Added(stored=receipt.documents[0], warnings=established.warnings)


def _closed_problem(closed: ClosedSince) -> Problem:
    """The day and the motive the law lets professionals know (mes.md §3.3)."""
    fr, en = _MOTIVES.get(closed.motive, ("", ""))
    day_fr, day_en = (Language(code=code).long_date(closed.closed_at) for code in ("fr", "en"))
    return Problem(
        "space-closed",
        f"Cet espace est fermé depuis le {day_fr}{fr}.",
        f"This space has been closed since {day_en}{en}.",
    )


def _check_reader(actor: Actor) -> None:
    """What depends on the professional alone is told first, so that it says nothing about the patient."""
    if not actor.strong:
        raise Refused(problem_of(Reason.WEAK_AUTHENTICATION))
    if actor.profession is None or not current_matrix().knows(actor.profession):
        raise Refused(problem_of(Reason.UNKNOWN_PROFESSION))


def candidates(matricule: str, *, oid: str | None = None) -> list[Ins]:
    """A card shows the number, not who assigned it: every accepted authority is asked, in a fixed order."""
    accepted = current().limits.accepted_ins_oids
    if not accepted:
        raise Invalid(NOT_FOUND)
    ordered = [oid] if oid else sorted(accepted, key=lambda one: [int(part) for part in one.split(".")])
    return [parse_ins(matricule=matricule, oid=one, accepted_oids=accepted, path="ins") for one in ordered]


async def _look(actor: Actor, space: SpaceId, at: datetime) -> Look:
    return await look(actor=actor, space=space, at=at, statements=[person_statement(space)])


def _patient(seen: Look) -> Patient:
    known = _known(seen)
    if not known.allowed or seen.keys is None or not seen.rows[0]:
        raise NotFound(NOT_FOUND)
    space = seen.facts.space
    person = open_person(seen.rows[0][0][0], keys=seen.keys, space=space)
    if known.ground is Ground.HEIRS_REQUEST:
        return Patient(space=space, person=person, standing="heirs", reading=seen.facts.heirs)
    if seen.mode_ends_at is not None:
        return Patient(space=space, person=person, standing="emergency", emergency_until=seen.mode_ends_at)
    if not seen.decide(Need.LIST).allowed:
        return Patient(space=space, person=person, standing="to_ask", code_needed=seen.facts.strong_consent)
    return _authorised(seen, person)


def _known(seen: Look) -> Decision:
    """Return whether they may know that this person has a space: to ask for their agreement, or to read for an heir."""
    asking = seen.decide(Need.RECORD_CONSENT)
    looking = asking if asking.allowed else seen.decide(Need.LIST)
    return looking if looking.ground is Ground.HEIRS_REQUEST else asking


def _authorised(seen: Look, person: Person) -> Patient:
    permits = [line for line in seen.facts.authorisations if line.effect is Effect.PERMIT and line.in_force(seen.at)]
    own = [line for line in permits if line.rpps is not None]
    line = min(own or permits, key=lambda one: one.starts_at)
    return Patient(
        space=seen.facts.space,
        person=person,
        standing="authorised",
        since=line.starts_at,
        through_organisation=not own,
        administrator=any(one.is_administrator for one in permits),
    )


def authors_of(actor: Actor, declared: DeclaredDocument) -> tuple[Author, ...]:
    """The professional who adds it; a clinical document says itself who wrote it."""
    if identify(declared.content) is ContentKind.CDA:
        return ()
    return (
        Author(
            kind="practitioner",
            rpps=actor.rpps,
            finess=actor.organisation,
            family_name=actor.name,
            organisation_name=actor.organisation_name,
        ),
    )
