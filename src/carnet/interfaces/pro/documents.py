"""The file of a patient: their documents, or first their agreement; and one document's page."""

from typing import Any, Final
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath

from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.pro.asking import Asked, banner_of, deposits_of, open_file, page_of
from carnet.interfaces.pro.listing import asked_list, gather_list
from carnet.interfaces.pro.page import done, show
from carnet.interfaces.pro.presenters.agreement import present_agreement
from carnet.interfaces.pro.presenters.document import present_document
from carnet.interfaces.pro.presenters.documents import Line, present_list
from carnet.interfaces.pro.setting import language_of
from carnet.records.api import desk_preferences, note_visit, open_metadata, read_entry


@get("/pro/patient/{handle:str}", **open_to(Audience.PROFESSIONAL))
async def overview(request: Asked, handle: FromPath[str]) -> Response[Any]:
    """Show the patient's documents, or ask for their agreement first."""
    opened, language = await open_file(request, handle), language_of(request)
    banner = banner_of(request, opened)
    if opened.patient.standing == "to_ask":
        asking = present_agreement(
            language=language, banner=banner, code_needed=opened.patient.code_needed, minor=opened.minor
        )
        return show(request, "agreement.html", asking, handle=handle, current="documents")
    query, desk = asked_list(request), await desk_preferences(actor=opened.actor)
    since = await note_visit(actor=opened.actor, space=opened.space, at=opened.at)
    facts = await gather_list(opened, query, language, since=since, desk=desk)
    page = present_list(language=language, banner=banner, facts=facts, query=query, shortcuts=desk.shortcuts)
    return show(request, "documents.html", page, current="documents", handle=handle, deposits=deposits_of(opened))


@get("/pro/patient/{handle:str}/documents/{document:uuid}", **open_to(Audience.PROFESSIONAL))
async def one_document(request: Asked, handle: FromPath[str], document: FromPath[UUID]) -> Response[Any]:
    """Show one document's page; its content comes in a frame, read and journalled apart."""
    opened = await open_file(request, handle)
    if opened.patient.standing == "to_ask":
        return done(opened.address)
    found = await read_entry(actor=opened.actor, space=opened.space, document=document, at=opened.at)
    page = present_document(
        language=language_of(request),
        banner=banner_of(request, opened),
        line=Line(found.entry, open_metadata(found.entry, keys=found.keys)),
        seen=request.query_params.get("voir") == "1",
        first=page_of(request),
        beside=request.query_params.get("volet") == "1",
    )
    return show(request, "document.html", page, current="documents", handle=handle, deposits=deposits_of(opened))


ROUTES: Final = (overview, one_document)
