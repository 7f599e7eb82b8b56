"""From a presenter's page to an answer: the frame around it, its language, its notice. Decides nothing."""

from typing import Any, Final

from litestar import Request, Response
from litestar.datastructures import Cookie
from litestar.response import Redirect

from carnet.design.shell import THEMES, Theme
from carnet.interfaces.desk.presenters.notices import notice_of
from carnet.interfaces.desk.presenters.shell import present_shell
from carnet.interfaces.desk.setting import THEME_COOKIE, environment_for, language_of
from carnet.kernel.actors import Actor

NOTICE_COOKIE: Final = "avis-guichet"
HTML: Final = "text/html"  # the character set is added to every text
Asked = Request[Any, Any, Any]


def show(
    request: Asked, template: str, page: Any, *, current: str = "", status: int = 200, path: str = ""
) -> Response[str]:
    """Return the page of `template`; a notice left by the previous act is shown once.

    path: where choosing a language returns to, the page itself by default.
    """
    language = language_of(request)
    left = notice_of(request.cookies.get(NOTICE_COOKIE, ""), language)
    session = getattr(request.state, "session", None)
    actor = getattr(request.state, "actor", None)
    shell = present_shell(
        language=language,
        path=path or request.url.path,
        csrf_token=session.csrf_token if session else "",
        theme=theme_of(request),
        actor=actor if isinstance(actor, Actor) else None,
        current=current,
        notices=(left,) if left else (),
    )
    body = environment_for(language.code).get_template(template).render(shell=shell, page=page)
    return Response(body, media_type=HTML, status_code=status, cookies=[_notice("", seconds=0)] if left else [])


def done(address: str, notice: str = "") -> Redirect:
    """Return the redirection after an act (303), leaving a notice by its code for the next page."""
    return Redirect(address, status_code=303, cookies=[_notice(notice, seconds=120)] if notice else [])


def theme_of(request: Asked) -> Theme:
    """Return the appearance chosen, "auto" when none was."""
    chosen = request.cookies.get(THEME_COOKIE)
    return next((theme for theme in THEMES if theme == chosen), "auto")


def _notice(code: str, *, seconds: int) -> Cookie:
    return Cookie(key=NOTICE_COOKIE, value=code, path="/guichet", max_age=seconds, httponly=True, samesite="lax")
