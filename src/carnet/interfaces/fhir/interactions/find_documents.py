"""ITI-67 Find Document References, by GET and by POST …/_search. IHE MHD 4.2 §2:3.67.

What the reader may not know of is left out before the query; counts, totals and links are made of the rest only.
"""

from datetime import datetime

from litestar.types import ASGIApp

from carnet.infra import clock
from carnet.infra.installation import current
from carnet.interfaces.fhir import reply
from carnet.interfaces.fhir.errors import malformed
from carnet.interfaces.fhir.interaction import AnyRequest, Site, searches
from carnet.interfaces.fhir.negotiation import check_acceptable, language_of, preference
from carnet.interfaces.fhir.scopes import actor_with_scope
from carnet.interfaces.fhir.search.cursor import DocumentPage, open_page
from carnet.interfaces.fhir.search.documents import at_place, matching_of, only_space_of_ids, page_of
from carnet.interfaces.fhir.search.links import next_link, self_link
from carnet.interfaces.fhir.search.pages import searchset
from carnet.interfaces.fhir.search.parameters import CURSOR, DOCUMENTS, SUMMARIES, TOTALS
from carnet.interfaces.fhir.search.reading import Asked, Subject, chosen, pairs_of, read, subject_of
from carnet.interfaces.fhir.search.space import space_of
from carnet.journal.api import Act
from carnet.kernel.actors import Actor
from carnet.kernel.ids import SpaceId, routable
from carnet.records.api import ResourceEntry, Resources, Texts, list_documents, list_resources, open_resource


async def answer(request: AnyRequest, site: Site) -> ASGIApp:
    """Return one page of the search as a searchset, or its count."""
    at = clock.now()
    check_acceptable(request)
    actor = await actor_with_scope(request, resource="DocumentReference", letter="s", act=Act.LIST_DOCUMENTS, at=at)
    strict = preference(request, "handling") == "strict"
    asked = read(await pairs_of(request), known=DOCUMENTS, strict=strict)
    page = await _page(asked, actor=actor, at=at)
    only_count = chosen(asked, "_summary", among=SUMMARIES) == "count" or asked.one("_count") == "0"
    counted = chosen(asked, "_total", among=TOTALS) in {"accurate", "estimate"}
    listing = await _found(page, actor=actor, with_total=only_count or counted, at=at)
    links = [self_link("DocumentReference", asked, space=page.space)]
    if only_count:
        return reply.fhir(searchset((), site=site, links=links, total=listing.total))
    if listing.more:
        links.append(next_link("DocumentReference", at_place(page, listing.entries[-1]), actor=actor))
    whole = not listing.more and page.query.after is None
    body = searchset(
        _entries(page, listing),
        site=site,
        links=links,
        total=len(listing.entries) if whole else listing.total,
        warnings=asked.warnings,
        language=language_of(request),
    )
    return reply.fhir(body)


async def _found(page: DocumentPage, *, actor: Actor, with_total: bool, at: datetime) -> Resources:
    space, matching = SpaceId(page.space), matching_of(page)
    if matching is None:
        return await list_resources(actor=actor, space=space, query=page.query, with_total=with_total, at=at)
    found = await list_documents(
        actor=actor, space=space, query=page.query, matching=matching, texts=Texts.BOTH, with_total=with_total, at=at
    )
    return Resources(
        entries=[ResourceEntry(one.document_id, one.document_date, one.received_at, b"") for one in found.entries],
        resources=[open_resource(one, keys=found.keys) for one in found.entries],
        more=found.more,
        total=found.total,
    )


def _entries(page: DocumentPage, listing: Resources) -> list[tuple[str, bytes]]:
    space = SpaceId(page.space)
    return [
        (f"DocumentReference/{routable(space, entry.document_id)}", resource)
        for entry, resource in zip(listing.entries, listing.resources, strict=True)
    ]


async def _page(asked: Asked, *, actor: Actor, at: datetime) -> DocumentPage:
    if asked.cursor is not None:
        page = open_page(asked.cursor, actor=actor)
        if not isinstance(page, DocumentPage):
            raise malformed("cursor-unknown", "Ce lien mène ailleurs.", "This link leads elsewhere.", CURSOR)
        return page
    subject = subject_of(asked, accepted_oids=current().limits.accepted_ins_oids)
    if subject == Subject() and "_id" in asked.values:
        subject = Subject(space=only_space_of_ids(asked))
    return page_of(asked, space=await space_of(subject, actor=actor, act=Act.LIST_DOCUMENTS, at=at))


SEARCHES = searches(
    "DocumentReference",
    answer=answer,
    documentation="ITI-67: documents of one person, newest first unless sorted. Pages are followed by their link.",
)
