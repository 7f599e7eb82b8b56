"""The person's own ways of signing in, in their settings: added and taken away after a fresh proof."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.response import Redirect

from carnet.design.door import Asked
from carnet.identity.api import Added, SignedIn, drop_credential, list_credentials
from carnet.infra import clock
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.portal.forms import posted
from carnet.interfaces.portal.new_password import read_new_password
from carnet.interfaces.portal.own_ways import (
    REFUSED,
    attempt_of,
    browser_of,
    keep_attempt_of,
    key_answer,
    told,
    visit_of,
    ways_of,
)
from carnet.interfaces.portal.page import done, show
from carnet.interfaces.portal.presenters.own_ways import present_code, present_ways
from carnet.interfaces.portal.setting import language_of
from carnet.interfaces.portal.sources.own_space import space_of
from carnet.interfaces.portal.sources.settings import gather_person
from carnet.journeys.api import require_fresh, signed_in
from carnet.kernel.errors import CarnetError, Conflict, Invalid, NotFound
from carnet.spaces.api import personal_words

ADDRESS = "/reglages/connexion"
CODE = f"{ADDRESS}/code"


@get(ADDRESS, **open_to(Audience.PERSON))
async def ways(request: Asked) -> Response[Any]:
    """Show the ways there are, and offer to add one."""
    return await _show(request)


@post(f"{ADDRESS}/cle/demande", status_code=200, **open_to(Audience.PERSON))
async def ask_key(request: Asked) -> Response[Any]:
    """Give the script what to ask the browser for."""
    who = _holder(request)
    require_fresh(who.session, back=ADDRESS)
    question = await ways_of(request).ask_new_key(
        browser=browser_of(request), name=who.actor.name, space=who.actor.space, at=clock.now()
    )
    return told(request, question)


@post(f"{ADDRESS}/cle", status_code=303, **open_to(Audience.PERSON))
async def add_key(request: Asked) -> Response[Any]:
    """Keep the passkey just made."""
    who = _holder(request)
    require_fresh(who.session, back=ADDRESS)
    try:
        added = await ways_of(request).add_key(who, await key_answer(request), visit_of(request).device, at=clock.now())
    except (Invalid, Conflict) as refusal:
        return await _show(request, refusal=refusal)
    return _added(added)


@post(f"{ADDRESS}/mot-de-passe", status_code=303, **open_to(Audience.PERSON))
async def choose_password(request: Asked) -> Response[Any]:
    """Check a login and password, send a code where later ones will go."""
    who, form = _holder(request), await posted(request)
    require_fresh(who.session, back=ADDRESS)
    person = await gather_person(signed_in=who, at=clock.now())
    try:
        new = await read_new_password(form, personal=personal_words(person), account=who.session.account)
        attempt = await ways_of(request).begin_new_password(
            new, asker=str(who.session.holder.space), return_to=ADDRESS, visit=visit_of(request)
        )
    except REFUSED as refusal:
        return await _show(request, typed=form, refusal=refusal)
    return Redirect(CODE, status_code=303, cookies=[keep_attempt_of(request, attempt)])


@get(CODE, **open_to(Audience.PERSON))
async def code_page(request: Asked) -> Response[Any]:
    """Ask for the code that was sent."""
    if attempt_of(request) is None:
        return Redirect(ADDRESS, status_code=303)
    return await show(request, "login_code.html", present_code(language=language_of(request), action=CODE))


@post(CODE, status_code=303, **open_to(Audience.PERSON))
async def keep_password(request: Asked) -> Response[Any]:
    """Keep the password once the code came back."""
    who, attempt, form = _holder(request), attempt_of(request), await posted(request)
    if attempt is None:
        return Redirect(ADDRESS, status_code=303)
    try:
        if form.get("renvoyer"):
            await ways_of(request).send_again(attempt, visit_of(request))
            return done(CODE, "code-again")
        added = await ways_of(request).keep_password(who, attempt, form.get("code", "")[:20], at=clock.now())
    except (*REFUSED, Conflict) as refusal:
        page = present_code(language=language_of(request), action=CODE, refusal=refusal)
        return await show(request, "login_code.html", page, status=400)
    return _added(added)


@post(f"{ADDRESS}/retirer", status_code=303, **open_to(Audience.PERSON))
async def drop(request: Asked) -> Response[Any]:
    """Take a way in away."""
    who, form = _holder(request), await posted(request)
    require_fresh(who.session, back=ADDRESS)
    try:
        public_id = UUID(form.get("moyen", ""))
    except ValueError:
        raise NotFound from None
    await drop_credential(actor=who.actor, public_id=public_id, at=clock.now())
    return done(ADDRESS, "way-dropped")


def _holder(request: Asked) -> SignedIn:
    """Whose session it is, whomever they act for at the moment: ways in are theirs alone."""
    who = signed_in(request)
    return SignedIn(actor=who.session.holder, session=who.session)


def _added(added: Added) -> Redirect:
    return done(ADDRESS, "way-waits" if added.usable_from > clock.now() else "way-added")


async def _show(
    request: Asked, *, typed: dict[str, str] | None = None, refusal: CarnetError | None = None
) -> Response[Any]:
    kept = ways_of(request)
    page = present_ways(
        language=language_of(request),
        credentials=await list_credentials(space=space_of(_holder(request))),
        keys=kept.site is not None,
        now=clock.now(),
        typed=typed,
        refusal=refusal,
    )
    return await show(request, "my_ways.html", page, current="settings", status=400 if refusal else 200)
