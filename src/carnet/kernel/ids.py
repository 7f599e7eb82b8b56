"""Identifiers as distinct types, so that a document id can never be passed where a space id is meant."""

from typing import NewType
from uuid import UUID

SpaceId = NewType("SpaceId", UUID)
DocumentId = NewType("DocumentId", UUID)
SubmissionSetId = NewType("SubmissionSetId", UUID)
AuthorisationId = NewType("AuthorisationId", UUID)
NotificationId = NewType("NotificationId", UUID)
BlobId = NewType("BlobId", UUID)

ROUTABLE_LENGTH = 64


def routable(space: SpaceId, thing: UUID) -> str:
    """Return the FHIR logical id of `thing`: 64 hexadecimal characters, the space's then its own.

    FHIR ids are at most 64 characters of [A-Za-z0-9.-] (R4 §2.24.0.1). Carrying the space in the id lets any node find
    the right shard without an index of all documents of the country; both halves are random, so nothing can be guessed.
    """
    return space.hex + thing.hex


def parse_routable(text: str) -> tuple[SpaceId, UUID] | None:
    """Return (space, thing) of a FHIR logical id made by `routable`, or None when it is not one."""
    if len(text) != ROUTABLE_LENGTH or text != text.lower():
        return None
    try:
        return SpaceId(UUID(hex=text[:32])), UUID(hex=text[32:])
    except ValueError:
        return None
