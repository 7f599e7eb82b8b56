"""A practice says what its mailbox accepts from persons: by a page, by FHIR, or by a header of mail it sends.

Public facts of a mailbox, no person's: the trace goes to the security journal. Whoever may not gets one answer, whether
the mailbox exists, is on the red list, or belongs to somebody else.
"""

from datetime import datetime
from typing import Final

import msgspec

from carnet.infra.db import Work, system_work
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, Reason, allow, refuse
from carnet.kernel.errors import NotFound
from carnet.messaging.practices import PracticeRules, SetBy
from carnet.messaging.queries.practice import owned_mailbox
from carnet.messaging.rules.practice_rules import check_rules, may_set

_SET: Final = """
INSERT INTO mailbox_rules (address, rules, way, set_at) VALUES (%(address)s, %(rules)s::jsonb, %(way)s, %(at)s)
ON CONFLICT (address) DO UPDATE SET rules = excluded.rules, way = excluded.way, set_at = excluded.set_at
WHERE mailbox_rules.set_at <= excluded.set_at
"""
_DROP: Final = "DELETE FROM mailbox_rules WHERE address = %(address)s AND set_at <= %(at)s"


async def set_mailbox_rules(
    *, actor: Actor, address: str, rules: PracticeRules | None, way: SetBy, at: datetime
) -> None:
    """Keep what the mailbox `address` accepts from now on; None: whatever people write, as before.

    Raises Invalid (the fields of the form as paths), NotFound (no such mailbox, or not this actor's to set).
    """
    if rules is not None:
        check_rules(rules)
    async with system_work(at=at) as w:
        mailbox = await owned_mailbox(w, address)
        mine = mailbox is not None and may_set(actor, mailbox)
        decision = allow(Ground.DUTY) if mine else refuse(Reason.NOT_A_READER)
        await record(w, Act.SET_MAILBOX_RULES, decision, actor=actor, details={"way": str(way)})
        if mine:
            await keep_rules(w, address=address, rules=rules, way=way)
    if not mine:
        raise NotFound


async def keep_rules(work: Work, *, address: str, rules: PracticeRules | None, way: SetBy) -> None:
    """Write the rules of a mailbox, latest word wins; a step of setting them, by whoever was found to be it."""
    if rules is None:
        await work.execute(_DROP, {"address": address, "at": work.at})
        return
    told = {"address": address, "rules": msgspec.json.encode(rules).decode(), "way": str(way), "at": work.at}
    await work.execute(_SET, told)
