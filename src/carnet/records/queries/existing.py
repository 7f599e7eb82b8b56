"""What is already there under the identifiers of a deposit: the same document, what it replaces, the same set.

An identifier belongs to the organisation that gave it (to the person, for their own documents): what another one stored
under the same identifier is neither a conflict nor an answer, or a deposit would tell what is hidden from its sender.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from carnet.access.api import (
    DocumentFacts,
    Look,
    Need,
    SecretConsent,
    secret_consents_statement,
    to_secret_consents,
)
from carnet.infra.db.message import Statement
from carnet.infra.vault import SpaceKeys
from carnet.kernel.actors import Actor
from carnet.kernel.ids import SpaceId, parse_routable
from carnet.records.data import Deposit, NewDocument, confidentiality_codes
from carnet.records.queries.sealed import unique_id_digest
from carnet.spaces.api import person_statement

# ## Documents under these identifiers; a replaced one is found by uniqueId, by its own id, or by its set ##
_EXISTING = """
SELECT unique_id_digest, set_id_digest, document_id, logical_id, version, status, content_digest, author_kind,
       author_finess, author_rpps, type_code, masque_ps, invisible_patient, invisible_representants, resource_enc,
       resource_version, category, received_at, carried
FROM document WHERE space_id = %(space)s AND """
# each has its index: all three in one OR would read the whole space
_BY = {
    "digests": "unique_id_digest = ANY(%(digests)s::bytea[])",
    "ids": "document_id = ANY(%(ids)s::uuid[])",
    "sets": "set_id_digest = ANY(%(sets)s::bytea[]) AND status = 'current'",
}
# ## The submission set under this identifier, with the documents it holds ##
_SET = """
SELECT s.set_id, ARRAY(SELECT i.document_id FROM submission_item i
                       WHERE i.space_id = s.space_id AND i.set_id = s.set_id)
FROM submission_set s WHERE s.space_id = %(space)s AND s.unique_id_digest = %(digest)s
  AND s.source_finess IS NOT DISTINCT FROM %(source)s
"""


class Existing(msgspec.Struct, frozen=True, kw_only=True):
    """What a row already there says, enough to decide and to answer again."""

    unique_id_digest: bytes
    set_id_digest: bytes | None
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
    category: str
    received_at: datetime
    carried: bool

    @property
    def codes(self) -> frozenset[str]:
        """The confidentiality codes in force."""
        return confidentiality_codes(
            masque_ps=self.masque_ps,
            invisible_patient=self.invisible_patient,
            invisible_representants=self.invisible_representants,
        )

    def facts(self) -> DocumentFacts:
        """Return what decides about it."""
        return DocumentFacts(
            document_id=self.document_id,
            logical_id=self.logical_id,
            status=self.status,
            type_code=self.type_code,
            category=self.category,
            received_at=self.received_at,
            masque_ps=self.masque_ps,
            invisible_patient=self.invisible_patient,
            invisible_representants=self.invisible_representants,
            author_kind=self.author_kind,
            author_rpps=self.author_rpps,
            author_finess=self.author_finess,
        )

    def open_resource(self, keys: SpaceKeys) -> bytes:
        """Return the stored DocumentReference JSON."""
        row = self.document_id.hex
        return keys.open(table="document", column="resource_enc", row=row, sealed=bytes(self.resource_enc))


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """The answer for a whole deposit, the sender's own rows before those of others under the same identifier.

    source: FINESS of the sender, None for the person. set_documents: what their set of the same identifier holds.
    """

    source: str | None
    by_digest: Mapping[bytes, Existing]
    by_id: Mapping[UUID, Existing]
    current_of_set: Mapping[bytes, Existing]
    set_id: UUID | None = None
    set_documents: frozenset[UUID] = frozenset()
    secrets: tuple[SecretConsent, ...] = ()

    def same(self, new: NewDocument, *, space: SpaceId) -> Existing | None:
        """Return the sender's document that already carries the uniqueId of `new`."""
        known = self.by_digest.get(unique_id_digest(space, new.metadata.unique_id))
        return known if known is not None and known.author_finess == self.source else None

    def target(self, new: NewDocument, *, space: SpaceId) -> Existing | None:
        """Return the document that `new` says it replaces, None when it is not in this space.

        A CDA names its parent by id; when that id never came here, the current version of the same setId is meant.
        """
        if new.replaces is None:
            return None
        own = _own_id(new.replaces, space)
        found = self.by_id.get(own) if own else self.by_digest.get(unique_id_digest(space, new.replaces))
        set_id = new.metadata.set_id
        if found is None and set_id is not None:
            return self.current_of_set.get(unique_id_digest(space, set_id))
        return found


def source_of(actor: Actor, deposit: Deposit) -> str | None:
    """Return whose identifiers a deposit speaks in: FINESS of the sender, None for the person.

    What is carried over keeps the identifiers of whoever wrote it.
    """
    return deposit.documents[0].author_finess if deposit.need is Need.CARRY_OVER else actor.organisation


def existing_statements(space: SpaceId, deposit: Deposit, *, source: str | None, at: datetime) -> list[Statement]:
    """Return the statements that read what a deposit needs to know: person, secret consents, set, documents.

    source: as of `source_of`.
    """
    digests = [unique_id_digest(space, new.metadata.unique_id) for new in deposit.documents]
    ids: list[UUID] = []
    for new in deposit.documents:
        if new.replaces is not None:
            own = _own_id(new.replaces, space)
            if own is not None:
                ids.append(own)
            else:
                digests.append(unique_id_digest(space, new.replaces))
    sets = [
        unique_id_digest(space, new.metadata.set_id)
        for new in deposit.documents
        if new.replaces is not None and new.metadata.set_id is not None
    ]
    statements = [person_statement(space), secret_consents_statement(space, finess=source, at=at)]
    if deposit.submission is not None:
        digest = unique_id_digest(space, deposit.submission.unique_id)
        statements.append(Statement(_SET, {"space": space, "digest": digest, "source": source}))
    # after the set: the same deposit may be committed between the two, and a set without its documents is another one
    return [*statements, _existing(space, {"digests": digests, "ids": ids, "sets": sets})]


def _existing(space: SpaceId, wanted: dict[str, list[Any]]) -> Statement:
    """A document found in two ways comes twice, and is the same."""
    asked = {name: values for name, values in wanted.items() if values}
    sql = " UNION ALL ".join(_EXISTING + _BY[name] for name in asked)
    return Statement(sql, {"space": space, **asked})


def to_found(seen: Look, *, source: str | None) -> Found:
    """Return what the rows of `existing_statements` say."""
    names = Existing.__struct_fields__
    _, secrets, *submissions, documents = seen.rows
    rows = (Existing(**dict(zip(names, row, strict=True))) for row in documents)
    known: Sequence[Existing] = sorted(rows, key=lambda one: one.author_finess == source)  # the last one counts
    sets = [row for rows_ in submissions for row in rows_]
    return Found(
        source=source,
        by_digest={bytes(existing.unique_id_digest): existing for existing in known},
        by_id={existing.document_id: existing for existing in known},
        current_of_set={
            bytes(existing.set_id_digest): existing
            for existing in known
            if existing.set_id_digest is not None and existing.status == "current"
        },
        set_id=sets[0][0] if sets else None,
        set_documents=frozenset(sets[0][1]) if sets else frozenset(),
        secrets=to_secret_consents(secrets),
    )


def _own_id(text: str, space: SpaceId) -> UUID | None:
    parsed = parse_routable(text)
    return parsed[1] if parsed is not None and parsed[0] == space else None
