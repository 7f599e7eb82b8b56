"""Topics kept apart, and the first visit with its three choices."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from carnet.access.api import keep_apart, mark_apart, safeguard_topics
from carnet.design.door import Asked
from carnet.design.parts import Form
from carnet.identity.api import SignedIn
from carnet.infra import clock
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.portal.emergency import emergency_switches, switch
from carnet.interfaces.portal.forms import posted, posted_all, wrong_form
from carnet.interfaces.portal.page import done, show
from carnet.interfaces.portal.presenters.topics import present_channel, present_topics
from carnet.interfaces.portal.presenters.welcome import present_welcome
from carnet.interfaces.portal.setting import language_of
from carnet.interfaces.portal.sources.own_rules import gather_rules
from carnet.interfaces.portal.sources.own_space import space_of
from carnet.interfaces.portal.sources.settings import gather_chosen
from carnet.journeys.api import StepUpNeeded, signed_in
from carnet.kernel.errors import Invalid
from carnet.spaces.api import change_settings, confirm_channel_apart, note_welcome, propose_channel_apart

TOPICS, WELCOME = "/reglages/sujets", "/bienvenue"
CHANNEL = f"{TOPICS}#canal"
MOST_ADDRESS = 320


@get(TOPICS, **open_to(Audience.PERSON))
async def topics(request: Asked) -> Response[str]:
    """Show which topics are kept apart; only after a fresh proof, for that is telling."""
    return await _show_topics(request)


async def _show_topics(request: Asked, *, channel: Form | None = None, code: Form | None = None) -> Response[str]:
    who, at = signed_in(request), clock.now()
    until = _proved_until(who, at)
    rules = await gather_rules(signed_in=who, at=at)
    contact = (await gather_chosen(signed_in=who, at=at)).contact
    page = present_topics(
        language=language_of(request),
        known=tuple(safeguard_topics()),
        chosen=rules.topics,
        until=until,
        channel=present_channel(contact, language=language_of(request), at=at, form=channel, code_form=code),
    )
    return await show(request, "topics.html", page, current="access", status=400 if channel or code else 200)


@post(TOPICS, status_code=303, **open_to(Audience.PERSON))
async def change_topics(request: Asked) -> Redirect:
    """Store the topics kept apart."""
    who, chosen, at = signed_in(request), tuple(await posted_all(request, "sujet")), clock.now()
    _proved_until(who, at)
    await keep_apart(actor=who.actor, space=space_of(who), topics=chosen, at=at)
    return done(TOPICS, "saved")


@post(f"{TOPICS}/canal", status_code=303, **open_to(Audience.PERSON))
async def change_channel(request: Asked) -> Response[Any]:
    """Ask for a channel of its own for what is kept apart: a code is sent there. An empty one is none, from now on."""
    who, at = signed_in(request), clock.now()
    _proved_until(who, at)
    address = (await posted(request)).get("adresse", "").strip()[:MOST_ADDRESS]
    try:
        await propose_channel_apart(actor=who.actor, space=space_of(who), address=address or None, at=at)
    except Invalid as refusal:
        return await _show_topics(request, channel=wrong_form(request, "adresse", address, refusal))
    return done(CHANNEL, "code-sent" if address else "saved")


@post(f"{TOPICS}/canal/confirmer", status_code=303, **open_to(Audience.PERSON))
async def confirm_channel(request: Asked) -> Response[Any]:
    """Take back the code that was sent there."""
    who, at = signed_in(request), clock.now()
    _proved_until(who, at)
    code = (await posted(request)).get("code", "").strip()[:20]
    try:
        await confirm_channel_apart(actor=who.actor, space=space_of(who), code=code, at=at)
    except Invalid as refusal:
        return await _show_topics(request, code=wrong_form(request, "code", "", refusal))
    return done(CHANNEL, "saved")


def _proved_until(who: SignedIn, at: datetime) -> datetime:
    until = who.actor.stepped_up_until
    if until is None or until <= at:
        raise StepUpNeeded(back=TOPICS)
    return until


@post("/documents/{document:uuid}/a-part", status_code=303, **open_to(Audience.PERSON))
async def change_apart(request: Asked, document: FromPath[UUID]) -> Redirect:
    """Keep one document apart, or no longer."""
    who, apart = signed_in(request), (await posted(request)).get("apart") == "1"
    await mark_apart(actor=who.actor, space=space_of(who), document=document, apart=apart, at=clock.now())
    return done("/documents" if apart else f"/documents/{document.hex}", "kept-apart" if apart else "no-longer-apart")


@get(WELCOME, **open_to(Audience.PERSON))
async def welcome(request: Asked) -> Response[str] | Redirect:
    """Show the three choices once; later visits go straight to the first page."""
    who, at = signed_in(request), clock.now()
    chosen = await gather_chosen(signed_in=who, at=at)
    if chosen.welcomed:
        return Redirect("/accueil", status_code=303)
    rules = await gather_rules(signed_in=who, at=at)
    page = present_welcome(
        language=language_of(request),
        first_name=chosen.first_name,
        masked_by_default=chosen.settings.masked_by_default,
        emergency=rules.emergency,
        topics=tuple(safeguard_topics()),
        chosen=rules.topics,
    )
    return await show(request, "welcome.html", page, current="home")


@post(WELCOME, status_code=303, **open_to(Audience.PERSON))
async def answer_welcome(request: Asked) -> Redirect:
    """Store the three choices, unless they are left as they are."""
    who, form, at = signed_in(request), await posted(request), clock.now()
    space = space_of(who)
    if "plus-tard" not in form:
        settings = (await gather_chosen(signed_in=who, at=at)).with_default(masked=form.get("visibilite") == "masque")
        await change_settings(actor=who.actor, space=space, settings=settings, at=at)
        await switch(request, emergency_switches(form))
        wanted = tuple(await posted_all(request, "sujet"))
        if wanted:
            await keep_apart(actor=who.actor, space=space, topics=wanted, adding=True, at=at)
    await note_welcome(actor=who.actor, space=space, at=at)
    return done("/accueil", "" if "plus-tard" in form else "saved")
