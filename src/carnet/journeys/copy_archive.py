"""The copy of a space as one archive, made while it is sent: a page of documents in memory, never more.

Originals, pages of clinical documents that open offline, an index in French and English, the documents as FHIR, the
journal with its proofs, identity, settings and access. Everything comes through the gate as the person would see it at
this moment: what is withheld from them is not there. No summary of facts (IPS): none is taken out of documents yet.
"""

import asyncio
import re
import unicodedata
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from carnet.access.api import Need, access_lines, look_in
from carnet.design.language import PARIS, Language
from carnet.formats import cda
from carnet.formats.kinds import MEDIA_TYPES, ContentKind, identify
from carnet.formats.zip_stream import ZipStream
from carnet.infra import clock
from carnet.infra.db import work
from carnet.journal.api import PROGRAM
from carnet.journeys.copy_words import INDEX, STYLE, Entry, Line, page_end, page_head, row, table_head
from carnet.kernel.actors import Actor
from carnet.kernel.errors import Invalid
from carnet.kernel.ids import SpaceId
from carnet.records.api import CopyPage, DocumentEntry, copy_pages, open_metadata, open_resource
from carnet.spaces.api import view_in

JournalOf = Callable[[Actor, UUID, Language, datetime], AsyncIterator[bytes]]
Progress = Callable[[int, int], Awaitable[None]]
EXTENSIONS = {
    "application/pdf": "pdf",
    "text/xml": "xml",
    "application/xml": "xml",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/tiff": "tif",
    "text/plain": "txt",
    "application/rtf": "rtf",
    "text/rtf": "rtf",
}
_XML = frozenset({"text/xml", "application/xml"})
_UNFIT = re.compile(r"[^A-Za-z0-9]+")
_LONGEST = 60


class Copy(msgspec.Struct, frozen=True, kw_only=True):
    """What a copy is made for. actor: its person, as they proved themselves when they asked."""

    actor: Actor
    space: SpaceId
    account: UUID
    languages: tuple[Language, ...]
    journal: JournalOf
    at: datetime


async def archive(copy: Copy, *, progress: Progress) -> AsyncIterator[bytes]:
    """Yield the archive. languages: the person's own first. progress: told (done, total) documents.

    Raises Refused (closed meanwhile), Unavailable.
    """
    zip_, readable = ZipStream(), set[UUID]()
    done, total = 0, 0
    async for page in _pages(copy):
        total = page.total if page.total is not None else total
        for entry in page.entries:
            async for piece in _document(zip_, page, entry, copy, readable):
                yield piece
            done += 1
        await progress(done, total)
    for name, make in _parts(copy, readable):
        async for piece in zip_.add(name, make, at=_clock(copy.at)):
            yield piece
    for name, content in _fixed():
        for piece in zip_.add_whole(name, content, at=_clock(copy.at)):
            yield piece
    yield zip_.end()


def _pages(copy: Copy) -> AsyncIterator[CopyPage]:
    return copy_pages(actor=copy.actor, space=copy.space, until=copy.at)


async def _document(
    zip_: ZipStream, page: CopyPage, entry: DocumentEntry, copy: Copy, readable: set[UUID]
) -> AsyncIterator[bytes]:
    """Add one document; a clinical one also as pages of ours, with the files it carries."""
    stem, at = _stem(page, entry), _clock(entry.document_date)
    if entry.content_type not in _XML:
        async for piece in zip_.add(f"documents/{_file(stem, entry)}", page.content(entry), at=at):
            yield piece
        return
    data = b"".join([piece async for piece in page.content(entry)])
    for piece in zip_.add_whole(f"documents/{_file(stem, entry)}", data, at=at):
        yield piece
    made = await asyncio.to_thread(lambda: list(_readable(data, stem, copy.languages[0].code)))
    for name, content in made:
        readable.add(entry.document_id)
        for piece in zip_.add_whole(f"lisible/{name}", content, at=at):
            yield piece


def _readable(data: bytes, stem: str, language: str) -> Iterator[tuple[str, bytes]]:
    if identify(data) is not ContentKind.CDA:
        return
    try:
        document = cda.read(data)
    except Invalid:
        return
    names: dict[int, str] = {}
    for index, part in enumerate(document.parts):
        try:
            content = part.content()
        except Invalid:
            continue
        kind = MEDIA_TYPES.get(identify(content), "")
        names[index] = f"{stem}-{index + 1}.{EXTENSIONS.get(kind, 'bin')}"
        yield names[index], content
    html = cda.render_html(
        document, language=language, stylesheet_href="cda.css", part_href=lambda index: names.get(index, "")
    )
    yield f"{stem}.html", html.encode()


