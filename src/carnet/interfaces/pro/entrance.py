"""Coming in, and finding one patient. The INS travels in a form's body and never in an address."""

from typing import Any, Final

from litestar import Response, get, post
from litestar.response import Redirect

from carnet.access.api import current_matrix
from carnet.design.door import choices
from carnet.design.language import PARIS
from carnet.infra import clock
from carnet.infra.web.audience import Audience, open_to
from carnet.infra.web.even_time import even_out
from carnet.interfaces.pro.asking import Asked, field, our_form
from carnet.interfaces.pro.failing import trouble
from carnet.interfaces.pro.handles import seal_handle
from carnet.interfaces.pro.page import done, show
from carnet.interfaces.pro.presenters.entrance import MOTIVES, present_entrance, present_find, present_rules
from carnet.interfaces.pro.setting import language_of, pro_of
from carnet.journeys.api import check_origin, find_patient, local_path, signed_in
from carnet.kernel.actors import Actor
from carnet.kernel.errors import Invalid, NotFound, Problem
from carnet.terminology.api import document_types

_TOO_MANY: Final = 429
_INVALID: Final = 422


@get("/pro", **open_to(Audience.PUBLIC))
async def entrance(request: Asked) -> Response[Any]:
    """Show the way in; whoever is already in goes on."""
    if isinstance(getattr(request.state, "actor", None), Actor):
        return Redirect("/pro/patient", status_code=303)
    page = present_entrance(
        language=language_of(request),
        provider=pro_of(request).provider,
        motive=request.query_params.get("motif", ""),
        detail=request.query_params.get("detail", ""),
    )
    return show(request, "entrance.html", page)


@get(["/pro/patient", "/pro/accueil"], **open_to(Audience.PROFESSIONAL))
async def ask_whom(request: Asked) -> Response[str]:
    """Ask for an INS."""
    page = present_find(language=language_of(request), rules=_rules_of(request))
    return show(request, "find.html", page, current="find")


def _rules_of(request: Asked) -> str:
    """What a change of the matrix, announced these days, means for the profession of who asks."""
    change = current_matrix().announced(on=clock.now().astimezone(PARIS).date())
    if change is None:
        return ""
    profession, language = signed_in(request).actor.profession, language_of(request)
    mine = {name for name, codes in current_matrix().groups().items() if profession in codes}
    names = {kind.code: kind.plain(language.code) for kind in document_types()}
    opened, closed = (
        [names.get(code, code) for group, code in pairs if group in mine] for pairs in (change.opened, change.closed)
    )
    return present_rules(language=language, day=change.day, opened=opened, closed=closed)


@post("/pro/patient", status_code=200, **open_to(Audience.PROFESSIONAL))
async def find(request: Asked) -> Response[Any]:
    """Find the patient of an INS and go to their file."""
    form, by, at = await our_form(request), signed_in(request), clock.now()
    failures, typed = pro_of(request).failures, field(form, "ins", most=40)
    motive = motive_of(field(form, "motif"))
    if wait := failures.wait(by.actor.identifier, at=at):
        return trouble(request, _TOO_MANY, wait=int(wait.total_seconds()) + 1)
    try:
        patient = await find_patient(actor=by.actor, matricule=typed, motive=motive, at=at)
    except NotFound:
        failures.failed(by.actor.identifier, at=at)
        await even_out("".join(typed.split()))
        return found_nobody(request, motive=motive)
    except Invalid as refused:
        return found_nobody(request, motive=motive, typed=typed, problems=refused.problems)
    return done(f"/pro/patient/{seal_handle(by.session, patient.space)}")


@post("/pro/preferences", status_code=303, **open_to(Audience.PUBLIC))
async def preferences(request: Asked) -> Redirect:
    """Keep the language or the appearance chosen, in this browser."""
    web = pro_of(request).web
    check_origin(request, web)
    form = await request.form()
    cookies = choices(language=field(form, "langue"), theme=field(form, "theme"), secure=web.host_prefix)
    back = local_path(field(form, "retour"), default="/pro")
    return Redirect(back if back.startswith("/pro") else "/pro", status_code=303, cookies=cookies)


def motive_of(chosen: str) -> str:
    """Return the reason chosen, the usual one for anything unknown."""
    return chosen if chosen in MOTIVES else next(iter(MOTIVES))


def found_nobody(request: Asked, *, motive: str, typed: str = "", problems: tuple[Problem, ...] = ()) -> Response[str]:
    language = language_of(request)
    page = present_find(language=language, typed=typed, motive=motive, problems=problems, nobody=not problems)
    return show(request, "find.html", page, current="find", status=_INVALID if problems else 200)


ROUTES: Final = (entrance, ask_whom, find, preferences)
