"""Count a request against the quota of the mailbox asked, race-safe: the counter's row is held until the message is
stored or refused.

Whoever acts for the person has a count of their own: a refusal must not tell them of a request kept from them.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from carnet.infra.db import Work
from carnet.infra.vault import SpaceKeys
from carnet.kernel.actors import Actor
from carnet.kernel.errors import Invalid
from carnet.messaging.practices import Quota
from carnet.messaging.queries.sealed import contact_digest
from carnet.messaging.rules.asking import quota_spent
from carnet.messaging.rules.practice_rules import begins

_HOLD: Final = """
INSERT INTO practice_request AS p (space_id, contact_digest, since, used)
VALUES (%(space)s, %(contact)s, %(since)s, 0)
ON CONFLICT (space_id, contact_digest) DO UPDATE
SET used = CASE WHEN p.since = excluded.since THEN p.used ELSE 0 END, since = excluded.since
RETURNING used
"""
_SPEND: Final = """
UPDATE practice_request SET used = used + 1 WHERE space_id = %(space)s AND contact_digest = ANY(%(contacts)s)
"""
# ## Only in the period it was counted in: a new one began anew ##
_UNCOUNT: Final = """
UPDATE practice_request SET used = greatest(used - 1, 0)
WHERE space_id = %(space)s AND contact_digest = %(contact)s AND since <= %(at)s
"""


async def hold_quotas(work: Work, quotas: dict[str, Quota], *, actor: Actor, keys: SpaceKeys) -> dict[bytes, int]:
    """Hold the counters of these addresses still until the transaction ends; return what each has used."""
    used: dict[bytes, int] = {}
    for digest, quota in sorted(
        (_counter(address, actor.delegation, keys), quota) for address, quota in quotas.items()
    ):
        params = {"space": work.space_id, "contact": digest, "since": begins(quota, at=work.at)}
        row = await work.row(_HOLD, params)
        used[digest] = row[0] if row else 0
    return used


async def spend_requests(
    work: Work, quotas: dict[str, Quota], used: dict[bytes, int], *, actor: Actor, keys: SpaceKeys
) -> None:
    """Count one request more at each of them. Raises Invalid before any is counted when one takes no more."""
    for address, quota in quotas.items():
        if used[_counter(address, actor.delegation, keys)] >= quota.requests:
            raise Invalid(quota_spent(quota, at=work.at))
    if used:
        await work.execute(_SPEND, {"space": work.space_id, "contacts": list(used)})


async def uncount_request(work: Work, address: str, *, author: UUID | None, at: datetime, keys: SpaceKeys) -> None:
    """A request made `at` was taken back before it left. author: the delegation of who made it for the person."""
    digest = _counter(address, author, keys)
    await work.execute(_UNCOUNT, {"space": work.space_id, "contact": digest, "at": at})


def _counter(address: str, delegation: UUID | None, keys: SpaceKeys) -> bytes:
    return contact_digest(f"{address} {delegation}" if delegation else address, keys=keys)
