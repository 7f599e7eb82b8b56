"""Erased is erased: without its key nothing sealed for a space can be read any more, here or in any backup of content.

The key rows have their own, short-lived backup for that reason (DESIGN §4). A space still asleep has no key of its own
yet (decision 0015): its person, sealed with the house key, is removed, and no key is ever made for it. Deciding that a
space is to be erased, and removing what is not sealed: `erase_spaces`.
"""

from datetime import datetime

from carnet.infra.db import Database, Work, work
from carnet.infra.installation import current
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Ground, Reason, allow, refuse
from carnet.kernel.ids import SpaceId

DUTY_BOUND = frozenset({ActorKind.SYSTEM, ActorKind.OPERATOR})

_DESTROY = """
UPDATE vault.space_keyset SET wrapped = NULL, destroyed_at = %(at)s
WHERE space_id = %(space)s AND wrapped IS NOT NULL
"""
# ## A space asleep, held against whoever awakens it; then nobody's, with a key that never opened anything ##
_ASLEEP = "SELECT ins_digest FROM ins_index WHERE space_id = %(space)s AND asleep FOR UPDATE"
_NEVER_AWAKE = "UPDATE ins_index SET asleep = false WHERE ins_digest = %(digest)s"
_FORGET = (
    "UPDATE enrolment SET person_enc = NULL, code_digest = NULL, code_asked_at = NULL WHERE ins_digest = %(digest)s"
)
_STILLBORN = """
INSERT INTO vault.space_keyset (space_id, version, kek_id, wrapped, created_at, destroyed_at)
VALUES (%(space)s, 1, %(kek)s, NULL, %(at)s, %(at)s)
"""


async def destroy_space_key(*, actor: Actor, space: SpaceId, batch: Database, at: datetime) -> int:
    """Destroy every version of the key of `space`, for good; return how many there were (0: none left; asleep: 1).

    batch: the database as carnet_batch. Raises Refused to anyone but the operator and the house itself. Source:
    R1111-36 CSP (erasure).
    """
    decision = allow(Ground.DUTY) if actor.kind in DUTY_BOUND else refuse(Reason.NOT_A_READER)
    destroyed = 0
    async with work(space=space, at=at, database_=batch) as w:
        if decision.allowed:
            destroyed = await _destroy(w)
        if destroyed or not decision.allowed:
            details: dict[str, object] = {"versions": destroyed} if destroyed else {}
            await record(w, Act.DESTROY_SPACE_KEY, decision, actor=actor, details=details)
    decision.raise_if_refused()
    current().keys.forget(space)
    return destroyed


async def _destroy(w: Work) -> int:
    asked = {"space": w.space_id, "at": w.at}
    asleep = await w.row(_ASLEEP, asked)
    if asleep is None:
        return await w.execute(_DESTROY, asked)
    await w.execute(_FORGET, {"digest": asleep[0]})
    await w.execute(_NEVER_AWAKE, {"digest": asleep[0]})
    return await w.execute(_STILLBORN, asked | {"kek": current().keys.kek.key_id})
