"""The content as it can be looked at: opened through the gate with its trace, then shown as every door shows it."""

from datetime import datetime
from uuid import UUID

import msgspec

from carnet.identity.api import SignedIn
from carnet.interfaces.portal.presenters.preview import DrawnFacts
from carnet.interfaces.portal.sources.own_space import space_of
from carnet.journeys.api import part_of_document, show_document
from carnet.records.api import OpenedContent, open_metadata, read_content, words_of_pages


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """The content, opened. html: a page of our own making (clinical documents); drawn: anything else."""

    html: str | None = None
    drawn: DrawnFacts | None = None


async def look_at(
    *, signed_in: SignedIn, document: UUID, page: int, language: str, stylesheet: str, at: datetime
) -> Looked:
    """Return what the preview frame shows. Raises NotFound, Refused, Unavailable."""
    opened = await _open(signed_in, document, at, download=False)
    address = f"/documents/{document.hex}"
    shown = await show_document(
        opened,
        language=language,
        stylesheet=stylesheet,
        first=page,
        part_href=lambda index: f"{address}/pieces/{index}",
    )
    if shown.kind == "html":
        return Looked(html=shown.html)
    picture = shown.pictures[0] if shown.pictures else None
    words = await words_of_pages(opened, space=space_of(signed_in)) if picture else ()
    facts = DrawnFacts(
        address=f"{address}/apercu",
        title=open_metadata(opened.entry, keys=opened.keys).title,
        picture=picture.data if picture else None,
        media_type=picture.media_type if picture else "image/png",
        page=shown.first,
        pages=shown.pages,
        text=shown.text if shown.kind == "text" else None,
        words=words[shown.first - 1] if len(words) >= shown.first else "",
        why=shown.why,
    )
    return Looked(drawn=facts)


async def part_of(*, signed_in: SignedIn, document: UUID, index: int, at: datetime) -> bytes:
    """Return one file carried inside a clinical document, to take away. Raises NotFound."""
    return await part_of_document(await _open(signed_in, document, at, download=True), index=index)


async def _open(signed_in: SignedIn, document: UUID, at: datetime, *, download: bool) -> OpenedContent:
    return await read_content(
        actor=signed_in.actor,
        space=space_of(signed_in),
        document=document,
        account=signed_in.session.account,
        download=download,
        at=at,
    )
