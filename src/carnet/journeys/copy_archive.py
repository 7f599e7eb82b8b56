"""The copy of a space as one archive, made while it is sent: a page of documents in memory, never more.

Originals, pages of clinical documents that open offline, an index in French and English, the documents as FHIR, the
journal with its proofs, messages with their files, identity, settings and access. Everything comes through the gate as
the person would see it at this moment: what is withheld from them is not there. A document that cannot be read stays
out, or ends where it could not be read further, and the index says which; the rest goes on. Kept in memory: a line a
document, as the archive's own directory does.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from carnet.access.api import Need, look
from carnet.design.language import PARIS, Language
from carnet.formats import cda
from carnet.formats.kinds import EXTENSIONS, MEDIA_TYPES, ContentKind, identify
from carnet.formats.zip_stream import ZipStream
from carnet.infra import clock
from carnet.infra.blobs import BlobDamaged, BlobMissing
from carnet.infra.telemetry import log
from carnet.infra.vault import Unopenable
from carnet.journal.api import PROGRAM
from carnet.journeys.copy_agenda import AGENDA, CopiedAgenda, agenda_bundle, agenda_page
from carnet.journeys.copy_message_words import LISTS
from carnet.journeys.copy_messages import (
    CopiedMessages,
    conversation_files,
    conversation_list,
    message_bundle,
    tame,
)
from carnet.journeys.copy_space import SpaceFacts, facts_of_space
from carnet.journeys.copy_space_words import PAGES, space_page
from carnet.journeys.copy_summary import Listed, summary
from carnet.journeys.copy_words import INDEX, STYLE, Entry, Line, page_end, page_head, row, table_head, unnamed
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.errors import Invalid, NotFound
from carnet.kernel.ids import SpaceId
from carnet.notifications.api import list_notifications
from carnet.records.api import (
    CopyPage,
    DocumentEntry,
    DocumentMetadata,
    copy_pages,
    open_metadata,
    open_resource,
    read_entry,
)

JournalOf = Callable[[Actor, UUID, Language, datetime], AsyncIterator[bytes]]
Progress = Callable[[int, int], Awaitable[None]]
_NOTICES = 100
_HEARTBEAT = timedelta(seconds=20)
_XML = frozenset({"text/xml", "application/xml"})


class Copy(msgspec.Struct, frozen=True, kw_only=True):
    """What a copy is made for. actor: its person, as they proved themselves when they asked; or who represents them,
    and then every document, and every part, is decided anew right before it is written.
    """

    actor: Actor
    space: SpaceId
    account: UUID
    languages: tuple[Language, ...]
    journal: JournalOf
    at: datetime

    @property
    def mine(self) -> bool:
        """Whether it is the person's own."""
        return self.actor.kind is ActorKind.PERSON

    async def still(self) -> None:
        """Raise Refused when whoever takes it may take it no longer: their right ended, the child grew."""
        if not self.mine:
            seen = await look(actor=self.actor, space=self.space, at=clock.now())
            seen.decide(Need.MANAGE_ACCESS).raise_if_refused()

    async def shows(self, document: UUID) -> bool:
        """Tell whether a document is still to be in it, its trace durable."""
        await self.still()
        if self.mine:
            return True
        try:
            await read_entry(actor=self.actor, space=self.space, document=document, at=clock.now())
        except NotFound:  # kept from them meanwhile
            return False
        return True


class _Known(msgspec.Struct, kw_only=True):
    """What the passes learn: originals: the file of each document; readable: those with pages of ours; broken: those
    that could not be read, or not to their end.
    """

    facts: SpaceFacts
    originals: dict[UUID, str] = {}
    readable: set[UUID] = set()
    broken: set[UUID] = set()


