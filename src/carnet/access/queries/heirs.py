"""The requests of heirs as the desk's files, and the row of the space a physician reads by. Sealed with the house key.

The desk opens no key of a space: who asks, what they say and what they proved lie under the key of the house, as the
letters of objections do. Ignored here: who may look (the actions decide).
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from carnet.access.rules.heirs_requests import ANSWER_WITHIN, Capacity, Purpose, Refusal
from carnet.infra.db import Work
from carnet.infra.installation import current
from carnet.kernel.ids import SpaceId
from carnet.spaces.api import Delegate

_COLUMNS = """
r.request_id, r.place, r.capacity, r.motive, r.physician, p.given_name || ' ' || p.family_name, r.withheld,
r.request_enc, r.asked_by, r.asked_at, r.answer, r.reason, r.answered_by, r.answered_at, r.until, r.ended_at
"""
# ## What an agent has to answer, the oldest first, then who reads now ##
_OPEN = f"""
SELECT {_COLUMNS} FROM heirs_request r JOIN professional p ON p.rpps = r.physician
WHERE r.ended_at IS NULL AND (r.answer IS NULL OR r.until > %(at)s)
ORDER BY r.answer IS NOT NULL, r.asked_at, r.request_id LIMIT 200
"""
# ## One request; held for its answer ##
_ONE = f"""
SELECT {_COLUMNS} FROM heirs_request r JOIN professional p ON p.rpps = r.physician WHERE r.request_id = %(request)s
"""
_HELD = _ONE + " FOR UPDATE OF r"
# ## Every request of one heir, the newest first ##
_MINE = f"""
SELECT {_COLUMNS} FROM heirs_request r JOIN professional p ON p.rpps = r.physician
WHERE r.heir = %(heir)s ORDER BY r.asked_at DESC, r.request_id
"""
# ## A doctor in the directory the person did not keep out ##
_MAY_READ = """
SELECT EXISTS (SELECT FROM professional WHERE rpps = %(rpps)s AND profession = '10' AND status = 'active')
  AND NOT EXISTS (SELECT FROM authorisation z WHERE z.space_id = %(space)s AND z.effect = 'block'
    AND z.ended_at IS NULL AND z.rpps = %(rpps)s)
"""
# ## What the person said, as they are shown it ##
_SAID = "SELECT refuses_heirs FROM authz WHERE space_id = %(space)s"
_PROOF = "SELECT proof_type, proof_enc FROM heirs_request WHERE request_id = %(request)s AND proof_enc IS NOT NULL"


class HeirFile(msgspec.Struct, frozen=True, kw_only=True):
    """What is sealed of a request. deceased: the name the heir knows them by."""

    heir: Delegate
    statement: str
    deceased: str

    def __repr__(self) -> str:
        return "HeirFile(<hidden>)"


class HeirsRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request as it stands. granted: None while nobody answered; until: the last instant its physician reads."""

    request: UUID
    place: SpaceId
    capacity: Capacity
    motive: Purpose | None
    rpps: str
    physician: str
    withheld: tuple[str, ...]
    file: HeirFile
    asked_by: str
    asked_at: datetime
    granted: bool | None
    reason: Refusal | None
    answered_by: str | None
    answered_at: datetime | None
    until: datetime | None
    ended_at: datetime | None

    @property
    def number(self) -> str:
        """What people quote: it tells nothing of anybody."""
        return self.request.hex[:8].upper()

    @property
    def due_at(self) -> datetime:
        """When an answer is due."""
        return self.asked_at + ANSWER_WITHIN

    def reads(self, at: datetime) -> bool:
        """Tell whether its physician may read at `at`."""
        return bool(self.granted) and self.ended_at is None and self.until is not None and at < self.until


def seal_file(file: HeirFile, *, request: UUID) -> bytes:
    """Seal what a request says, for its row."""
    return current().house_key.seal(
        table="heirs_request", column="request_enc", row=request.hex, plaintext=msgspec.json.encode(file)
    )


def seal_proof(content: bytes, *, request: UUID) -> bytes:
    """Seal a scanned proof for its row."""
    return current().house_key.seal(table="heirs_request", column="proof_enc", row=request.hex, plaintext=content)


async def open_requests(w: Work) -> tuple[HeirsRequest, ...]:
    """Return what waits for an answer, and what is read by."""
    return tuple(_request(row) for row in await w.rows(_OPEN, {"at": w.at}))


async def request_in(w: Work, request: UUID, *, held: bool = False) -> HeirsRequest | None:
    """Return one; held: nobody else answers it meanwhile."""
    row = await w.row(_HELD if held else _ONE, {"request": request})
    return _request(row) if row is not None else None


async def requests_of(w: Work, heir: bytes) -> tuple[HeirsRequest, ...]:
    """Return those of one heir. heir: the keyed digest of who asks."""
    return tuple(_request(row) for row in await w.rows(_MINE, {"heir": heir}))


async def proof_in(w: Work, request: UUID) -> tuple[str, bytes] | None:
    """Return the scanned proof and its media type; None when it was let go."""
    row = await w.row(_PROOF, {"request": request})
    if row is None:
        return None
    plain = current().house_key.open(table="heirs_request", column="proof_enc", row=request.hex, sealed=bytes(row[1]))
    return str(row[0]), plain


async def may_be_named(w: Work, rpps: str) -> bool:
    """Return whether this is a doctor of the directory whom the person of the transaction's space did not block."""
    row = await w.row(_MAY_READ, {"rpps": rpps, "space": w.space_id})
    return row is not None and bool(row[0])


async def heirs_refused(w: Work) -> bool:
    """Return whether the person of the transaction's space wants nobody to be told once they died."""
    row = await w.row(_SAID, {"space": w.space_id})
    return row is not None and bool(row[0])


def _request(row: tuple[Any, ...]) -> HeirsRequest:
    sealed = bytes(row[7])
    plain = current().house_key.open(table="heirs_request", column="request_enc", row=row[0].hex, sealed=sealed)
    return HeirsRequest(
        request=row[0],
        place=SpaceId(row[1]),
        capacity=Capacity(row[2]),
        motive=Purpose(row[3]) if row[3] else None,
        rpps=row[4],
        physician=row[5],
        withheld=tuple(row[6]),
        file=msgspec.json.decode(plain, type=HeirFile),
        asked_by=row[8],
        asked_at=row[9],
        granted=None if row[10] is None else row[10] == "granted",
        reason=Refusal(row[11]) if row[11] else None,
        answered_by=row[12],
        answered_at=row[13],
        until=row[14],
        ended_at=row[15],
    )
