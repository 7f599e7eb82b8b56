"""Every right somebody was given in a space ends: it is being closed. The act that closes it leaves the trace.

Blocks stay: they are the person's no, and stand again should the space be reopened. Who lost a right by the closing is
known by `ended_at`, which is the closing's own instant.
"""

from carnet.infra.db import Work

_ENDINGS = (
    "UPDATE authorisation SET ended_at = %(at)s WHERE space_id = %(space)s AND ended_at IS NULL AND effect = 'permit'",
    "UPDATE emergency_access SET ended_at = %(at)s WHERE space_id = %(space)s AND ended_at IS NULL",
    "UPDATE consent_code SET expires_at = %(at)s WHERE space_id = %(space)s AND expires_at > %(at)s",
)


async def end_all_rights(w: Work) -> None:
    """End permits, emergencies (asked for or under way) and codes of the transaction's space."""
    for sql in _ENDINGS:
        await w.execute(sql, {"space": w.space_id, "at": w.at})