def _parts(copy: Copy, readable: set[UUID]) -> Iterator[tuple[str, AsyncIterator[bytes]]]:
    for language in copy.languages:
        yield INDEX[language.code], _index(copy, language, readable)
    yield "fhir/documents.json", _bundle(copy)
    yield "donnees/espace.json", _space(copy)
    yield "journal/journal.json", copy.journal(copy.actor, copy.account, copy.languages[0], copy.at)


def _fixed() -> Iterator[tuple[str, bytes]]:
    yield "style.css", STYLE.encode()
    yield "lisible/cda.css", cda.STYLESHEET.read_bytes()
    yield "journal/verify_journal.py", PROGRAM.read_bytes()


async def _index(copy: Copy, language: Language, readable: set[UUID]) -> AsyncIterator[bytes]:
    facts, some = await _known(copy), False
    yield page_head(language, made=language.moment(copy.at), whose=facts["person"]["name"])
    async for page in _pages(copy):
        if page.entries and not some:
            some = True
            yield table_head(language)
        yield b"".join(row(language, _line(page, one, language, readable)) for one in page.entries)
    access = tuple(
        Entry(name=one["name"] or one["identifier"], effect=one["effect"], since=language.long_date(one["starts_at"]))
        for one in facts["access"]
    )
    for piece in page_end(language, any_document=some, access=access):
        yield piece


def _line(page: CopyPage, entry: DocumentEntry, language: Language, readable: set[UUID]) -> Line:
    said, stem = open_metadata(entry, keys=page.keys), _stem(page, entry)
    return Line(
        day=language.long_date(entry.document_date),
        title=said.title,
        author=next((one.organisation_name or one.family_name or "" for one in said.authors), ""),
        original=f"documents/{_file(stem, entry)}",
        readable=f"lisible/{stem}.html" if entry.document_id in readable else "",
        former=entry.status != "current",
    )


async def _bundle(copy: Copy) -> AsyncIterator[bytes]:
    """The documents as one FHIR R4 Bundle (collection); each attachment's url is the file of the copy."""
    yield b'{"resourceType":"Bundle","type":"collection","entry":['
    first = True
    async for page in _pages(copy):
        for entry in page.entries:
            resource: dict[str, Any] = msgspec.json.decode(open_resource(entry, keys=page.keys))
            for content in resource.get("content", ()):
                content.get("attachment", {})["url"] = f"../documents/{_file(_stem(page, entry), entry)}"
            line = {"fullUrl": f"urn:uuid:{entry.document_id}", "resource": resource}
            yield (b"\n" if first else b",\n") + msgspec.json.encode(line)
            first = False
    yield b"]}\n"


async def _space(copy: Copy) -> AsyncIterator[bytes]:
    yield msgspec.json.format(msgspec.json.encode(await _known(copy))) + b"\n"


async def _known(copy: Copy) -> dict[str, Any]:
    """Return identity, settings and access list, as the person may see them."""
    async with work(space=copy.space, at=clock.now()) as w:
        (await look_in(w, actor=copy.actor)).decide(Need.LIST).raise_if_refused()
        view, lines = await view_in(w), await access_lines(w)
    return {
        "person": {"name": view.person.display_name, "ins": view.person.ins, "traits": view.person.traits},
        "email": view.contact.email,
        "settings": view.settings,
        "opened_at": view.opened_at,
        "access": [msgspec.structs.asdict(one) for one in lines],
    }


def _stem(page: CopyPage, entry: DocumentEntry) -> str:
    """Return a file name without extension: the same in every pass, tame on every system, telling what it is."""
    title = open_metadata(entry, keys=page.keys).title
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    words = _UNFIT.sub("-", plain)[:_LONGEST].strip("-") or "document"
    return f"{entry.document_date.astimezone(PARIS):%Y-%m-%d}-{words}-{entry.document_id.hex[-8:]}"


def _file(stem: str, entry: DocumentEntry) -> str:
    return f"{stem}.{EXTENSIONS.get(entry.content_type, 'bin')}"


def _clock(at: datetime) -> datetime:
    return at.astimezone(PARIS)
