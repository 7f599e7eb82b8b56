"""A professional reads back their own lines in a space: FHIR R4 read and search on Consent. Never anybody else's."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar.types import ASGIApp

from carnet.access.api import own_consents
from carnet.infra import clock
from carnet.infra.installation import current
from carnet.infra.web.audience import Audience
from carnet.interfaces.fhir import reply
from carnet.interfaces.fhir.errors import malformed
from carnet.interfaces.fhir.interaction import AnyRequest, Interaction, Site, searches
from carnet.interfaces.fhir.interactions.read_document import address_of
from carnet.interfaces.fhir.negotiation import check_acceptable, language_of, preference
from carnet.interfaces.fhir.outcome import is_about_nobody
from carnet.interfaces.fhir.resources.consent import consent_resource
from carnet.interfaces.fhir.scopes import actor_with_scope
from carnet.interfaces.fhir.search.cursor import ConsentPage, open_page
from carnet.interfaces.fhir.search.links import next_link, self_link
from carnet.interfaces.fhir.search.pages import searchset
from carnet.interfaces.fhir.search.parameters import CONSENTS, CURSOR, PLAIN_RESULT
from carnet.interfaces.fhir.search.reading import Asked, codes_of, count_of, only_counted, pairs_of, read, subject_of
from carnet.interfaces.fhir.search.space import space_of
from carnet.journal.api import Act
from carnet.kernel.actors import Actor
from carnet.kernel.errors import NotFound, Refused
from carnet.kernel.ids import SpaceId
from carnet.records.api import MAX_COUNT


async def answer(request: AnyRequest, site: Site) -> ASGIApp:
    """Return a searchset of the professional's own lines, newest first."""
    at = clock.now()
    check_acceptable(request)
    actor = await actor_with_scope(request, resource="Consent", letter="s", act=Act.FIND_PATIENT, at=at)
    strict = preference(request, "handling") == "strict"
    asked = read(await pairs_of(request), known=CONSENTS, strict=strict, result=PLAIN_RESULT)
    only_count = only_counted(asked)
    page = await _page(asked, actor=actor, at=at)
    space = SpaceId(page.space)
    own = await _own(actor, space, at)
    matching = [one for one in own if not page.statuses or one["status"] in page.statuses]
    left = _after(matching, page.after)
    shown = [] if only_count else left[: page.count]
    links = [self_link("Consent", asked, space=space)]
    if shown and len(left) > len(shown):
        following = msgspec.structs.replace(page, after=_line_of(shown[-1]))
        links.append(next_link("Consent", following, actor=actor))
    body = searchset(
        [(f"Consent/{one['id']}", msgspec.json.encode(one)) for one in shown],
        site=site,
        links=links,
        total=len(matching),
        warnings=asked.warnings,
        language=language_of(request),
    )
    return reply.fhir(body)


async def _page(asked: Asked, *, actor: Actor, at: datetime) -> ConsentPage:
    if asked.cursor is not None:
        page = open_page(asked.cursor, actor=actor)
        if not isinstance(page, ConsentPage):
            raise malformed("cursor-unknown", "Ce lien mène ailleurs.", "This link leads elsewhere.", CURSOR)
        return page
    subject = subject_of(asked, accepted_oids=current().limits.accepted_ins_oids)
    space = await space_of(subject, actor=actor, act=Act.FIND_PATIENT, at=at)
    return ConsentPage(space=space, statuses=codes_of(asked, "status"), count=count_of(asked, most=MAX_COUNT))


def _after(lines: list[dict[str, Any]], place: UUID | None) -> list[dict[str, Any]]:
    """Return the lines behind `place`; a line that is there no more ends the walk."""
    if place is None:
        return lines
    places = [_line_of(one) for one in lines]
    return lines[places.index(place) + 1 :] if place in places else []


def _line_of(resource: dict[str, Any]) -> UUID:
    return UUID(hex=resource["id"][-32:])


async def read_one(request: AnyRequest, _: Site) -> ASGIApp:
    """Return one of the professional's own lines; anybody else's does not exist."""
    at = clock.now()
    check_acceptable(request)
    actor = await actor_with_scope(request, resource="Consent", letter="r", act=Act.FIND_PATIENT, at=at)
    space, line = address_of(request)
    try:
        own = await _own(actor, space, at)
    except Refused as refused:
        if is_about_nobody(refused):
            raise NotFound from None
        raise
    found = next((one for one in own if _line_of(one) == line), None)
    if found is None:
        raise NotFound
    return reply.resource(found)


async def _own(actor: Actor, space: SpaceId, at: datetime) -> list[dict[str, Any]]:
    lines = await own_consents(actor=actor, space=space, at=at)
    return [consent_resource(line, space=space, actor=actor, at=at) for line in lines]


SEARCHES = searches(
    "Consent",
    answer=answer,
    audience=(Audience.PROFESSIONAL,),
    documentation="One's own lines in the access list of a person, ended ones included.",
)
READ = Interaction(
    code="read",
    path="/Consent/{id:str}",
    methods=("GET",),
    answer=read_one,
    resource="Consent",
    audience=(Audience.PROFESSIONAL,),
    documentation="One of one's own lines in the access list of a person.",
)
