"""Whoever is signed in to a space is signed out of it: it is being closed. The act that closes it leaves the trace."""

from uuid import UUID

from carnet.infra.db import Work

_END = """
UPDATE web_session s SET ended_at = %(at)s FROM account a
WHERE a.account_id = s.account_id AND a.space_id = %(space)s AND s.ended_at IS NULL
  AND s.public_id IS DISTINCT FROM %(but)s
"""


async def end_sessions_of(w: Work, *, but: UUID | None = None) -> int:
    """End the sessions of the holder of the transaction's space, all but the one that asks; return how many."""
    return await w.execute(_END, {"space": w.space_id, "at": w.at, "but": but})
