"""One document: its page, its preview frame, its bytes to take away, and whether professionals see it."""

import contextlib
import re
import unicodedata
from urllib.parse import quote
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Stream

from carnet.design.door import HTML, Asked, theme_of
from carnet.formats.kinds import EXTENSIONS, MEDIA_TYPES, identify
from carnet.infra import clock
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.portal.documents import read_page
from carnet.interfaces.portal.page import done, show
from carnet.interfaces.portal.presenters.document import present_document
from carnet.interfaces.portal.presenters.preview import present_preview
from carnet.interfaces.portal.setting import environment_for, language_of
from carnet.interfaces.portal.sources.document import gather_document
from carnet.interfaces.portal.sources.journal import read_uuid
from carnet.interfaces.portal.sources.own_space import space_of
from carnet.interfaces.portal.sources.preview import look_at, part_of
from carnet.journeys.api import signed_in
from carnet.kernel.errors import NotFound, Refused
from carnet.notifications.api import mark_notification
from carnet.records.api import mask_document, open_metadata, read_content, reveal_document

_NOTHING_ELSE = "style-src 'self'; img-src 'self' data:; font-src 'self'; frame-ancestors 'self'"
DRAWN_POLICY = f"default-src 'none'; {_NOTHING_ELSE}; form-action 'none'; base-uri 'none'"
"""Of pages and words drawn by us: no script, no form; in our own origin, so that turning a page keeps the session."""
CDA_STYLE = "/static/cda.css"
HTML_POLICY = f"sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; {_NOTHING_ELSE}"
"""Of clinical documents: an origin of nobody's; files they carry open beside."""
_UNFIT = re.compile(r"[^A-Za-z0-9]+")


@get("/documents/{document:uuid}", **open_to(Audience.PERSON, Audience.DELEGATE))
async def one(request: Asked, document: FromPath[UUID]) -> Response[str]:
    """Show a document and what surrounds it; it is no longer new."""
    language = language_of(request)
    await _told(request)
    facts = await gather_document(
        signed_in=signed_in(request), document=document, language=language.code, at=clock.now()
    )
    page = present_document(language=language, facts=facts)
    return await show(request, "document.html", page, current="documents")


@get("/documents/{document:uuid}/apercu", **open_to(Audience.PERSON, Audience.DELEGATE))
async def preview(request: Asked, document: FromPath[UUID]) -> Response[str]:
    """Return the inside of the preview frame. Its policy lets no script run and only our own pages frame it."""
    language = language_of(request)
    looked = await look_at(
        signed_in=signed_in(request),
        document=document,
        page=read_page(request.query_params.get("page", "")),
        language=language.code,
        stylesheet=CDA_STYLE,
        at=clock.now(),
    )
    if looked.drawn is None:
        return Response(looked.html or "", media_type=HTML, headers={"Content-Security-Policy": HTML_POLICY})
    page = present_preview(language=language, facts=looked.drawn)
    html = environment_for(language.code).get_template("preview.html").render(page=page, theme=theme_of(request))
    return Response(html, media_type=HTML, headers={"Content-Security-Policy": DRAWN_POLICY})


@get("/documents/{document:uuid}/telecharger", **open_to(Audience.PERSON, Audience.DELEGATE))
async def download(request: Asked, document: FromPath[UUID]) -> Stream:
    """Send the original bytes, to be kept, never to be shown in place."""
    who = signed_in(request)
    opened = await read_content(
        actor=who.actor,
        space=space_of(who),
        document=document,
        account=who.session.account,
        download=True,
        at=clock.now(),
    )
    title = open_metadata(opened.entry, keys=opened.keys).title
    headers = attachment(title, opened.entry.content_type) | {"Content-Length": str(opened.entry.size)}
    return Stream(opened.chunks(0, opened.entry.size), media_type=opened.entry.content_type, headers=headers)


@get("/documents/{document:uuid}/pieces/{index:int}", **open_to(Audience.PERSON, Audience.DELEGATE))
async def part(request: Asked, document: FromPath[UUID], index: FromPath[int]) -> Response[bytes]:
    """Send a file carried inside a clinical document."""
    content = await part_of(signed_in=signed_in(request), document=document, index=index, at=clock.now())
    media_type = MEDIA_TYPES.get(identify(content), "application/octet-stream")
    return Response(content, media_type=media_type, headers=attachment(f"piece-{index + 1}", media_type))


@post("/documents/{document:uuid}/masquer", status_code=303, **open_to(Audience.PERSON))
async def mask(request: Asked, document: FromPath[UUID]) -> Redirect:
    """Hide a document from professionals."""
    who = signed_in(request)
    try:
        await mask_document(actor=who.actor, space=space_of(who), document=document, at=clock.now())
    except Refused:
        return done(f"/documents/{document.hex}", "not-masked")
    return done(f"/documents/{document.hex}", "masked")


@post("/documents/{document:uuid}/montrer", status_code=303, **open_to(Audience.PERSON))
async def reveal(request: Asked, document: FromPath[UUID]) -> Redirect:
    """Show a masked document to professionals again."""
    who = signed_in(request)
    await reveal_document(actor=who.actor, space=space_of(who), document=document, at=clock.now())
    return done(f"/documents/{document.hex}", "revealed")


async def _told(request: Asked) -> None:
    """Coming from a notification, it is read."""
    notification, who = read_uuid(request.query_params.get("notification", "")), signed_in(request)
    if notification is not None:
        with contextlib.suppress(NotFound):
            await mark_notification(actor=who.actor, space=space_of(who), notification=notification, at=clock.now())


def attachment(title: str, media_type: str) -> dict[str, str]:
    """Return the header that makes a browser keep a file under a name made of the title, tame in ASCII (RFC 6266)."""
    whole = (
        "".join(letter for letter in title if letter.isalnum() or letter in " -_.()'")[:80].strip(" .") or "document"
    )
    bare = _UNFIT.sub("-", unicodedata.normalize("NFKD", whole).encode("ascii", "ignore").decode()).strip("-")
    extension = EXTENSIONS.get(media_type, "bin")
    named = f"filename=\"{bare or 'document'}.{extension}\"; filename*=UTF-8''{quote(f'{whole}.{extension}')}"
    return {"Content-Disposition": f"attachment; {named}"}
