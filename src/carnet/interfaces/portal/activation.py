"""Saying yes: the letter's code, the birth date and the Vitale card, or FranceConnect+; then a way to come back.

Nothing is opened before somebody also has a way to sign in again: a passkey made here, a password whose code came back,
or the identity provider they came with. What a browser carries meanwhile is a pass of a quarter of an hour.
"""

from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect

from carnet.design.door import Asked
from carnet.identity.api import read_serial
from carnet.infra import clock
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.portal.forms import posted
from carnet.interfaces.portal.new_password import read_new_password
from carnet.interfaces.portal.own_ways import (
    REFUSED,
    arrive,
    attempt_of,
    browser_of,
    keep_attempt_of,
    key_answer,
    told,
    visit_of,
    ways_of,
)
from carnet.interfaces.portal.page import done, show
from carnet.interfaces.portal.presenters.activation import present_open
from carnet.interfaces.portal.presenters.enrolment import born_on, present_prove
from carnet.interfaces.portal.presenters.own_ways import present_code
from carnet.interfaces.portal.setting import language_of, portal_of
from carnet.interfaces.portal.visitors import SOMEBODY, drop_pass, keep_pass, shown_pass, source_of
from carnet.kernel.errors import CarnetError, Invalid, Problem
from carnet.spaces.api import (
    NOT_RECOGNISED,
    Pass,
    Proof,
    Standing,
    activate_enrolled,
    card_shown,
    note_missed_card,
    person_of,
    prove_by_code,
    see_standing,
)

OPEN = "/activation/ouvrir"
CODE = "/activation/code"
_LONGEST = 200
TERMS = Problem(
    code="terms",
    fr="Pour ouvrir votre espace, acceptez d'abord les conditions.",
    en="To open your space, please accept the conditions first.",
    path="conditions",
)


@get("/activation", **open_to(Audience.PUBLIC))
async def ask(request: Asked) -> Response[Any]:
    """Ask for the letter's code, the birth date and the card."""
    return await _form(request)


@post("/activation", status_code=303, **open_to(Audience.PUBLIC))
async def prove(request: Asked) -> Response[Any]:
    """Check them together: one answer whatever is wrong."""
    typed = {name: value[:_LONGEST] for name, value in (await posted(request)).items()}
    proof = Proof(code=typed.get("code", ""), born=born_on(typed.get("naissance", "")), source=source_of(request))
    try:
        given = await prove_by_code(actor=SOMEBODY, proof=proof, at=clock.now())
        given = await _with_card(request, given, typed.get("carte", ""))
    except Invalid as refusal:
        return await _form(request, typed=typed, problems=refusal.problems, status=400)
    return Redirect(OPEN, status_code=303, cookies=[keep_pass(request, given)])


@get(OPEN, **open_to(Audience.PUBLIC))
async def ask_open(request: Asked) -> Response[Any]:
    """Show whose space will open, the conditions, and the ways to come back."""
    return await _open_page(request)


@post(OPEN, status_code=303, **open_to(Audience.PUBLIC))
async def open_it(request: Asked) -> Response[Any]:
    """Open the space of somebody an identity provider vouches for; they come back in through it."""
    shown, form = shown_pass(request), await posted(request)
    if shown is None:
        return Redirect("/activation", status_code=303)
    try:
        _accepted(form)
        await activate_enrolled(actor=SOMEBODY, shown=shown, at=clock.now())
    except Invalid as refusal:
        return await _open_page(request, form, refusal)
    return Redirect("/connexion/personne?retour=/bienvenue", status_code=303, cookies=[drop_pass(request)])


@post("/activation/cle/demande", status_code=200, **open_to(Audience.PUBLIC))
async def ask_key(request: Asked) -> Response[Any]:
    """Give the script what to ask the browser for."""
    found = await _standing(request)
    if found is None:
        raise Invalid(NOT_RECOGNISED)
    question = await ways_of(request).ask_new_key(
        browser=browser_of(request), name=found.name, space=None, at=clock.now()
    )
    return told(request, question)


