"""What the file's page asks of the records: the list, what is new since the last visit, or the words looked for."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from msgspec.structs import replace

from carnet.design.language import Language
from carnet.design.vocabulary import CATEGORIES
from carnet.interfaces.pro.asking import Asked, OpenFile
from carnet.interfaces.pro.presenters.documents import (
    LONGEST_WORDS,
    MOST_OF_A_KIND,
    PERIODS,
    VIEWS,
    Line,
    ListFacts,
    ListQuery,
    author_words,
    type_words,
    window_of,
)
from carnet.records.api import (
    DeskPreferences,
    DocumentEntry,
    DocumentMetadata,
    DocumentQuery,
    Search,
    list_together,
    open_metadata,
    search_documents,
)

AT_A_TIME: Final = 50
BY_KIND: Final = 100
FRESH: Final = 6
HITS: Final = 20
LAST_PAGE: Final = 40
_PLACE: Final = re.compile(r"(\d{1,17})-([0-9a-f]{32})", re.ASCII)
_NUMBER: Final = re.compile(r"[1-9][0-9]?", re.ASCII)
_MICROSECOND: Final = timedelta(microseconds=1)
_FIRST: Final = datetime(1880, 1, 1, tzinfo=UTC)


def asked_list(request: Asked) -> ListQuery:
    """Return what the address asks for; what it does not know is as if it were not there."""
    given = request.query_params
    category, period, view = given.get("categorie", ""), given.get("periode", ""), given.get("vue", "")
    page = given.get("page", "")
    return ListQuery(
        category=category if category in CATEGORIES else "",
        period=period if period in PERIODS else "",
        view=view if view in VIEWS else "",
        words=" ".join(given.get("q", "")[:LONGEST_WORDS].split()),
        versions=given.get("versions") == "1",
        new=given.get("nouveaux") == "1",
        after=given.get("apres", "")[:60],
        page=min(int(page), LAST_PAGE) if _NUMBER.fullmatch(page) else 1,
    )


async def gather_list(
    opened: OpenFile,
    query: ListQuery,
    language: Language,
    *,
    since: datetime | None = None,
    desk: DeskPreferences | None = None,
) -> ListFacts:
    """Return what this professional may know of, for one page; the reading is journalled. Raises Refused.

    since: when their visit before this one ended. desk: what they want first.
    """
    desk = desk or DeskPreferences()
    asked = DocumentQuery(
        statuses=("current", "superseded") if query.versions else ("current",),
        categories=(query.category,) if query.category else (),
        date_from=window_of(query.period, opened.at),
        received_from=since if query.new else None,
        after=_place(query.after),
        count=BY_KIND if query.by_kind else AT_A_TIME,
    )
    if query.words:
        return await _search(opened, query, asked, language, desk)
    new = DocumentQuery(statuses=("current",), received_from=since, order="-received", count=FRESH)
    newest = (new,) if since is not None and query.bare else ()
    together = await list_together(
        actor=opened.actor,
        space=opened.space,
        lists=(_one_more(asked), *newest),
        counts=(_all(asked), *newest),
        showing=lambda lists: _on_page(query, asked, lists),
        at=opened.at,
    )
    kept = together.lists[0][: asked.count]
    more = len(together.lists[0]) > asked.count
    opened_lines = {
        one.document_id: Line(one, open_metadata(one, keys=together.keys)) for one in together.named.values()
    }
    fresh = together.lists[1] if newest else []
    return ListFacts(
        lines=tuple(opened_lines[one.document_id] for one in kept),
        total=together.counts[0],
        next=_written(*asked.place_of(kept[-1])) if more else "",
        since=since,
        fresh=tuple(opened_lines[one.document_id] for one in fresh),
        fresh_total=together.counts[1] if newest else 0,
        first=desk.first_categories,
    )


async def _search(
    opened: OpenFile, query: ListQuery, within: DocumentQuery, language: Language, desk: DeskPreferences
) -> ListFacts:
    def also(entry: DocumentEntry, metadata: DocumentMetadata) -> tuple[str, ...]:
        names = [f"{one.display} {one.organisation_name or ''}" for one in metadata.authors]
        return (type_words(entry, metadata, language), author_words(metadata, entry, language), *names)

    search = Search(words=query.words, within=within, page=query.page, count=HITS)
    found = await search_documents(actor=opened.actor, space=opened.space, search=search, also=also, at=opened.at)
    return ListFacts(
        lines=(),
        hits=found.hits,
        total=found.total,
        wordless=found.wordless,
        next=str(query.page + 1) if found.more else "",
        first=desk.first_categories,
    )


def _on_page(query: ListQuery, asked: DocumentQuery, lists: Sequence[list[DocumentEntry]]) -> list[DocumentEntry]:
    """What is on the page, what is new first: the receipt of what was shown says no more than that."""
    main, *fresh = lists
    main, seen = main[: asked.count], Counter[str]()
    if query.by_kind:
        main = [one for one in main if _nth(seen, one.category) <= MOST_OF_A_KIND]
    return [*(one for entries in fresh for one in entries), *main]


def _nth(seen: Counter[str], kind: str) -> int:
    seen[kind] += 1
    return seen[kind]


def _one_more(query: DocumentQuery) -> DocumentQuery:
    """One row more than shown tells whether more follow."""
    return replace(query, count=query.count + 1)


def _all(query: DocumentQuery) -> DocumentQuery:
    return replace(query, after=None)


def _written(at: datetime, document: UUID) -> str:
    return f"{(at - _FIRST) // _MICROSECOND}-{document.hex}"


def _place(text: str) -> tuple[datetime, UUID] | None:
    found = _PLACE.fullmatch(text)
    return (_FIRST + int(found[1]) * _MICROSECOND, UUID(hex=found[2])) if found else None
