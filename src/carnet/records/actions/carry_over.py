"""An earlier record goes into the space of its person: one IHE_XDM archive, document by document.

Everything is decided before the first document goes in: whom the archive is about, whether their space is open, whether
the identity agrees, what cannot go in and why, what hides each from its first moment. Each document is one deposit, so
a crash leaves whole documents; what is there already, by number or by bytes, is left out, so that going on repeats
nothing. Source: R1111-40 CSP; IHE ITI TF-1 §16.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from carnet.access.api import Look, Need, look, look_in
from carnet.formats.xdm import Medium, read_medium
from carnet.identity.api import Ins
from carnet.infra.db import rows_in_one_trip, work
from carnet.infra.db.work import Statement
from carnet.infra.installation import current
from carnet.infra.jobs.outbox import publish
from carnet.journal.api import Act
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Reason
from carnet.kernel.errors import CarnetError, Invalid, NotFound, Problem, Refused
from carnet.kernel.ids import SpaceId
from carnet.records import errors
from carnet.records.actions.carried_candidates import Candidate, candidates_of, check_traits
from carnet.records.actions.carried_sets import Placed, carried_sets, keep_sets
from carnet.records.actions.deposit import deposit_carried
from carnet.records.actions.refusing import refuse_in_space, refuse_without_space
from carnet.records.data import INVISIBLE_PATIENT, NORMAL
from carnet.records.events import RecordCarriedOver
from carnet.records.queries.carried_before import There, carried_before
from carnet.records.rules.carried_document import person_of
from carnet.records.rules.versions_carried import Going, in_order
from carnet.spaces.api import find_statement, found_space, open_person, person_statement

MOST_ARCHIVE_BYTES: Final = 200_000_000
"""Of one archive, and of everything in it once inflated."""
MOST_DOCUMENTS: Final = 250
NOT_A_MEDIUM: Final = Problem(
    "not-xdm", "Ce fichier n'est pas une archive IHE_XDM.", "This file is not an IHE_XDM archive."
)
# ## Did this archive go in whole? ##
_DONE = "SELECT 1 FROM carried_archive WHERE archive_digest = %(digest)s"
_END = """
INSERT INTO carried_archive (archive_digest, ended_at, documents) VALUES (%(digest)s, %(at)s, %(documents)s)
ON CONFLICT DO NOTHING
"""


class LeftOut(msgspec.Struct, frozen=True):
    """A document that did not go in: its file's name, and why."""

    file: str
    problem: Problem


