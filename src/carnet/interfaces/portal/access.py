"""Who may read: the list, the directory, and the person's acts on both. Weighty ones get a page that asks."""

from uuid import UUID

from litestar import Response, get, post
from litestar.response import Redirect

from carnet.access.api import authorise, block, end_authorisation, unblock
from carnet.design.parts import Form
from carnet.infra import clock
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.portal.forms import posted
from carnet.interfaces.portal.page import Asked, done, show
from carnet.interfaces.portal.presenters.access import (
    AccessFacts,
    present_access,
    present_blocking,
    present_directory,
    present_ending,
)
from carnet.interfaces.portal.setting import language_of
from carnet.interfaces.portal.sources.journal import read_uuid
from carnet.interfaces.portal.sources.own_space import space_of
from carnet.interfaces.portal.sources.standings import (
    gather_candidates,
    gather_party,
    gather_standings,
    read_party,
)
from carnet.journeys.api import signed_in
from carnet.kernel.errors import Invalid, NotFound


@get("/acces", **open_to(Audience.PERSON))
async def access(request: Asked) -> Response[str]:
    """Show who is let in and who is kept out."""
    standings = await gather_standings(signed_in=signed_in(request), at=clock.now())
    page = present_access(language=language_of(request), standings=standings)
    return await show(request, "access.html", page, current="access")


@get("/acces/autoriser", **open_to(Audience.PERSON))
async def directory(request: Asked) -> Response[str]:
    """Search the health directory."""
    text = request.query_params.get("q", "")[:80]
    found, standings = await gather_candidates(signed_in=signed_in(request), text=text, at=clock.now())
    page = present_directory(language=language_of(request), form=Form({"q": text}), found=found, standings=standings)
    return await show(request, "directory.html", page, current="access")


@post("/acces/autoriser", status_code=303, **open_to(Audience.PERSON))
async def let_in(request: Asked) -> Redirect:
    """Let a professional or an organisation in."""
    who, party = signed_in(request), read_party((await posted(request)).get("qui", ""))
    try:
        await authorise(actor=who.actor, space=space_of(who), rpps=party.rpps, finess=party.finess, at=clock.now())
    except Invalid as refusal:
        return done("/acces", "blocked-first" if refusal.problems[0].code == "blocked-first" else "gone")
    return done("/acces", "authorised")


@get("/acces/bloquer", **open_to(Audience.PERSON))
async def ask_block(request: Asked) -> Response[str]:
    """Ask before somebody is blocked."""
    party = await gather_party(signed_in=signed_in(request), party=request.query_params.get("qui", ""), at=clock.now())
    page = present_blocking(language=language_of(request), party=party)
    return await show(request, "pages/confirm.html", page, current="access")


@post("/acces/bloquer", status_code=303, **open_to(Audience.PERSON))
async def keep_out(request: Asked) -> Redirect:
    """Block a professional or an organisation."""
    who, party = signed_in(request), read_party((await posted(request)).get("qui", ""))
    await block(actor=who.actor, space=space_of(who), rpps=party.rpps, finess=party.finess, at=clock.now())
    return done("/acces", "blocked")


@post("/acces/debloquer", status_code=303, **open_to(Audience.PERSON))
async def lift_block(request: Asked) -> Redirect:
    """Lift a block; it lets nobody in."""
    who, form = signed_in(request), await posted(request)
    line = _line(form.get("acces", ""))
    try:
        await unblock(actor=who.actor, space=space_of(who), authorisation=line, at=clock.now())
    except NotFound:
        return done("/acces", "gone")
    return done("/acces", "unblocked")


@get("/acces/terminer", **open_to(Audience.PERSON))
async def ask_end(request: Asked) -> Response[str]:
    """Ask before an access ends."""
    standings = await gather_standings(signed_in=signed_in(request), at=clock.now())
    page = present_ending(
        language=language_of(request), access=_standing(standings, request.query_params.get("acces", ""))
    )
    return await show(request, "pages/confirm.html", page, current="access")


@post("/acces/terminer", status_code=303, **open_to(Audience.PERSON))
async def end(request: Asked) -> Redirect:
    """End an access."""
    who, form = signed_in(request), await posted(request)
    line = _line(form.get("acces", ""))
    try:
        await end_authorisation(actor=who.actor, space=space_of(who), authorisation=line, at=clock.now())
    except NotFound:
        return done("/acces", "gone")
    return done("/acces", "ended")


def _line(text: str) -> UUID:
    line = read_uuid(text)
    if line is None:
        raise NotFound
    return line


def _standing(standings: tuple[AccessFacts, ...], line: str) -> AccessFacts:
    found = next((one for one in standings if one.id == line and one.standing == "authorised"), None)
    if found is None:
        raise NotFound
    return found
