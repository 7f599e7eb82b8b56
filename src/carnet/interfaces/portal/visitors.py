"""Somebody without a session: where they come from, and the pass their browser carries between proving and saying."""

from litestar.datastructures import Cookie

from carnet.design.door import Asked
from carnet.infra import clock
from carnet.interfaces.portal.setting import portal_of
from carnet.kernel.actors import Actor, ActorKind
from carnet.spaces.api import Pass, read_pass, write_pass

SOMEBODY = Actor(kind=ActorKind.PERSON, identifier="without-account", name="")
"""Who acts before anybody is signed in: the journal of the house says what was tried, the enrolment whose it was."""
_SECONDS = 15 * 60


def source_of(request: Asked) -> str:
    """Return where a request comes from: what is counted when codes are guessed."""
    return request.client.host if request.client else "unknown"


def shown_pass(request: Asked) -> Pass | None:
    """Return the pass the browser brought, None when there is none that is worth anything."""
    return read_pass(request.cookies.get(pass_cookie(request), ""), at=clock.now())


def keep_pass(request: Asked, given: Pass) -> Cookie:
    """Return the cookie that carries a pass."""
    return portal_of(request).web.cookie(pass_cookie(request), write_pass(given), seconds=_SECONDS)


def drop_pass(request: Asked) -> Cookie:
    """Return the cookie that makes the browser forget its pass."""
    return portal_of(request).web.forget(pass_cookie(request))


def pass_cookie(request: Asked) -> str:
    """Return the name of the cookie."""
    return portal_of(request).web.pass_cookie
