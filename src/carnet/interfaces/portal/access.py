"""Who may read: the list, the directory, and the person's acts on both. Weighty ones get a page that asks."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.response import Redirect

from carnet.access.api import Grantee as TeamMember
from carnet.access.api import authorise, block, end_authorisation, end_team, record_team, unblock
from carnet.design.door import Asked
from carnet.design.parts import Form
from carnet.design.shell import FieldError
from carnet.infra import clock
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.portal.forms import end_of_day, posted, posted_all
from carnet.interfaces.portal.page import done, show
from carnet.interfaces.portal.presenters.access import (
    AccessFacts,
    present_access,
    present_blocking,
    present_directory,
    present_ending,
    present_naming,
)
from carnet.interfaces.portal.presenters.authorise import DAYS, UNTIL, present_authorise
from carnet.interfaces.portal.presenters.team import present_team
from carnet.interfaces.portal.setting import language_of
from carnet.interfaces.portal.sources.journal import read_uuid
from carnet.interfaces.portal.sources.own_rules import gather_rules, named_teams, to_dispute
from carnet.interfaces.portal.sources.own_space import space_of
from carnet.interfaces.portal.sources.standings import (
    gather_candidates,
    gather_party,
    gather_standings,
    read_party,
)
from carnet.journeys.api import signed_in
from carnet.kernel.errors import Invalid, NotFound, Problem

BOTH = (Audience.PERSON, Audience.DELEGATE)
"""A representative too, as long as the child keeps nothing from them (`Need.MANAGE_ACCESS`); a carer is refused."""
_FIRST = frozenset({"blocked-first", "secret-first"})
"""What is to be ended before somebody is let in: said on the list, where it can be."""
NO_DAY = Problem("date", "Choisissez un jour à venir.", "Choose a day to come.", "ends_at")


@get("/acces", **open_to(*BOTH))
async def access(request: Asked) -> Response[str]:
    """Show who is let in and who is kept out, the teams, and the accesses the person does not know."""
    who, at = signed_in(request), clock.now()
    standings = await gather_standings(signed_in=who, at=at)
    rules = await gather_rules(signed_in=who, at=at)
    page = present_access(
        language=language_of(request),
        standings=named_teams(standings, rules.teams),
        disputes=tuple(to_dispute(one) for one in rules.disputes),
        code_required=rules.seen.facts.strong_consent,
        mine=who.session.acting is None,
    )
    return await show(request, "access.html", page, current="access")


@get("/acces/autoriser", **open_to(*BOTH))
async def directory(request: Asked) -> Response[str]:
    """Search the health directory: to let somebody in, or to hide something from them."""
    asked = request.query_params
    text = asked.get("q", "")[:80]
    language = language_of(request)
    found, standings = await gather_candidates(
        signed_in=signed_in(request), text=text, language=language, at=clock.now()
    )
    if asked.get("pour") == "cacher":
        page = present_naming(
            language=language, form=Form({"q": text}), found=found, document=asked.get("document", "")[:40]
        )
    else:
        page = present_directory(language=language, form=Form({"q": text}), found=found, standings=standings)
    return await show(request, "directory.html", page, current="access")


@get("/acces/donner", **open_to(*BOTH))
async def ask_let_in(request: Asked) -> Response[str]:
    """Ask for how long, and whether they are the person's trusted doctor; of somebody let in already, what changes."""
    return await _ask_let_in(request, request.query_params.get("qui", "")[:40])


@post("/acces/autoriser", status_code=303, **open_to(*BOTH))
async def let_in(request: Asked) -> Response[Any]:
    """Let a professional or an organisation in. What its form cannot ask again is told on a page of its own."""
    who, form, at = signed_in(request), await posted(request), clock.now()
    asked = form.get("qui", "")[:40]
    party = read_party(asked)
    try:
        await authorise(
            actor=who.actor,
            space=space_of(who),
            rpps=party.rpps,
            finess=party.finess,
            ends_at=read_end(form, at=at),
            administrator=form.get("administrateur") == "1",
            at=at,
        )
    except Invalid as refusal:
        problem = refusal.problems[0]
        if problem.code in _FIRST:
            return done("/acces", problem.code)
        if problem.path == "ends_at":
            errors = (FieldError("jusquau", problem.text(language_of(request).code)),)
            return await _ask_let_in(request, asked, form=Form(form, errors), status=400)
        raise
    return done("/acces", "authorised")


