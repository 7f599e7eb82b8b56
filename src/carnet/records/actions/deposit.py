"""A document arrives. Intent, sealed bytes, one transaction, and only then an answer (DESIGN §4).

Three round trips to the database: find the space and note the intent (`intents`); read facts, keys, person and what is
already there; write everything. The bytes are sealed and synced between the second and the third. A crash anywhere
leaves either nothing visible or everything; bytes without a row are collected from old intents.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NoReturn
from uuid import UUID

import psycopg

from carnet.access.api import Look, Need, look
from carnet.identity.api import IdentityTraits, Ins, Trait, compare, problems_of
from carnet.infra import randomness
from carnet.infra.db import rows_in_one_trip
from carnet.infra.db.work import rows_of_one
from carnet.infra.installation import current
from carnet.journal.api import Act, acknowledge
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Reason, problem_of
from carnet.kernel.errors import CarnetError, Conflict, Invalid, NotFound, Problem, Refused, Unavailable
from carnet.kernel.ids import SpaceId
from carnet.records import errors
from carnet.records.actions.deposit_statements import (
    Plan,
    Writing,
    concluding_statement,
    content_digest,
    document_statements,
    feedable_statement,
    forget_statement,
    journal_rows,
    submission_statement,
)
from carnet.records.actions.intents import Taken, intent_statements, intents
from carnet.records.actions.refusing import refuse_in_space, refuse_unknown, refuse_without_space
from carnet.records.data import INVISIBLE_REPRESENTANTS, Deposit, NewDocument, Receipt, Stored
from carnet.records.queries.existing import Existing, Found, existing_statements, source_of, to_found
from carnet.records.rules.confidentiality import codes_in_force
from carnet.spaces.api import find_statement, found_space, open_person

REQUIRED_TRAITS = frozenset({Trait.BIRTH_NAME, Trait.SEX, Trait.BIRTH_DATE})
_GUARDS = {
    "CN001": Reason.SPACE_NOT_OPEN,
    "CN002": Reason.SUSPENDED,
    "CN003": Reason.NOT_CURRENT,
    "CN004": Reason.DELEGATION_OVER,
}


async def deposit(*, actor: Actor, deposit: Deposit, at: datetime) -> Receipt:
    """Feed a space; return the receipt once content and rows are durable.

    Raises NotFound (no open space for this INS), Invalid (traits, target), Conflict (same identifier, other bytes;
    replaced document no longer current), Refused (software suspended, not the author), Unavailable. A refusal is
    journalled, nothing is stored.
    """
    if deposit.traits is None:  # before anybody is looked for: a number alone asks nothing
        await _refuse_without_traits(actor, at)
    notes = intents()
    with notes.deposit():
        taken = notes.take(len(deposit.documents), at=at)
        space = await _find(deposit, actor, taken, at)
        try:
            return await _deposit_into(actor=actor, space=space, deposit=deposit, blobs=taken.blobs, at=at)
        except Unavailable:
            notes.forget()  # perhaps one of them was collected: then the others were too
            raise


async def deposit_own(*, actor: Actor, space: SpaceId, document: NewDocument, at: datetime) -> Receipt:
    """The person adds one of their own documents to their space: same path, no traits to compare."""
    blob = randomness.uuid4()
    await rows_in_one_trip(intent_statements((blob,), at=at), space=None)
    own = Deposit(ins=Ins("", ""), traits=None, documents=(document,))
    return await _deposit_into(actor=actor, space=space, deposit=own, blobs=(blob,), at=at)


async def deposit_carried(
    *, actor: Actor, space: SpaceId, document: NewDocument, traits: IdentityTraits, at: datetime
) -> Receipt:
    """Carry one document of an earlier record over into `space`: same path, the identifiers of whoever wrote it."""
    blob = randomness.uuid4()
    await rows_in_one_trip(intent_statements((blob,), at=at), space=None)
    carried = Deposit(ins=Ins("", ""), traits=traits, documents=(document,), need=Need.CARRY_OVER)
    return await _deposit_into(actor=actor, space=space, deposit=carried, blobs=(blob,), at=at)


async def _refuse_without_traits(actor: Actor, at: datetime) -> NoReturn:
    details = {"problems": [errors.NO_TRAITS.code]}
    reason = Reason.INVALID_INPUT
    await refuse_without_space(actor=actor, act=Act.DEPOSIT_DOCUMENT, reason=reason, at=at, details=details)
    raise Invalid(errors.NO_TRAITS)


async def _find(deposit: Deposit, actor: Actor, taken: Taken, at: datetime) -> SpaceId:
    find, notes = find_statement(deposit.ins), taken.statements(at=at)
    found = (await rows_in_one_trip([find, *notes], space=None))[0] if notes else await rows_of_one(find)
    intents().keep(taken, at=at)
    space = await found_space(found)
    disagree = deposit.claimed_space not in (None, space)
    if space is not None and not disagree:
        return space
    await _end_intents(taken.blobs)
    if space is None:
        await refuse_unknown(actor=actor, act=Act.DEPOSIT_DOCUMENT, ins=deposit.ins, at=at)
    else:
        await _journal(actor, space, at, Invalid(errors.OTHER_PATIENT))
    # one answer whether anybody has this INS or not: a made-up reference must not ask who is there
    raise Invalid(errors.OTHER_PATIENT) if disagree else NotFound(errors.UNKNOWN_PATIENT)


async def _deposit_into(
    *, actor: Actor, space: SpaceId, deposit: Deposit, blobs: Sequence[UUID], at: datetime
) -> Receipt:
    for last_attempt in (False, True):
        known = existing_statements(space, deposit, source=source_of(actor, deposit), at=at)
        seen = await look(actor=actor, space=space, at=at, statements=known)
        try:
            await _decide(seen, space, deposit.need)
            flags = await _vigilance(seen, space, deposit)
            plans, found = await _planned(seen, space, deposit, blobs)
        except (Invalid, Refused, NotFound):
            await _end_intents(blobs)
            raise
        for plan in plans:
            if plan.existing is None:
                await current().blobs.put(plan.blob_id, plan.new.content, keys=seen.opened_keys, space_id=space)
        try:
            return await _write(seen, plans, deposit, found, flags=flags)
        except psycopg.errors.UniqueViolation:
            # the same deposit arrived twice at once: the other one won, so answer what it stored
            if last_attempt:
                raise
            blobs = tuple(randomness.uuid4() for _ in blobs)
            await rows_in_one_trip(intent_statements(blobs, at=at), space=None)
        except psycopg.DatabaseError as raised:
            reason = _GUARDS.get(raised.sqlstate or "")
            if reason is None:
                raise
            raise await _guarded(actor, space, at, reason) from raised
    raise AssertionError("unreachable")


async def _planned(seen: Look, space: SpaceId, deposit: Deposit, blobs: Sequence[UUID]) -> tuple[list[Plan], Found]:
    found = to_found(seen, source=source_of(seen.actor, deposit))
    try:
        pairs = zip(deposit.documents, blobs, strict=True)
        plans = [_plan(seen, space, found, new, blob, need=deposit.need) for new, blob in pairs]
        _check_submission(found, plans)
    except (Invalid, Refused, NotFound) as refused:
        await _journal(seen.actor, space, seen.at, refused)
        raise
    return plans, found


async def _end_intents(blobs: Sequence[UUID]) -> None:
    """Nothing was written under these: the collector need not look for them."""
    await rows_in_one_trip([forget_statement(blobs)], space=None)


async def _decide(seen: Look, space: SpaceId, need: Need) -> None:
    decision = seen.decide(need)
    if decision.allowed:
        return
    reason = decision.reason or Reason.NOT_A_READER
    if seen.facts.state != "NONE":
        await refuse_in_space(actor=seen.actor, space=space, act=Act.DEPOSIT_DOCUMENT, reason=reason, at=seen.at)
    if reason in {Reason.SPACE_NOT_OPEN, Reason.OTHER_SPACE}:
        raise NotFound(errors.UNKNOWN_PATIENT)
    decision.raise_if_refused()


async def _vigilance(seen: Look, space: SpaceId, deposit: Deposit) -> list[str]:
    """Compare the traits sent with the holder's; a person feeding their own space sends none. Returns the flags."""
    if deposit.traits is None:
        if seen.actor.is_person_of(space):
            return []
        missing = Invalid(errors.NO_TRAITS)
        await _journal(seen.actor, space, seen.at, missing)
        raise missing
    person = open_person(seen.rows[0][0][0], keys=seen.opened_keys, space=space)
    result = compare(person.traits, deposit.traits, required=REQUIRED_TRAITS)
    if result.accepted:
        return [str(difference.trait) for difference in result.flags]
    await refuse_in_space(
        actor=seen.actor,
        space=space,
        act=Act.DEPOSIT_DOCUMENT,
        reason=Reason.TRAITS_DISAGREE,
        at=seen.at,
        details={"differing": [str(difference.trait) for difference in result.blocking]},
    )
    path = errors.NO_TRAITS.path
    raise Invalid(_at(problem_of(Reason.TRAITS_DISAGREE), path), *problems_of(result, path=path))


