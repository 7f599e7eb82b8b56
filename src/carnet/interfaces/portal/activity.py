"""The journal: its page, and the whole of it to take away."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import msgspec
from litestar import Response, get
from litestar.response import Stream

from carnet.access.api import Need
from carnet.design.door import Asked
from carnet.design.language import Language
from carnet.design.parts import Form
from carnet.design.shell import FieldError
from carnet.infra import clock, randomness
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.portal.journal_pdf import journal_pdf
from carnet.interfaces.portal.page import show
from carnet.interfaces.portal.presenters.activity import ActivityFacts, ActivityQuery, present_activity
from carnet.interfaces.portal.presenters.audit_events import audit_event
from carnet.interfaces.portal.presenters.sentences import sentence
from carnet.interfaces.portal.setting import language_of
from carnet.interfaces.portal.sources.journal import export_entries, gather_activity, to_filter
from carnet.interfaces.portal.sources.own_space import own_space, space_of
from carnet.interfaces.portal.sources.sealed_journal import proved_for_the_whole, sealed_journal
from carnet.journal.api import Act, statement_key
from carnet.journeys.api import StepUpNeeded, signed_in
from carnet.kernel.errors import Invalid, Problem, TooLarge

COLUMNS = ("at", "sentence", "act", "outcome", "actor", "profession", "organisation", "software", "document")
LARGEST_ON_PAPER = 32 * 1024 * 1024
"""Bytes of the data a PDF carries: it is held in memory, some 20,000 lines; the other exports have no end."""
TOO_LONG = Problem(
    code="journal-too-long",
    fr="Votre journal est trop long pour un fichier PDF : téléchargez-le en JSON, avec les mêmes preuves.",
    en="Your journal is too long for a PDF file: download it as JSON, with the same proofs.",
)
_ONE_AT_A_TIME = ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal-pdf")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@get("/activite", **open_to(Audience.PERSON, Audience.DELEGATE))
async def activity(request: Asked) -> Response[str]:
    """Show the journal, newest first."""
    language, query, at = language_of(request), read_query(request), clock.now()
    try:
        facts = await gather_activity(signed_in=signed_in(request), query=query, at=at)
    except Invalid as refusal:
        errors = tuple(FieldError(one.path or "du", one.text(language.code)) for one in refusal.problems)
        form = Form({"du": query.since, "au": query.until}, errors)
        page = present_activity(language=language, facts=ActivityFacts(traces=(), now=at), query=query, form=form)
        return await show(request, "activity.html", page, current="activity", status=400)
    page = present_activity(language=language, facts=facts, query=query)
    return await show(request, "activity.html", page, current="activity")


@get("/activite/export.csv", **open_to(Audience.PERSON))
async def export_csv(request: Asked) -> Stream:
    """Send the whole journal for a spreadsheet."""
    await _need_open(request)
    return _file(request, csv_lines(request, read_query(request)), "text/csv", "csv")


@get("/activite/export.json", **open_to(Audience.PERSON))
async def export_json(request: Asked) -> Stream:
    """Send the whole journal as data, with what proves it: entries, nonces, leaves, proofs, signed tree head."""
    at = clock.now()
    await _need_the_whole(request)
    whole = sealed_journal(signed_in=signed_in(request), at=at, language=language_of(request))
    return _file(request, whole, "application/json", "json")


@get("/activite/export.pdf", **open_to(Audience.PERSON))
async def export_pdf(request: Asked) -> Response[bytes]:
    """Send the journal on paper, signed, with the data that proves it attached."""
    at, language = clock.now(), language_of(request)
    await _need_the_whole(request)
    whole = sealed_journal(signed_in=signed_in(request), at=at, language=language)
    data = bytearray()
    async for piece in whole:
        data += piece
        if len(data) > LARGEST_ON_PAPER:
            raise TooLarge(TOO_LONG)
    draw = partial(journal_pdf, bytes(data), key=statement_key(), at=at, language=language)
    content = await asyncio.get_running_loop().run_in_executor(_ONE_AT_A_TIME, draw)
    headers = {"Content-Disposition": f'attachment; filename="carnet-journal-{at:%Y-%m-%d}.pdf"'}
    return Response(content, media_type="application/pdf", headers=headers)


@get("/activite/export.fhir.json", **open_to(Audience.PERSON))
async def export_fhir(request: Asked) -> Stream:
    """Send the journal as a FHIR R4 Bundle of AuditEvent."""
    await _need_open(request)
    return _file(request, fhir_lines(request, read_query(request)), "application/fhir+json", "fhir.json")


@get("/activite/preuves.json", **open_to(Audience.PERSON))
async def proofs_json(request: Asked) -> Stream:
    """Give the page's own script what proves the journal; it is looked at, not taken away."""
    await _need_the_whole(request)
    read = sealed_journal(
        signed_in=signed_in(request), at=clock.now(), language=language_of(request), act=Act.VIEW_JOURNAL
    )
    return Stream(read, media_type="application/json", headers={"Cache-Control": "no-store"})


