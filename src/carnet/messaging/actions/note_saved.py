"""An attachment was saved as a document of the record: the conversation shows where. The deposit has its own trace."""

from datetime import datetime
from typing import Final
from uuid import UUID

from carnet.access.api import Need, look_in
from carnet.infra.db import work
from carnet.kernel.actors import Actor
from carnet.kernel.ids import SpaceId
from carnet.messaging.rules.permissions import may_write

_SAVED: Final = """
UPDATE message_attachment SET saved_as = %(document)s
WHERE space_id = %(space)s AND message_id = %(message)s AND number = %(number)s
"""


async def note_saved(*, actor: Actor, space: SpaceId, message: UUID, number: int, document: UUID, at: datetime) -> None:
    """Remember under which document an attachment was saved."""
    params = {"space": space, "message": message, "number": number, "document": document}
    async with work(space=space, at=at) as w:
        seen = await look_in(w, actor=actor)
        if may_write(seen.decide(Need.EDIT), held=seen.facts.delegation).allowed:
            await w.execute(_SAVED, params)