class CarriedOver(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an archive. already: documents that were there; before: the archive went in whole earlier."""

    stored: int = 0
    already: int = 0
    left_out: tuple[LeftOut, ...] = ()
    before: bool = False


class _Tally(msgspec.Struct):
    """What went in so far. known: a document its person may know of, the least hidden one; placed: what each is."""

    stored: int = 0
    already: int = 0
    known: UUID | None = None
    hidden: int = 0
    by_bytes: dict[str, UUID] = msgspec.field(default_factory=dict)
    placed: dict[int, Placed] = msgspec.field(default_factory=dict)

    def note(self, document: UUID, place: int, codes: frozenset[str]) -> None:
        self.placed[place] = Placed(document, hidden=bool(codes))
        if INVISIBLE_PATIENT not in codes and (self.known is None or len(codes) < self.hidden):
            self.known, self.hidden = document, len(codes)


async def carry_over(*, actor: Actor, archive: bytes, at: datetime) -> CarriedOver:
    """Carry an archive over; return what went in, once it is durable. Safe to run again after a crash at any moment.

    Raises Invalid (archive, people), NotFound (no open space), Refused: then nothing of it went in, and the refusal is
    journalled. Raises Unavailable: what went in stays, the same call goes on.
    """
    digest = await asyncio.to_thread(_digest, archive)
    (done,) = await rows_in_one_trip([Statement(_DONE, {"digest": digest})], space=None)
    if done:
        return CarriedOver(before=True)
    try:
        medium = await asyncio.to_thread(_medium, archive)
        ins = person_of(medium.patients, accepted=current().limits.accepted_ins_oids)
        space = await _space_of(ins)
    except (Invalid, NotFound) as refused:
        await _trace_refusal(actor, refused, at)
        raise
    seen = await look(actor=actor, space=space, at=at, statements=[person_statement(space)])
    await _decide(seen, space)
    candidates = await candidates_of(medium, actor=actor, ins=ins, at=at)
    await _check_identity(seen, space, candidates)
    tally = await _store(seen, space, candidates)
    left_out = tuple(LeftOut(one.file, one.problem) for one in candidates if one.problem is not None)
    sets = carried_sets(medium, ins=ins, placed=tally.placed, at=at)
    async with work(space=space, at=at) as w:
        if (await look_in(w, actor=actor)).decide(Need.CARRY_OVER).allowed:  # closed meanwhile: what is left waits
            await keep_sets(w, sets, actor=actor, keys=seen.opened_keys)
            if not left_out:
                await w.execute(_END, {"digest": digest, "at": at, "documents": tally.stored + tally.already})
            if tally.known is not None:
                await publish(w, RecordCarriedOver(space=space, document=tally.known))
    return CarriedOver(stored=tally.stored, already=tally.already, left_out=left_out)


async def _space_of(ins: Ins) -> SpaceId:
    space = await found_space((await rows_in_one_trip([find_statement(ins)], space=None))[0])
    if space is None:
        raise NotFound(errors.UNKNOWN_PATIENT)
    return space


def _digest(archive: bytes) -> bytes:
    return current().house_key.digest(hashlib.sha256(archive).hexdigest(), purpose="carried-archive")


def _medium(archive: bytes) -> Medium:
    medium = read_medium(archive, most_bytes=MOST_ARCHIVE_BYTES, most_documents=MOST_DOCUMENTS)
    if medium is None:
        raise Invalid(NOT_A_MEDIUM)
    return medium


async def _trace_refusal(actor: Actor, refused: CarnetError, at: datetime) -> None:
    """Before anybody's space is known: codes only, in the security journal."""
    reason = Reason.SPACE_NOT_OPEN if isinstance(refused, NotFound) else Reason.INVALID_INPUT
    details = {"problems": sorted({problem.code for problem in refused.problems})}
    await refuse_without_space(actor=actor, act=Act.CARRY_OVER_RECORDS, reason=reason, at=at, details=details)


async def _decide(seen: Look, space: SpaceId) -> None:
    decision = seen.decide(Need.CARRY_OVER)
    if decision.allowed:
        return
    reason = decision.reason or Reason.NOT_A_READER
    if seen.facts.state == "NONE":
        await refuse_without_space(actor=seen.actor, act=Act.CARRY_OVER_RECORDS, reason=reason, at=seen.at)
    else:
        await refuse_in_space(actor=seen.actor, space=space, act=Act.CARRY_OVER_DOCUMENT, reason=reason, at=seen.at)
    if reason is Reason.SPACE_NOT_OPEN:
        raise NotFound(errors.UNKNOWN_PATIENT)
    decision.raise_if_refused()


async def _check_identity(seen: Look, space: SpaceId, candidates: Sequence[Candidate]) -> None:
    """What is about somebody else is left out, and journalled once for the archive."""
    holder = open_person(seen.rows[0][0][0], keys=seen.opened_keys, space=space)
    differing = check_traits(candidates, holder.traits)
    if differing:
        await refuse_in_space(
            actor=seen.actor,
            space=space,
            act=Act.CARRY_OVER_DOCUMENT,
            reason=Reason.TRAITS_DISAGREE,
            at=seen.at,
            details={"differing": differing},
        )


async def _store(seen: Look, space: SpaceId, candidates: Sequence[Candidate]) -> _Tally:
    """Put in what can go in, older versions first."""
    there = await _there(seen, space, candidates)
    links = [msgspec.structs.replace(one.link, refused=one.problem is not None) for one in candidates]
    going, refused = in_order(links)
    for place, problem in refused.items():
        candidates[place].problem = problem
    tally = _Tally()
    for one in going:
        await _carry(seen, space, candidates[one.place], one, there=there[one.place], tally=tally)
    return tally


async def _there(seen: Look, space: SpaceId, candidates: Sequence[Candidate]) -> dict[int, There]:
    """Return what is here of each document that could go in; its number with other bytes keeps it out."""
    asked = {place: one.new for place, one in enumerate(candidates) if one.new is not None}
    found = await carried_before(space, list(asked.values()), keys=seen.opened_keys)
    there = dict(zip(asked, found, strict=True))
    for place, one in there.items():
        if one.other_bytes and candidates[place].problem is None:
            candidates[place].problem = errors.OTHER_BYTES
    return there


async def _carry(
    seen: Look, space: SpaceId, candidate: Candidate, going: Going, *, there: There, tally: _Tally
) -> None:
    if candidate.new is None or candidate.traits is None:
        raise AssertionError("what cannot go in goes in")
    sha256 = candidate.new.metadata.sha256
    known = there.number or (None if going.versioned else there.content or tally.by_bytes.get(sha256))
    if known is not None:
        tally.already += 1
        tally.note(known, going.place, going.codes)
        return
    new = msgspec.structs.replace(candidate.new, codes=going.codes or frozenset({NORMAL}))
    try:
        receipt = await deposit_carried(
            actor=seen.actor, space=space, document=new, traits=candidate.traits, at=seen.at
        )
    except (Invalid, NotFound, Refused) as refused:
        candidate.problem = refused.problems[0]
        return
    (stored,) = receipt.documents
    tally.by_bytes[sha256] = stored.document_id
    tally.stored += stored.created
    tally.already += not stored.created
    tally.note(stored.document_id, going.place, going.codes)
