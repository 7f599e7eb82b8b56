"""What a professional's mailbox accepts from persons: the kinds of request, hours, limits, an answer at once."""

import hashlib
from datetime import date
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from carnet.design.parts import Form
from carnet.design.shell import FieldError
from carnet.infra import clock
from carnet.infra.db import system_work
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.pro.asking import Asked, field, our_form
from carnet.interfaces.pro.page import done, show
from carnet.interfaces.pro.presenters.mailbox_rules import as_typed, present_mailbox, present_mailboxes
from carnet.interfaces.pro.setting import language_of
from carnet.journeys.api import signed_in
from carnet.kernel.actors import Actor
from carnet.kernel.errors import Invalid, NotFound, Problem
from carnet.messaging.api import (
    WIRE,
    Absence,
    OwnedMailbox,
    PracticeRules,
    SetBy,
    read_hours,
    read_quota,
    rules_of,
    set_mailbox_rules,
    settable_mailboxes,
)

ADDRESS: Final = "/pro/boites"
FIELDS: Final = (
    "horaires",
    "quota",
    "periode",
    "delai",
    "absent_du",
    "absent_au",
    "absent_remplacant",
    "automatique",
    "automatique_en",
    "libres",
    "visiteurs",
)
_FIRST_FIELD: Final = {"absence": "absent_du"}
"""Where a problem with something of several fields is shown."""
_BAD_DAY: Final = Problem("day", "Ce jour n'existe pas.", "There is no such day.", "absent_du")
_BAD_NUMBER: Final = Problem("number", "Indiquez un nombre de jours.", "Give a number of days.", "delai")


@get(ADDRESS, **open_to(Audience.PROFESSIONAL))
async def mailboxes(request: Asked) -> Response[str]:
    """List the mailboxes this professional may set."""
    by = signed_in(request)
    async with system_work(at=clock.now()) as w:
        found = await settable_mailboxes(w, by.actor)
        known = await rules_of(w, [one.address for one in found])
    page = present_mailboxes(language=language_of(request), mailboxes=[(key_of(one), one) for one in found], set_=known)
    return show(request, "mailboxes.html", page, current="settings")


@get(f"{ADDRESS}/{{mailbox:str}}", **open_to(Audience.PROFESSIONAL))
async def mailbox(request: Asked, mailbox: FromPath[str]) -> Response[str]:
    """Show what one of them accepts."""
    found, rules = await _mine(signed_in(request).actor, mailbox)
    return _page(request, found, as_typed(rules))


@post(f"{ADDRESS}/{{mailbox:str}}", status_code=303, **open_to(Audience.PROFESSIONAL))
async def set_mailbox(request: Asked, mailbox: FromPath[str]) -> Response[Any]:
    """Keep what it accepts from now on."""
    form, by = await our_form(request), signed_in(request)
    found, before = await _mine(by.actor, mailbox)
    try:
        rules = None if field(form, "faire") == "tout" else _read(form, before)
        await set_mailbox_rules(actor=by.actor, address=found.address, rules=rules, way=SetBy.PAGE, at=clock.now())
    except Invalid as refused:
        kept = {name: field(form, name, most=2000) for name in (*FIELDS, *(f"genre-{one}" for one in WIRE.values()))}
        language = language_of(request)
        where = [_FIRST_FIELD.get(one.path or "", one.path or "horaires") for one in refused.problems]
        told = [one.text(language.code) for one in refused.problems]
        errors = tuple(map(FieldError, where, told))
        return _page(request, found, Form(kept, errors), status=400)
    return done(ADDRESS, "mailbox-rules")


def key_of(one: OwnedMailbox) -> str:
    """Return what names a mailbox in addresses, as in the directory by FHIR."""
    return hashlib.sha256(one.address.encode()).hexdigest()


async def _mine(actor: Actor, key: str) -> tuple[OwnedMailbox, PracticeRules]:
    """Return a mailbox this professional may set, with its rules. Raises NotFound for any other."""
    async with system_work(at=clock.now()) as w:
        found = next((one for one in await settable_mailboxes(w, actor) if key_of(one) == key), None)
        if found is None:
            raise NotFound
        known = await rules_of(w, [found.address])
    return found, known[found.address].rules if known else PracticeRules()


def _read(form: Any, before: PracticeRules) -> PracticeRules:
    """Return the rules typed; absences beyond the one the page shows stay. Raises Invalid."""
    days = field(form, "delai", most=10).strip()
    if days and not (days.isascii() and days.isdigit()):
        raise Invalid(_BAD_NUMBER)
    return msgspec.structs.replace(
        before,
        kinds=tuple(kind for kind, word in WIRE.items() if field(form, f"genre-{word}") == "oui"),
        hours=read_hours(field(form, "horaires")),
        absences=(*_absence(form), *before.absences[1:]),
        quota=read_quota(field(form, "quota", most=10), field(form, "periode")),
        answer_days=int(days) if days else None,
        automatic=field(form, "automatique", most=2000).strip(),
        automatic_english=field(form, "automatique_en", most=2000).strip(),
        free_answers=field(form, "libres") == "oui",
        visitors=field(form, "visiteurs") == "oui",
    )


def _absence(form: Any) -> tuple[Absence, ...]:
    first, last = field(form, "absent_du"), field(form, "absent_au")
    if not first and not last:
        return ()
    try:
        instead = " ".join(field(form, "absent_remplacant").split())
        return (Absence(date.fromisoformat(first), date.fromisoformat(last), instead),)
    except ValueError:
        raise Invalid(_BAD_DAY) from None


def _page(request: Asked, found: OwnedMailbox, form: Form, *, status: int = 200) -> Response[str]:
    page = present_mailbox(
        language=language_of(request), mailbox=found, address=f"{ADDRESS}/{key_of(found)}", form=form
    )
    return show(request, "mailbox.html", page, current="settings", status=status)


ROUTES: Final = (mailboxes, mailbox, set_mailbox)
