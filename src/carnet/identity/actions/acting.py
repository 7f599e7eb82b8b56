"""A session goes into the space of somebody its holder acts for, or back to their own. A part of `journeys.acting`.

It gives no right: whose space a session is in only says which one is asked for. The acts that call it leave the traces.
"""

from uuid import UUID

import msgspec

from carnet.identity.sessions import Acting
from carnet.infra.db import Work
from carnet.infra.installation import current

_GO = "UPDATE web_session SET acting_enc = %s WHERE public_id = %s AND ended_at IS NULL"


async def go_into(work: Work, *, session: UUID, acting: Acting | None) -> None:
    """Let a session act in the space of `acting` from its next request on; None: in its holder's own again.

    session: its public id.
    """
    sealed = None
    if acting is not None:
        plain = msgspec.json.encode(acting)
        house = current().house_key
        sealed = house.seal(table="web_session", column="acting_enc", row=session, plaintext=plain)
    await work.execute(_GO, (sealed, session))
