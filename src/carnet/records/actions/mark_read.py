"""The person opened a document: it is no longer new to them. Not a trace (the reading has its own)."""

from datetime import datetime
from uuid import UUID

from carnet.infra.db import work
from carnet.kernel.actors import Actor
from carnet.kernel.ids import SpaceId

_MARK = """
INSERT INTO document_reading (space_id, document_id, account_id, first_read_at) VALUES (%s, %s, %s, %s)
ON CONFLICT DO NOTHING
"""


async def mark_read(*, actor: Actor, space: SpaceId, document: UUID, account: UUID, at: datetime) -> None:
    """Remember that `account` opened `document`: for the person, and apart for each who acts for them."""
    if actor.is_person_of(space):
        async with work(space=space, at=at) as w:
            await w.execute(_MARK, (space, document, account, at))
