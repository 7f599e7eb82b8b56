"""Which pharmacies may this person write to first? Those that put something into the record which this reader sees.

Visited: a document of the record was deposited by the pharmacy, whatever its kind (mes.md §3.8, 2: at least one
dispensing or deposit); an authorisation is no visit. What is hidden from the reader proves nothing to them, so this
list tells nothing a list of documents would not. It takes messages: an active mailbox of the place, off the red list,
that did not say no to visitors. JDV_J02 `SA33` is a community pharmacy.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from carnet.access.api import READER, VISIBLE, reader
from carnet.infra.db.work import Statement
from carnet.kernel.actors import Actor
from carnet.kernel.ids import SpaceId
from carnet.messaging.data import Address

# ## The mailboxes of pharmacies that deposited something the reader sees ##
_VISITED: Final = f"""
WITH {READER}
SELECT DISTINCT m.address, coalesce(o.name, m.label, m.address), coalesce(o.town, '')
FROM document d CROSS JOIN reader
JOIN care_organisation o ON o.finess = d.author_finess
JOIN mss_mailbox m ON m.finess = o.finess
LEFT JOIN mailbox_rules r ON r.address = m.address
WHERE d.space_id = %(space)s AND d.author_kind <> 'PATIENT' AND d.status <> 'deleted' AND {VISIBLE}
  AND o.facility_type = 'SA33' AND m.kind <> 'PER' AND m.status = 'active' AND NOT m.red_list
  AND coalesce((r.rules ->> 'visitors')::boolean, true)
ORDER BY 2, 1 LIMIT 50
"""


def visited_statement(actor: Actor, *, space: SpaceId, at: datetime) -> Statement:
    """Return the statement of the pharmacies `actor` sees were visited."""
    return Statement(_VISITED, {"space": space, "at": at, **reader(actor, at=at).params()})


def to_visited(rows: Sequence[tuple[Any, ...]]) -> tuple[Address, ...]:
    """Return the mailboxes of rows of `visited_statement`; the name says the town, to tell two apart."""
    return tuple(Address(address, f"{name} ({town})" if town else name) for address, name, town in rows)
