"""Coming in, and finding one person. What is typed travels in a form's body and never in an address."""

from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.response import Redirect
from msgspec.structs import replace

from carnet.design.door import choices
from carnet.identity.api import parse_ins, parse_traits
from carnet.infra import clock
from carnet.infra.installation import current
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.desk.asking import Asked, field, our_form, words_of
from carnet.interfaces.desk.failing import trouble
from carnet.interfaces.desk.page import done, show
from carnet.interfaces.desk.presenters.entrance import present_entrance, present_home
from carnet.interfaces.desk.setting import desk_of, language_of
from carnet.journeys.api import check_origin, local_path, signed_in
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.errors import Invalid, NotFound, Problem
from carnet.spaces.api import Channel, begin_contact, contacts_since

FIELDS: Final = ("canal", "ins", "nom", "naissance")
AT_DESK: Final = frozenset({"phone", "counter", "post"})
PATHS: Final = {"birth_name": "nom", "birth_date": "naissance"}
_TOO_MANY: Final = 429
_INVALID: Final = 422


@get("/guichet", **open_to(Audience.PUBLIC))
async def entrance(request: Asked) -> Response[Any]:
    """Show the way in; whoever is already in goes on to what is theirs."""
    actor = getattr(request.state, "actor", None)
    if isinstance(actor, Actor):
        return Redirect("/pilotage" if actor.kind is ActorKind.PILOT else "/guichet/accueil", status_code=303)
    page = present_entrance(
        language=language_of(request),
        provider=desk_of(request).provider,
        motive=request.query_params.get("motif", ""),
        detail=request.query_params.get("detail", ""),
    )
    return show(request, "entrance.html", page)


@get("/guichet/accueil", **open_to(Audience.AGENT))
async def home(request: Asked) -> Response[str]:
    """Ask whom the contact is about, and list what this agent did today."""
    return await _home(request)


@post("/guichet/contact", status_code=200, **open_to(Audience.AGENT))
async def begin(request: Asked) -> Response[Any]:
    """Find the person and open the contact."""
    form, by, at = await our_form(request), signed_in(request), clock.now()
    failures, typed = desk_of(request).failures, {name: field(form, name) for name in FIELDS}
    if wait := await failures.wait(by.actor.identifier, at=at):
        return trouble(request, _TOO_MANY, wait=int(wait.total_seconds()) + 1)
    try:
        contact = await _find(by.actor, typed)
    except NotFound:
        await failures.failed(by.actor.identifier, at=at)
        return await _home(request, typed={"canal": typed["canal"]}, nobody=True)
    except Invalid as refused:
        return await _home(request, typed=typed, problems=refused.problems, status=_INVALID)
    return done(f"/guichet/contact/{contact}")


@post("/guichet/preferences", status_code=303, **open_to(Audience.PUBLIC))
async def preferences(request: Asked) -> Redirect:
    """Keep the language or the appearance chosen, in this browser."""
    web = desk_of(request).web
    check_origin(request, web)
    form = await request.form()
    cookies = choices(language=field(form, "langue"), theme=field(form, "theme"), secure=web.host_prefix)
    back = local_path(field(form, "retour"), default="/guichet")
    known = back.startswith(("/guichet", "/pilotage"))
    return Redirect(back if known else "/guichet", status_code=303, cookies=cookies)


async def _find(actor: Actor, typed: dict[str, str]) -> UUID:
    channel = Channel(typed["canal"]) if typed["canal"] in AT_DESK else Channel.PHONE
    try:
        accepted = sorted(current().limits.accepted_ins_oids)
        asked = [parse_ins(matricule=typed["ins"], oid=oid, accepted_oids=frozenset(accepted)) for oid in accepted]
        traits = parse_traits(birth_name=typed["nom"], birth_date=typed["naissance"] or "-")
    except Invalid as refused:
        raise Invalid(*(replace(one, path=PATHS.get(one.path or "", "ins")) for one in refused.problems)) from refused
    return await begin_contact(actor=actor, channel=channel, asked=asked, traits=traits, at=clock.now())


async def _home(
    request: Asked,
    *,
    typed: dict[str, str] | None = None,
    problems: tuple[Problem, ...] = (),
    nobody: bool = False,
    status: int = 200,
) -> Response[str]:
    at = clock.now()
    agent = signed_in(request).actor.identifier
    language = await words_of(request)
    midnight = at.astimezone(language.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    page = present_home(
        language=language,
        today=await contacts_since(agent=agent, since=midnight),
        typed=typed,
        problems=problems,
        nobody=nobody,
    )
    return show(request, "home.html", page, current="contact", status=status, path="/guichet/accueil")


ROUTES: Final = (entrance, home, begin, preferences)
