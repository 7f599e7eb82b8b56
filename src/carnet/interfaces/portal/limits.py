"""What the person hides, from whom, for how long: the list, a new wish, its end."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.response import Redirect

from carnet.access.api import RestrictionEffect, Wish, end_restriction, restrict
from carnet.design.door import Asked
from carnet.design.parts import Form
from carnet.design.shell import FieldError
from carnet.infra import clock
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.portal.forms import end_of_day, posted, posted_all, start_of_day
from carnet.interfaces.portal.page import done, show
from carnet.interfaces.portal.presenters.access_tabs import LIMITS
from carnet.interfaces.portal.presenters.restrictions import (
    ADD,
    ALL,
    EVERYTHING,
    NAMED,
    ONE,
    ONLY,
    SHELF,
    TO_COME,
    TRADE,
    present_add_limit,
    present_limits,
)
from carnet.interfaces.portal.setting import language_of
from carnet.interfaces.portal.sources.document import gather_own
from carnet.interfaces.portal.sources.journal import read_uuid
from carnet.interfaces.portal.sources.own_rules import gather_restrictions, gather_rules
from carnet.interfaces.portal.sources.own_space import space_of
from carnet.interfaces.portal.sources.standings import Grantee, gather_party, read_party
from carnet.journeys.api import signed_in
from carnet.kernel.errors import Invalid, NotFound, Problem

BOTH = (Audience.PERSON, Audience.DELEGATE)
"""A representative too, as long as the child keeps nothing from them (`Need.MANAGE_ACCESS`); a carer is refused."""
NOBODY = Problem("qui", "Choisissez au moins une personne ou un lieu.", "Choose at least one person or place.", "qui")
NO_FIRST_DAY, NO_LAST_DAY = (
    Problem("date", "Cette date n'existe pas.", "This date does not exist.", field) for field in ("du", "au")
)
UNCLEAR = Problem("quoi", "Dites ce qui doit être caché.", "Say what is to be hidden.", "quoi")
NO_SHELF = Problem("categorie", "Choisissez une catégorie.", "Choose a category.", "categorie")
FIELDS = ("quoi", "categorie", "effet", "qui", "metier", "du", "au")
PATHS = {"ends_at": "au", "grantee": "qui", "wish": "qui"}


@get(LIMITS, **open_to(*BOTH))
async def limits(request: Asked) -> Response[str]:
    """Show what is hidden, and what becomes of new documents."""
    who, at = signed_in(request), clock.now()
    rules = await gather_rules(signed_in=who, at=at)
    page = present_limits(
        language=language_of(request),
        restrictions=await gather_restrictions(signed_in=who, rules=rules, at=at),
        masked_by_default=rules.seen.facts.masked_by_default,
        mine=who.session.acting is None,
    )
    return await show(request, "limits.html", page, current="access")


@get(ADD, **open_to(*BOTH))
async def ask_limit(request: Asked) -> Response[str]:
    """Show the form; the address may say which document or whom."""
    asked = request.query_params
    form = Form({"parties": asked.get("partie", "")[:40], "categorie": asked.get("categorie", "")[:20]})
    return await _show(request, form, asked.get("document", ""), extra=asked.get("partie", "")[:40])


@post(ADD, status_code=303, **open_to(*BOTH))
async def add_limit(request: Asked) -> Response[Any]:
    """Store a wish."""
    who, form, chosen = signed_in(request), await posted(request), await posted_all(request, "partie")
    document = form.get("document", "")
    try:
        wish = read_wish(form, chosen, at=clock.now())
        await restrict(actor=who.actor, space=space_of(who), wish=wish, at=clock.now())
    except Invalid as refusal:
        kept = {name: form.get(name, "") for name in FIELDS} | {"parties": " ".join(chosen)}
        code = language_of(request).code
        errors = tuple(
            FieldError(PATHS.get(one.path or "", one.path or "qui"), one.text(code)) for one in refusal.problems
        )
        return await _show(request, Form(kept, errors), document, status=400)
    return done(f"/documents/{document}" if wish.document else LIMITS, "hidden")


@post(f"{LIMITS}/terminer", status_code=303, **open_to(*BOTH))
async def end_limit(request: Asked) -> Redirect:
    """Lift a wish."""
    who, line = signed_in(request), _id((await posted(request)).get("limite", ""))
    try:
        await end_restriction(actor=who.actor, space=space_of(who), restriction=line, at=clock.now())
    except NotFound:
        return done(LIMITS, "gone")
    return done(LIMITS, "shown-again")


def read_wish(form: dict[str, str], chosen: list[str], *, at: datetime) -> Wish:
    """Return what the form asks. Raises Invalid; days are those of Paris, the last one included."""
    who = form.get("qui", NAMED)
    people = [read_party(one) for one in chosen] if who == NAMED else []
    if who == NAMED and not people:
        raise Invalid(NOBODY)
    begins = start_of_day(form["du"], problem=NO_FIRST_DAY) if form.get("du") else None
    return Wish(
        **_what(form),
        effect=RestrictionEffect.ONLY if form.get("effet") == ONLY else RestrictionEffect.HIDE,
        everyone=who == ALL,
        rpps=_numbers(people, "rpps"),
        finess=_numbers(people, "finess"),
        professions=(form.get("metier", ""),) if who == TRADE else (),
        starts_at=begins if begins and begins > at else None,
        ends_at=end_of_day(form["au"], problem=NO_LAST_DAY) if form.get("au") else None,
    )


def _what(form: dict[str, str]) -> dict[str, Any]:
    """Return what is to be hidden, as fields of a wish. Raises Invalid for a form that does not clearly say so."""
    what = form.get("quoi", "")
    if what == ONE:
        return {"document": _id(form.get("document", ""))}
    if what == SHELF and not form.get("categorie"):
        raise Invalid(NO_SHELF)
    known: dict[str, dict[str, Any]] = {
        SHELF: {"category": form.get("categorie")},
        TO_COME: {"to_come": True},
        EVERYTHING: {},
    }
    if what not in known:
        raise Invalid(UNCLEAR)
    return known[what]


def _numbers(people: list[Grantee], kind: str) -> tuple[str, ...]:
    return tuple(number for one in people if (number := getattr(one, kind)) is not None)


def _id(text: str) -> UUID:
    found = read_uuid(text)
    if found is None:
        raise NotFound
    return found


async def _show(request: Asked, form: Form, document: str, *, extra: str = "", status: int = 200) -> Response[str]:
    who, at = signed_in(request), clock.now()
    rules = await gather_rules(signed_in=who, at=at)
    parties, title, about = list(rules.parties), "", ""
    asked = dict.fromkeys((*form.value("parties").split(), extra))
    for one in [one for one in asked if one and one not in {party.id for party in parties}]:
        parties.insert(0, await gather_party(signed_in=who, party=one, at=at))
    if document:
        own = await gather_own(signed_in=who, document=_id(document), at=at)
        title, about = own.metadata.title, own.entry.document_id.hex
    page = present_add_limit(
        language=language_of(request),
        form=form,
        parties=tuple(parties),
        document=about,
        title=title,
        mine=who.session.acting is None,
    )
    return await show(request, "add_limit.html", page, current="access", status=status)
