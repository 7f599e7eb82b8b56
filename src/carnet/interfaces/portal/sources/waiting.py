"""How many things wait to be read: the numbers in the frame of every page, in one question."""

from datetime import datetime

import msgspec

from carnet.access.api import Need, look
from carnet.kernel.actors import Actor
from carnet.kernel.errors import CarnetError
from carnet.messaging.api import to_news, unread_statement
from carnet.notifications.api import counting_statement


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """notifications: lines not read. messages: conversations with something new; None: this reader has no messages.

    agenda: whether it is within what the reader may see in somebody else's space.
    """

    notifications: int = 0
    messages: int | None = None
    agenda: bool = False


async def what_waits(actor: Actor | None, *, at: datetime) -> Waiting:
    """Return what waits in the space somebody is in. Not knowing (store down, closed) must not take a page away."""
    space = (actor.space or actor.acts_for) if actor else None
    if actor is None or space is None:
        return Waiting()
    try:
        statements = [counting_statement(actor, space=space, at=at), unread_statement(actor, space=space, at=at)]
        seen = await look(actor=actor, space=space, at=at, statements=statements)
    except CarnetError:
        return Waiting()
    in_space = seen.decide(Need.LIST)
    agenda = seen.decide(Need.READ_AGENDA).allowed
    if not in_space.allowed:
        return Waiting(agenda=agenda)
    news = to_news(seen.rows[1], in_space=in_space, held=seen.facts.delegation)
    return Waiting(notifications=int(seen.rows[0][0][1]), messages=news[0] if news else None, agenda=agenda)
