"""What a signed-in browser carries: the session cookie read into an actor, and the proof that a form is ours.

Shared by the portal and the professional pages, which must not import one another. `SessionMiddleware` sets
`request.state.actor` and `request.state.session`; guards and pages read them. How sessions begin is `sign_in`'s affair.
"""

from typing import Any
from urllib.parse import urlsplit

import msgspec
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from carnet.identity.api import Door, SessionLimits, SignedIn, WebSession, find_session, is_form_token
from carnet.infra import clock
from carnet.kernel.actors import Actor
from carnet.kernel.errors import Problem, Refused, Unauthenticated

CSRF_FIELD = "_csrf_token"
CSRF_HEADER = "x-csrf-token"
UNASKED = "x-carnet-unasked"
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_TOKEN_LENGTH = 43
_SAME_SITE = frozenset({"same-origin", "none"})
NOT_OUR_FORM = Problem(
    "form-not-ours",
    "Cette page est restée ouverte trop longtemps ou vient d'ailleurs. Rechargez-la et recommencez.",
    "This page stayed open too long or comes from elsewhere. Reload it and try again.",
)
PROVE_AGAIN = Problem("step-up", "Confirmez d'abord que c'est bien vous.", "Please first confirm that it is you.")
SIGN_IN = Problem("sign-in", "Connectez-vous pour continuer.", "Sign in to continue.")
_NAMES = {Door.PORTAL: "carnet", Door.PRO: "carnet-pro", Door.DESK: "carnet-guichet"}


class StepUpNeeded(Refused):
    """The act is weighty and the last proof too old: send to the page that asks for a fresh one.

    back: the page to return to; empty is the one that was asked for.
    """

    def __init__(self, *problems: Problem, back: str = "") -> None:
        super().__init__(*problems)
        self.back = back


class WebDoor(msgspec.Struct, frozen=True, kw_only=True):
    """The pages of one door. base_url: public address of the site, without a trailing slash.

    host_prefix: cookies are named `__Host-…` and Secure. Chromium and Firefox take such cookies from plain http on
    loopback too (checked with Chromium); False is for other browsers there, and refused anywhere else.
    """

    door: Door
    base_url: str
    limits: SessionLimits
    host_prefix: bool = True

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        if not self.host_prefix and (parts.scheme != "http" or parts.hostname not in _LOOPBACK):
            raise ValueError("cookies without the __Host- prefix are for loopback only")

    @property
    def session_cookie(self) -> str:
        """Name of the cookie that holds the session."""
        return f"{'__Host-' if self.host_prefix else ''}{_NAMES[self.door]}"

    @property
    def attempt_cookie(self) -> str:
        """Name of the cookie that ties a sign-in to the browser that began it."""
        return f"{self.session_cookie}-login"

    @property
    def pass_cookie(self) -> str:
        """Name of the cookie of somebody without an account who proved who they are."""
        return f"{self.session_cookie}-passe"

    @property
    def code_cookie(self) -> str:
        """Name of the cookie of a sign-in that waits for a code of the moment."""
        return f"{self.session_cookie}-code"

    def cookie(self, name: str, value: str, *, seconds: int | None = None) -> Cookie:
        """Return a cookie of this door; without `seconds` it ends with the browser."""
        return Cookie(
            key=name,
            value=value,
            path="/",
            max_age=seconds,
            secure=self.host_prefix,
            httponly=True,
            samesite="lax",
        )

    def forget(self, name: str) -> Cookie:
        """Return the cookie that makes the browser drop `name`."""
        return self.cookie(name, "", seconds=0)

    def is_ours(self, origin: str) -> bool:
        """Tell whether `origin` is this site."""
        parts = urlsplit(self.base_url)
        return origin == f"{parts.scheme}://{parts.netloc}"


class SessionMiddleware(ASGIMiddleware):
    """Reads the session of every request of one door: one query, none without a cookie.

    Sets state.actor (Actor or None), state.session (WebSession or None), state.session_lost (a cookie came that signs
    nobody in any more: the sign-in page says so).
    """

    scopes = (ScopeType.HTTP,)

    def __init__(self, web: WebDoor) -> None:
        self._web = web

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        token = session_token(ASGIConnection(scope), self._web)
        found = None
        if token is not None:
            found = await find_session(
                token=token,
                door=self._web.door,
                limits=self._web.limits,
                in_use=not is_unasked(scope),
                at=clock.now(),
            )
        state = scope.setdefault("state", {})
        state["actor"] = found.actor if found else None
        state["session"] = found.session if found else None
        state["session_lost"] = token is not None and found is None
        await next_app(scope, receive, send)


def is_unasked(scope: Scope) -> bool:
    """Whether a page asks this by itself, with nobody's hand in it: it keeps no session alive.

    A browser says so of a stream of events (HTML §9.2.2, Accept); our pages say so of what they ask for again.
    Saying it falsely only ends one's own session sooner.
    """
    headers = ASGIConnection[Any, Any, Any, Any](scope).headers
    return UNASKED in headers or headers.get("accept") == "text/event-stream"


def session_token(connection: ASGIConnection[Any, Any, Any, Any], web: WebDoor) -> str | None:
    """Return the token of the session cookie when it has the shape of one."""
    token = connection.cookies.get(web.session_cookie)
    return token if token is not None and len(token) == _TOKEN_LENGTH and token.isascii() else None


def signed_in(connection: ASGIConnection[Any, Any, Any, Any]) -> SignedIn:
    """Return who is signed in; raises Unauthenticated when nobody is."""
    actor, session = getattr(connection.state, "actor", None), getattr(connection.state, "session", None)
    if not isinstance(actor, Actor) or not isinstance(session, WebSession):
        raise Unauthenticated(SIGN_IN)
    return SignedIn(actor=actor, session=session)


def check_origin(connection: ASGIConnection[Any, Any, Any, Any], web: WebDoor) -> None:
    """Raise Refused when the browser says that the request was made by another site.

    Our pages ask for `no-referrer`, so a browser writes `Origin: null` on their forms (Fetch §3.1): that is theirs only
    when it also says `Sec-Fetch-Site: same-origin`, which no page can forge.
    """
    site = connection.headers.get("sec-fetch-site")
    origin = connection.headers.get("origin")
    named = None if origin == "null" and site == "same-origin" else origin
    if (site is not None and site not in _SAME_SITE) or (named is not None and not web.is_ours(named)):
        raise Refused(NOT_OUR_FORM)


def check_csrf(
    connection: ASGIConnection[Any, Any, Any, Any], form: Any, *, web: WebDoor, session: WebSession | None = None
) -> None:
    """Raise Refused unless the form carries this session's token and was sent by one of our pages.

    form: a mapping of field names to values; the token may be in the header X-CSRF-Token instead. Source: OWASP ASVS
    v4.0.3 §4.2.2; Fetch Metadata Request Headers.
    """
    check_origin(connection, web)
    held = session or signed_in(connection).session
    given = form.get(CSRF_FIELD) or connection.headers.get(CSRF_HEADER) or ""
    if not isinstance(given, str) or not is_form_token(held, given):
        raise Refused(NOT_OUR_FORM)


def require_fresh(session: WebSession, *, back: str = "") -> None:
    """Raise StepUpNeeded unless the person proved who they are within the last five minutes. back: where to return."""
    if not session.is_fresh(at=clock.now()):
        raise StepUpNeeded(PROVE_AGAIN, back=back)
