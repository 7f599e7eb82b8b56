"""The addresses of signing in and out, the same at both doors but for their paths. They redirect or raise; no page.

A failed sign-in goes back to the sign-in page with `?motif=…` (a `Trouble`), so that reloading never sends a used code
again; `&detail=…` is the code of the problem.
"""

from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Request, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from carnet.infra import clock
from carnet.infra.web.audience import Audience, open_to
from carnet.journeys.sign_in import Arrival, ProviderAnswer, SignIn, SignInFailed
from carnet.journeys.web_session import WebDoor, check_csrf, session_token, signed_in
from carnet.kernel.errors import Unauthenticated
from carnet.spaces.api import write_pass

ATTEMPT_SECONDS = 600
PASS_SECONDS = 15 * 60
_NO_STORE = {"Cache-Control": "no-store"}
_MAX_QUERY = 2048

Asked = Request[Any, Any, Any]


class SignInPaths(msgspec.Struct, frozen=True, kw_only=True):
    """Where one door has what. page: the sign-in page (GET, made by the door); home: where to go by default; prove:
    where somebody who wants no session proves who they are (empty: nowhere), and proved, where they go then.
    """

    page: str
    home: str
    start: list[str]
    back: list[str]
    step_up: list[str]
    sign_out: str
    signed_out: str
    audience: Audience
    also: tuple[Audience, ...] = ()
    prove: str = ""
    proved: str = ""


def sign_in_routes(sign_in: SignIn, web: WebDoor, paths: SignInPaths) -> list[HTTPRouteHandler]:
    """Return the handlers: start, return from the provider, step-up, sign out, return from the provider's logout."""

    @get(paths.start, **open_to(Audience.PUBLIC))
    async def start(request: Asked) -> Redirect:
        departure = await sign_in.start(
            return_to=_wanted(request, paths), browser=request.cookies.get(web.attempt_cookie), at=clock.now()
        )
        return _leave(departure.url, departure.browser, web)

    @get(paths.step_up, **open_to(paths.audience, *paths.also))
    async def step_up(request: Asked) -> Redirect:
        departure = await sign_in.start(
            return_to=_wanted(request, paths),
            browser=request.cookies.get(web.attempt_cookie),
            at=clock.now(),
            renews=signed_in(request),
        )
        return _leave(departure.url, departure.browser, web)

    @get(paths.back, **open_to(Audience.PUBLIC))
    async def back(request: Asked) -> Redirect:
        try:
            arrival = await _finish(request, sign_in, web)
        except SignInFailed as failure:
            query = urlencode({"motif": failure.trouble, "detail": failure.problems[0].code})
            return _go(f"{paths.page}?{query}", [web.forget(web.attempt_cookie)])
        if arrival.shown is not None:
            kept = web.cookie(web.pass_cookie, write_pass(arrival.shown), seconds=PASS_SECONDS)
            return _go(arrival.return_to, [kept, web.forget(web.attempt_cookie)])
        cookies = [web.cookie(web.session_cookie, arrival.token), web.forget(web.attempt_cookie)]
        return _go(arrival.return_to, cookies)

    @post(paths.sign_out, status_code=303, **open_to(Audience.PUBLIC))
    async def sign_out(request: Asked) -> Redirect:
        try:
            held = signed_in(request)
        except Unauthenticated:
            return _go(f"{paths.page}?motif=signed_out", [web.forget(web.session_cookie)])
        check_csrf(request, await request.form(), web=web)
        elsewhere = await sign_in.leave(signed_in=held, at=clock.now())
        return _go(elsewhere or f"{paths.page}?motif=signed_out", [web.forget(web.session_cookie)])

    @get(paths.signed_out, **open_to(Audience.PUBLIC))
    async def signed_out() -> Redirect:
        return _go(f"{paths.page}?motif=signed_out", [])

    @get(paths.prove or "/-", **open_to(Audience.PUBLIC))
    async def prove(request: Asked) -> Redirect:
        departure = await sign_in.start(
            return_to=paths.proved,
            browser=request.cookies.get(web.attempt_cookie),
            at=clock.now(),
            only_proves=True,
        )
        return _leave(departure.url, departure.browser, web)

    return [start, step_up, back, sign_out, signed_out, *([prove] if paths.prove else ())]


async def _finish(request: Asked, sign_in: SignIn, web: WebDoor) -> Arrival:
    query = {name: value[:_MAX_QUERY] for name, value in request.query_params.items()}
    answer = ProviderAnswer(
        state=query.get("state", ""), code=query.get("code", ""), iss=query.get("iss", ""), error=query.get("error", "")
    )
    return await sign_in.finish(
        answer=answer,
        browser=request.cookies.get(web.attempt_cookie),
        token=session_token(request, web),
        user_agent=request.headers.get("user-agent", ""),
        at=clock.now(),
    )


def _wanted(request: Asked, paths: SignInPaths) -> str:
    return request.query_params.get("retour") or paths.home


def _leave(url: str, browser: str, web: WebDoor) -> Redirect:
    return _go(url, [web.cookie(web.attempt_cookie, browser, seconds=ATTEMPT_SECONDS)])


def _go(path: str, cookies: list[Any]) -> Redirect:
    return Redirect(path, status_code=303, headers=_NO_STORE, cookies=cookies)
