"""Which agents are on duty? By the address the provider vouches for, or by their row."""

from uuid import UUID

import msgspec

from carnet.infra.db import rows_in_one_trip
from carnet.infra.db.message import Statement

_COLUMNS = """
g.agent_id, g.reference, g.kind, g.desk, EXISTS (SELECT FROM account a WHERE a.agent_id = g.agent_id)
"""
# ## An agent on duty, and whether they ever signed in ##
_BY_EMAIL = f"SELECT {_COLUMNS} FROM agent g WHERE g.email = %(email)s AND g.ended_at IS NULL"
_BY_ID = f"SELECT {_COLUMNS} FROM agent g WHERE g.agent_id = %(agent)s AND g.ended_at IS NULL"
# ## Where an agent works ##
_PLACE = "SELECT departement FROM agent WHERE reference = %(reference)s"
# ## Everybody on duty ##
_ALL = "SELECT reference, kind, email, name, desk FROM agent WHERE ended_at IS NULL ORDER BY desk, reference"


class Agent(msgspec.Struct, frozen=True):
    """An agent on duty. kind: "agent" or "pilot"; desk: what people are told they are."""

    agent: UUID
    reference: str
    kind: str
    desk: str
    has_account: bool


async def agent_by_email(email: str) -> Agent | None:
    """Return the agent on duty with this address at work (lower case)."""
    return await _one(Statement(_BY_EMAIL, {"email": email}))


async def agent_by_id(agent: UUID) -> Agent | None:
    """Return the agent of this row, None when their duty ended."""
    return await _one(Statement(_BY_ID, {"agent": agent}))


async def departement_of_agent(reference: str) -> str:
    """Return where the desk of an agent is; "" for the mainland, or for nobody."""
    (rows,) = await rows_in_one_trip([Statement(_PLACE, {"reference": reference})], space=None)
    return str(rows[0][0]) if rows else ""


async def agents_on_duty() -> list[tuple[str, str, str, str, str]]:
    """Return (reference, kind, address, name, desk) of everybody on duty."""
    return [tuple(row) for row in (await rows_in_one_trip([Statement(_ALL)], space=None))[0]]


async def _one(statement: Statement) -> Agent | None:
    rows = (await rows_in_one_trip([statement], space=None))[0]
    return Agent(*rows[0]) if rows else None
