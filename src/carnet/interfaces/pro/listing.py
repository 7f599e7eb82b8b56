"""What the list asks of the records, and the words it filters by once titles are opened (they are sealed at rest)."""

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from carnet.design.language import Language
from carnet.design.vocabulary import CATEGORIES
from carnet.interfaces.pro.asking import Asked, OpenFile
from carnet.interfaces.pro.presenters.documents import (
    LONGEST_WORDS,
    PERIODS,
    Line,
    ListFacts,
    ListQuery,
    author_words,
    type_words,
    window_of,
)
from carnet.records.api import DocumentEntry, DocumentMetadata, DocumentQuery, list_documents, open_metadata

AT_A_TIME: Final = 50
_PLACE: Final = re.compile(r"(\d{1,17})-([0-9a-f]{32})", re.ASCII)
_MICROSECOND: Final = timedelta(microseconds=1)
_FIRST: Final = datetime(1880, 1, 1, tzinfo=UTC)


def asked_list(request: Asked) -> ListQuery:
    """Return what the address asks for; what it does not know is as if it were not there."""
    given = request.query_params
    category, period = given.get("categorie", ""), given.get("periode", "")
    return ListQuery(
        category=category if category in CATEGORIES else "",
        period=period if period in PERIODS else "",
        words=" ".join(given.get("q", "")[:LONGEST_WORDS].split()),
        versions=given.get("versions") == "1",
        after=given.get("apres", "")[:60],
    )


async def gather_list(opened: OpenFile, query: ListQuery, language: Language) -> ListFacts:
    """Return one page of the documents this professional may know of; the reading is journalled. Raises Refused."""
    asked = DocumentQuery(
        statuses=("current", "superseded") if query.versions else ("current",),
        categories=(query.category,) if query.category else (),
        date_from=window_of(query.period, opened.at),
        after=_place(query.after),
        count=AT_A_TIME,
    )
    wanted = [_plain(word) for word in query.words.split()]

    def matching(entry: DocumentEntry, metadata: DocumentMetadata) -> bool:
        return says(entry, metadata, wanted, language)

    found = await list_documents(
        actor=opened.actor,
        space=opened.space,
        query=asked,
        with_total=True,
        matching=matching if wanted else None,
        at=opened.at,
    )
    lines = tuple(Line(entry, open_metadata(entry, keys=found.keys)) for entry in found.entries)
    last = found.entries[-1] if found.more else None
    return ListFacts(lines=lines, total=found.total or 0, next=_written(*asked.place_of(last)) if last else "")


def says(entry: DocumentEntry, metadata: DocumentMetadata, wanted: list[str], language: Language) -> bool:
    """Tell whether every wanted word is in the title, the kind or the authors, accents and case forgiven."""
    names = [f"{one.display} {one.organisation_name or ''}" for one in metadata.authors]
    kind, author = type_words(entry, metadata, language), author_words(metadata, entry, language)
    text = _plain(" ".join((metadata.title, kind, author, *names)))
    return all(word in text for word in wanted)


def _plain(text: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(one))


def _written(at: datetime, document: UUID) -> str:
    return f"{(at - _FIRST) // _MICROSECOND}-{document.hex}"


def _place(text: str) -> tuple[datetime, UUID] | None:
    found = _PLACE.fullmatch(text)
    return (_FIRST + int(found[1]) * _MICROSECOND, UUID(hex=found[2])) if found else None
