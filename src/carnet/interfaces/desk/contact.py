"""A contact under way: identity first, then one script after another, then its end."""

import contextlib
from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from carnet.infra import clock
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.desk.asking import Asked, contact_under_way, field, letter_in, our_form, words_of
from carnet.interfaces.desk.page import done, show
from carnet.interfaces.desk.presenters.contact import present_contact, present_receipt, present_script
from carnet.journeys.api import close_at_desk, signed_in
from carnet.kernel.errors import Invalid, NotFound, Problem, Refused
from carnet.spaces.api import (
    NOT_CHECKED,
    Asker,
    Script,
    Shown,
    check_identity,
    end_contact,
    end_sessions_for,
    help_with,
    join_screen,
    object_for,
    offered,
    renew_code,
    retract_for,
    see_screen,
    tickets_of_person,
)

_INVALID: Final = 422
NOBODY: Final = Problem("asker", "Dites qui fait la demande.", "Say who is asking.", "demandeur")


@get("/guichet/contact/{contact:uuid}", **open_to(Audience.AGENT))
async def contact_page(request: Asked, contact: FromPath[UUID]) -> Response[str]:
    """Show where the contact stands."""
    return await answer_contact(request, contact)


@post("/guichet/contact/{contact:uuid}/identite", status_code=303, **open_to(Audience.AGENT))
async def identity(request: Asked, contact: FromPath[UUID]) -> Response[Any]:
    """Write down how the person was recognised."""
    form = await our_form(request)
    known, askers = {str(one) for one in Shown}, {str(one) for one in Asker}
    shown = frozenset(Shown(one) for one in form.getall("preuves", []) if one in known)
    asker = field(form, "demandeur")
    if asker not in askers:
        return await answer_contact(request, contact, problems=(NOBODY,), status=_INVALID)
    try:
        await check_identity(
            actor=signed_in(request).actor, contact=contact, asker=Asker(asker), shown=shown, at=clock.now()
        )
    except Invalid as refused:
        return await answer_contact(request, contact, problems=refused.problems, status=_INVALID)
    return done(f"/guichet/contact/{contact}", "checked")


@get("/guichet/contact/{contact:uuid}/demarche/{script:str}", **open_to(Audience.AGENT))
async def script_page(request: Asked, contact: FromPath[UUID], script: FromPath[str]) -> Response[Any]:
    """Show what to say, and the button that does it; the person's page when it is followed already."""
    which = _script_of(script)
    if which is Script.HEIRS:
        return done(f"/guichet/contact/{contact}/ayant-droit")
    if which is Script.MISTAKEN_DEATH:
        return done(f"/guichet/contact/{contact}/deces")
    if which is Script.GUARDIANSHIP:
        return done(f"/guichet/contact/{contact}/tutelle")
    if which is Script.SCREEN:
        with contextlib.suppress(NotFound):
            await see_screen(actor=signed_in(request).actor, contact=contact, at=clock.now())
            return done(f"/guichet/contact/{contact}/ecran")
    return await _script(request, contact, which)


@post("/guichet/contact/{contact:uuid}/demarche/{script:str}", status_code=200, **open_to(Audience.AGENT))
async def follow(request: Asked, contact: FromPath[UUID], script: FromPath[str]) -> Response[Any]:
    """Do what the script says."""
    form, by, which, at = await our_form(request), signed_in(request), _script_of(script), clock.now()
    address = f"/guichet/contact/{contact}"
    try:
        if which is Script.OBJECTION:
            letter = await letter_in(form)
            receipt = await object_for(actor=by.actor, contact=contact, letter=letter, at=at)
        elif which is Script.RETRACTION:
            receipt = await retract_for(actor=by.actor, contact=contact, at=at)
        elif which is Script.LOST_ACCESS and field(form, "sessions"):
            await end_sessions_for(actor=by.actor, contact=contact, at=at)
            return done(address, "sessions")
        elif which is Script.SCREEN:
            await join_screen(actor=by.actor, contact=contact, code=field(form, "code", most=20), at=at)
            return done(f"{address}/ecran")
        elif which is Script.NEW_CODE:
            await renew_code(actor=by.actor, contact=contact, at=at)
            return done(address, "code-asked")
        elif which is Script.CLOSING:
            await close_at_desk(actor=by.actor, contact=contact, at=at)
            return done(address, "closed")
        else:
            await help_with(actor=by.actor, contact=contact, script=which, at=at)
            return done(address, "helped")
    except Invalid as refused:
        return await _script(request, contact, which, problems=refused.problems, status=_INVALID)
    opened = await contact_under_way(request, contact)
    page = present_receipt(language=await words_of(request), contact=opened.contact, script=which, receipt=receipt)
    return show(request, "receipt.html", page, current="contact", path=address)


@post("/guichet/contact/{contact:uuid}/fin", status_code=303, **open_to(Audience.AGENT))
async def end(request: Asked, contact: FromPath[UUID]) -> Response[Any]:
    """Close the contact."""
    form = await our_form(request)
    try:
        await end_contact(actor=signed_in(request).actor, contact=contact, outcome=field(form, "issue"), at=clock.now())
    except Invalid as refused:
        return await answer_contact(request, contact, problems=refused.problems, status=_INVALID)
    return done("/guichet/accueil", "ended")


def _script_of(text: str) -> Script:
    """Return the script an address names. Raises NotFound."""
    try:
        return Script(text)
    except ValueError:
        raise NotFound from None


async def answer_contact(
    request: Asked, contact: UUID, *, problems: tuple[Problem, ...] = (), status: int = 200
) -> Response[str]:
    """Return the page of a contact, with what is to be corrected. Raises NotFound, Refused."""
    opened = await contact_under_way(request, contact)
    digest, asker = opened.contact.digest, opened.contact.asker
    left = await tickets_of_person(agent=opened.actor.identifier, digest=digest, asker=asker) if asker else ()
    page = present_contact(
        language=await words_of(request),
        contact=opened.contact,
        standing=opened.standing,
        tickets=left,
        at=opened.at,
        problems=problems,
    )
    path = f"/guichet/contact/{contact}"
    return show(request, "contact.html", page, current="contact", status=status, path=path)


async def _script(
    request: Asked, contact: UUID, script: Script, *, problems: tuple[Problem, ...] = (), status: int = 200
) -> Response[str]:
    opened = await contact_under_way(request, contact)
    if opened.contact.checked_at is None:
        raise Refused(NOT_CHECKED)
    if script not in offered(opened.standing.state) and not problems:
        raise NotFound
    page = present_script(language=await words_of(request), contact=opened.contact, script=script, problems=problems)
    path = f"/guichet/contact/{contact}/demarche/{script}"
    return show(request, "script.html", page, current="contact", status=status, path=path)


ROUTES: Final = (contact_page, identity, script_page, follow, end)
