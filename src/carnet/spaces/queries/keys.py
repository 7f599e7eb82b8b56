"""Which keys open this space? The wrapped keyset travels with the facts; opening it happens in memory."""

from typing import Any

from carnet.infra.db.work import Statement
from carnet.infra.installation import current
from carnet.infra.vault import SpaceKeys
from carnet.kernel.ids import SpaceId

# ## The current wrapped keyset of one space; no row once it was destroyed ##
_KEYSET = """
SELECT version, wrapped FROM vault.space_keyset
WHERE space_id = %(space)s AND wrapped IS NOT NULL ORDER BY version DESC LIMIT 1
"""


# ## The same beside a row of authz: columns and join, so that rights and keys come as one row ##
KEYSET_COLUMNS = "keyset.version, keyset.wrapped"
KEYSET_BESIDE = """
LEFT JOIN LATERAL (
  SELECT k.version, k.wrapped FROM vault.space_keyset k
  WHERE k.space_id = a.space_id AND k.wrapped IS NOT NULL ORDER BY k.version DESC LIMIT 1) keyset ON true
"""


def keyset_statement(space: SpaceId) -> Statement:
    """Return the statement that reads the wrapped keyset."""
    return Statement(_KEYSET, {"space": space})


async def open_keys(rows: list[tuple[Any, ...]], *, space: SpaceId) -> SpaceKeys | None:
    """Return the opened keys, or None when the space has none (never opened, erased)."""
    if not rows or rows[0][1] is None:
        return None
    version, wrapped = rows[0]
    return await current().keys.open(space_id=space, version=version, wrapped=bytes(wrapped))