def _at(problem: Problem, path: str | None) -> Problem:
    return Problem(problem.code, problem.fr, problem.en, path)


def _kept_from_representatives(seen: Look, found: Found, new: NewDocument) -> frozenset[str]:
    """What comes under a minor's secret consent stays between the two of them.

    Under it comes what its professional sends, whatever names them as its author, and what software of a place they
    work at sends in nobody's name.
    """
    named = {seen.actor.rpps, new.author_rpps, *(author.rpps for author in new.metadata.authors)} - {None}
    under = any(one.rpps in named or (one.here and not named) for one in found.secrets)
    return frozenset({INVISIBLE_REPRESENTANTS}) if under else frozenset()


def _plan(seen: Look, space: SpaceId, found: Found, new: NewDocument, blob: UUID, *, need: Need) -> Plan:
    existing = found.same(new, space=space)
    if existing is not None:
        if content_digest(seen.opened_keys, new) != bytes(existing.content_digest):
            raise Conflict(errors.OTHER_BYTES)
        if existing.status == "deleted":
            raise Conflict(errors.DELETED_BEFORE)
        return Plan(new=new, document_id=existing.document_id, blob_id=blob, codes=existing.codes, existing=existing)
    target = _target(seen, found, new, space, need=need)
    codes = codes_in_force(
        new.codes | _kept_from_representatives(seen, found, new),
        replaced=target.codes if target else frozenset(),
        masked_by_default=seen.facts.masked_by_default,
    )
    return Plan(new=new, document_id=randomness.uuid4(), blob_id=blob, codes=codes, target=target)


