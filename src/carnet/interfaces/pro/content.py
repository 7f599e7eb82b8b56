"""The content itself: inside the sandboxed frame, or taken away. Each answer is one access, journalled before it."""

import re
import unicodedata
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath
from litestar.response import Stream

from carnet.design.door import HTML, theme_of
from carnet.formats.kinds import EXTENSIONS, MEDIA_TYPES, identify
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.pro.asking import Asked, OpenFile, banner_of, deposits_of, open_file, page_of
from carnet.interfaces.pro.page import show
from carnet.interfaces.pro.presenters.document import present_files, present_preview
from carnet.interfaces.pro.setting import CDA_SHEET, environment_for, language_of
from carnet.journeys.api import Shown, files_in_document, part_of_document, show_document
from carnet.records.api import OpenedContent, open_metadata, read_content

AT_A_TIME: Final = 4
DOWNLOAD_POLICY: Final = "sandbox; default-src 'none'"
_UNFIT: Final = re.compile(r"[^A-Za-z0-9._-]+")


@get("/pro/patient/{handle:str}/documents/{document:uuid}/apercu", **open_to(Audience.PROFESSIONAL))
async def preview(request: Asked, handle: FromPath[str], document: FromPath[UUID]) -> Response[str]:
    """Show the content, as far as it can be shown safely, for the frame of the document's page."""
    opened = await open_file(request, handle)
    found = await read_content(actor=opened.actor, space=opened.space, document=document, at=opened.at)
    shown = await show_document(
        found,
        language=language_of(request).code,
        stylesheet=CDA_SHEET,
        first=page_of(request),
        most=AT_A_TIME,
    )
    address = f"{opened.address}/documents/{document}/apercu"
    body = shown.html if shown.kind == "html" else _drawn(request, found, shown, address)
    return Response(body, media_type=HTML, headers={"Content-Security-Policy": shown.policy})


@get("/pro/patient/{handle:str}/documents/{document:uuid}/telecharger", **open_to(Audience.PROFESSIONAL))
async def download(request: Asked, handle: FromPath[str], document: FromPath[UUID]) -> Stream:
    """Give the original bytes, as a file to keep."""
    found = await _taken_away(await open_file(request, handle), document)
    title = open_metadata(found.entry, keys=found.keys).title
    media_type = found.entry.content_type
    return Stream(
        found.chunks(0, found.entry.size),
        media_type=media_type,
        headers=as_file(title, media_type) | {"Content-Length": str(found.entry.size)},
    )


@get("/pro/patient/{handle:str}/documents/{document:uuid}/pieces", **open_to(Audience.PROFESSIONAL))
async def pieces(request: Asked, handle: FromPath[str], document: FromPath[UUID]) -> Response[str]:
    """List the files carried inside a clinical document."""
    opened = await open_file(request, handle)
    found = await read_content(actor=opened.actor, space=opened.space, document=document, at=opened.at)
    page = present_files(
        language=language_of(request),
        banner=banner_of(request, opened),
        title=open_metadata(found.entry, keys=found.keys).title,
        address=f"{opened.address}/documents/{document}",
        files=await files_in_document(found),
    )
    return show(request, "files.html", page, handle=handle, deposits=deposits_of(opened), current="documents")


@get("/pro/patient/{handle:str}/documents/{document:uuid}/pieces/{index:int}", **open_to(Audience.PROFESSIONAL))
async def piece(
    request: Asked, handle: FromPath[str], document: FromPath[UUID], index: FromPath[int]
) -> Response[bytes]:
    """Give one file carried inside a clinical document."""
    found = await _taken_away(await open_file(request, handle), document)
    data = await part_of_document(found, index=index)
    title = open_metadata(found.entry, keys=found.keys).title
    media_type = MEDIA_TYPES.get(identify(data), "application/octet-stream")
    return Response(data, media_type=media_type, headers=as_file(f"{title} {index + 1}", media_type))


async def _taken_away(opened: OpenFile, document: UUID) -> OpenedContent:
    return await read_content(actor=opened.actor, space=opened.space, document=document, download=True, at=opened.at)


def _drawn(request: Asked, found: OpenedContent, shown: Shown, address: str) -> str:
    language = language_of(request)
    page = present_preview(
        language=language,
        shown=shown,
        title=open_metadata(found.entry, keys=found.keys).title,
        address=address,
        at_a_time=AT_A_TIME,
    )
    template: Any = environment_for(language.code).get_template("preview.html")
    body: str = template.render(page=page, theme=theme_of(request))
    return body


def as_file(title: str, media_type: str) -> dict[str, str]:
    """Return the headers of a download: never shown in the page, never sniffed (RFC 6266)."""
    extension = EXTENSIONS.get(media_type, "bin")
    bare = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    plain = _UNFIT.sub("-", bare).strip("-.")[:80] or "document"
    name = f"attachment; filename=\"{plain}.{extension}\"; filename*=UTF-8''{quote(title[:120], safe='')}.{extension}"
    return {"Content-Disposition": name, "Content-Security-Policy": DOWNLOAD_POLICY}


ROUTES: Final = (preview, download, pieces, piece)
