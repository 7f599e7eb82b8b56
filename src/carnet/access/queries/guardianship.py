"""The requests to record or end a guardian as the desk's files, sealed with the house key: no key of a space is opened.

Ignored here: who may look, and what an answer brings about (the actions decide).
"""

from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from carnet.access.rules.guardianship import Measure, NotRecorded
from carnet.infra.db import Work
from carnet.infra.installation import current
from carnet.kernel.ids import SpaceId
from carnet.kernel.legal_day import PARIS
from carnet.spaces.api import Asker, Delegate, Shown

ANSWER_WITHIN: Final = timedelta(days=8)
"""How soon the second agent answers: ours, no text counts it."""
_COLUMNS = """
r.request_id, r.ins_digest, i.space_id, r.asker, r.shown, r.measure, r.file_enc, r.asked_by, r.asked_at, r.answer,
r.reason, r.answered_at
"""
# ## What waits for an answer, the oldest first ##
_OPEN = f"""
SELECT {_COLUMNS} FROM guardianship_request r JOIN ins_index i USING (ins_digest)
WHERE r.answer IS NULL ORDER BY r.asked_at, r.request_id LIMIT 200
"""
# ## One request; held for its answer ##
_ONE = f"""
SELECT {_COLUMNS} FROM guardianship_request r JOIN ins_index i USING (ins_digest) WHERE r.request_id = %(request)s
"""
_HELD = _ONE + " FOR UPDATE OF r"
_PROOF = """
SELECT proof_type, proof_enc FROM guardianship_request WHERE request_id = %(request)s AND proof_enc IS NOT NULL
"""


class GuardianFile(msgspec.Struct, frozen=True, kw_only=True):
    """What is sealed of a request. person, born: the protected, as the judgment names them; number: of the judgment;
    until: the last day of the measure, None when it is over.
    """

    person: str
    born: str
    guardian: Delegate
    court: str
    judged_on: date
    number: str
    until: date | None

    @property
    def ends_at(self) -> datetime | None:
        """When the measure ends: the night after its last day, in Paris."""
        return datetime.combine(self.until + timedelta(days=1), time(), PARIS) if self.until else None

    @property
    def seen(self) -> str:
        """Which document was seen, as the person reads it."""
        return f"{self.court}, {self.judged_on.isoformat()}, {self.number}"

    def __repr__(self) -> str:
        return "GuardianFile(<hidden>)"


class GuardianshipRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request as it stands. place: the space of the protected; granted: None while nobody answered."""

    request: UUID
    digest: bytes
    place: SpaceId
    asker: Asker
    shown: frozenset[Shown]
    measure: Measure
    file: GuardianFile
    asked_by: str
    asked_at: datetime
    granted: bool | None
    reason: NotRecorded | None
    answered_at: datetime | None

    @property
    def number(self) -> str:
        """What people quote: it tells nothing of anybody."""
        return self.request.hex[:8].upper()

    @property
    def due_at(self) -> datetime:
        """When an answer is due."""
        return self.asked_at + ANSWER_WITHIN


def seal_guardianship(column: str, content: bytes, *, request: UUID) -> bytes:
    """Seal a column of a request for its row."""
    house = current().house_key
    return house.seal(table="guardianship_request", column=column, row=request.hex, plaintext=content)


async def open_guardianships(w: Work) -> tuple[GuardianshipRequest, ...]:
    """Return what waits for an answer, at most 200."""
    return tuple(_request(row) for row in await w.rows(_OPEN))


async def guardianship_in(w: Work, request: UUID, *, held: bool = False) -> GuardianshipRequest | None:
    """Return one; held: nobody else answers it meanwhile."""
    row = await w.row(_HELD if held else _ONE, {"request": request})
    return _request(row) if row is not None else None


async def judgment_in(w: Work, request: UUID) -> tuple[str, bytes] | None:
    """Return the scanned judgment and its media type; None when it was let go."""
    row = await w.row(_PROOF, {"request": request})
    return (str(row[0]), _opened("proof_enc", row[1], request)) if row is not None else None


def _opened(column: str, sealed: Any, request: UUID) -> bytes:
    house = current().house_key
    return house.open(table="guardianship_request", column=column, row=request.hex, sealed=bytes(sealed))


def _request(row: tuple[Any, ...]) -> GuardianshipRequest:
    return GuardianshipRequest(
        request=row[0],
        digest=bytes(row[1]),
        place=SpaceId(row[2]),
        asker=Asker(row[3]),
        shown=frozenset(map(Shown, row[4])),
        measure=Measure(row[5]),
        file=msgspec.json.decode(_opened("file_enc", row[6], row[0]), type=GuardianFile),
        asked_by=row[7],
        asked_at=row[8],
        granted=None if row[9] is None else row[9] == "granted",
        reason=NotRecorded(row[10]) if row[10] else None,
        answered_at=row[11],
    )
