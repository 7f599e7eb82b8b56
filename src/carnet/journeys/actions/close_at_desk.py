"""An agent closes a space at its holder's demand, by phone, at a counter or from a letter.

Crosses spaces (the contact, in which the holder proved who they are) and leaving (what a closing entails). The closing
comes first and may be repeated: killed in between, the contact lacks a line and the holder's journal does not. Ending
carers opens the key of the space inside the closing; nothing of what it opens is answered.
"""

from datetime import datetime
from uuid import UUID

from carnet.journeys.actions.leave_space import close_space
from carnet.kernel.actors import Actor
from carnet.kernel.errors import Invalid, Problem, Refused
from carnet.spaces.api import NOT_CHECKED, Script, note_closing, offered, see_contact

NOT_OPEN = Problem("no-space-to-close", "Il n'y a pas d'espace à fermer.", "There is no space to close.")


async def close_at_desk(*, actor: Actor, contact: UUID, at: datetime) -> None:
    """Close the space of the person of a contact. Raises Refused (identity not checked), Invalid, NotFound, Conflict.

    Source: R1111-36 CSP (closing at any time, by any channel).
    """
    held, standing = await see_contact(actor=actor, contact=contact, at=at)
    if held.checked_at is None:
        raise Refused(NOT_CHECKED)
    if standing.space is None or Script.CLOSING not in offered(standing.state):
        raise Invalid(NOT_OPEN)
    await close_space(actor=actor, space=standing.space, at=at)
    await note_closing(actor=actor, contact=contact, at=at)
