"""A document arrives. Intent, sealed bytes, one transaction, and only then an answer (DESIGN §4).

Three round trips to the database: find the space and note the intent; read facts, keys, person and what is already
there; write everything. The bytes are sealed and synced between the second and the third. A crash anywhere leaves
either nothing visible or everything; bytes without a row are collected from old intents.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import psycopg

from carnet.access.api import DocumentFacts, Look, Need, look
from carnet.identity.api import Ins
from carnet.identity.rules.vigilance import VigilanceResult, compare
from carnet.infra import randomness
from carnet.infra.db import rows_in_one_trip, system_work
from carnet.infra.db.work import Statement
from carnet.infra.installation import current
from carnet.infra.jobs.outbox import deferral
from carnet.journal.api import Act, Trace, append, record_durably
from carnet.journal.data import to_row
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Decision, Reason, problem_of, refuse
from carnet.kernel.errors import Conflict, Invalid, NotFound, Problem
from carnet.kernel.ids import SpaceId, parse_routable, routable
from carnet.records.data import (
    INVISIBLE_PATIENT,
    INVISIBLE_REPRESENTANTS,
    MASQUE_PS,
    NORMAL,
    Deposit,
    NewDocument,
    Receipt,
    Stored,
    Submission,
)
from carnet.records.events import DocumentDeposited
from carnet.records.queries.sealed import seal_metadata, seal_resource, unique_id_digest
from carnet.records.rules.document_reference import document_reference
from carnet.records.rules.submission_list import submission_list
from carnet.spaces.api import find_statement, open_person, person_statement

UNKNOWN_PATIENT = Problem(
    code="unknown-patient",
    fr="Aucun espace ouvert ne correspond à cette identité.",
    en="No open space matches this identity.",
    path="DocumentReference.subject",
)
NO_TRAITS = Problem(
    code="traits-missing",
    fr="Le nom de naissance, le sexe et la date de naissance sont nécessaires à côté de l'INS.",
    en="Birth name, sex and birth date are needed beside the INS.",
    path="DocumentReference.context.sourcePatientInfo",
)
OTHER_BYTES = Problem(
    code="same-identifier-other-content",
    fr="Un document portant cet identifiant existe déjà avec un autre contenu.",
    en="A document with this identifier already exists with other content.",
    path="DocumentReference.masterIdentifier",
)
UNKNOWN_TARGET = Problem(
    code="replaced-document-unknown",
    fr="Le document à remplacer est introuvable.",
    en="The document to replace cannot be found.",
    path="DocumentReference.relatesTo.target",
)
STALE_TARGET = Problem(
    code="replaced-document-not-current",
    fr="Le document à remplacer n'est plus la version en cours.",
    en="The document to replace is no longer the current version.",
    path="DocumentReference.relatesTo.target",
)

_INTENT = "INSERT INTO deposit_intent (blob_id, noted_at) VALUES (%(blob)s, %(at)s)"
# Raises when the collector took one of the blobs meanwhile: then nothing of this deposit may be committed.
_FORGET = "SELECT release_intents(%(blobs)s::uuid[])"
# ## What is already there under these identifiers ##
_EXISTING = """
SELECT unique_id_digest, document_id, logical_id, version, status, content_digest, author_kind, author_finess, author_rpps,
       type_code, masque_ps, invisible_patient, invisible_representants, resource_enc, resource_version, received_at, changed_at, summary_enc
FROM document WHERE space_id = %(space)s AND (unique_id_digest = ANY(%(digests)s) OR document_id = ANY(%(ids)s))
"""
_SET = "SELECT set_id FROM submission_set WHERE space_id = %(space)s AND unique_id_digest = %(digest)s"
_FEEDABLE = "SELECT assert_feedable(%(space)s, %(client)s)"
_INSERT = """
INSERT INTO document (space_id, document_id, logical_id, version, status, type_code, class_code, category, format_code,
  facility_type, practice_setting, masque_ps, invisible_patient, invisible_representants, author_kind, author_rpps,
  author_finess, client_id, unique_id_digest, content_digest, content_type, size, blob_id, key_version, active_content,
  scanned, document_date, period_start, period_end, received_at, changed_at, resource_enc, summary_enc, flags)
VALUES (%(space)s, %(document)s, %(logical)s, %(version)s, 'current', %(type)s, %(class)s, %(category)s, %(format)s,
  %(facility)s, %(setting)s, %(masque_ps)s, %(invisible_patient)s, %(invisible_representants)s, %(author_kind)s,
  %(author_rpps)s, %(author_finess)s, %(client)s, %(unique)s, %(content)s, %(content_type)s, %(size)s, %(blob)s, 1,
  %(active)s, %(scanned)s, %(date)s, %(period_start)s, %(period_end)s, %(at)s, %(at)s, %(resource)s, %(summary)s, %(flags)s)
