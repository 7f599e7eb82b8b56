"""Signing in, and proving again, with a way of one's own: what forms and the passkey script talk to."""

from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect

from carnet.design.door import Asked
from carnet.infra import clock
from carnet.infra.mail import MailRefused
from carnet.infra.sms import SmsRefused
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.portal.forms import posted
from carnet.interfaces.portal.page import done, show
from carnet.interfaces.portal.presenters.own_ways import CodePage, present_code, present_own_sign_in
from carnet.interfaces.portal.setting import language_of, portal_of
from carnet.interfaces.portal.visitors import source_of
from carnet.journeys.api import Arrival, KeyAnswer, KeyQuestion, OwnWays, Visit, local_path, session_token, signed_in
from carnet.kernel.errors import CarnetError, Invalid, NotFound

SIGN_IN_CODE = "/connexion/code"
_SECONDS = 600
_LONGEST = 20_000
REFUSED = (Invalid, MailRefused, SmsRefused)


@get("/connexion/autrement", **open_to(Audience.PUBLIC))
async def other_ways(request: Asked) -> Response[Any]:
    """Offer the ways of one's own."""
    return await _other(request)


@post("/connexion/cle/demande", status_code=200, **open_to(Audience.PUBLIC))
async def ask_key(request: Asked) -> Response[Any]:
    """Give the page's script what to ask the browser."""
    form = await posted(request)
    question = await ways_of(request).ask_key(
        browser=browser_of(request), return_to=form.get("retour", "") or "/accueil", at=clock.now()
    )
    return told(request, question)


@post("/connexion/cle", status_code=303, **open_to(Audience.PUBLIC))
async def take_key(request: Asked) -> Response[Any]:
    """Sign in with the passkey that answered."""
    try:
        arrival = await ways_of(request).take_key(await key_answer(request), visit_of(request))
    except Invalid as refusal:
        return await _other(request, refusal, status=400)
    return arrive(request, arrival)


@post("/connexion/mot-de-passe", status_code=303, **open_to(Audience.PUBLIC))
async def take_password(request: Asked) -> Response[Any]:
    """Check the password, send the code, ask for it."""
    form = await posted(request)
    try:
        attempt = await ways_of(request).begin_password(
            login=form.get("identifiant", "")[:200],
            password=form.get("mot_de_passe", "")[:500],
            return_to=form.get("retour", "") or "/accueil",
            visit=visit_of(request),
        )
    except REFUSED as refusal:
        return await _other(request, refusal, status=400)
    return Redirect(SIGN_IN_CODE, status_code=303, cookies=[keep_attempt_of(request, attempt)])


@get(SIGN_IN_CODE, **open_to(Audience.PUBLIC))
async def code_page(request: Asked) -> Response[Any]:
    """Ask for the code that was sent."""
    if attempt_of(request) is None:
        return Redirect("/connexion/autrement", status_code=303)
    return await show(request, "login_code.html", _code(request))


@post(SIGN_IN_CODE, status_code=303, **open_to(Audience.PUBLIC))
async def take_code(request: Asked) -> Response[Any]:
    """Sign in with the code."""
    attempt, form = attempt_of(request), await posted(request)
    if attempt is None:
        return Redirect("/connexion/autrement", status_code=303)
    try:
        if form.get("renvoyer"):
            await ways_of(request).send_again(attempt, visit_of(request))
            return done(SIGN_IN_CODE, "code-again")
        arrival = await ways_of(request).take_code(attempt, form.get("code", "")[:20], visit_of(request))
    except REFUSED as refusal:
        return await show(request, "login_code.html", _code(request, refusal), status=400)
    return arrive(request, arrival)


@get("/confirmer-identite/autrement", **open_to(Audience.PERSON, Audience.DELEGATE))
async def other_proofs(request: Asked) -> Response[Any]:
    """Offer a fresh proof with a way of one's own."""
    return await _other(request, again=True)