@post("/activation/cle", status_code=303, **open_to(Audience.PUBLIC))
async def open_with_key(request: Asked) -> Response[Any]:
    """Open the space, keep the passkey just made, sign in."""
    shown, form = shown_pass(request), await posted(request)
    if shown is None:
        return Redirect("/activation", status_code=303)
    try:
        _accepted(form)
        visit = visit_of(request)
        arrival = await ways_of(request).activate_with_key(shown, await key_answer(request), visit.device, visit)
    except Invalid as refusal:
        return await _open_page(request, form, refusal)
    return arrive(request, arrival)


@post("/activation/mot-de-passe", status_code=303, **open_to(Audience.PUBLIC))
async def choose_password(request: Asked) -> Response[Any]:
    """Check a login and password, send a code where later ones will go."""
    shown, found, form = shown_pass(request), await _standing(request), await posted(request)
    if shown is None or found is None:
        return Redirect("/activation", status_code=303)
    try:
        _accepted(form)
        new = await read_new_password(form, personal=found.personal, account=None)
        attempt = await ways_of(request).begin_new_password(
            new, asker=shown.person, return_to="/bienvenue", visit=visit_of(request)
        )
    except REFUSED as refusal:
        return await _open_page(request, form, refusal)
    return Redirect(CODE, status_code=303, cookies=[keep_attempt_of(request, attempt)])


@get(CODE, **open_to(Audience.PUBLIC))
async def code_page(request: Asked) -> Response[Any]:
    """Ask for the code that was sent."""
    if attempt_of(request) is None:
        return Redirect(OPEN, status_code=303)
    return await show(request, "login_code.html", present_code(language=language_of(request), action=CODE))


@post(CODE, status_code=303, **open_to(Audience.PUBLIC))
async def open_with_password(request: Asked) -> Response[Any]:
    """Open the space once the code came back, keep the password, sign in."""
    shown, attempt, form = shown_pass(request), attempt_of(request), await posted(request)
    if shown is None or attempt is None:
        return Redirect("/activation", status_code=303)
    visit = visit_of(request)
    try:
        if form.get("renvoyer"):
            await ways_of(request).send_again(attempt, visit)
            return done(CODE, "code-again")
        arrival = await ways_of(request).activate_with_password(shown, attempt, form.get("code", "")[:20], visit)
    except REFUSED as refusal:
        page = present_code(language=language_of(request), action=CODE, refusal=refusal)
        return await show(request, "login_code.html", page, status=400)
    return arrive(request, arrival)


def _accepted(form: dict[str, str]) -> None:
    if form.get("conditions") != "1":
        raise Invalid(TERMS)


async def _with_card(request: Asked, given: Pass, typed: str) -> Pass:
    """Return the pass of somebody who also holds the card. Another card counts as another birth date does."""
    cards, at = portal_of(request).cards, clock.now()
    person = await person_of(actor=SOMEBODY, shown=given, at=at)
    serial = read_serial(typed)
    if cards is None or person is None or serial is None or not await cards.holds(person.ins, serial):
        await note_missed_card(actor=SOMEBODY, shown=given, source=source_of(request), at=at)
        raise Invalid(NOT_RECOGNISED)
    return card_shown(given)


async def _standing(request: Asked) -> Standing | None:
    shown = shown_pass(request)
    return await see_standing(actor=SOMEBODY, shown=shown, at=clock.now()) if shown and shown.opens else None


async def _open_page(
    request: Asked, typed: dict[str, str] | None = None, refusal: CarnetError | None = None
) -> Response[Any]:
    shown, found = shown_pass(request), await _standing(request)
    if shown is None or found is None:
        return Redirect("/activation", status_code=303)
    ways = portal_of(request).ways
    page = present_open(
        language=language_of(request),
        standing=found,
        by=shown.by,
        keys=ways is not None and ways.site is not None,
        typed=typed or {},
        refusal=refusal,
    )
    return await show(request, "activation_open.html", page, status=400 if refusal else 200)


async def _form(
    request: Asked,
    *,
    typed: dict[str, str] | None = None,
    problems: tuple[Problem, ...] = (),
    status: int = 200,
) -> Response[str]:
    portal = portal_of(request)
    page = present_prove(
        language=language_of(request),
        opening=True,
        card=portal.cards is not None and portal.ways is not None,
        provider=portal.provider if portal.signs_in else "",
        typed=typed,
        problems=problems,
    )
    return await show(request, "prove.html", page, status=status)
