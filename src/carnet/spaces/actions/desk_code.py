"""Somebody lost their letter: the desk has another one sent, to the address the insurer knows and to no other.

The old code dies at once: whoever asks does not know where it is. The letter is printed by `send_again`. Opens no key.
"""

from datetime import datetime, timedelta
from uuid import UUID

from carnet.infra.db import system_work
from carnet.journal.api import Act
from carnet.kernel.actors import Actor
from carnet.kernel.errors import Invalid
from carnet.spaces.actions.desk_contact import Deed, note_deed
from carnet.spaces.holding import held_contact, see_contact
from carnet.spaces.rules.desk import CODE_ON_ITS_WAY, CODES_A_MONTH, NOT_OFFERED, TOO_MANY_CODES, Script, offered

MONTH = timedelta(days=30)
NAME = "new-code"
_HELD = "SELECT code_asked_at IS NOT NULL FROM enrolment WHERE ins_digest = %s FOR UPDATE"
_ASKED = """
SELECT count(*) FROM desk_contact, unnest(deeds) AS deed WHERE ins_digest = %s AND began_at > %s AND deed = %s
"""
_ASK = "UPDATE enrolment SET code_asked_at = %s, code_digest = NULL, code_until = NULL WHERE ins_digest = %s"


async def renew_code(*, actor: Actor, contact: UUID, at: datetime) -> None:
    """Ask for another letter. Raises Invalid (asked already, too often, not in this state), NotFound, Refused.

    Source: mes.md §2.2 A2 (the code is regenerable).
    """
    _, standing = await see_contact(actor=actor, contact=contact, at=at)
    if Script.NEW_CODE not in offered(standing.state):
        raise Invalid(NOT_OFFERED)
    async with system_work(at=at) as w:
        held = await held_contact(w, actor=actor, contact=contact, checked=True)
        known = await w.row(_HELD, (held.digest,))
        if known is None:
            raise Invalid(NOT_OFFERED)  # opened without the campaign: there never was a letter
        if known[0]:
            raise Invalid(CODE_ON_ITS_WAY)
        asked = await w.row(_ASKED, (held.digest, at - MONTH, NAME))
        if asked is not None and asked[0] >= CODES_A_MONTH:
            raise Invalid(TOO_MANY_CODES)
        await w.execute(_ASK, (at, held.digest))
        await note_deed(w, held, actor=actor, deed=Deed(script=Script.NEW_CODE, name=NAME, act=Act.DESK_CODE))
