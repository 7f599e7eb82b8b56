"""The agenda: what is to come, what is past, writing an appointment or a reminder, taking one out."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from carnet.agenda.api import (
    Kind,
    add_entry,
    cancel_appointment,
    change_entry,
    delete_entry,
    read_agenda,
    read_entry,
)
from carnet.design.door import Asked
from carnet.design.language import PARIS
from carnet.design.parts import Form
from carnet.design.shell import FieldError
from carnet.infra import clock, randomness
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.portal.forms import posted
from carnet.interfaces.portal.page import done, show
from carnet.interfaces.portal.presenters.agenda import (
    ADD,
    ADDRESS,
    REMIND,
    present_agenda,
    present_form,
    present_question,
)
from carnet.interfaces.portal.setting import language_of
from carnet.interfaces.portal.sources.agenda import FIELDS, form_of, read_said, writers_of
from carnet.interfaces.portal.sources.journal import read_uuid
from carnet.interfaces.portal.sources.own_space import space_of
from carnet.journeys.api import signed_in
from carnet.kernel.errors import Invalid, NotFound

BOTH = (Audience.PERSON, Audience.DELEGATE)
"""Of a carer, one to whom the agenda was given (`Need.READ_AGENDA`)."""
ONE = f"{ADDRESS}/{{entry:uuid}}"


@get(ADDRESS, **open_to(*BOTH))
async def agenda(request: Asked) -> Response[str]:
    """Show the agenda."""
    who, at = signed_in(request), clock.now()
    asked = request.query_params.get("page", "1")
    page = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) <= len("9999") else 0
    found = await read_agenda(actor=who.actor, space=space_of(who), page=page, at=at)
    acting = who.session.acting
    shown = present_agenda(
        language=language_of(request),
        agenda=found,
        writers=await writers_of(found, signed_in=who, at=at),
        mine=acting.delegation if acting else None,
        today=at.astimezone(PARIS).date(),
        page=page,
    )
    return await show(request, "agenda.html", shown, current="agenda")


@get(ADD, **open_to(*BOTH))
async def ask_add(request: Asked) -> Response[str]:
    """Show the form of a new appointment."""
    return await _ask_new(request, Kind.APPOINTMENT)


@post(ADD, status_code=303, **open_to(*BOTH))
async def add(request: Asked) -> Response[Any]:
    """Note an appointment."""
    return await _add(request, Kind.APPOINTMENT)


@get(REMIND, **open_to(*BOTH))
async def ask_remind(request: Asked) -> Response[str]:
    """Show the form of a new reminder."""
    return await _ask_new(request, Kind.REMINDER)


@post(REMIND, status_code=303, **open_to(*BOTH))
async def remind(request: Asked) -> Response[Any]:
    """Note a reminder."""
    return await _add(request, Kind.REMINDER)


@get(f"{ONE}/modifier", **open_to(*BOTH))
async def ask_change(request: Asked, entry: FromPath[UUID]) -> Response[str]:
    """Show the form of an entry as it stands."""
    who = signed_in(request)
    one = await read_entry(actor=who.actor, space=space_of(who), entry=entry, at=clock.now())
    return await _show(request, one.kind, Form(form_of(one)), entry=entry)


@post(f"{ONE}/modifier", status_code=303, **open_to(*BOTH))
async def change(request: Asked, entry: FromPath[UUID]) -> Response[Any]:
    """Write an entry anew."""
    who, form, at = signed_in(request), await posted(request), clock.now()
    kind = Kind.REMINDER if form.get("sorte") == Kind.REMINDER else Kind.APPOINTMENT
    try:
        said = read_said(form, kind=kind)
        await change_entry(actor=who.actor, space=space_of(who), entry=entry, said=said, at=at)
    except Invalid as refusal:
        return await _show(request, kind, _again(request, form, refusal), entry=entry, status=400)
    return done(ADDRESS, "agenda-changed")


@get(f"{ONE}/annuler", **open_to(*BOTH))
async def ask_cancel(request: Asked, entry: FromPath[UUID]) -> Response[str]:
    """Ask before an appointment is said to be cancelled."""
    return await _question(request, entry, cancel=True)


@post(f"{ONE}/annuler", status_code=303, **open_to(*BOTH))
async def cancel(request: Asked, entry: FromPath[UUID]) -> Redirect:
    """Say that an appointment is cancelled."""
    who = signed_in(request)
    await cancel_appointment(actor=who.actor, space=space_of(who), entry=entry, at=clock.now())
    return done(ADDRESS, "agenda-cancelled")


@get(f"{ONE}/supprimer", **open_to(*BOTH))
async def ask_delete(request: Asked, entry: FromPath[UUID]) -> Response[str]:
    """Ask before an entry is deleted."""
    return await _question(request, entry, cancel=False)


@post(f"{ONE}/supprimer", status_code=303, **open_to(*BOTH))
async def delete(request: Asked, entry: FromPath[UUID]) -> Redirect:
    """Delete an entry."""
    who = signed_in(request)
    await delete_entry(actor=who.actor, space=space_of(who), entry=entry, at=clock.now())
    return done(ADDRESS, "agenda-deleted")


async def _ask_new(request: Asked, kind: Kind) -> Response[str]:
    """Show an empty form, to who may write only; its id makes sending it twice harmless."""
    who = signed_in(request)
    found = await read_agenda(actor=who.actor, space=space_of(who), at=clock.now())
    if not found.may_write:
        raise NotFound
    return await _show(request, kind, Form({"saisie": randomness.uuid4().hex, "horloge": found.zone}))


async def _add(request: Asked, kind: Kind) -> Response[Any]:
    who, form = signed_in(request), await posted(request)
    entry = read_uuid(form.get("saisie", ""))
    if entry is None:
        raise NotFound
    try:
        said = read_said(form, kind=kind)
        await add_entry(actor=who.actor, space=space_of(who), entry=entry, said=said, at=clock.now())
    except Invalid as refusal:
        return await _show(request, kind, _again(request, form, refusal), status=400)
    return done(ADDRESS, "agenda-added")


async def _question(request: Asked, entry: UUID, *, cancel: bool) -> Response[str]:
    who = signed_in(request)
    one = await read_entry(actor=who.actor, space=space_of(who), entry=entry, at=clock.now())
    if cancel and one.kind is not Kind.APPOINTMENT:
        raise NotFound
    page = present_question(language=language_of(request), one=one, cancel=cancel)
    return await show(request, "pages/confirm.html", page, current="agenda")


def _again(request: Asked, form: dict[str, str], refusal: Invalid) -> Form:
    code = language_of(request).code
    kept = {field: form.get(field, "") for field in (*FIELDS.values(), "saisie", "horloge")}
    return Form(
        kept, tuple(FieldError(FIELDS.get(one.path or "", "titre"), one.text(code)) for one in refusal.problems)
    )


async def _show(
    request: Asked, kind: Kind, form: Form, *, entry: UUID | None = None, status: int = 200
) -> Response[str]:
    page = present_form(language=language_of(request), kind=kind, form=form, entry=entry)
    return await show(request, "agenda_form.html", page, current="agenda", status=status)
