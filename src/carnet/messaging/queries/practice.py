"""What do these mailboxes accept from persons, and whose are they? Public facts of the directory; no space is asked."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from carnet.infra.db import Work
from carnet.kernel.actors import Actor
from carnet.messaging.practices import KnownRules, OwnedMailbox, PracticeRules, SetBy
from carnet.messaging.rules.practice_rules import may_set, reads

# ## The rules of active mailboxes ##
_RULES: Final = """
SELECT r.address, r.rules::text, r.way, r.set_at FROM mailbox_rules r JOIN mss_mailbox m USING (address)
WHERE r.address = ANY(%(addresses)s) AND m.status = 'active'
"""
# ## Active mailboxes with whose they are, by address ##
_OWNED: Final = """
SELECT m.address, m.kind, m.rpps, m.finess, coalesce(m.label, o.name, concat_ws(' ', p.given_name, p.family_name), ''),
  m.red_list
FROM mss_mailbox m LEFT JOIN professional p USING (rpps) LEFT JOIN care_organisation o ON o.finess = m.finess
WHERE m.status = 'active' AND (p.rpps IS NULL OR p.status = 'active')
  AND (m.address = %(address)s OR m.rpps = %(rpps)s OR m.finess = %(finess)s)
ORDER BY m.kind <> 'PER', m.address LIMIT 100
"""
# ## What a professional reads while they practise: in their own name, or shared where they work ##
_READ: Final = """
SELECT m.address, m.kind, m.rpps, m.finess, coalesce(m.label, o.name, ''), m.red_list
FROM mss_mailbox m LEFT JOIN care_organisation o ON o.finess = m.finess
WHERE m.status = 'active' AND (m.rpps = %(rpps)s OR m.finess = %(finess)s)
  AND EXISTS (SELECT FROM professional p WHERE p.rpps = %(rpps)s AND p.status = 'active')
ORDER BY m.kind <> 'PER', m.address LIMIT 100
"""
_rules: Final = msgspec.json.Decoder(PracticeRules)


async def rules_of(work: Work, addresses: Iterable[str]) -> dict[str, KnownRules]:
    """Return the rules of those mailboxes that have some, by address."""
    rows = await work.rows(_RULES, {"addresses": sorted(set(addresses))})
    return {
        address: KnownRules(address=address, rules=_rules.decode(rules), way=SetBy(way), set_at=set_at)
        for address, rules, way, set_at in rows
    }


async def owned_mailbox(work: Work, address: str) -> OwnedMailbox | None:
    """Return the active mailbox of this address with whose it is, red list included; None: not in the directory."""
    rows = await work.rows(_OWNED, {"address": address, "rpps": None, "finess": None})
    return _owned(rows[0]) if rows else None


async def settable_mailboxes(work: Work, actor: Actor) -> tuple[OwnedMailbox, ...]:
    """Return the mailboxes whose rules `actor` may set, their own first."""
    rows = await work.rows(_OWNED, {"address": None, "rpps": actor.rpps, "finess": actor.organisation})
    return tuple(one for one in map(_owned, rows) if may_set(actor, one))


async def mailboxes_read_by(work: Work, actor: Actor) -> tuple[OwnedMailbox, ...]:
    """Return the mailboxes `actor` reads and writes from: their own first, then those people share where they work."""
    if actor.rpps is None:
        return ()
    rows = await work.rows(_READ, {"rpps": actor.rpps, "finess": actor.organisation})
    return tuple(one for one in map(_owned, rows) if reads(actor, one))


def _owned(row: tuple[Any, ...]) -> OwnedMailbox:
    return OwnedMailbox(**dict(zip(OwnedMailbox.__struct_fields__, row, strict=True)))
