"""One document for one reader: found through the gate, its trace durable, and only then its bytes.

Absent, hidden, forbidden by the matrix, another space's: one and the same NotFound, after the same work: of what the
reader may not know of nothing leaves the database but the codes that say why, for the trace, written so that they
weigh as much as nothing does.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from carnet.access.api import (
    LINEAGE,
    READER,
    VISIBLE,
    DocumentFacts,
    Look,
    Need,
    SpaceFacts,
    look,
    note_first_access,
    reader,
)
from carnet.infra.blobs import BlobReader
from carnet.infra.db import rows_in_one_trip
from carnet.infra.db.message import Statement
from carnet.infra.installation import current
from carnet.infra.vault import SpaceKeys
from carnet.journal.api import Act, Trace, record_durably
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Decision, Reason, refuse
from carnet.kernel.errors import NotFound
from carnet.kernel.ids import SpaceId
from carnet.records.data import DocumentEntry
from carnet.records.queries.listing_statements import NOBODY, Texts, columns, to_entry

# ## One document, if this reader may know of it ##
_ONE = {
    (texts, marked): f"""
WITH {READER} SELECT {columns(texts, marked=marked)} FROM document d CROSS JOIN reader {LINEAGE}
WHERE d.space_id = %(space)s AND d.document_id = %(document)s AND {VISIBLE}
"""
    for texts in Texts
    for marked in (False, True)
}
# ## Why was it not shown? As long an answer for what was never there ##
_WHY = """
WITH said AS (SELECT coalesce((
  SELECT json_build_object('document_id', d.document_id, 'status', d.status, 'type_code', d.type_code,
    'masque_ps', d.masque_ps, 'invisible_patient', d.invisible_patient,
    'invisible_representants', d.invisible_representants, 'author_kind', d.author_kind, 'author_rpps', d.author_rpps,
    'author_finess', d.author_finess, 'logical_id', d.logical_id, 'category', d.category,
    'received_at', d.received_at)::text
  FROM document d WHERE d.space_id = %(space)s AND d.document_id = %(document)s), '') AS facts)
SELECT rpad(said.facts, greatest(1000, length(said.facts))) FROM said
"""
_facts = msgspec.json.Decoder(DocumentFacts)
OPENLY_REFUSED = frozenset({Reason.NO_AUTHORISATION, Reason.WEAK_AUTHENTICATION, Reason.SUSPENDED, Reason.NOT_A_READER})


class OpenedEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A document this reader may see, its trace already durable."""

    entry: DocumentEntry
    keys: SpaceKeys
    facts: SpaceFacts


class OpenedContent(msgspec.Struct, frozen=True, kw_only=True):
    """The same with its bytes, ready to be read in ranges."""

    entry: DocumentEntry
    keys: SpaceKeys
    blob: BlobReader

    def chunks(self, start: int, stop: int) -> AsyncIterator[bytes]:
        """Yield the bytes [start, stop) in constant memory."""
        return self.blob.read_range(start, stop)


def facts_of(entry: DocumentEntry) -> DocumentFacts:
    """Return what decides about `entry`."""
    return DocumentFacts(
        document_id=entry.document_id,
        status=entry.status,
        type_code=entry.type_code,
        masque_ps=entry.masque_ps,
        invisible_patient=entry.invisible_patient,
        invisible_representants=entry.invisible_representants,
        author_kind=entry.author_kind,
        author_rpps=entry.author_rpps,
        author_finess=entry.author_finess,
        logical_id=entry.logical_id,
        category=entry.category,
        received_at=entry.received_at,
    )


async def read_entry(
    *,
    actor: Actor,
    space: SpaceId,
    document: UUID,
    account: UUID | None = None,
    texts: Texts = Texts.METADATA,
    at: datetime,
) -> OpenedEntry:
    """Return what is said about one document. Raises NotFound, or Refused when the person has not agreed yet."""
    seen, entry, decision = await _look(actor, space, document, account, at, texts)
    entry = await _trace(seen, document, entry, decision, Act.READ_METADATA)
    return OpenedEntry(entry=entry, keys=seen.opened_keys, facts=seen.facts)


async def read_content(
    *,
    actor: Actor,
    space: SpaceId,
    document: UUID,
    account: UUID | None = None,
    download: bool = False,
    at: datetime,
) -> OpenedContent:
    """Return one document's bytes as a reader. The trace is on disk before this returns (DESIGN promise 1).

    download: the person takes a copy away rather than looking. Raises NotFound, Refused, Unavailable.
    """
    seen, entry, decision = await _look(actor, space, document, account, at)
    if entry is not None and decision.allowed and entry.status == "deleted":
        decision = refuse(Reason.HIDDEN)
    blob = None
    if entry is not None and decision.allowed:
        blob = await current().blobs.open(entry.blob_id, keys=seen.opened_keys, space_id=space, size=entry.size)
    act = Act.DOWNLOAD_DOCUMENT if download else Act.READ_DOCUMENT
    entry = await _trace(seen, document, entry, decision, act)
    if blob is None:
        raise NotFound
    return OpenedContent(entry=entry, keys=seen.opened_keys, blob=blob)


async def _look(
    actor: Actor,
    space: SpaceId,
    document: UUID,
    account: UUID | None,
    at: datetime,
    texts: Texts = Texts.METADATA,
) -> tuple[Look, DocumentEntry | None, Decision]:
    """Return what the reader may know of; for a refusal, no entry."""
    params: dict[str, Any] = {"space": space, "document": document, "at": at, "account": account or NOBODY}
    statement = Statement(_ONE[texts, account is not None], params | reader(actor, at=at).params())
    seen = await look(actor=actor, space=space, at=at, statements=[statement])
    if not seen.rows[0]:
        return seen, None, seen.decide(Need.READ)
    entry = to_entry(seen.rows[0][0])
    return seen, entry, seen.decide(Need.READ, facts_of(entry))


async def _refusal(seen: Look, document: UUID) -> tuple[Decision, tuple[UUID, ...]]:
    """Return why what the database did not show is refused, and the document if there is one: for the trace only."""
    params = {"space": seen.facts.space, "document": document}
    ((said,),) = (await rows_in_one_trip([Statement(_WHY, params)], space=seen.facts.space))[0]
    facts = _facts.decode(said) if said.strip() else None
    decision = seen.decide(Need.READ, facts)
    # two walls disagree, or there is nothing: the stricter one wins
    decision = refuse(Reason.HIDDEN) if decision.allowed else decision
    return decision, (document,) if facts else ()


async def _trace(
    seen: Look, document: UUID, entry: DocumentEntry | None, decision: Decision, act: Act
) -> DocumentEntry:
    """Leave the trace, durable before this returns the entry. Raises NotFound, Refused."""
    space = seen.facts.space
    on: tuple[UUID, ...] = (document,)
    if entry is None:
        decision, on = await _refusal(seen, document)
    if seen.facts.state != "NONE":
        await record_durably(Trace(act=act, actor=seen.actor, decision=decision, at=seen.at, space=space, documents=on))
    if entry is None or not decision.allowed:
        if decision.reason in OPENLY_REFUSED and seen.facts.state != "NONE":
            decision.raise_if_refused()
        raise NotFound
    if decision.is_first_access:
        await note_first_access(actor=seen.actor, space=space, at=seen.at)
    return entry