"""
_SUPERSEDE = """
UPDATE document SET status = 'superseded', changed_at = %(at)s, resource_version = resource_version + 1,
  resource_enc = %(resource)s
WHERE space_id = %(space)s AND document_id = %(document)s
"""
_CURRENT = "SELECT assert_current(%(space)s, %(document)s, %(version)s)"
_INSERT_SET = """
INSERT INTO submission_set (space_id, set_id, unique_id_digest, source_finess, client_id, submitted_at, received_at, resource_enc)
VALUES (%(space)s, %(set)s, %(digest)s, %(finess)s, %(client)s, %(submitted)s, %(at)s, %(resource)s)
"""
_INSERT_ITEM = "INSERT INTO submission_item (space_id, set_id, document_id) VALUES (%(space)s, %(set)s, %(document)s)"
_JOURNAL = "SELECT count(*) FROM journal_append(%(entries)s::jsonb)"


class Existing(msgspec.Struct, frozen=True, kw_only=True):
    """What a row already there says, enough to decide and to answer again."""

    unique_id_digest: bytes
    document_id: UUID
    logical_id: UUID
    version: int
    status: str
    content_digest: bytes
    author_kind: str
    author_finess: str | None
    author_rpps: str | None
    type_code: str
    masque_ps: bool
    invisible_patient: bool
    invisible_representants: bool
    resource_enc: bytes
    resource_version: int
    received_at: datetime
    changed_at: datetime
    summary_enc: bytes

    def facts(self) -> DocumentFacts:
        """Return what decides about it."""
        return DocumentFacts(
            document_id=self.document_id,
            status=self.status,
            type_code=self.type_code,
            masque_ps=self.masque_ps,
            invisible_patient=self.invisible_patient,
            invisible_representants=self.invisible_representants,
            author_kind=self.author_kind,
            author_rpps=self.author_rpps,
            author_finess=self.author_finess,
        )


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """One document on its way in: what it will be called and what it replaces."""

    new: NewDocument
    document_id: UUID
    blob_id: UUID
    existing: Existing | None = None
    target: Existing | None = None


async def deposit(*, actor: Actor, deposit: Deposit, at: datetime) -> Receipt:
    """Feed a space; return the receipt once content and rows are durable.

    Raises NotFound (no open space for this INS), Invalid (traits, target), Conflict (same identifier, other bytes;
    replaced document no longer current), Refused (software suspended, not the author), Unavailable. A refusal is
    journalled, nothing is stored.
    """
    blobs = tuple(randomness.uuid4() for _ in deposit.documents)
    space = await _find(deposit.ins, actor, blobs, at)
    return await _deposit_into(actor=actor, space=space, deposit=deposit, blobs=blobs, at=at)


async def deposit_own(*, actor: Actor, space: SpaceId, document: NewDocument, at: datetime) -> Receipt:
    """The person adds one of their own documents to their space: same path, no traits to compare."""
    blob = randomness.uuid4()
    await rows_in_one_trip([Statement(_INTENT, {"blob": blob, "at": at})], space=None)
    own = Deposit(ins=Ins("", ""), traits=None, documents=(document,))
    return await _deposit_into(actor=actor, space=space, deposit=own, blobs=(blob,), at=at)


async def _find(ins: Ins, actor: Actor, blobs: Sequence[UUID], at: datetime) -> SpaceId:
    intents = [Statement(_INTENT, {"blob": blob, "at": at}) for blob in blobs]
    rows = await rows_in_one_trip([find_statement(ins), *intents], space=None)
    if rows[0]:
        return SpaceId(rows[0][0][0])
    await refuse_unknown(actor=actor, act=Act.DEPOSIT_DOCUMENT, at=at)
    raise NotFound(UNKNOWN_PATIENT)


async def refuse_unknown(*, actor: Actor, act: Act, at: datetime) -> None:
    """Journal that somebody named a person without an open space; the entry holds no identity."""
    async with system_work(at=at) as w:
        await append(w, Trace(act=act, actor=actor, decision=refuse(Reason.SPACE_NOT_OPEN), at=at, space=None))


async def _deposit_into(
    *, actor: Actor, space: SpaceId, deposit: Deposit, blobs: Sequence[UUID], at: datetime
) -> Receipt:
    for attempt in (1, 2):
        seen = await look(actor=actor, space=space, at=at, statements=_reading(space, deposit))
        plans = _plan(seen, space, deposit, blobs)
        await _decide(actor, seen, space, plans, deposit, at)
        _check_conflicts(seen, plans)
        vigilance = _vigilance(seen, space, deposit)
        if vigilance is not None and not vigilance.accepted:
            await _refuse(actor, space, Reason.TRAITS_DISAGREE, at, differing=vigilance)
            raise Invalid(problem_of(Reason.TRAITS_DISAGREE))
        fresh = [plan for plan in plans if plan.existing is None]
        for plan in fresh:
            await current().blobs.put(plan.blob_id, plan.new.content, keys=seen.opened_keys, space_id=space)
        try:
            return await _write(actor, seen, space, plans, deposit, vigilance, at)
        except psycopg.errors.UniqueViolation:
            # the same deposit arrived twice at once: the other one won, so answer what it stored
            if attempt == 2:  # noqa: PLR2004
                raise
            blobs = await _new_intents(plans, blobs, at)
    raise AssertionError("unreachable")


async def _new_intents(plans: Sequence[Plan], blobs: Sequence[UUID], at: datetime) -> Sequence[UUID]:
    fresh = tuple(randomness.uuid4() for _ in blobs)
    await rows_in_one_trip([Statement(_INTENT, {"blob": blob, "at": at}) for blob in fresh], space=None)
    return fresh


def _reading(space: SpaceId, deposit: Deposit) -> list[Statement]:
    digests = [unique_id_digest(space, new.metadata.unique_id) for new in deposit.documents]
    ids: list[UUID] = []
    for new in deposit.documents:
        if new.replaces is not None:
            parsed = parse_routable(new.replaces)
            if parsed is not None and parsed[0] == space:
                ids.append(parsed[1])
            else:
                digests.append(unique_id_digest(space, new.replaces))
    statements = [
        person_statement(space),
        Statement(_EXISTING, {"space": space, "digests": digests, "ids": ids}),
    ]
    if deposit.submission is not None:
        digest = unique_id_digest(space, deposit.submission.unique_id)
        statements.append(Statement(_SET, {"space": space, "digest": digest}))
    return statements


def _plan(seen: Look, space: SpaceId, deposit: Deposit, blobs: Sequence[UUID]) -> list[Plan]:
    names = Existing.__struct_fields__
    known = [Existing(**dict(zip(names, row, strict=True))) for row in seen.rows[1]]
    by_digest = {bytes(existing.unique_id_digest): existing for existing in known}
    by_id = {existing.document_id: existing for existing in known}
    plans = []
    for new, blob in zip(deposit.documents, blobs, strict=True):
        target = None
        if new.replaces is not None:
            parsed = parse_routable(new.replaces)
            target = by_id.get(parsed[1]) if parsed else by_digest.get(unique_id_digest(space, new.replaces))
        plans.append(
            Plan(
                new=new,
                document_id=randomness.uuid4(),
                blob_id=blob,
                existing=by_digest.get(unique_id_digest(space, new.metadata.unique_id)),
                target=target,
            )
        )
    return plans


async def _decide(
    actor: Actor, seen: Look, space: SpaceId, plans: Sequence[Plan], deposit: Deposit, at: datetime
) -> None:
    decision = seen.decide(Need.DEPOSIT)
    if not decision.allowed:
        await _refuse(actor, space, decision.reason or Reason.NOT_A_READER, at)
        if decision.reason is Reason.SPACE_NOT_OPEN:
            raise NotFound(UNKNOWN_PATIENT)
        decision.raise_if_refused()
    if deposit.traits is None and actor.space != space:
        raise Invalid(NO_TRAITS)
    for plan in plans:
        if plan.new.replaces is None or plan.existing is not None:
            continue
        if plan.target is None:
            raise NotFound(UNKNOWN_TARGET)
        decision = seen.decide(Need.REPLACE, plan.target.facts())
        if decision.reason is Reason.NOT_CURRENT:
            raise Conflict(STALE_TARGET)
        if not decision.allowed:
            await _refuse(actor, space, decision.reason or Reason.NOT_AUTHOR, at)
            decision.raise_if_refused()


def _check_conflicts(seen: Look, plans: Sequence[Plan]) -> None:
    for plan in plans:
        if plan.existing is not None and _content_digest(seen, plan.new) != bytes(plan.existing.content_digest):
            raise Conflict(OTHER_BYTES)
    unique = [plan.new.metadata.unique_id for plan in plans]
    if len(set(unique)) != len(unique):
        raise Invalid(
            Problem(
                "identifier-twice",
                "Deux documents du lot portent le même identifiant.",
                "Two documents of the submission carry the same identifier.",
                "Bundle.entry",
            )
        )


def _content_digest(seen: Look, new: NewDocument) -> bytes:
    return seen.opened_keys.digest(bytes.fromhex(new.metadata.sha256), purpose="document-content")


def _vigilance(seen: Look, space: SpaceId, deposit: Deposit) -> VigilanceResult | None:
    if deposit.traits is None or not seen.rows[0]:
        return None
    person = open_person(seen.rows[0][0][0], keys=seen.opened_keys, space=space)
    return compare(person.traits, deposit.traits)


async def _refuse(
    actor: Actor, space: SpaceId, reason: Reason, at: datetime, *, differing: VigilanceResult | None = None
) -> None:
    details = {"differing": [str(difference.trait) for difference in differing.blocking]} if differing else {}
    decision = refuse(reason)
    trace = Trace(act=Act.DEPOSIT_DOCUMENT, actor=actor, decision=decision, at=at, space=space, details=details)
    await record_durably(trace)


def effective_codes(new: NewDocument, *, masked_by_default: bool) -> frozenset[str]:
    """Return the confidentiality codes a new document gets: the depositor's, plus the person's default for new ones.

    MASQUE_PS and INVISIBLE_PATIENT never go together (mes.md P13), so the announcement keeps precedence.
    """
    codes = set(new.codes)
    if masked_by_default and INVISIBLE_PATIENT not in codes:
        codes.add(MASQUE_PS)
    if codes & {MASQUE_PS, INVISIBLE_PATIENT, INVISIBLE_REPRESENTANTS}:
        codes.discard(NORMAL)
    return frozenset(codes or {NORMAL})


async def _write(
    actor: Actor,
    seen: Look,
    space: SpaceId,
    plans: Sequence[Plan],
    deposit: Deposit,
    vigilance: VigilanceResult | None,
    at: datetime,
) -> Receipt:
    decision = seen.decide(Need.DEPOSIT)
    statements = [Statement(_FEEDABLE, {"space": space, "client": actor.client_id})]
    stored: list[Stored] = []
    flags = [str(difference.trait) for difference in vigilance.flags] if vigilance else []
    for plan in plans:
        if plan.existing is not None:
            stored.append(_already(plan.existing, seen))
            continue
        resource = _statements_for(plan, statements, actor, seen, space, flags, at)
        stored.append(
            Stored(document_id=plan.document_id, created=True, resource=resource, resource_version=1, received_at=at)
        )
    set_id, set_created = _submission_statements(deposit, seen, space, stored, statements, actor, at)
    statements.append(Statement(_JOURNAL, {"entries": _traces(actor, decision, space, plans, at)}))
    for plan in plans:
        if plan.existing is None:
            event = DocumentDeposited(
                space=space,
                document=plan.document_id,
                at=at,
                replaces=plan.target is not None,
                by_person=actor.space == space,
            )
            statements.append(Statement(*deferral(event)))
    statements.append(Statement(_FORGET, {"blobs": [plan.blob_id for plan in plans if plan.existing is None]}))
    await rows_in_one_trip(statements, space=space)
    return Receipt(space=space, set_id=set_id, set_created=set_created, documents=tuple(stored))


def _already(existing: Existing, seen: Look) -> Stored:
    resource = seen.opened_keys.open(
        table="document", column="resource_enc", row=existing.document_id.hex, sealed=bytes(existing.resource_enc)
    )
    return Stored(
        document_id=existing.document_id,
        created=False,
        resource=resource,
        resource_version=existing.resource_version,
        received_at=existing.received_at,
    )


def _statements_for(
    plan: Plan,
    statements: list[Statement],
    actor: Actor,
    seen: Look,
    space: SpaceId,
    flags: list[str],
    at: datetime,
) -> bytes:
    new, metadata, keys = plan.new, plan.new.metadata, seen.opened_keys
    codes = effective_codes(new, masked_by_default=seen.facts.masked_by_default)
    if plan.target is not None:
        # confidentiality belongs to the logical document: a new version never shows what the old one hid
        codes = _inherit(codes, plan.target)
        guard = {"space": space, "document": plan.target.document_id, "version": plan.target.resource_version}
        statements.append(Statement(_CURRENT, guard))
        statements.append(_supersede(plan.target, seen, space, at))
    resource = document_reference(
        metadata,
        fhir_id=routable(space, plan.document_id),
        patient_id=space.hex,
        status="current",
        codes=codes,
        version=1,
        received_at=at,
        changed_at=at,
        replaces=routable(space, plan.target.document_id) if plan.target else None,
        by_patient=new.author_kind == "PATIENT",
    )
    row = plan.document_id.hex
    statements.append(
        Statement(
            _INSERT,
            {
                "space": space,
                "document": plan.document_id,
                "logical": plan.target.logical_id if plan.target else randomness.uuid4(),
                "version": plan.target.version + 1 if plan.target else 1,
                "type": metadata.type.code,
                "class": metadata.category.code,
                "category": new.category,
                "format": metadata.format.code if metadata.format else None,
                "facility": metadata.facility_type.code if metadata.facility_type else None,
                "setting": metadata.practice_setting.code if metadata.practice_setting else None,
                "masque_ps": MASQUE_PS in codes,
                "invisible_patient": INVISIBLE_PATIENT in codes,
                "invisible_representants": INVISIBLE_REPRESENTANTS in codes,
                "author_kind": new.author_kind,
                "author_rpps": new.author_rpps,
                "author_finess": new.author_finess,
                "client": actor.client_id,
                "unique": unique_id_digest(space, metadata.unique_id),
                "content": _content_digest(seen, new),
                "content_type": metadata.content_type,
                "size": metadata.size,
                "blob": plan.blob_id,
                "active": new.active_content,
                "scanned": new.scanned,
                "date": metadata.creation,
                "period_start": metadata.period_start,
                "period_end": metadata.period_end,
                "at": at,
                "resource": seal_resource(resource, document=row, keys=keys),
                "summary": seal_metadata(metadata, document=row, keys=keys),
                "flags": flags,
            },
        )
    )
    return resource


def _inherit(codes: frozenset[str], target: Existing) -> frozenset[str]:
    held = set(codes) - {NORMAL}
    if target.invisible_representants:
        held.add(INVISIBLE_REPRESENTANTS)
    if target.masque_ps and INVISIBLE_PATIENT not in held:
        held.add(MASQUE_PS)
    if target.invisible_patient:
        held = (held - {MASQUE_PS}) | {INVISIBLE_PATIENT}
    return frozenset(held or {NORMAL})


def _supersede(target: Existing, seen: Look, space: SpaceId, at: datetime) -> Statement:
    plain = seen.opened_keys.open(
        table="document", column="resource_enc", row=target.document_id.hex, sealed=bytes(target.resource_enc)
    )
    resource: dict[str, Any] = msgspec.json.decode(plain)
    resource["status"] = "superseded"
    resource["meta"]["versionId"] = str(target.resource_version + 1)
    resource["meta"]["lastUpdated"] = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    sealed = seal_resource(msgspec.json.encode(resource), document=target.document_id.hex, keys=seen.opened_keys)
    return Statement(_SUPERSEDE, {"space": space, "document": target.document_id, "at": at, "resource": sealed})


def _submission_statements(
    deposit: Deposit,
    seen: Look,
    space: SpaceId,
    stored: Sequence[Stored],
    statements: list[Statement],
    actor: Actor,
    at: datetime,
) -> tuple[UUID | None, bool]:
    submission: Submission | None = deposit.submission
    if submission is None:
        return None, False
    if seen.rows[2]:
        return UUID(str(seen.rows[2][0][0])), False
    set_id = randomness.uuid4()
    resource = submission_list(submission, fhir_id=routable(space, set_id), patient_id=space.hex, received_at=at)
    statements.append(
        Statement(
            _INSERT_SET,
            {
                "space": space,
                "set": set_id,
                "digest": unique_id_digest(space, submission.unique_id),
                "finess": actor.organisation,
                "client": actor.client_id,
                "submitted": submission.submitted_at,
                "at": at,
                "resource": seen.opened_keys.seal(
                    table="submission_set", column="resource_enc", row=set_id.hex, plaintext=resource
                ),
            },
        )
    )
    statements.extend(
        Statement(_INSERT_ITEM, {"space": space, "set": set_id, "document": one.document_id}) for one in stored
    )
    return set_id, True


def _traces(actor: Actor, decision: Decision, space: SpaceId, plans: Sequence[Plan], at: datetime) -> str:
    rows = []
    for plan in plans:
        act = Act.REPLACE_DOCUMENT if plan.target is not None else Act.DEPOSIT_DOCUMENT
        document = plan.existing.document_id if plan.existing else plan.document_id
        again = {"already-there": True} if plan.existing else {}
        trace = Trace(
            act=act, actor=actor, decision=decision, at=at, space=space, documents=(document,), details=again
        )
        rows.append(to_row(trace))
    return msgspec.json.encode(rows).decode()
