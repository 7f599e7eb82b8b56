"""What contacts left open: listed for every agent of the desk, and closed. Taking one up is a contact like another."""

from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from carnet.infra import clock
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.desk.asking import Asked, field, our_form, words_of
from carnet.interfaces.desk.contact import answer_contact
from carnet.interfaces.desk.page import done, show
from carnet.interfaces.desk.presenters.tickets import ADDRESS, present_tickets
from carnet.journeys.api import signed_in
from carnet.kernel.errors import Invalid
from carnet.spaces.api import close_overdue, close_ticket, leave_open, tickets_of_desk

_INVALID: Final = 422


@get("/guichet/demandes", **open_to(Audience.AGENT))
async def tickets(request: Asked, laissee: FromQuery[UUID | None] = None) -> Response[str]:
    """List what is open at this desk. laissee: the one just left, whose number is to be said now."""
    found = await tickets_of_desk(agent=signed_in(request).actor.identifier)
    page = present_tickets(language=await words_of(request), tickets=found, just_left=laissee, at=clock.now())
    return show(request, "tickets.html", page, current="tickets")


@post("/guichet/demandes/{ticket:uuid}", status_code=303, **open_to(Audience.AGENT))
async def overdue(request: Asked, ticket: FromPath[UUID]) -> Response[Any]:
    """Close what is past its date: the person did not come back."""
    await our_form(request)
    await close_overdue(actor=signed_in(request).actor, ticket=ticket, at=clock.now())
    return done(ADDRESS, "ticket-closed")


@post("/guichet/contact/{contact:uuid}/laisser", status_code=303, **open_to(Audience.AGENT))
async def leave(request: Asked, contact: FromPath[UUID]) -> Response[Any]:
    """End the contact, and leave what it was about to the desk."""
    form = await our_form(request)
    chosen = {"script": field(form, "demarche"), "reason": field(form, "raison")}
    try:
        left = await leave_open(actor=signed_in(request).actor, contact=contact, at=clock.now(), **chosen)
    except Invalid as refused:
        return await answer_contact(request, contact, problems=refused.problems, status=_INVALID)
    return done(f"{ADDRESS}?laissee={left}", "left-open")


@post("/guichet/contact/{contact:uuid}/demandes/{ticket:uuid}", status_code=303, **open_to(Audience.AGENT))
async def close(request: Asked, contact: FromPath[UUID], ticket: FromPath[UUID]) -> Response[Any]:
    """Close what was left open without doing it, in contact with the person."""
    form, at = await our_form(request), clock.now()
    outcome = field(form, "cloture")
    try:
        await close_ticket(actor=signed_in(request).actor, contact=contact, ticket=ticket, outcome=outcome, at=at)
    except Invalid as refused:
        return await answer_contact(request, contact, problems=refused.problems, status=_INVALID)
    return done(f"/guichet/contact/{contact}", "ticket-closed")


ROUTES: Final = (tickets, overdue, leave, close)
