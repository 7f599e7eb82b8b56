"""The list of documents. htmx asks for the same page and keeps its results: one handler, with or without JavaScript."""

from litestar import Response, get

from carnet.design.door import Asked
from carnet.infra import clock
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.portal.page import show
from carnet.interfaces.portal.presenters.documents import PERIODS, SORTS, DocumentQuery, present_documents
from carnet.interfaces.portal.setting import language_of
from carnet.interfaces.portal.sources.documents import gather_documents
from carnet.journeys.api import signed_in

MOST_PAGES = 10_000
LONGEST = 100


@get("/documents", **open_to(Audience.PERSON, Audience.DELEGATE))
async def documents(request: Asked) -> Response[str]:
    """Show the documents that match what the address asks."""
    query = read_query(request)
    facts = await gather_documents(signed_in=signed_in(request), query=query, at=clock.now())
    page = present_documents(language=language_of(request), facts=facts, query=query)
    return await show(request, "documents.html", page, current="documents")


def read_query(request: Asked) -> DocumentQuery:
    """Return what the address asks; anything unknown is left out."""
    asked = {name: value[:LONGEST] for name, value in request.query_params.items()}
    sort, period = asked.get("tri", ""), asked.get("periode", "")
    return DocumentQuery(
        category=asked.get("categorie", ""),
        author=asked.get("auteur", ""),
        period=period if period in PERIODS else "",
        unread=asked.get("non_lus") == "1",
        sort=sort if sort in SORTS else "date",
        words=asked.get("q", "").strip(),
        page=read_page(asked.get("page", "")),
    )


def read_page(text: str) -> int:
    """Return the page number written in an address, 1 when it is none."""
    return min(max(int(text), 1), MOST_PAGES) if text.isdecimal() and len(text) < 6 else 1  # noqa: PLR2004 - digits
