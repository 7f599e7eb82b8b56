"""Closing one's space, coming back, having it erased. Each act asks for a fresh proof of identity (mes.md §2.2 A9)."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.response import Redirect

from carnet.access.api import OPEN_STATES
from carnet.design.door import Asked
from carnet.infra import clock
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.portal.forms import posted
from carnet.interfaces.portal.page import answer, done
from carnet.interfaces.portal.presenters.leaving import (
    CHILD,
    CLOSE,
    CLOSED,
    ERASE,
    ChildFacts,
    ClosedFacts,
    present_close,
    present_closed,
    present_erase,
)
from carnet.interfaces.portal.setting import language_of
from carnet.interfaces.portal.sources.leaving import Days, gather_days
from carnet.interfaces.portal.sources.own_space import space_of
from carnet.journeys.api import (
    Child,
    ChildChoice,
    ForChild,
    ask_deletion,
    cancel_deletion,
    children_of,
    close_with_children,
    number_of,
    reopen_space,
    require_fresh,
    signed_in,
    written_number,
)
from carnet.kernel.errors import Conflict
from carnet.spaces.api import Motive, State


@get(CLOSE, **open_to(Audience.PERSON))
async def ask_close(request: Asked) -> Response[Any]:
    """Say what closing does and when the data goes, and ask; about each child one represents too."""
    who, at = signed_in(request), clock.now()
    days = await gather_days(signed_in=who, at=at)
    if days.life.state not in OPEN_STATES:
        return Redirect(CLOSED, status_code=303)
    chosen = dict(request.query_params.items())
    page = present_close(
        language=language_of(request),
        kept_until=days.kept_until,
        erased_on=days.erased_on,
        erase=chosen.get("donnees") == ERASE,
        children=tuple(_child(one, chosen) for one in await children_of(signed_in=who, at=at)),
    )
    return answer(request, "close.html", page, current="settings")


@post(CLOSE, status_code=303, **open_to(Audience.PERSON))
async def close(request: Asked) -> Redirect:
    """Close it; with its erasure asked in the same breath when that was chosen, and what was chosen for each child."""
    who, form, at = signed_in(request), await posted(request), clock.now()
    erase = form.get("donnees") == ERASE
    said = {"donnees": ERASE} if erase else {}
    said |= {name: value for name, value in form.items() if name.startswith(CHILD) and value in set(ChildChoice)}
    require_fresh(who.session, back=f"{CLOSE}?{urlencode(said)}" if said else CLOSE)
    children = tuple(
        ForChild(space=one.space, delegation=one.delegation, actor=one.actor, choice=_choice(one, form))
        for one in await children_of(signed_in=who, at=at)
        if one.choices
    )
    space, session = space_of(who), who.session.public_id
    try:
        await close_with_children(actor=who.actor, space=space, session=session, erase=erase, children=children, at=at)
    except Conflict:  # somebody else acts in a child's space meanwhile: it is asked again, nothing was done
        return done(CLOSE, "look-again")
    return done(CLOSED, "erasure-asked" if erase else "closed")


@get(CLOSED, **open_to(Audience.PERSON))
async def closed(request: Asked) -> Response[Any]:
    """The one page there is while the space is closed."""
    who = signed_in(request)
    days = await gather_days(signed_in=who, at=clock.now())
    if days.life.state in OPEN_STATES:
        return Redirect("/accueil", status_code=303)
    page = present_closed(language=language_of(request), facts=_facts(days, space_of(who)))
    return answer(request, "closed.html", page, tabs=False)


@post(f"{CLOSED}/rouvrir", status_code=303, **open_to(Audience.PERSON))
async def reopen(request: Asked) -> Redirect:
    """Come back to everything that was kept."""
    who = signed_in(request)
    require_fresh(who.session, back=CLOSED)
    await reopen_space(actor=who.actor, space=space_of(who), at=clock.now())
    return done("/accueil", "reopened")


@get(f"{CLOSED}/effacer", **open_to(Audience.PERSON))
async def ask_erase(request: Asked) -> Response[Any]:
    """Ask before an erasure is asked for."""
    days = await gather_days(signed_in=signed_in(request), at=clock.now())
    if days.life.state is not State.CLOSED:
        return Redirect(CLOSED, status_code=303)
    page = present_erase(language=language_of(request), erased_on=days.erased_on)
    return answer(request, "pages/confirm.html", page, tabs=False)


@post(f"{CLOSED}/effacer", status_code=303, **open_to(Audience.PERSON))
async def erase(request: Asked) -> Redirect:
    """Ask for the erasure."""
    who = signed_in(request)
    require_fresh(who.session, back=f"{CLOSED}/effacer")
    await ask_deletion(actor=who.actor, space=space_of(who), at=clock.now())
    return done(CLOSED, "erasure-asked")


@post(f"{CLOSED}/garder", status_code=303, **open_to(Audience.PERSON))
async def keep(request: Asked) -> Redirect:
    """Take the request back."""
    who = signed_in(request)
    require_fresh(who.session, back=CLOSED)
    await cancel_deletion(actor=who.actor, space=space_of(who), at=clock.now())
    return done(CLOSED, "erasure-cancelled")


def _child(one: Child, chosen: Mapping[str, str]) -> ChildFacts:
    return ChildFacts(
        adult=one.basis != "parental",
        field=f"{CHILD}{one.delegation.hex}",
        name=one.name,
        choices=tuple(map(str, one.choices)),
        chosen=str(_choice(one, chosen)),
        shared=one.shared,
        kept_until=one.kept_until,
    )


def _choice(one: Child, said: Mapping[str, str]) -> ChildChoice:
    """Return what was chosen for a child; to leave everything as it is when nothing that is offered was."""
    return next((each for each in one.choices if each == said.get(f"{CHILD}{one.delegation.hex}")), ChildChoice.KEEP)


def _facts(days: Days, space: Any) -> ClosedFacts:
    life = days.life
    return ClosedFacts(
        state=str(life.state),
        since=life.since if life.state is not State.CLOSED else life.closed_at,
        due_at=life.due_at,
        by_holder=life.motive is Motive.HOLDER,
        erased_if_asked_at=days.erased_on,
        number=written_number(number_of(space, life)) if life.state is State.DELETION_REQUESTED else "",
    )
