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
from carnet.kernel.errors import Conflict, NotFound, Problem
from carnet.messaging.practices import PracticeRules, SetBy, version_of
from carnet.messaging.queries.practice import owned_mailbox
from carnet.messaging.rules.practice_rules import check_rules, may_set

CHANGED: Final = Problem(
    "practice-changed",
    "Ces règles ont changé entre-temps : relisez-les avant de les remplacer.",
    "These rules changed meanwhile: read them again before replacing them.",
)
_BEFORE: Final = "SELECT set_at FROM mailbox_rules WHERE address = %(address)s FOR UPDATE"
_SET: Final = """
INSERT INTO mailbox_rules (address, rules, way, set_at) VALUES (%(address)s, %(rules)s::jsonb, %(way)s, %(at)s)
ON CONFLICT (address) DO UPDATE SET rules = excluded.rules, way = excluded.way, set_at = excluded.set_at
WHERE mailbox_rules.set_at <= excluded.set_at
"""
_DROP: Final = "DELETE FROM mailbox_rules WHERE address = %(address)s AND set_at <= %(at)s"


async def set_mailbox_rules(
    *, actor: Actor, address: str, rules: PracticeRules | None, way: SetBy, at: datetime, version: str | None = None
) -> bool:
    """Keep what the mailbox `address` accepts from now on; None: whatever people write, as before.

    version: what the rules must still be (`KnownRules.version`); None: whatever they are. Return whether there were
    none before. Raises Invalid (the fields of the form as paths), NotFound (no such mailbox, or not this actor's to
    set), Conflict (another version).
    """
    if rules is not None:
        check_rules(rules)
    async with system_work(at=at) as w:
        mailbox = await owned_mailbox(w, address)
        mine = mailbox is not None and may_set(actor, mailbox)
        before = await _set_before(w, address) if mine else None
        current = version is None or (before is not None and before <= at and version_of(before) == version)
        refusal = refuse(Reason.NOT_CURRENT if mine else Reason.NOT_A_READER)
        decision = allow(Ground.DUTY) if mine and current else refusal
        await record(w, Act.SET_MAILBOX_RULES, decision, actor=actor, details={"way": str(way)})
        if decision.allowed:
            await keep_rules(w, address=address, rules=rules, way=way)
    if not mine:
        raise NotFound
    if not current:
        raise Conflict(CHANGED)
    return before is None


async def _set_before(work: Work, address: str) -> datetime | None:
    """Return when the rules were set, held until this work ends; None: there are none."""
    rows = await work.rows(_BEFORE, {"address": address})
    return rows[0][0] if rows else None


async def keep_rules(work: Work, *, address: str, rules: PracticeRules | None, way: SetBy) -> None:
    """Write the rules of a mailbox, latest word wins; a step of setting them, by whoever was found to be it."""
    if rules is None:
        await work.execute(_DROP, {"address": address, "at": work.at})
        return
    told = {"address": address, "rules": msgspec.json.encode(rules).decode(), "way": str(way), "at": work.at}
    await work.execute(_SET, told)
