"""Every address of the pilot's view: one page and its CSV, behind the desk's session and an audience of its own."""

import csv
import io
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from litestar import Response, Router, get
from litestar.exceptions import HTTPException
from litestar.response import Redirect

from carnet.design.door import HTML, Asked, theme_of
from carnet.infra import clock
from carnet.infra.web.audience import Audience, open_to
from carnet.infra.web.refusals import SERVER_ERROR, UNAVAILABLE, log_crash, status_of, told
from carnet.interfaces.pilotage.presenters.figures import present_figures
from carnet.interfaces.pilotage.presenters.refused import present_refused
from carnet.interfaces.pilotage.presenters.shell import present_shell
from carnet.interfaces.pilotage.setting import (
    KEY,
    Pilotage,
    environment_for,
    language_of,
    pilotage_of,
)
from carnet.journeys.api import SessionMiddleware, figures, signed_in
from carnet.kernel.actors import Actor
from carnet.kernel.errors import CarnetError, Unauthenticated

SHOWN: Final = timedelta(days=400)
WHOLE: Final = timedelta(days=10 * 366)


@get("/pilotage", **open_to(Audience.PILOT))
async def page(request: Asked) -> Response[str]:
    """Show the indicators of the past year."""
    at, by = clock.now(), signed_in(request)
    found = await figures(actor=by.actor, since=(at - SHOWN).date(), at=at)
    content = present_figures(
        language=language_of(request),
        figures=found,
        place=request.query_params.get("departement", ""),
        month=request.query_params.get("mois", ""),
        fictitious=pilotage_of(request).fictitious,
    )
    return _show(request, "figures.html", content)


@get("/pilotage/indicateurs.csv", **open_to(Audience.PILOT))
async def export(request: Asked) -> Response[bytes]:
    """Give every published number: series, first day of the period, row, column, value (empty: kept back)."""
    at = clock.now()
    found = await figures(actor=signed_in(request).actor, since=(at - WHOLE).date(), at=at)
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(["serie", "periode", "ligne", "colonne", "valeur"])
    for one in found:
        value = "" if one.value is None else one.value
        writer.writerow([one.series, one.period.isoformat(), _inert(one.row), _inert(one.column), value])
    headers = {"Content-Disposition": 'attachment; filename="indicateurs.csv"', "Cache-Control": "no-store"}
    return Response(text.getvalue().encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)


def _inert(text: str) -> str:
    """Return a cell no spreadsheet takes for a formula: names of software come from outside."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def on_refusal(request: Asked, error: CarnetError) -> Response[Any]:
    """Answer what was refused; nobody signed in: to where pilots sign in."""
    if isinstance(error, Unauthenticated):
        lost = getattr(request.state, "session_lost", False)
        return Redirect("/guichet?" + urlencode({"motif": "idle" if lost else "sign_in"}), status_code=303)
    return _refused(request, status_of(error), told(error, language_of(request).code))


def on_http_error(request: Asked, error: HTTPException) -> Response[Any]:
    """Answer what the framework refused."""
    return _refused(request, error.status_code)


def on_crash(request: Asked, error: Exception) -> Response[Any]:
    """Answer a fault of ours: its kind goes to the log, never its words."""
    log_crash(request, error)
    return _refused(request, SERVER_ERROR)


def pilotage_routes(*, pilotage: Pilotage) -> list[Router]:
    """Return the door for the composition root; pilots sign in where agents do."""
    return [
        Router(
            "/",
            route_handlers=[page, export],
            middleware=[SessionMiddleware(pilotage.web)],
            exception_handlers={CarnetError: on_refusal, HTTPException: on_http_error, Exception: on_crash},
            opt={KEY: pilotage},
        )
    ]


def _refused(request: Asked, status: int, told: str = "") -> Response[str]:
    page = present_refused(language=language_of(request), status=status, told=told)
    answer = _show(request, "refused.html", page, status)
    if status == UNAVAILABLE:
        answer.headers["Retry-After"] = "30"
    return answer


def _show(request: Asked, template: str, content: Any, status: int = 200) -> Response[str]:
    language = language_of(request)
    session, actor = getattr(request.state, "session", None), getattr(request.state, "actor", None)
    shell = present_shell(
        language=language,
        path="/pilotage",
        csrf_token=session.csrf_token if session else "",
        theme=theme_of(request),
        actor=actor if isinstance(actor, Actor) else None,
    )
    body = environment_for(language.code).get_template(template).render(shell=shell, page=content)
    return Response(body, media_type=HTML, status_code=status)
