"""The person's documents with their texts opened, filtered and sorted in memory: titles are sealed in the database."""

import unicodedata
from collections.abc import Sequence
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
    matching = _sorted([one for one in current if _fits(one, query, at)], query.sort)
    inside: dict[UUID, Snippet | None] = {}
    if query.words:
        matching, inside = await _answering(signed_in, query, matching, at)
    return DocumentListFacts(
        documents=tuple(
            to_facts(one, at=at, snippet=inside.get(one.entry.document_id)) for one in _page(matching, query)
        ),
        total=len(matching),
        pages=-(-len(matching) // PAGE_SIZE),
        counts=counts,
        authors=tuple(sorted(authors.items(), key=lambda pair: plain(pair[1]))),
        with_own=any(one.author_key == "moi" for one in current),
        now=at,
    )


async def _answering(
    signed_in: SignedIn, query: DocumentQuery, among: Sequence[OwnDocument], at: datetime
) -> tuple[list[OwnDocument], dict[UUID, Snippet | None]]:
    """Return those whose title, author or text answers, in their order, and the words found inside those of the page.

    One search, whatever the page: all that answers is known before the page's own words are opened.
    """
    answering: list[OwnDocument] = []

    def choosing(found: Sequence[UUID]) -> list[UUID]:
        inside = frozenset(found)
        answering.extend(one for one in among if one.entry.document_id in inside or _named_so(one, query.words))
        return [one.entry.document_id for one in _page(answering, query)]

    search = Search(words=query.words, within=RecordsQuery(statuses=("current", "superseded")))
    result = await search_documents(
        actor=signed_in.actor, space=space_of(signed_in), search=search, choosing=choosing, at=at
    )
    return answering, {hit.entry.document_id: hit.snippet for hit in result.hits}


def _page(matching: Sequence[OwnDocument], query: DocumentQuery) -> Sequence[OwnDocument]:
    first = (query.page - 1) * PAGE_SIZE
    return matching[first : first + PAGE_SIZE]


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
        carried=entry.carried,
        archived=one.metadata.archived,
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


def _fits(one: OwnDocument, query: DocumentQuery, at: datetime) -> bool:
    """Tell whether the filters let it through."""
    if query.category and one.entry.category != query.category:
        return False
    if query.author and one.author_key != query.author:
        return False
    if query.unread and not one.entry.is_new:
        return False
    return not query.period or one.entry.document_date >= at - PERIODS.get(query.period, timedelta.max)


def _named_so(one: OwnDocument, words: str) -> bool:
    """Tell whether each word, or the beginning of one being typed, is in its title or its author's name."""
    author = author_of(one)
    text = plain(f"{one.metadata.title} {author.name} {author.organisation}")
    return all(word in text for word in plain(words).split())


def _sorted(found: list[OwnDocument], sort: str) -> list[OwnDocument]:
    if sort == "titre":
        return sorted(found, key=lambda one: (plain(one.metadata.title), one.entry.document_id))
    if sort == "ajout":
        return sorted(found, key=lambda one: (one.entry.received_at, one.entry.document_id), reverse=True)
    return found
