"""Before a message is stored: do the practices it goes to take it, this way, now, and this often? A step of sending.

Outside its hours a practice gets a request when it opens: the person is told when, and has nothing to do.
"""

from datetime import datetime
from typing import Final

import msgspec

from carnet.infra.db import Work
from carnet.infra.vault import SpaceKeys
from carnet.kernel.actors import Actor
from carnet.messaging.actions.spend_request import hold_quotas, spend_requests
from carnet.messaging.data import Address, Writing
from carnet.messaging.practices import PracticeRules
from carnet.messaging.queries.practice import rules_of
from carnet.messaging.rules.asking import check_asking, counts
from carnet.messaging.rules.practice_rules import automatic, opens_again

_SENT: Final = "SELECT 1 FROM message WHERE space_id = %(space)s AND once = %(once)s"
_NOBODY: Final = PracticeRules()


class Taken(msgspec.Struct, frozen=True):
    """What practices answer at once (empty: nothing), and when those that are closed get it, by address."""

    automatic: str
    not_before: dict[str, datetime]


async def ask_practices(
    work: Work,
    writing: Writing,
    to: tuple[Address, ...],
    *,
    actor: Actor,
    once: bytes,
    keys: SpaceKeys,
    language: str,
) -> Taken:
    """Count the message with each practice that counts; return what they answer at once and until when it waits.

    once: digest of the form: sent twice, it counts once; language: "fr" or "en", the person's. Raises Invalid, nothing
    counted.
    """
    known, answering = await rules_of(work, [one.address for one in to]), writing.answers is not None
    for one in to:
        rules = known[one.address].rules if one.address in known else _NOBODY
        check_asking(writing.asking, rules, answering=answering)
    found = {address: one.rules for address, one in known.items()}
    asked = counts(writing.asking, answering=answering)
    closed = {address: when for address, rules in found.items() if asked and (when := opens_again(rules, at=work.at))}
    if asked:
        quotas = {address: rules.quota for address, rules in found.items() if rules.quota is not None}
        used = await hold_quotas(work, quotas, actor=actor, keys=keys)
        if not used or await work.row(_SENT, {"space": work.space_id, "once": once}) is None:
            await spend_requests(work, quotas, used, actor=actor, keys=keys)
    said = (automatic(rules, closed.get(address), language=language, at=work.at) for address, rules in found.items())
    return Taken("\n\n".join(one for one in said if one), closed)
