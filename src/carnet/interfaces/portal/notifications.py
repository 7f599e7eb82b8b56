"""The notification centre: read, unread, removed, one by one or all together."""

from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from carnet.design.door import Asked
from carnet.infra import clock
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.portal.documents import read_page
from carnet.interfaces.portal.forms import posted
from carnet.interfaces.portal.page import done, show
from carnet.interfaces.portal.presenters.notifications import present_notifications
from carnet.interfaces.portal.setting import language_of
from carnet.interfaces.portal.sources.notifications import PAGE_SIZE, gather_notifications, to_facts
from carnet.interfaces.portal.sources.own_space import space_of
from carnet.interfaces.portal.sources.standings import read_party
from carnet.journeys.api import signed_in
from carnet.kernel.errors import NotFound
from carnet.notifications.api import delete_notification, mark_accesses_known, mark_all_read, mark_notification

ADDRESS = "/notifications"


@get(ADDRESS, **open_to(Audience.PERSON))
async def centre(request: Asked) -> Response[str]:
    """Show the notifications, newest first."""
    number = read_page(request.query_params.get("page", ""))
    found = await gather_notifications(signed_in=signed_in(request), page=number, at=clock.now())
    page = present_notifications(
        language=language_of(request),
        items=tuple(map(to_facts, found.items)),
        unread=found.unread,
        page=number,
        pages=-(-found.total // PAGE_SIZE),
    )
    return await show(request, "notifications.html", page, current="notifications")


@post(f"{ADDRESS}/{{notification:uuid}}/lue", status_code=303, **open_to(Audience.PERSON))
async def read(request: Asked, notification: FromPath[UUID]) -> Redirect:
    """Mark one as read."""
    return await _mark(request, notification, read=True)


@post(f"{ADDRESS}/{{notification:uuid}}/non-lue", status_code=303, **open_to(Audience.PERSON))
async def unread(request: Asked, notification: FromPath[UUID]) -> Redirect:
    """Mark one as unread."""
    return await _mark(request, notification, read=False)


@post(f"{ADDRESS}/{{notification:uuid}}/supprimer", status_code=303, **open_to(Audience.PERSON))
async def remove(request: Asked, notification: FromPath[UUID]) -> Redirect:
    """Remove one from the list."""
    who = signed_in(request)
    await delete_notification(actor=who.actor, space=space_of(who), notification=notification, at=clock.now())
    return done(ADDRESS)


@post(f"{ADDRESS}/acces-connu", status_code=303, **open_to(Audience.PERSON))
async def known(request: Asked) -> Redirect:
    """The person knows a professional who came: nothing asks about them any more."""
    who, party = signed_in(request), read_party((await posted(request)).get("qui", ""))
    if party.rpps is None:
        raise NotFound
    await mark_accesses_known(actor=who.actor, space=space_of(who), rpps=party.rpps, at=clock.now())
    return done("/accueil", "known")


@post(f"{ADDRESS}/tout-lire", status_code=303, **open_to(Audience.PERSON))
async def read_all(request: Asked) -> Redirect:
    """Mark all as read."""
    who = signed_in(request)
    await mark_all_read(actor=who.actor, space=space_of(who), at=clock.now())
    return done(ADDRESS)


async def _mark(request: Asked, notification: UUID, *, read: bool) -> Redirect:
    who = signed_in(request)
    await mark_notification(actor=who.actor, space=space_of(who), notification=notification, read=read, at=clock.now())
    return done(f"{ADDRESS}#n-{notification.hex}")
