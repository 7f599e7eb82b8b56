"""Accesses people contest: listed by deadline, answered, closed. A number and a professional, never a patient."""

from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from carnet.access.api import Outcome, close_case, list_cases
from carnet.infra import clock
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.desk.asking import Asked, field, our_form, words_of
from carnet.interfaces.desk.page import done, show
from carnet.interfaces.desk.presenters.cases import present_cases
from carnet.journeys.api import signed_in
from carnet.kernel.errors import Invalid, Problem

NO_OUTCOME: Final = Problem("case-outcome", "Choisissez une réponse.", "Choose an answer.", "reponse")


@get("/guichet/signalements", **open_to(Audience.AGENT))
async def cases(request: Asked) -> Response[str]:
    """List the open cases."""
    at = clock.now()
    found = await list_cases(actor=signed_in(request).actor, at=at)
    page = present_cases(language=await words_of(request), cases=found, at=at)
    return show(request, "cases.html", page, current="cases")


@post("/guichet/signalements/{case:uuid}", status_code=303, **open_to(Audience.AGENT))
async def answer(request: Asked, case: FromPath[UUID]) -> Response[Any]:
    """Close a case with its answer."""
    form, outcome = await our_form(request), None
    for one in Outcome:
        outcome = one if field(form, "reponse") == one else outcome
    if outcome is None:
        raise Invalid(NO_OUTCOME)
    await close_case(actor=signed_in(request).actor, case=case, outcome=outcome, at=clock.now())
    return done("/guichet/signalements", "case")


ROUTES: Final = (cases, answer)