def _target(seen: Look, found: Found, new: NewDocument, space: SpaceId, *, need: Need) -> Existing | None:
    if new.replaces is None:
        return None
    target = found.target(new, space=space)
    if target is None and new.only_if_known:
        return None
    if target is None:
        raise NotFound(errors.UNKNOWN_TARGET)
    if need is Need.CARRY_OVER:
        if target.carried and target.status == "current":
            return target
        raise Conflict(errors.STALE_TARGET)
    decision = seen.decide(Need.REPLACE, target.facts())
    if decision.reason is Reason.NOT_CURRENT:
        raise Conflict(errors.STALE_TARGET)
    if not decision.allowed and not seen.decide(Need.LIST, target.facts()).allowed:
        if new.only_if_known:
            return None  # a CDA that names a parent nobody sent here is accepted: so is this one
        raise errors.OfAnotherAuthor(errors.UNKNOWN_TARGET)  # who may not know of it is not told more than that
    decision.raise_if_refused()
    return target


def _check_submission(found: Found, plans: Sequence[Plan]) -> None:
    unique = {plan.new.metadata.unique_id for plan in plans}
    targets = [plan.target.document_id for plan in plans if plan.target]
    if len(unique) != len(plans) or len(set(targets)) != len(targets):
        raise Invalid(errors.IDENTIFIER_TWICE)
    if found.set_id is not None and found.set_documents != {plan.document_id for plan in plans}:
        raise Conflict(errors.OTHER_SET)


async def _journal(actor: Actor, space: SpaceId, at: datetime, error: CarnetError) -> None:
    """Journal what could not be accepted, by its problem codes."""
    codes = sorted({problem.code for problem in error.problems})
    reason = next((one for one in Reason if one in codes), Reason.INVALID_INPUT)
    if isinstance(error, errors.OfAnotherAuthor):
        reason = Reason.NOT_AUTHOR
    details = {"problems": codes} if reason is Reason.INVALID_INPUT else {}
    await refuse_in_space(actor=actor, space=space, act=Act.DEPOSIT_DOCUMENT, reason=reason, at=at, details=details)


async def _guarded(actor: Actor, space: SpaceId, at: datetime, reason: Reason) -> CarnetError:
    """Return what a guard of the write found: rights or the replaced document changed since they were read."""
    await refuse_in_space(actor=actor, space=space, act=Act.DEPOSIT_DOCUMENT, reason=reason, at=at)
    if reason is Reason.NOT_CURRENT:
        return Conflict(errors.STALE_TARGET)
    return NotFound(errors.UNKNOWN_PATIENT) if reason is Reason.SPACE_NOT_OPEN else Refused(problem_of(reason))


async def _write(seen: Look, plans: Sequence[Plan], deposit: Deposit, found: Found, *, flags: Sequence[str]) -> Receipt:
    writing, submission = Writing.of(seen, deposit.need), deposit.submission
    statements = [feedable_statement(writing)]
    stored: list[Stored] = []
    for plan in plans:
        if plan.existing is not None:
            stored.append(_already(plan.existing, seen))
            continue
        rows, resource = document_statements(writing, plan, flags=flags)
        statements += rows
        stored.append(_now(plan, resource, seen.at))
    created = submission is not None and found.set_id is None
    set_id = randomness.uuid4() if created else found.set_id
    if submission is not None and set_id is not None and created:
        documents = [one.document_id for one in stored]
        statements.append(submission_statement(writing, submission, set_id=set_id, documents=documents))
    entries = journal_rows(writing, plans, seen.decide(deposit.need))
    statements.append(concluding_statement(writing, plans, entries))
    await rows_in_one_trip(statements, space=writing.space)
    acknowledge(entries)
    return Receipt(space=writing.space, set_id=set_id, set_created=created, documents=tuple(stored))


def _now(plan: Plan, resource: bytes, at: datetime) -> Stored:
    return Stored(document_id=plan.document_id, created=True, resource=resource, resource_version=1, received_at=at)


def _already(existing: Existing, seen: Look) -> Stored:
    return Stored(
        document_id=existing.document_id,
        created=False,
        resource=existing.open_resource(seen.opened_keys),
        resource_version=existing.resource_version,
        received_at=existing.received_at,
    )