class _Pace:
    """Tells how far the copy is; and, where a part takes long, that its worker still lives."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._said: datetime = clock.now()
        self.done = self.total = 0

    async def say(self) -> None:
        """Tell (done, total) now."""
        self._said = clock.now()
        await self._progress(self.done, self.total)

    async def beat(self) -> None:
        """Tell again when nothing was told for a while."""
        if clock.now() - self._said > _HEARTBEAT:
            await self.say()


async def archive(copy: Copy, *, progress: Progress) -> AsyncIterator[bytes]:
    """Yield the archive. languages: the person's own first. progress: told (done, total) documents, and at times in
    between.

    Raises Refused (closed meanwhile), Unavailable.
    """
    pace = _Pace(progress)
    async for piece in _pieces(copy, pace):
        yield piece
        await pace.beat()


async def _pieces(copy: Copy, pace: _Pace) -> AsyncIterator[bytes]:
    zip_, known = ZipStream(), _Known(facts=await facts_of_space(actor=copy.actor, space=copy.space))
    async for page in _pages(copy):
        pace.total = page.total if page.total is not None else pace.total
        for entry in page.entries:
            if await copy.shows(entry.document_id):
                async for piece in _document(zip_, page, entry, copy, known):
                    yield piece
            pace.done += 1
        await pace.say()
    messages = _messages(copy, known)
    async for piece in conversation_files(zip_, messages, copy.languages[0]):
        yield piece
    for name, make in _parts(copy, known, messages):
        await copy.still()
        async for piece in zip_.add(name, make, at=_clock(copy.at)):
            yield piece
    for name, content in _fixed(copy):
        for piece in zip_.add_whole(name, content, at=_clock(copy.at)):
            yield piece
    yield zip_.end()


def _pages(copy: Copy) -> AsyncIterator[CopyPage]:
    return copy_pages(actor=copy.actor, space=copy.space, until=copy.at)


async def _document(
    zip_: ZipStream, page: CopyPage, entry: DocumentEntry, copy: Copy, known: _Known
) -> AsyncIterator[bytes]:
    """Add one document; a clinical one also as pages of ours, with the files it carries."""
    stem, at = _stem(page, entry), _clock(entry.document_date)
    if _said(page, entry) is None:
        known.broken.add(entry.document_id)
    known.originals[entry.document_id] = f"documents/{_file(stem, entry)}"
    pieces = _as_far_as_it_goes(page, entry, known)
    if entry.content_type not in _XML:
        async for piece in zip_.add(f"documents/{_file(stem, entry)}", pieces, at=at):
            yield piece
        return
    data = b"".join([piece async for piece in pieces])
    for piece in zip_.add_whole(f"documents/{_file(stem, entry)}", data, at=at):
        yield piece
    made = await asyncio.to_thread(lambda: list(_readable(data, stem, copy.languages[0].code)))
    for name, content in made:
        known.readable.add(entry.document_id)
        for piece in zip_.add_whole(f"lisible/{name}", content, at=at):
            yield piece


async def _as_far_as_it_goes(page: CopyPage, entry: DocumentEntry, known: _Known) -> AsyncIterator[bytes]:
    """Yield the content; where it cannot be read further it ends, and the index will say so."""
    try:
        async for piece in page.content(entry):
            yield piece
    except (Unopenable, BlobDamaged, BlobMissing) as error:
        log.error("copy-without", document=str(entry.document_id), why=type(error).__name__)
        known.broken.add(entry.document_id)


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


def _messages(copy: Copy, known: _Known) -> CopiedMessages:
    return CopiedMessages(
        actor=copy.actor,
        space=copy.space,
        at=copy.at,
        documents=known.originals,
        readable=_readable,
        still=copy.still,
    )


def _parts(copy: Copy, known: _Known, messages: CopiedMessages) -> Iterator[tuple[str, AsyncIterator[bytes]]]:
    agenda = CopiedAgenda(actor=copy.actor, space=copy.space, at=copy.at, name=known.facts.name, mine=copy.mine)
    for language in copy.languages:
        yield INDEX[language.code], _index(copy, language, known)
        yield LISTS[language.code], conversation_list(messages, language)
        yield AGENDA[language.code], agenda_page(agenda, language)
        yield PAGES[language.code], _space_page(known, language, copy)
    yield "fhir/documents.json", _bundle(copy)
    if known.facts.named:
        yield "fhir/summary.json", _summary(copy, known)
    yield "fhir/messages.json", message_bundle(messages)
    yield "fhir/agenda.json", agenda_bundle(agenda)
    yield "donnees/espace.json", _space(known)
    if copy.mine:
        yield "donnees/avis.json", _notices(copy)
    yield "journal/journal.json", copy.journal(copy.actor, copy.account, copy.languages[0], copy.at)


def _fixed(copy: Copy) -> Iterator[tuple[str, bytes]]:
    yield "style.css", STYLE.encode()
    yield "lisible/cda.css", cda.STYLESHEET.read_bytes()
    if copy.mine:
        yield "journal/verify_journal.py", PROGRAM.read_bytes()


async def _index(copy: Copy, language: Language, known: _Known) -> AsyncIterator[bytes]:
    some = False
    facts = known.facts
    yield page_head(language, made=language.moment(copy.at), whose=facts.name, named=facts.named, mine=copy.mine)
    async for page in _pages(copy):
        if page.entries and not some:
            some = True
            yield table_head(language)
        yield b"".join(row(language, _line(page, one, language, known)) for one in page.entries)
    access = tuple(
        Entry(name=one["name"] or one["identifier"], effect=one["effect"], since=language.long_date(one["starts_at"]))
        for one in known.facts.access
    )
    for piece in page_end(language, any_document=some, access=access):
        yield piece


def _line(page: CopyPage, entry: DocumentEntry, language: Language, known: _Known) -> Line:
    said, stem = _said(page, entry), _stem(page, entry)
    return Line(
        day=language.long_date(entry.document_date),
        title=said.title if said else unnamed(language),
        author=next((one.organisation_name or one.family_name or "" for one in said.authors), "") if said else "",
        original=f"documents/{_file(stem, entry)}",
        broken=entry.document_id in known.broken,
        readable=f"lisible/{stem}.html" if entry.document_id in known.readable else "",
        former=entry.status != "current",
    )


async def _bundle(copy: Copy) -> AsyncIterator[bytes]:
    """The documents as one FHIR R4 Bundle (collection); each attachment's url is the file of the copy."""
    yield b'{"resourceType":"Bundle","type":"collection","entry":['
    first = True
    async for page in _pages(copy):
        for entry in page.entries:
            try:
                resource: dict[str, Any] = msgspec.json.decode(open_resource(entry, keys=page.keys))
            except Unopenable:  # the index says which
                continue
            for content in resource.get("content", ()):
                content.get("attachment", {})["url"] = f"../documents/{_file(_stem(page, entry), entry)}"
            line = {"fullUrl": f"urn:uuid:{entry.document_id}", "resource": resource}
            yield (b"\n" if first else b",\n") + msgspec.json.encode(line)
            first = False
    yield b"]}\n"


