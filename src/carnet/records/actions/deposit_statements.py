"""Everything a deposit writes, as statements that travel in one message: all of it or nothing.

The first statement holds the rights row still and raises when the space closed or the software was suspended since;
the guard before a replacement raises when somebody else changed the replaced document.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from carnet.access.api import Look, Need
from carnet.infra import randomness
from carnet.infra.db.message import Statement
from carnet.infra.jobs.outbox import DEFER_ALL, deferral, deferred
from carnet.infra.vault import SpaceKeys
from carnet.journal.api import Act, Trace, to_row
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Decision
from carnet.kernel.ids import SpaceId, routable
from carnet.records.data import (
    INVISIBLE_PATIENT,
    INVISIBLE_REPRESENTANTS,
    MASQUE_PS,
    DocumentMetadata,
    NewDocument,
    Submission,
)
from carnet.records.events import DocumentDeposited
from carnet.records.queries.existing import Existing
from carnet.records.queries.sealed import seal_metadata, seal_resource, unique_id_digest
from carnet.records.rules.confidentiality import ANNOUNCED, SHARED, labels_of
from carnet.records.rules.document_reference import document_reference, superseded_reference
from carnet.records.rules.submission_list import submission_list

# Raises when the collector took one of the blobs meanwhile: then nothing of this deposit may be committed.
_FORGET = "SELECT release_intents(%(blobs)s::uuid[])"
_FEEDABLE = "SELECT assert_feedable(%(space)s, %(client)s)"
# The same for who acts for the person: what lets them is read again here, in the transaction of the act itself.
_FEEDABLE_FOR = f"{_FEEDABLE}, assert_delegated(%(space)s, %(delegation)s, %(at)s)"
_INSERT = """
INSERT INTO document (space_id, document_id, logical_id, version, status, type_code, class_code, category, format_code,
  facility_type, practice_setting, masque_ps, invisible_patient, invisible_representants, author_kind, author_rpps,
  author_finess, client_id, carried, unique_id_digest, set_id_digest, content_digest, content_type, size, blob_id,
  key_version, active_content, scanned, document_date, period_start, period_end, received_at, changed_at,
  resource_enc, summary_enc, flags)
VALUES (%(space)s, %(document)s, %(logical)s, %(version)s, 'current', %(type)s, %(class)s, %(category)s, %(format)s,
  %(facility)s, %(setting)s, %(masque_ps)s, %(invisible_patient)s, %(invisible_representants)s, %(author_kind)s,
  %(author_rpps)s, %(author_finess)s, %(client)s, %(carried)s, %(unique)s, %(set_id)s, %(content)s, %(content_type)s,
  %(size)s, %(blob)s, 1, %(active)s, %(scanned)s, %(date)s, %(period_start)s, %(period_end)s, %(at)s, %(at)s,
  %(resource)s, %(summary)s, %(flags)s)
"""
_SUPERSEDE = """
UPDATE document SET status = 'superseded', superseded_at = %(at)s, touched_at = changed_at, changed_at = %(at)s,
  resource_version = resource_version + 1, resource_enc = %(resource)s
WHERE space_id = %(space)s AND document_id = %(document)s
"""
# What hides a version from others hides those before it. Not what waits to be announced: a version the person had in
# sight stays there, current to them (decision 0130), for if it went it would tell that another one came (0188).
_HIDE_TOGETHER = """
UPDATE document SET masque_ps = masque_ps OR %(masque_ps)s,
  invisible_representants = invisible_representants OR %(invisible_representants)s
WHERE space_id = %(space)s AND logical_id = %(logical)s
"""
_CURRENT = "SELECT assert_current(%(space)s, %(document)s, %(version)s)"
INSERT_SET = """
INSERT INTO submission_set
  (space_id, set_id, unique_id_digest, source_finess, client_id, submitted_at, received_at, resource_enc)
