"""What may happen in an emergency, who the attending doctor is, and the code of a consultation."""

import msgspec
from litestar import Response, get, post
from litestar.response import Redirect

from carnet.access.api import AccessSwitches, change_switches, declare_attending_doctor, make_consent_code
from carnet.design.door import Asked
from carnet.infra import clock
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.portal.forms import posted
from carnet.interfaces.portal.page import done, show
from carnet.interfaces.portal.presenters.access_tabs import EMERGENCY
from carnet.interfaces.portal.presenters.consent_code import CodeFacts, present_code
from carnet.interfaces.portal.presenters.emergency import present_emergency
from carnet.interfaces.portal.setting import language_of
from carnet.interfaces.portal.sources.own_rules import gather_emergencies, gather_rules
from carnet.interfaces.portal.sources.own_space import space_of
from carnet.interfaces.portal.sources.standings import read_party
from carnet.journeys.api import signed_in

BOTH = (Audience.PERSON, Audience.DELEGATE)
CODE = "/acces/code"


@get(EMERGENCY, **open_to(*BOTH))
async def emergency(request: Asked) -> Response[str]:
    """Show the three switches, the attending doctor, and the emergencies that took place."""
    who, at = signed_in(request), clock.now()
    rules = await gather_rules(signed_in=who, at=at)
    page = present_emergency(
        language=language_of(request),
        facts=rules.emergency,
        parties=rules.parties,
        doctor=f"p-{rules.doctor.rpps}" if rules.doctor else "",
        opened=await gather_emergencies(signed_in=who, at=at),
        masked_by_default=None if who.session.acting is None else rules.seen.facts.masked_by_default,
    )
    return await show(request, "emergency.html", page, current="access")


@post(EMERGENCY, status_code=303, **open_to(*BOTH))
async def change_emergency(request: Asked) -> Redirect:
    """Store the three switches."""
    form = await posted(request)
    switches = emergency_switches(form)
    if signed_in(request).session.acting is not None:  # the child's settings have no page of their own
        switches = msgspec.structs.replace(switches, masked_by_default=form.get("nouveaux_masques") == "1")
    await switch(request, switches)
    return done(EMERGENCY, "saved")


@post(f"{EMERGENCY}/medecin", status_code=303, **open_to(*BOTH))
async def change_doctor(request: Asked) -> Redirect:
    """Name the attending doctor, or nobody."""
    who, chosen = signed_in(request), (await posted(request)).get("medecin", "")
    rpps = read_party(chosen).rpps if chosen else None
    await declare_attending_doctor(actor=who.actor, space=space_of(who), rpps=rpps, at=clock.now())
    return done(EMERGENCY, "saved")


@get(CODE, **open_to(Audience.PERSON))
async def code_page(request: Asked) -> Response[str]:
    """Say what a consultation code is, before one is asked for."""
    rules = await gather_rules(signed_in=signed_in(request), at=clock.now())
    page = present_code(language=language_of(request), required=rules.seen.facts.strong_consent)
    return await show(request, "consent_code.html", page, current="access")


@post(CODE, status_code=200, **open_to(Audience.PERSON))
async def make_code(request: Asked) -> Response[str]:
    """Show a new code: in this answer only, it is nowhere else."""
    who, at = signed_in(request), clock.now()
    rules = await gather_rules(signed_in=who, at=at)
    made = await make_consent_code(actor=who.actor, space=space_of(who), at=at)
    page = present_code(
        language=language_of(request),
        required=rules.seen.facts.strong_consent,
        code=CodeFacts(made.digits, made.qr, made.expires_at),
    )
    return await show(request, "consent_code.html", page, current="access")


@post(f"{CODE}/mode", status_code=303, **open_to(Audience.PERSON))
async def change_mode(request: Asked) -> Redirect:
    """Ask for a code each time, or no longer."""
    await switch(request, AccessSwitches(strong_consent=(await posted(request)).get("exiger") == "1"))
    return done(CODE, "saved")


def emergency_switches(form: dict[str, str]) -> AccessSwitches:
    """Return the three switches as a form says them: a box that is not checked is off."""
    return AccessSwitches(
        centre_15=form.get("centre_15") == "1",
        bris_de_glace=form.get("bris_de_glace") == "1",
        masked_in_emergency=form.get("masques") == "1",
    )


async def switch(request: Asked, switches: AccessSwitches) -> None:
    """Change some of the person's switches and leave the others."""
    who = signed_in(request)
    await change_switches(actor=who.actor, space=space_of(who), switches=switches, at=clock.now())
