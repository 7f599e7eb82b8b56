"""A session goes into the space of somebody its holder acts for, or back to their own. A part of `journeys.acting`.

It gives no right: whose space a session is in only says which one is asked for. The acts that call it leave the traces.
"""

import msgspec

from carnet.identity.sessions import Acting, WebSession
from carnet.infra.db import Work
from carnet.infra.installation import current

_GO = "UPDATE web_session SET acting_enc = %s WHERE public_id = %s AND ended_at IS NULL"


async def go_into(work: Work, *, session: WebSession, acting: Acting | None) -> None:
    """Let `session` act in the space of `acting` from its next request on; None: in its holder's own again."""
    sealed = None
    if acting is not None:
        plain = msgspec.json.encode(acting)
        house = current().house_key
        sealed = house.seal(table="web_session", column="acting_enc", row=session.public_id, plaintext=plain)
    await work.execute(_GO, (sealed, session.public_id))
