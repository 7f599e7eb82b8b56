"""News without asking: a stream that says how many conversations hold something new, each time that number moves.

Nothing else is in it: the page asks for its own list again. It is sent only when what this very reader may know of has
changed, so that what is kept from them moves nothing. It ends with the session and with the process; pages work
without.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

import msgspec
from litestar import get
from litestar.response import Stream

from carnet.design.door import Asked
from carnet.design.language import Language
from carnet.identity.api import SignedIn, list_sessions
from carnet.infra import clock
from carnet.infra.db.listening import listener
from carnet.infra.web.audience import open_to
from carnet.infra.web.streams import Streams
from carnet.interfaces.portal.messages import BOTH
from carnet.interfaces.portal.presenters.shell import NEWS, messages_tab
from carnet.interfaces.portal.setting import language_of, portal_of
from carnet.interfaces.portal.sources.own_space import space_of
from carnet.journeys.api import WebDoor, signed_in
from carnet.kernel.errors import NotFound, Refused, Unavailable
from carnet.messaging.api import News, look_for_news

OPEN: Final = Streams(most=500, most_of_one=4)
"""The streams of this process. Four a session: a person has a few pages open, hardly more."""
HEARTBEAT: Final = 20.0
"""Seconds after which a silent stream says that it lives, and looks whether its session still does."""
_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@get(NEWS, **open_to(*BOTH))
async def news(request: Asked) -> Stream:
    """Stream the number of conversations with something new. 503 when too many streams are open."""
    who = signed_in(request)
    OPEN.check(str(who.session.public_id))
    said = _said(who, portal_of(request).web, language_of(request))
    return Stream(said, media_type="text/event-stream", headers=_HEADERS)


async def _said(who: SignedIn, web: WebDoor, language: Language) -> AsyncIterator[bytes]:
    """Yield events until the session or the process ends. Signs of life keep their own time, whatever is heard."""
    with OPEN.take(str(who.session.public_id)) as stopping, listener().hear(space_of(who)) as heard:
        yield b"retry: 5000\n\n"
        loop, before = asyncio.get_running_loop(), None
        beat = loop.time() + HEARTBEAT
        while not stopping.is_set():
            heard.clear()
            with contextlib.suppress(Unavailable):  # the database is away: the next sign of life asks again
                found = await _look(who)
                if found is None or not await _lives(who, web):
                    yield b"event: fin\ndata: {}\n\n"
                    return
                if found != before:
                    before = found
                    yield _event(found[0], language)
            if loop.time() >= beat:
                beat = loop.time() + HEARTBEAT
                yield b": \n\n"
            await _either(heard, stopping, seconds=beat - loop.time())


async def _look(who: SignedIn) -> News | None:
    """Return what is new, None for who may know of nothing here any more."""
    try:
        return await look_for_news(actor=who.actor, space=space_of(who), at=clock.now())
    except (NotFound, Refused):
        return None


def _event(unread: int, language: Language) -> bytes:
    spoken = messages_tab(unread, language).spoken
    return b"event: messages\ndata: " + msgspec.json.encode({"unread": unread, "spoken": spoken}) + b"\n\n"


async def _lives(who: SignedIn, web: WebDoor) -> bool:
    """Whether the session still signs somebody in. Asking does not keep it alive."""
    at = clock.now()
    if at >= who.session.absolute_end:
        return False
    lines = await list_sessions(session=who.session, limits=web.limits, at=at)
    return any(one.public_id == who.session.public_id for one in lines)


async def _either(heard: asyncio.Event, stopping: asyncio.Event, *, seconds: float) -> None:
    """Wait until something may have happened, the process stops, or it is time for a sign of life."""
    waits = [asyncio.ensure_future(one.wait()) for one in (heard, stopping)]
    try:
        await asyncio.wait(waits, timeout=max(seconds, 0), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waits:
            one.cancel()
