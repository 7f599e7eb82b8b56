"""The person's documents with their texts opened, filtered and sorted in memory: titles are sealed in the database."""

import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from carnet.design.language import PARIS
from carnet.identity.api import SignedIn
from carnet.interfaces.portal.presenters.documents import DocumentListFacts, DocumentQuery
from carnet.interfaces.portal.presenters.facts import AuthorFacts, AuthorKind, DocumentFacts
from carnet.interfaces.portal.sources.own_space import space_of
from carnet.records.api import (
    Author,
    DocumentEntry,
    DocumentMetadata,
    Search,
    Snippet,
    list_documents,
    open_metadata,
    search_documents,
)
from carnet.records.api import DocumentQuery as RecordsQuery

PAGE_SIZE = 20
ANSWERS, MOST_ANSWERS = 50, 200
BATCH = 100
MOST = 5000
NEW_FOR = timedelta(days=14)
PERIODS = {
    "1m": timedelta(days=31),
    "6m": timedelta(days=183),
    "1a": timedelta(days=366),
    "3a": timedelta(days=1096),
}
SHOWN = ("current", "superseded", "deleted")
KINDS: dict[str, AuthorKind] = {"practitioner": "professional", "patient": "person", "device": "device"}


class OwnDocument(msgspec.Struct, frozen=True):
    """A row with its texts opened. superseded: by a version the person may know of; any other replaces nothing here."""

    entry: DocumentEntry
    metadata: DocumentMetadata
    superseded: bool = False

    @property
    def author_key(self) -> str:
        """What stands for its author in an address."""
        if self.entry.author_kind == "PATIENT":
            return "moi"
        return self.entry.author_rpps or self.entry.author_finess or author_of(self).name


async def own_documents(*, signed_in: SignedIn, at: datetime) -> tuple[OwnDocument, ...]:
    """Return every document the person may know of, newest first (at most MOST); the reading is traced by batch.

    What the person deleted themselves is gone; what its author deleted stays as a line saying so (mes.md D8).
    """
    found: list[OwnDocument] = []
    query = RecordsQuery(statuses=SHOWN, count=BATCH)
    while len(found) < MOST:
        listing = await list_documents(
            actor=signed_in.actor, space=space_of(signed_in), query=query, account=signed_in.session.account, at=at
        )
        found += [OwnDocument(entry, open_metadata(entry, keys=listing.keys)) for entry in listing.entries]
        if not listing.more:
            break
        last = listing.entries[-1]
        query = msgspec.structs.replace(query, after=(last.document_date, last.document_id))
    newest: dict[UUID, int] = {}
    for one in found:
        newest[one.entry.logical_id] = max(one.entry.version, newest.get(one.entry.logical_id, 0))
    return tuple(
        msgspec.structs.replace(one, superseded=one.entry.version < newest[one.entry.logical_id])
        for one in found
        if one.entry.status != "deleted" or one.entry.author_kind != "PATIENT"
    )


async def gather_documents(*, signed_in: SignedIn, query: DocumentQuery, at: datetime) -> DocumentListFacts:
    """Return one page of what matches `query`, with counts and authors over the whole space."""
    everything = await own_documents(signed_in=signed_in, at=at)
    current = [one for one in everything if not one.superseded]
    counts: dict[str, int] = {}
    authors: dict[str, str] = {}
    for one in current:
        counts[one.entry.category] = counts.get(one.entry.category, 0) + 1
        if one.author_key != "moi":
            authors[one.author_key] = author_of(one).name
    inside = await _inside(signed_in, query.words, at) if query.words else {}
    matching = _sorted([one for one in current if _matches(one, query, at, inside)], query.sort)
    first = (query.page - 1) * PAGE_SIZE
    return DocumentListFacts(
        documents=tuple(
            to_facts(one, at=at, snippet=inside.get(one.entry.document_id))
            for one in matching[first : first + PAGE_SIZE]
        ),
        total=len(matching),
        pages=-(-len(matching) // PAGE_SIZE),
        counts=counts,
        authors=tuple(sorted(authors.items(), key=lambda pair: plain(pair[1]))),
        with_own=any(one.author_key == "moi" for one in current),
        now=at,
    )


async def _inside(signed_in: SignedIn, words: str, at: datetime) -> dict[UUID, Snippet | None]:
    """Return the documents whose title or text answers, with the words around what was found."""
    found: dict[UUID, Snippet | None] = {}
    within = RecordsQuery(statuses=("current", "superseded"))
    for page in range(1, MOST_ANSWERS // ANSWERS + 1):
        search = Search(words=words, within=within, page=page, count=ANSWERS)
        result = await search_documents(actor=signed_in.actor, space=space_of(signed_in), search=search, at=at)
        found |= {hit.entry.document_id: hit.snippet for hit in result.hits}
        if not result.more:
            break
    return found


def to_facts(one: OwnDocument, *, at: datetime, snippet: Snippet | None = None) -> DocumentFacts:
    """Return what pages show of a document. snippet: words inside it that were looked for."""
    entry = one.entry
    return DocumentFacts(
        id=entry.document_id.hex,
        title=one.metadata.title,
        category=entry.category,
        about=entry.document_date.astimezone(PARIS).date(),
        added_at=entry.received_at,
        author=author_of(one),
        unread=entry.is_new,
        new=entry.is_new and at - entry.received_at < NEW_FOR,
        masked=entry.masque_ps,
        hidden_from_representatives=entry.invisible_representants,
        superseded=one.superseded,
        deleted=entry.status == "deleted",
        mine=entry.author_kind == "PATIENT",
        unscanned=entry.scanned == "not-scanned" and entry.active_content,
        found=tuple((piece.text, piece.hit) for piece in snippet.pieces) if snippet else (),
        found_page=snippet.page if snippet else None,
    )


def author_of(one: OwnDocument) -> AuthorFacts:
    """Return the first author in the words of pages."""
    if one.entry.author_kind == "PATIENT":
        return AuthorFacts(kind="person", name="")
    author = one.metadata.authors[0] if one.metadata.authors else Author(kind="organisation")
    organisation = author.organisation_name or ""
    name = author.display or organisation
    return AuthorFacts(
        kind=KINDS.get(author.kind, "organisation"),
        name=name,
        profession=profession_code(author),
        organisation=organisation if organisation != name else "",
    )


def profession_code(author: Author) -> str:
    """Return the TRE_G15 code of an author's role ("10", "G15_10", "G15_10/SM54"), empty when there is none."""
    return author.role.code.split("/")[0].removeprefix("G15_") if author.role else ""


def plain(text: str) -> str:
    """Return `text` without accents and case, so that people find what they meant."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _matches(one: OwnDocument, query: DocumentQuery, at: datetime, inside: Mapping[UUID, object]) -> bool:
    if query.category and one.entry.category != query.category:
        return False
    if query.author and one.author_key != query.author:
        return False
    if query.unread and not one.entry.is_new:
        return False
    if query.period and one.entry.document_date < at - PERIODS.get(query.period, timedelta.max):
        return False
    if one.entry.document_id in inside:
        return True
    author = author_of(one)
    text = plain(f"{one.metadata.title} {author.name} {author.organisation}")
    return all(word in text for word in plain(query.words).split())


def _sorted(found: list[OwnDocument], sort: str) -> list[OwnDocument]:
    if sort == "titre":
        return sorted(found, key=lambda one: (plain(one.metadata.title), one.entry.document_id))
    if sort == "ajout":
        return sorted(found, key=lambda one: (one.entry.received_at, one.entry.document_id), reverse=True)
    return found
