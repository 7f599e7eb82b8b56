"""Before a message is stored: do the practices it goes to take it, this way and this often? A step of sending."""

from typing import Final

from carnet.infra.db import Work
from carnet.infra.vault import SpaceKeys
from carnet.kernel.actors import Actor
from carnet.messaging.actions.spend_request import hold_quotas, spend_requests
from carnet.messaging.data import Address, Writing
from carnet.messaging.practices import PracticeRules
from carnet.messaging.queries.practice import rules_of
from carnet.messaging.rules.asking import check_asking, counts
from carnet.messaging.rules.practice_rules import away

_SENT: Final = "SELECT 1 FROM message WHERE space_id = %(space)s AND once = %(once)s"
_NOBODY: Final = PracticeRules()


async def ask_practices(
    work: Work, writing: Writing, to: tuple[Address, ...], *, actor: Actor, once: bytes, keys: SpaceKeys
) -> str:
    """Count the message with each practice that counts; return what they answer at once, empty for nothing.

    once: digest of the form: sent twice, it counts once. Raises Invalid, nothing counted.
    """
    known, answering = await rules_of(work, [one.address for one in to]), writing.answers is not None
    for one in to:
        rules = known[one.address].rules if one.address in known else _NOBODY
        check_asking(writing.asking, rules, answering=answering)
    found = {address: one.rules for address, one in known.items()}
    if counts(writing.asking, answering=answering):
        quotas = {address: rules.quota for address, rules in found.items() if rules.quota is not None}
        used = await hold_quotas(work, quotas, actor=actor, keys=keys)
        if not used or await work.row(_SENT, {"space": work.space_id, "once": once}) is None:
            await spend_requests(work, quotas, used, actor=actor, keys=keys)
    return "\n\n".join(said for rules in found.values() if (said := _automatic(rules, work)))


def _automatic(rules: PracticeRules, work: Work) -> str:
    until = away(rules, at=work.at)
    absent = f"Absence jusqu'au {until:%d/%m/%Y} inclus." if until else ""
    return "\n".join(one for one in (absent, rules.automatic.strip()) if one)