VALUES (%(space)s, %(set)s, %(digest)s, %(finess)s, %(client)s, %(submitted)s, %(at)s, %(resource)s)
"""
_ITEMS = """
INSERT INTO submission_item (space_id, set_id, document_id)
SELECT %(space)s::uuid, %(set)s::uuid, unnest(%(documents)s::uuid[])
"""
_INSERT_WHOLE_SET = f"WITH one AS ({INSERT_SET}) {_ITEMS}"
# What every deposit ends with, in one statement: each is short, and beginning a statement costs as much as running it.
_JOURNAL = "SELECT (SELECT count(*) FROM journal_append(%(entries)s::jsonb))"
_CONCLUDE = f"{_JOURNAL}, {DEFER_ALL}, release_intents(%(blobs)s::uuid[])"


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """One document on its way in: what it will be called, what it replaces, what hides it.

    existing: it is already there, with the same bytes; nothing is written.
    """

    new: NewDocument
    document_id: UUID
    blob_id: UUID
    codes: frozenset[str]
    existing: Existing | None = None
    target: Existing | None = None


class Writing(msgspec.Struct, frozen=True, kw_only=True):
    """What every statement of one deposit shares."""

    actor: Actor
    space: SpaceId
    keys: SpaceKeys
    at: datetime
    carried: bool

    @classmethod
    def of(cls, seen: Look, need: Need) -> "Writing":
        """Return what the facts just read say. need: as of the deposit."""
        carried = need is Need.CARRY_OVER
        return cls(actor=seen.actor, space=seen.facts.space, keys=seen.opened_keys, at=seen.at, carried=carried)


def feedable_statement(writing: Writing) -> Statement:
    """Return the guard that goes first."""
    params = {"space": writing.space, "client": writing.actor.client_id}
    if writing.actor.delegation is None:
        return Statement(_FEEDABLE, params)
    return Statement(_FEEDABLE_FOR, params | {"delegation": writing.actor.delegation, "at": writing.at})


def forget_statement(blobs: Sequence[UUID]) -> Statement:
    """Return the statement that forgets intents that came true."""
    return Statement(_FORGET, {"blobs": list(blobs)})


def content_digest(keys: SpaceKeys, new: NewDocument) -> bytes:
    """Return what stands for the bytes of `new` in its space."""
    return keys.digest(bytes.fromhex(new.metadata.sha256), purpose="document-content")


def document_statements(writing: Writing, plan: Plan, *, flags: Sequence[str]) -> tuple[list[Statement], bytes]:
    """Return the statements that store one new document, and its DocumentReference."""
    statements: list[Statement] = []
    target = plan.target
    if target is not None:
        guard = {"space": writing.space, "document": target.document_id, "version": target.resource_version}
        statements += [Statement(_CURRENT, guard), _supersede(writing, target, plan)]
        if (plan.codes ^ target.codes) & SHARED:
            hidden = {"space": writing.space, "logical": target.logical_id, **_masks(plan.codes)}
            statements.append(Statement(_HIDE_TOGETHER, hidden))
    resource = document_reference(
        plan.new.metadata,
        fhir_id=routable(writing.space, plan.document_id),
        patient_id=writing.space.hex,
        status="current",
        codes=labels_of(plan.codes, level=plan.new.metadata.level),
        version=1,
        received_at=writing.at,
        changed_at=writing.at,
        replaces=routable(writing.space, target.document_id) if target else None,
        by_patient=plan.new.author_kind == "PATIENT",
    )
    statements.append(Statement(_INSERT, _row(writing, plan, flags, resource)))
    return statements, resource


def _row(writing: Writing, plan: Plan, flags: Sequence[str], resource: bytes) -> dict[str, Any]:
    new, metadata, target, row = plan.new, plan.new.metadata, plan.target, plan.document_id.hex
    set_id = metadata.set_id
    return {
        **_clear(metadata),
        "space": writing.space,
        "document": plan.document_id,
        "logical": target.logical_id if target else randomness.uuid4(),
        "version": target.version + 1 if target else 1,
        "category": new.category,
        **_masks(plan.codes),
        "author_kind": new.author_kind,
        "author_rpps": new.author_rpps,
        "author_finess": new.author_finess,
        "client": writing.actor.client_id,
        "carried": writing.carried,
        "unique": unique_id_digest(writing.space, metadata.unique_id),
        "set_id": unique_id_digest(writing.space, set_id) if set_id else None,
        "content": content_digest(writing.keys, new),
        "blob": plan.blob_id,
        "active": new.active_content,
        "scanned": new.scanned,
        "at": writing.at,
        "resource": seal_resource(resource, document=row, keys=writing.keys),
        "summary": seal_metadata(metadata, document=row, keys=writing.keys),
        "flags": list(flags),
    }


def _masks(codes: frozenset[str]) -> dict[str, bool]:
    return {
        "masque_ps": MASQUE_PS in codes,
        "invisible_patient": INVISIBLE_PATIENT in codes,
        "invisible_representants": INVISIBLE_REPRESENTANTS in codes,
    }


def _clear(metadata: DocumentMetadata) -> dict[str, Any]:
    """Return the codes and times that stay in clear."""
    return {
        "type": metadata.type.code,
        "class": metadata.category.code,
        "format": metadata.format.code if metadata.format else None,
        "facility": metadata.facility_type.code if metadata.facility_type else None,
        "setting": metadata.practice_setting.code if metadata.practice_setting else None,
        "content_type": metadata.content_type,
        "size": metadata.size,
        "date": metadata.creation,
        "period_start": metadata.period_start,
        "period_end": metadata.period_end,
    }


def _supersede(writing: Writing, target: Existing, plan: Plan) -> Statement:
    resource = superseded_reference(
        target.open_resource(writing.keys),
        codes=plan.codes & SHARED | target.codes & ANNOUNCED,
        version=target.resource_version + 1,
        changed_at=writing.at,
    )
    sealed = seal_resource(resource, document=target.document_id.hex, keys=writing.keys)
    params = {"space": writing.space, "document": target.document_id, "at": writing.at, "resource": sealed}
    return Statement(_SUPERSEDE, params)


def submission_statement(
    writing: Writing, submission: Submission, *, set_id: UUID, documents: Sequence[UUID]
) -> Statement:
    """Return the statement that stores a submission set and what it holds."""
    row = submission_row(writing, submission, set_id=set_id)
    return Statement(_INSERT_WHOLE_SET, row | {"documents": list(documents)})


def submission_row(writing: Writing, submission: Submission, *, set_id: UUID) -> dict[str, Any]:
    """Return the row of a submission set."""
    fhir_id, patient_id = routable(writing.space, set_id), writing.space.hex
    resource = submission_list(submission, fhir_id=fhir_id, patient_id=patient_id, received_at=writing.at)
    return {
        "space": writing.space,
        "set": set_id,
        "digest": unique_id_digest(writing.space, submission.unique_id),
        "finess": writing.actor.organisation,
        "client": writing.actor.client_id,
        "submitted": submission.submitted_at,
        "at": writing.at,
        "resource": writing.keys.seal(
            table="submission_set", column="resource_enc", row=set_id.hex, plaintext=resource
        ),
    }


def journal_rows(writing: Writing, plans: Sequence[Plan], decision: Decision) -> list[dict[str, Any]]:
    """Return one journal entry a document, as `journal_append` takes it."""
    rows = []
    for plan in plans:
        trace = Trace(
            act=_act(writing, plan),
            actor=writing.actor,
            decision=decision,
            at=writing.at,
            space=writing.space,
            documents=(plan.existing.document_id if plan.existing else plan.document_id,),
            details={"already-there": True} if plan.existing else {},
        )
        rows.append(to_row(trace))
    return rows


def _act(writing: Writing, plan: Plan) -> Act:
    if writing.carried:
        return Act.CARRY_OVER_DOCUMENT
    return Act.REPLACE_DOCUMENT if plan.target is not None else Act.DEPOSIT_DOCUMENT


def concluding_statement(writing: Writing, plans: Sequence[Plan], rows: Sequence[dict[str, Any]]) -> Statement:
    """Return what goes last: `rows` into the journal, the rest of the house told once committed, intents come true."""
    events = [_event(writing, plan) for plan in plans if plan.existing is None]
    params = {"entries": msgspec.json.encode(rows).decode(), "blobs": [plan.blob_id for plan in plans]}
    return Statement(_CONCLUDE, params | deferred(events))


def event_statement(writing: Writing, plan: Plan) -> Statement:
    """Return the statement that tells the rest of the house, once committed."""
    return Statement(*deferral(_event(writing, plan)))


def _event(writing: Writing, plan: Plan) -> DocumentDeposited:
    return DocumentDeposited(
        space=writing.space,
        document=plan.document_id,
        at=writing.at,
        replaces=plan.target is not None,
        by_person=writing.actor.space == writing.space,
        carried=writing.carried,
    )
