"""Who acts, acted or is asked to act for the person of this space, with their names opened."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec

from carnet.infra.db import Work
from carnet.infra.vault import SpaceKeys
from carnet.spaces.api import Delegate

_COLUMNS = """
delegation_id, kind, basis, origin, person_enc, purpose, withheld, recorded_at, answer_by, accepted_at, refused_at,
starts_at, ends_at, ended_at, ended_by, discreet_from, looks_only_from, messages, documents, agenda
"""
# ## Every delegation of the space, newest first ##
_ALL = f"SELECT {_COLUMNS} FROM delegation WHERE space_id = %s ORDER BY recorded_at DESC, delegation_id"
_ONE = f"SELECT {_COLUMNS} FROM delegation WHERE space_id = %s AND delegation_id = %s"


class Standing(StrEnum):
    """Where a delegation stands."""

    WAITING = "waiting"
    EXPIRED = "expired"
    REFUSED = "refused"
    LATER = "later"
    ACTIVE = "active"
    OVER = "over"


class DelegationLine(msgspec.Struct, frozen=True, kw_only=True):
    """One delegation as the person reads it."""

    delegation_id: UUID
    kind: str
    basis: str
    origin: str
    delegate: Delegate
    purpose: str
    withheld: tuple[str, ...]
    recorded_at: datetime
    answer_by: datetime | None
    accepted_at: datetime | None
    refused_at: datetime | None
    starts_at: datetime
    ends_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    discreet_from: datetime | None
    looks_only_from: datetime | None
    messages: bool
    documents: bool
    agenda: bool

    def standing(self, at: datetime) -> Standing:
        """Where it stands at `at`."""
        if self.refused_at is not None:
            return Standing.REFUSED
        if self.ended_at is not None or self.ends_at <= at:
            return Standing.OVER
        if self.accepted_at is None:
            over = self.answer_by is not None and self.answer_by <= at
            return Standing.EXPIRED if over else Standing.WAITING
        return Standing.LATER if self.starts_at > at else Standing.ACTIVE


async def delegations(w: Work, *, keys: SpaceKeys) -> list[DelegationLine]:
    """Return every delegation of the transaction's space. After a decision."""
    return [_line(row, keys) for row in await w.rows(_ALL, (w.space_id,))]


async def delegation_line(w: Work, delegation: UUID, *, keys: SpaceKeys, hold: bool = False) -> DelegationLine | None:
    """Return one delegation of the transaction's space. hold: nobody else changes it meanwhile."""
    row = await w.row(_ONE + (" FOR UPDATE" if hold else ""), (w.space_id, delegation))
    return _line(row, keys) if row else None


def seal_delegate(delegate: Delegate, *, keys: SpaceKeys, delegation: UUID) -> bytes:
    """Seal who acts for their row."""
    plain = msgspec.json.encode(delegate)
    return keys.seal(table="delegation", column="person_enc", row=delegation, plaintext=plain)


def _line(row: tuple[Any, ...], keys: SpaceKeys) -> DelegationLine:
    names = [one.strip() for one in _COLUMNS.split(",")]
    known = dict(zip(names, row, strict=True))
    sealed = bytes(known.pop("person_enc"))
    plain = keys.open(table="delegation", column="person_enc", row=known["delegation_id"], sealed=sealed)
    withheld = tuple(known.pop("withheld"))
    return DelegationLine(delegate=msgspec.json.decode(plain, type=Delegate), withheld=withheld, **known)