@get("/acces/equipe", **open_to(Audience.PERSON))
async def ask_team(request: Asked) -> Response[str]:
    """Show the form of a new care team."""
    return await _ask_team(request, Form())


@post("/acces/equipe", status_code=303, **open_to(Audience.PERSON))
async def add_team(request: Asked) -> Response[Any]:
    """Record a care team and let it in."""
    who, form, at = signed_in(request), await posted(request), clock.now()
    chosen = await posted_all(request, "partie")
    members = tuple(TeamMember(rpps=one.rpps, finess=one.finess) for one in map(read_party, chosen))
    try:
        await record_team(
            actor=who.actor, space=space_of(who), name=form.get("nom", ""), members=members, let_in=True, at=at
        )
    except Invalid as refusal:
        problem = refusal.problems[0]
        field = "nom" if problem.path == "name" else "partie"
        errors = (FieldError(field, problem.text(language_of(request).code)),)
        kept = Form({"nom": form.get("nom", ""), "parties": " ".join(chosen)}, errors)
        return await _ask_team(request, kept, status=400)
    return done("/acces", "authorised")


@post("/acces/equipe/terminer", status_code=303, **open_to(Audience.PERSON))
async def drop_team(request: Asked) -> Redirect:
    """End a care team and whatever let it in."""
    who, team = signed_in(request), _line((await posted(request)).get("equipe", ""))
    try:
        await end_team(actor=who.actor, space=space_of(who), team=team, at=clock.now())
    except NotFound:
        return done("/acces", "gone")
    return done("/acces", "ended")


@get("/acces/bloquer", **open_to(*BOTH))
async def ask_block(request: Asked) -> Response[str]:
    """Ask before somebody is blocked."""
    party = await gather_party(signed_in=signed_in(request), party=request.query_params.get("qui", ""), at=clock.now())
    page = present_blocking(language=language_of(request), party=party)
    return await show(request, "pages/confirm.html", page, current="access")


@post("/acces/bloquer", status_code=303, **open_to(*BOTH))
async def keep_out(request: Asked) -> Redirect:
    """Block a professional or an organisation."""
    who, party = signed_in(request), read_party((await posted(request)).get("qui", ""))
    await block(actor=who.actor, space=space_of(who), rpps=party.rpps, finess=party.finess, at=clock.now())
    return done("/acces", "blocked")


@post("/acces/debloquer", status_code=303, **open_to(*BOTH))
async def lift_block(request: Asked) -> Redirect:
    """Lift a block; it lets nobody in."""
    who, form = signed_in(request), await posted(request)
    line = _line(form.get("acces", ""))
    try:
        await unblock(actor=who.actor, space=space_of(who), authorisation=line, at=clock.now())
    except NotFound:
        return done("/acces", "gone")
    return done("/acces", "unblocked")


@get("/acces/terminer", **open_to(*BOTH))
async def ask_end(request: Asked) -> Response[str]:
    """Ask before an access ends."""
    standings = await gather_standings(signed_in=signed_in(request), at=clock.now())
    page = present_ending(
        language=language_of(request), access=_standing(standings, request.query_params.get("acces", ""))
    )
    return await show(request, "pages/confirm.html", page, current="access")


@post("/acces/terminer", status_code=303, **open_to(*BOTH))
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


def read_end(form: dict[str, str], *, at: datetime) -> datetime | None:
    """Return until when access is given, None for no end; a day typed is included. Raises Invalid when it is none."""
    chosen = form.get("duree", "")
    if chosen in DAYS:
        return at + timedelta(days=DAYS[chosen])
    if chosen != UNTIL:
        return None
    return end_of_day(form.get("jusquau", ""), problem=NO_DAY)


async def _ask_let_in(request: Asked, asked: str, *, form: Form | None = None, status: int = 200) -> Response[str]:
    who, at = signed_in(request), clock.now()
    party = await gather_party(signed_in=who, party=asked, at=at)
    standings = await gather_standings(signed_in=who, at=at)
    known = next((one for one in standings if one.party.id == asked and one.standing == "authorised"), None)
    page = present_authorise(language=language_of(request), party=party, known=known, form=form)
    return await show(request, "authorise.html", page, current="access", status=status)


async def _ask_team(request: Asked, form: Form, *, status: int = 200) -> Response[str]:
    rules = await gather_rules(signed_in=signed_in(request), at=clock.now())
    page = present_team(language=language_of(request), form=form, parties=rules.parties)
    return await show(request, "team.html", page, current="access", status=status)
