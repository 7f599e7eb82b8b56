"""The requests of people noted as dead, as the desk's files, sealed with the house key; no key of a space is opened.

Ignored here: who may look, and what an answer brings about (the actions decide).
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from carnet.infra.db import Work
from carnet.infra.installation import current
from carnet.spaces.rules.death_contests import ANSWER_WITHIN, NotTakenBack
from carnet.spaces.rules.desk import Asker, Shown

_COLUMNS = """
contest_id, ins_digest, asker, shown, person_enc, asked_by, asked_at, answer, reason, answered_by, answered_at
"""
# ## What waits for an answer, the oldest first ##
_OPEN = f"SELECT {_COLUMNS} FROM death_contest WHERE answer IS NULL ORDER BY asked_at, contest_id LIMIT 200"
_ONE = f"SELECT {_COLUMNS} FROM death_contest WHERE contest_id = %(contest)s"
_HELD = _ONE + " FOR UPDATE"
_PROOF = "SELECT proof_type, proof_enc FROM death_contest WHERE contest_id = %(contest)s AND proof_enc IS NOT NULL"
# ## Was a death of this person taken back, before their space or in it? ##
_ENROLLED_ALIVE = "SELECT alive_at FROM enrolment WHERE ins_digest = %(digest)s AND alive_at IS NOT NULL"


class DeathContest(msgspec.Struct, frozen=True, kw_only=True):
    """A request as it stands. person, born: as its asker named them, ISO; taken_back: None while unanswered."""

    contest: UUID
    digest: bytes
    asker: Asker
    shown: frozenset[Shown]
    person: str
    born: str
    asked_by: str
    asked_at: datetime
    taken_back: bool | None
    reason: NotTakenBack | None
    answered_by: str | None
    answered_at: datetime | None

    @property
    def number(self) -> str:
        """What people quote: it tells nothing of anybody."""
        return self.contest.hex[:8].upper()

    @property
    def due_at(self) -> datetime:
        """When an answer is due."""
        return self.asked_at + ANSWER_WITHIN

    def __repr__(self) -> str:
        return f"DeathContest({self.number}, <hidden>)"


def seal_contest(column: str, content: bytes, *, contest: UUID) -> bytes:
    """Seal a column of a request for its row."""
    house = current().house_key
    return house.seal(table="death_contest", column=column, row=contest.hex, plaintext=content)


async def open_contests(w: Work) -> tuple[DeathContest, ...]:
    """Return what waits for an answer, at most 200."""
    return tuple(_contest(row) for row in await w.rows(_OPEN))


async def contest_in(w: Work, contest: UUID, *, held: bool = False) -> DeathContest | None:
    """Return one; held: nobody else answers it meanwhile."""
    row = await w.row(_HELD if held else _ONE, {"contest": contest})
    return _contest(row) if row is not None else None


async def proof_of_life_in(w: Work, contest: UUID) -> tuple[str, bytes] | None:
    """Return the scanned proof and its media type; None when it was let go."""
    row = await w.row(_PROOF, {"contest": contest})
    return (str(row[0]), _opened("proof_enc", row[1], contest)) if row is not None else None


async def was_taken_back(w: Work, digest: bytes) -> bool:
    """Return whether a death was taken back of who has this digest, before they had a space."""
    return await w.row(_ENROLLED_ALIVE, {"digest": digest}) is not None


def _opened(column: str, sealed: Any, contest: UUID) -> bytes:
    house = current().house_key
    return house.open(table="death_contest", column=column, row=contest.hex, sealed=bytes(sealed))


def _contest(row: tuple[Any, ...]) -> DeathContest:
    person, _, born = _opened("person_enc", row[4], row[0]).decode().partition("\n")
    return DeathContest(
        contest=row[0],
        digest=bytes(row[1]),
        asker=Asker(row[2]),
        shown=frozenset(map(Shown, row[3])),
        person=person,
        born=born,
        asked_by=row[5],
        asked_at=row[6],
        taken_back=None if row[7] is None else row[7] == "taken-back",
        reason=NotTakenBack(row[8]) if row[8] else None,
        answered_by=row[9],
        answered_at=row[10],
    )
