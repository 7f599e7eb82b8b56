"""Reading posted forms: only ours, only text, and never a handler that forgets to check.

The guard runs before every handler of the portal: an unsafe method from another site, or without the session's token,
never reaches one.
"""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import UploadFile
from litestar.handlers import BaseRouteHandler

from carnet.design.language import PARIS
from carnet.design.parts import Form
from carnet.design.shell import FieldError
from carnet.identity.api import WebSession
from carnet.interfaces.portal.setting import language_of
from carnet.interfaces.portal.unsent import keep_words, keeps_words
from carnet.journeys.api import WebDoor, check_csrf, check_origin
from carnet.kernel.errors import Invalid, Problem, Refused

MOST = 50
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
Guard = Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], Awaitable[None]]


def form_guard(web: WebDoor) -> Guard:
    """Return the guard that lets only our own forms through. Signed out, there is nothing to protect but the origin."""

    async def check_form(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        if connection.scope.get("method", "GET") in SAFE:
            return
        check_origin(connection, web)
        session = getattr(connection.state, "session", None)
        if not isinstance(connection, Request):
            return
        if not isinstance(session, WebSession):
            if keeps_words(handler):
                await keep_words(connection)
            return
        try:
            check_csrf(connection, await connection.form(), web=web, session=session)
        except Refused:
            if not keeps_words(handler):
                raise
            connection.state.page_stale = True  # the handler shows the form again, and does nothing

    return check_form


async def posted(request: Request[Any, Any, Any]) -> dict[str, str]:
    """Return the text fields of the form; of repeated ones the first."""
    form = await request.form()
    fields: dict[str, str] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            fields.setdefault(name, value)
    return fields


async def posted_all(request: Request[Any, Any, Any], name: str) -> list[str]:
    """Return every text of the repeated field `name`, at most MOST of them."""
    form = await request.form()
    return [value[:100] for key, value in form.multi_items() if key == name and isinstance(value, str)][:MOST]


def wrong_form(request: Request[Any, Any, Any], field: str, value: str, refusal: Invalid) -> Form:
    """Return a form of one field as it was typed, with what was wrong with it."""
    code = language_of(request).code
    return Form({field: value}, tuple(FieldError(field, problem.text(code)) for problem in refusal.problems))


def start_of_day(text: str, *, problem: Problem) -> datetime:
    """Return when the day typed begins in Paris. Raises Invalid with `problem` when there is no such day."""
    try:
        return datetime.combine(date.fromisoformat(text), time(), PARIS)
    except ValueError:
        raise Invalid(problem) from None


def end_of_day(text: str, *, problem: Problem) -> datetime:
    """Return when the day typed is over in Paris. Raises Invalid with `problem` for no day, or the last there is."""
    begins = start_of_day(text, problem=problem)
    try:
        return datetime.combine(begins.date() + timedelta(days=1), time(), PARIS)
    except OverflowError:
        raise Invalid(problem) from None


async def uploaded_files(request: Request[Any, Any, Any], *names: str) -> list[tuple[str, bytes]]:
    """Return (name, bytes) of the files chosen in these fields, empty choices left out."""
    form = await request.form()
    files = [value for key, value in form.multi_items() if key in names and isinstance(value, UploadFile)]
    read = [(file.filename or "", await file.read()) for file in files]
    return [(called, content) for called, content in read if content]


async def uploaded(request: Request[Any, Any, Any], name: str) -> list[bytes]:
    """Return the bytes of the files chosen in field `name`, empty choices left out."""
    return [content for _, content in await uploaded_files(request, name)]