async def _summary(copy: Copy, known: _Known) -> AsyncIterator[bytes]:
    documents = []
    async for page in _pages(copy):
        for entry in page.entries:
            said = _said(page, entry)
            if said is not None and entry.status == "current":
                where = f"../{known.originals[entry.document_id]}" if entry.document_id in known.originals else ""
                documents.append(
                    Listed(
                        document=entry.document_id,
                        title=said.title,
                        media_type=entry.content_type,
                        file=where,
                        at=entry.document_date,
                    )
                )
    person = known.facts.person
    yield summary(
        space=copy.space,
        ins=person["ins"],
        traits=person["traits"],
        documents=documents,
        language=copy.languages[0].code,
        at=_clock(copy.at),
    )


async def _space(known: _Known) -> AsyncIterator[bytes]:
    yield msgspec.json.format(msgspec.json.encode(known.facts)) + b"\n"


async def _space_page(known: _Known, language: Language, copy: Copy) -> AsyncIterator[bytes]:
    for piece in space_page(language, known.facts.told, mine=copy.mine):
        yield piece


async def _notices(copy: Copy) -> AsyncIterator[bytes]:
    """What the person was told, newest first, by pages; those told meanwhile may push one onto the next page."""
    yield b"["
    page, seen = 1, 0
    while True:
        found = await list_notifications(actor=copy.actor, space=copy.space, page=page, count=_NOTICES, at=clock.now())
        for one in (one for one in found.items if one.created_at <= copy.at):
            yield (b",\n" if seen else b"\n") + msgspec.json.encode(one)
            seen += 1
        if len(found.items) < _NOTICES:
            break
        page += 1
    yield b"]\n"


def _stem(page: CopyPage, entry: DocumentEntry) -> str:
    """Return a file name without extension: the same in every pass, tame on every system, telling what it is."""
    said = _said(page, entry)
    words = tame(said.title) if said else "document"
    return f"{entry.document_date.astimezone(PARIS):%Y-%m-%d}-{words}-{entry.document_id.hex[-8:]}"


def _said(page: CopyPage, entry: DocumentEntry) -> DocumentMetadata | None:
    """Return what is said of a document; None when its row does not open."""
    try:
        return open_metadata(entry, keys=page.keys)
    except Unopenable:
        return None


def _file(stem: str, entry: DocumentEntry) -> str:
    return f"{stem}.{EXTENSIONS.get(entry.content_type, 'bin')}"


def _clock(at: datetime) -> datetime:
    return at.astimezone(PARIS)
