"""Settings: e-mail, being told, default visibility, sessions. A change of e-mail asks for a fresh proof of identity and
counts once the code sent to the new address came back.
"""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from carnet.design.door import Asked
from carnet.design.parts import Form
from carnet.identity.api import end_other_sessions, end_session
from carnet.infra import clock
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.portal.forms import posted, wrong_form
from carnet.interfaces.portal.page import done, show
from carnet.interfaces.portal.presenters.access_tabs import LIMITS
from carnet.interfaces.portal.presenters.settings import present_settings
from carnet.interfaces.portal.setting import language_of, portal_of
from carnet.interfaces.portal.sources.own_space import space_of
from carnet.interfaces.portal.sources.settings import gather_chosen, gather_settings
from carnet.journeys.api import require_fresh, signed_in
from carnet.kernel.errors import Invalid, NotFound
from carnet.spaces.api import change_settings, confirm_email, propose_email

ADDRESS = "/reglages"


@get(ADDRESS, **open_to(Audience.PERSON))
async def settings(request: Asked) -> Response[str]:
    """Show what can be set."""
    return await _show(request)


@post(f"{ADDRESS}/courriel", status_code=303, **open_to(Audience.PERSON))
async def change_email(request: Asked) -> Response[Any]:
    """Ask for another address: a code is sent there. An empty one is none, from now on."""
    who = signed_in(request)
    require_fresh(who.session, back=f"{ADDRESS}#courriel")
    email = (await posted(request)).get("courriel", "").strip()
    try:
        await propose_email(actor=who.actor, space=space_of(who), email=email or None, at=clock.now())
    except Invalid as refusal:
        return await _show(request, form=wrong_form(request, "courriel", email, refusal), status=400)
    return done(f"{ADDRESS}#courriel", "code-sent" if email else "email-removed")


@post(f"{ADDRESS}/courriel/confirmer", status_code=303, **open_to(Audience.PERSON))
async def confirm(request: Asked) -> Response[Any]:
    """Take back the code that was sent to the new address."""
    who, code = signed_in(request), (await posted(request)).get("code", "").strip()[:20]
    try:
        await confirm_email(actor=who.actor, space=space_of(who), code=code, at=clock.now())
    except Invalid as refusal:
        return await _show(request, code_form=wrong_form(request, "code", "", refusal), status=400)
    return done(f"{ADDRESS}#courriel", "email-confirmed")


@post(f"{ADDRESS}/notifications", status_code=303, **open_to(Audience.PERSON))
async def change_channels(request: Asked) -> Redirect:
    """Choose whether notices also leave by e-mail, and about what; in the portal they always are."""
    form = await posted(request)
    channels = ["portal"] + ["email"] * (form.get("par_courriel") == "1") + ["weekly"] * (form.get("resume") == "1")
    await _change(
        request,
        notice_channels=tuple(channels),
        quiet_subjects=tuple(one for one in ("documents", "agenda") if form.get(f"sur_{one}") != "1"),
    )
    return done(f"{ADDRESS}#prevenir", "saved")


@post(f"{ADDRESS}/visibilite", status_code=303, **open_to(Audience.PERSON))
async def change_default(request: Asked) -> Redirect:
    """Choose whether new documents arrive masked."""
    form = await posted(request)
    await _change(request, masked_by_default=form.get("visibilite") == "masque")
    return done(LIMITS if form.get("retour") == LIMITS else ADDRESS, "saved")


@post(f"{ADDRESS}/sessions/{{session:uuid}}/fermer", status_code=303, **open_to(Audience.PERSON))
async def close_session(request: Asked, session: FromPath[UUID]) -> Redirect:
    """End one of the person's sessions."""
    who = signed_in(request)
    try:
        await end_session(actor=who.actor, session=who.session, public_id=session, at=clock.now())
    except NotFound:
        return done(f"{ADDRESS}#sessions", "gone")
    return done(f"{ADDRESS}#sessions", "sessions")


@post(f"{ADDRESS}/sessions/fermer-autres", status_code=303, **open_to(Audience.PERSON))
async def close_others(request: Asked) -> Redirect:
    """End every session but this one."""
    who = signed_in(request)
    await end_other_sessions(actor=who.actor, session=who.session, at=clock.now())
    return done(f"{ADDRESS}#sessions", "sessions")


async def _show(
    request: Asked, *, form: Form | None = None, code_form: Form | None = None, status: int = 200
) -> Response[str]:
    facts = await gather_settings(signed_in=signed_in(request), limits=portal_of(request).web.limits, at=clock.now())
    page = present_settings(
        language=language_of(request),
        facts=facts,
        email_form=form,
        code_form=code_form,
        ways=portal_of(request).ways is not None,
    )
    return await show(request, "settings.html", page, current="settings", status=status)


async def _change(request: Asked, **changes: Any) -> None:
    who, at = signed_in(request), clock.now()
    settings = msgspec.structs.replace((await gather_chosen(signed_in=who, at=at)).settings, **changes)
    await change_settings(actor=who.actor, space=space_of(who), settings=settings, at=at)
