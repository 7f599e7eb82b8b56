"""Which software has pages that may be launched here, and where do they come back to?"""

import msgspec

from carnet.infra.db import Work

# ## The pages of one active software ##
_APP = """
SELECT a.client_id, s.name, a.launch_url, a.redirect_uris, s.scopes
FROM smart_app a JOIN care_software s USING (client_id) WHERE a.client_id = %s AND s.status = 'active'
"""


class SmartApp(msgspec.Struct, frozen=True):
    """Pages of an active software that may be launched here."""

    client_id: str
    name: str
    launch_url: str
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...]


async def find_app(w: Work, client_id: str) -> SmartApp | None:
    """Return the pages of an active software, None when it has none."""
    row = await w.row(_APP, (client_id,))
    return SmartApp(row[0], row[1], row[2], tuple(row[3]), tuple(row[4])) if row else None
