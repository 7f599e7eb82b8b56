"""Language and appearance: two cookies, for anybody; the person's language also goes into their settings (e-mails)."""

import msgspec
from litestar import post
from litestar.response import Redirect

from carnet.design.door import Asked, choices
from carnet.design.language import LANGUAGES
from carnet.infra import clock
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.portal.forms import posted
from carnet.interfaces.portal.page import done
from carnet.interfaces.portal.setting import portal_of
from carnet.interfaces.portal.sources.settings import gather_chosen
from carnet.journeys.api import local_path, signed_in
from carnet.kernel.actors import Actor
from carnet.spaces.api import change_settings


@post("/preferences", status_code=303, **open_to(Audience.PUBLIC))
async def choose(request: Asked) -> Redirect:
    """Remember what was chosen and go back to the page it was chosen on."""
    form = await posted(request)
    kept = choices(
        language=form.get("langue", ""), theme=form.get("theme", ""), secure=portal_of(request).web.host_prefix
    )
    if form.get("langue") in LANGUAGES:
        await _remember(request, form["langue"])
    return done(local_path(form.get("retour", "/")), cookies=tuple(kept))


async def _remember(request: Asked, language: str) -> None:
    actor = getattr(request.state, "actor", None)
    if not isinstance(actor, Actor) or actor.space is None:
        return
    at = clock.now()
    chosen = await gather_chosen(signed_in=signed_in(request), at=at)
    if chosen.settings.language != language:
        settings = msgspec.structs.replace(chosen.settings, language=language)
        await change_settings(actor=actor, space=actor.space, settings=settings, at=at)