@post("/confirmer-identite/cle/demande", status_code=200, **open_to(Audience.PERSON, Audience.DELEGATE))
async def ask_key_again(request: Asked) -> Response[Any]:
    """Give the script what to ask for a fresh proof: one of this person's keys."""
    form = await posted(request)
    question = await ways_of(request).ask_key(
        browser=browser_of(request),
        return_to=form.get("retour", "") or "/accueil",
        renews=signed_in(request),
        at=clock.now(),
    )
    return told(request, question)


@post("/confirmer-identite/mot-de-passe", status_code=303, **open_to(Audience.PERSON, Audience.DELEGATE))
async def password_again(request: Asked) -> Response[Any]:
    """A fresh proof with the password and a code."""
    form = await posted(request)
    back = local_path(form.get("retour", ""), default="/accueil")
    try:
        attempt = await ways_of(request).begin_password(
            login=form.get("identifiant", "")[:200],
            password=form.get("mot_de_passe", "")[:500],
            return_to=back,
            renews=signed_in(request),
            visit=visit_of(request),
        )
    except REFUSED as refusal:
        return await _other(request, refusal, status=400, again=True, back=back)
    return Redirect(SIGN_IN_CODE, status_code=303, cookies=[keep_attempt_of(request, attempt)])


def ways_of(request: Asked) -> OwnWays:
    """Return the ways of one's own; NotFound where there are none."""
    ways = portal_of(request).ways
    if ways is None:
        raise NotFound
    return ways


def visit_of(request: Asked) -> Visit:
    """Return what signing in needs to know of a request."""
    return Visit(
        token=session_token(request, portal_of(request).web),
        user_agent=request.headers.get("user-agent", ""),
        source=source_of(request),
        language=language_of(request).code,
        at=clock.now(),
    )


def told(request: Asked, question: KeyQuestion) -> Response[Any]:
    """Return a question to the script, and the cookie that ties its answer to this browser."""
    web = portal_of(request).web
    return Response(
        {"options": question.options, "state": question.state},
        media_type="application/json",
        headers={"Cache-Control": "no-store"},
        cookies=[web.cookie(web.attempt_cookie, question.browser, seconds=_SECONDS)],
    )


async def key_answer(request: Asked) -> KeyAnswer:
    """Return what the script brought back."""
    form = await posted(request)
    return KeyAnswer(
        state=form.get("etat", "")[:100], answer=form.get("reponse", "")[:_LONGEST], browser=browser_of(request)
    )


def arrive(request: Asked, arrival: Arrival) -> Response[Any]:
    """Begin the session in the browser, and forget what led there."""
    web = portal_of(request).web
    cookies = [web.cookie(web.session_cookie, arrival.token)]
    cookies += [web.forget(name) for name in (web.attempt_cookie, web.code_cookie, web.pass_cookie)]
    headers = {"Cache-Control": "no-store"}
    return Redirect(arrival.return_to, status_code=303, cookies=cookies, headers=headers)


def browser_of(request: Asked) -> str | None:
    """Return the secret that ties an attempt to this browser."""
    return request.cookies.get(portal_of(request).web.attempt_cookie)


def attempt_of(request: Asked) -> str | None:
    """Return the secret of the sign-in that waits for a code."""
    return request.cookies.get(portal_of(request).web.code_cookie)


def keep_attempt_of(request: Asked, attempt: str) -> Any:
    """Return the cookie of a sign-in that waits for a code."""
    web = portal_of(request).web
    return web.cookie(web.code_cookie, attempt, seconds=_SECONDS)


def _code(request: Asked, refusal: CarnetError | None = None) -> CodePage:
    return present_code(language=language_of(request), action=SIGN_IN_CODE, refusal=refusal)


async def _other(
    request: Asked, refusal: CarnetError | None = None, *, status: int = 200, again: bool = False, back: str = ""
) -> Response[Any]:
    ways = ways_of(request)
    back = back or local_path(request.query_params.get("retour", ""), default="/accueil")
    page = present_own_sign_in(
        language=language_of(request), keys=ways.site is not None, again=again, back=back, refusal=refusal
    )
    return await show(request, "own_sign_in.html", page, status=status)
