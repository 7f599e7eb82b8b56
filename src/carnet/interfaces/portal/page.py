"""From a presenter's page to an answer: the frame around it, its language, its notices. Decides nothing.

Every page of somebody signed in carries how many notifications and messages wait; nothing else is read here.
"""

from typing import Any, Final

import msgspec
from litestar import Response
from litestar.datastructures import Cookie
from litestar.response import Redirect

from carnet.design.door import HTML, Asked, Notices, theme_of
from carnet.design.shell import Notice, Shell
from carnet.identity.api import WebSession
from carnet.infra import clock
from carnet.interfaces.portal.presenters.notices import NOTICES
from carnet.interfaces.portal.presenters.shell import present_shell
from carnet.interfaces.portal.screen_plan import position_of
from carnet.interfaces.portal.setting import environment_for, language_of
from carnet.interfaces.portal.sources.waiting import Waiting, what_waits
from carnet.kernel.actors import Actor

SHOWN: Final = "shown"
"""Under which key a request notes the position of the page it showed (`screen`)."""
NOTICES_LEFT: Final = Notices(cookie="avis", path="/", words=NOTICES)


async def show(
    request: Asked,
    template: str,
    page: Any,
    *,
    current: str = "",
    status: int = 200,
) -> Response[str]:
    """Return the page of `template`, with how many notifications and messages wait."""
    actor = getattr(request.state, "actor", None)
    waiting = await what_waits(actor if isinstance(actor, Actor) else None, at=clock.now())
    return answer(request, template, page, current=current, status=status, waiting=waiting)


def answer(
    request: Asked,
    template: str,
    page: Any,
    *,
    current: str = "",
    status: int = 200,
    waiting: Waiting = Waiting(),  # noqa: B008 - frozen
    path: str = "",
    tabs: bool = True,
) -> Response[str]:
    """Return the page of `template`; a notice left by the previous act is shown once. Reads nothing.

    path: where choosing a language returns to, the page itself by default. tabs: whether there is anywhere else to go.
    """
    if _shares(request):
        where = request.scope["path_template"]
        shown = position_of(template=template, path_template=where, status=status, page=page)
        request.scope.setdefault("state", {})[SHOWN] = shown
    language = language_of(request)
    notices = NOTICES_LEFT.left(request, language)
    shell = _shell(request, current, waiting, notices, path)
    if not tabs:
        shell = msgspec.structs.replace(shell, tabs=(), aside=None, home=shell.path, settings=shell.path)
    body = environment_for(language.code).get_template(template).render(shell=shell, page=page)
    return Response(body, media_type=HTML, status_code=status, cookies=NOTICES_LEFT.taken(notices))


def done(address: str, notice: str = "", *, cookies: tuple[Cookie, ...] = ()) -> Redirect:
    """Return the redirection after an act (303), leaving a notice by its code for the next page."""
    return Redirect(address, status_code=303, cookies=[*cookies, *NOTICES_LEFT.leave(notice)])


def _shares(request: Asked) -> bool:
    """Tell whether the session lets the desk know which page it is on."""
    held = getattr(request.state, "session", None)
    return isinstance(held, WebSession) and held.shares_screen(at=clock.now())


def _shell(request: Asked, current: str, waiting: Waiting, notices: tuple[Notice, ...], path: str = "") -> Shell:
    held = getattr(request.state, "session", None)
    session = held if isinstance(held, WebSession) else None
    person = session.holder if session and session.holder.space is not None else None
    return present_shell(
        language=language_of(request),
        path=path or request.url.path,
        csrf_token=session.csrf_token if session else "",
        theme=theme_of(request),
        person=person.name if person else None,
        acting=session.acting if session else None,
        current=current,
        unread_notifications=waiting.notifications,
        unread_messages=waiting.messages,
        with_agenda=waiting.agenda,
        notices=notices,
        known=hasattr(request.state, "actor"),
        sharing_until=session.screen_until if session and _shares(request) else None,
    )
