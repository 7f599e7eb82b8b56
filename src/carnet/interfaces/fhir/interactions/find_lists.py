"""ITI-66 Find Document Lists: submission sets that hold at least one document the reader may know of.

IHE MHD 4.2 §2:3.66. Entries are added for this reader: a set never names a hidden document.
"""

from datetime import datetime
from uuid import UUID

import msgspec
from litestar.types import ASGIApp

from carnet.infra import clock
from carnet.infra.installation import current
from carnet.interfaces.fhir import reply
from carnet.interfaces.fhir.errors import malformed
from carnet.interfaces.fhir.interaction import AnyRequest, Site, searches
from carnet.interfaces.fhir.negotiation import check_acceptable, language_of, preference
from carnet.interfaces.fhir.resources.people import finess_of
from carnet.interfaces.fhir.scopes import actor_with_scope
from carnet.interfaces.fhir.search.cursor import ListPage, open_page
from carnet.interfaces.fhir.search.documents import only_space_of_ids
from carnet.interfaces.fhir.search.links import next_link, self_link
from carnet.interfaces.fhir.search.pages import searchset
from carnet.interfaces.fhir.search.parameters import CURSOR, LIST_RESULT, LISTS, SUMMARIES, TOTALS
from carnet.interfaces.fhir.search.reading import Asked, Subject, chosen, codes_of, count_of, pairs_of, read, subject_of
from carnet.interfaces.fhir.search.space import space_of
from carnet.interfaces.fhir.search.values import IMPOSSIBLE, Range, date_range
from carnet.journal.api import Act
from carnet.kernel.actors import Actor
from carnet.kernel.ids import SpaceId, parse_routable, routable
from carnet.records.api import MAX_COUNT, SubmissionQuery, list_submissions, unique_id_digest

_NOBODY = UUID(int=0)


async def answer(request: AnyRequest, site: Site) -> ASGIApp:
    """Return one page of submission sets, newest first."""
    at = clock.now()
    check_acceptable(request)
    actor = await actor_with_scope(request, resource="List", letter="s", act=Act.LIST_SUBMISSIONS, at=at)
    strict = preference(request, "handling") == "strict"
    asked = read(await pairs_of(request), known=LISTS, strict=strict, result=LIST_RESULT)
    page = await _page(asked, actor=actor, at=at)
    space = SpaceId(page.space)
    found = await list_submissions(actor=actor, space=space, query=page.query, at=at)
    only_count = page.query.total and page.query.count == 0
    sets = () if only_count else found.sets
    entries = [(f"List/{routable(space, one.set_id)}", one.resource) for one in sets]
    links = [self_link("List", asked, space=page.space)]
    if found.more and not only_count:
        query = msgspec.structs.replace(page.query, after=(sets[-1].submitted_at, sets[-1].set_id))
        links.append(next_link("List", msgspec.structs.replace(page, query=query), actor=actor))
    known = None if found.more or page.query.after else len(entries)
    total = found.total if found.total is not None else known
    body = searchset(
        entries, site=site, links=links, total=total, warnings=asked.warnings, language=language_of(request)
    )
    return reply.fhir(body)


async def _page(asked: Asked, *, actor: Actor, at: datetime) -> ListPage:
    if asked.cursor is not None:
        page = open_page(asked.cursor, actor=actor)
        if not isinstance(page, ListPage):
            raise malformed("cursor-unknown", "Ce lien mène ailleurs.", "This link leads elsewhere.", CURSOR)
        return page
    subject = subject_of(asked, accepted_oids=current().limits.accepted_ins_oids)
    if subject == Subject() and "_id" in asked.values:
        subject = Subject(space=only_space_of_ids(asked))
    space = await space_of(subject, actor=actor, act=Act.LIST_SUBMISSIONS, at=at)
    return ListPage(space=space, query=_query(asked, space=space))


def _query(asked: Asked, *, space: SpaceId) -> SubmissionQuery:
    only_count = chosen(asked, "_summary", among=SUMMARIES) == "count" or asked.one("_count") == "0"
    allowed = Range()
    for text in asked.values.get("date", []):
        allowed = allowed.also(date_range(text, name="date"))
    return SubmissionQuery(
        ids=_ids(asked, space=space),
        unique_ids=tuple(unique_id_digest(space, code) for code in codes_of(asked, "identifier")),
        sources=tuple(finess_of(code) or IMPOSSIBLE for code in codes_of(asked, "source.identifier")),
        submitted_from=allowed.start,
        submitted_to=allowed.end,
        count=0 if only_count else count_of(asked, most=MAX_COUNT),
        total=only_count or chosen(asked, "_total", among=TOTALS) in {"accurate", "estimate"},
    )


def _ids(asked: Asked, *, space: SpaceId) -> tuple[UUID, ...]:
    """What no set can be is asked for as a set nobody has, so that the right to search is still asked for."""
    kinds, statuses = set(codes_of(asked, "code")), set(codes_of(asked, "status"))
    if (kinds and "submissionset" not in kinds) or (statuses and "current" not in statuses):
        return (_NOBODY,)
    parsed = [parse_routable(code) for code in codes_of(asked, "_id")]
    own = tuple(one[1] for one in parsed if one is not None and one[0] == space)
    return own or ((_NOBODY,) if parsed else ())


SEARCHES = searches(
    "List",
    answer=answer,
    documentation="ITI-66: submission sets of one person, newest first. Pages are followed by their link.",
)