async def _need_open(request: Asked) -> None:
    """Refuse before the answer begins: once it has, nothing can be said any more."""
    async with own_space(signed_in(request), need=Need.LIST, at=clock.now()):
        return


async def _need_the_whole(request: Asked) -> None:
    if not await proved_for_the_whole(signed_in=signed_in(request), at=clock.now()):
        raise StepUpNeeded


def read_query(request: Asked) -> ActivityQuery:
    """Return what the address asks."""
    asked = {name: value[:128] for name, value in request.query_params.items()}
    return ActivityQuery(
        actor=asked.get("qui", ""),
        since=asked.get("du", ""),
        until=asked.get("au", ""),
        document=asked.get("document", ""),
        before=asked.get("avant", ""),
        kind=asked.get("quoi", ""),
        person=asked.get("par", ""),
    )


async def csv_lines(request: Asked, query: ActivityQuery) -> AsyncIterator[bytes]:
    """Yield the journal as CSV; what a spreadsheet would take for a formula is kept as text (OWASP, CSV injection)."""
    language = language_of(request)
    yield b"\xef\xbb\xbf" + _line(COLUMNS)
    async for batch in export_entries(signed_in=signed_in(request), query=query, at=clock.now()):
        yield b"".join(_line(_cells(entry, trace, language)) for entry, trace in batch)


async def fhir_lines(request: Asked, query: ActivityQuery) -> AsyncIterator[bytes]:
    """Yield the journal as one Bundle (type collection), newest first."""
    space, first = space_of(signed_in(request)), True
    yield b'{"resourceType":"Bundle","type":"collection","entry":['
    async for batch in export_entries(signed_in=signed_in(request), query=query, at=clock.now()):
        for entry, _ in batch:
            row = {"fullUrl": f"urn:uuid:{randomness.uuid4()}", "resource": audit_event(entry, space=space)}
            yield (b"\n" if first else b",\n") + msgspec.json.encode(row)
            first = False
    yield b"]}\n"


def _file(request: Asked, chunks: AsyncIterator[bytes], media_type: str, extension: str) -> Stream:
    to_filter(read_query(request))
    name = f"carnet-journal-{clock.now():%Y-%m-%d}.{extension}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Stream(chunks, media_type=media_type, headers=headers)


def _cells(entry: Any, trace: Any, language: Language) -> tuple[str, ...]:
    return (
        entry.at.isoformat(timespec="seconds"),
        sentence(trace, language),
        entry.act,
        entry.outcome,
        entry.actor_name,
        entry.profession or "",
        entry.organisation_name or "",
        entry.client_name or "",
        trace.document_title,
    )


def _line(cells: tuple[str, ...]) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerow("'" + cell if cell.startswith(_FORMULA) else cell for cell in cells)
    return out.getvalue().encode()
