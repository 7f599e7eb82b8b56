"""The directory of mailboxes: whom may one write to? FHIR R4 search on PractitionerRole and Organization.

As the French health directory answers it (parameters `mailbox-mss`, `mailbox-mss-type`). Public data about
professionals; whoever is on the red list is found by nobody, not even by their exact address. Nobody's space is asked.
"""

from typing import Final

import msgspec
from litestar.types import ASGIApp

from carnet.identity.api import MailboxSearch, search_mailboxes
from carnet.infra import clock
from carnet.infra.db import system_work
from carnet.interfaces.fhir import reply
from carnet.interfaces.fhir.errors import malformed
from carnet.interfaces.fhir.interaction import AnyRequest, Site, searches
from carnet.interfaces.fhir.negotiation import check_acceptable, language_of, preference
from carnet.interfaces.fhir.resources.mailbox import mailbox_resource
from carnet.interfaces.fhir.scopes import actor_with_scope
from carnet.interfaces.fhir.search.cursor import MailboxPage, open_page
from carnet.interfaces.fhir.search.links import next_link, self_link_of_nobody
from carnet.interfaces.fhir.search.pages import searchset
from carnet.interfaces.fhir.search.parameters import CURSOR, MAILBOXES_OF_PEOPLE, MAILBOXES_OF_PLACES, PLAIN_RESULT
from carnet.interfaces.fhir.search.reading import Asked, codes_of, count_of, only_counted, pairs_of, read
from carnet.journal.api import Act
from carnet.kernel.actors import Actor
from carnet.kernel.errors import Problem, Unsupported

MOST: Final = 100
_LONGEST: Final = 200
_PEOPLE: Final = "PractitionerRole"
_PLACES: Final = "Organization"


async def people(request: AnyRequest, site: Site) -> ASGIApp:
    """Return professionals with their mailboxes, in the order of the addresses."""
    return await _answer(request, site, resource=_PEOPLE)


async def places(request: AnyRequest, site: Site) -> ASGIApp:
    """Return organisations with theirs."""
    return await _answer(request, site, resource=_PLACES)


async def _answer(request: AnyRequest, site: Site, *, resource: str) -> ASGIApp:
    at = clock.now()
    check_acceptable(request)
    actor = await actor_with_scope(request, resource=resource, letter="s", act=Act.SEARCH_DIRECTORY, at=at)
    strict = preference(request, "handling") == "strict"
    known = MAILBOXES_OF_PEOPLE if resource == _PEOPLE else MAILBOXES_OF_PLACES
    asked = read(await pairs_of(request), known=known, strict=strict, result=PLAIN_RESULT)
    if only_counted(asked):
        raise Unsupported(Problem("count-not-told", "Le total n'est pas donné.", "The total is not given.", "_summary"))
    search = _search_of(asked, actor=actor, resource=resource)
    async with system_work(at=at) as w:
        found = await search_mailboxes(w, asked=search)
    shown = [mailbox_resource(one) for one in found[: search.count]]
    links = [self_link_of_nobody(resource, asked, without="")]
    if len(found) > search.count:
        following = msgspec.structs.replace(search, after=found[search.count - 1].address)
        links.append(next_link(resource, MailboxPage(search=following), actor=actor))
    body = searchset(
        [(f"{resource}/{one['id']}", msgspec.json.encode(one)) for one in shown],
        site=site,
        links=links,
        total=None,
        warnings=asked.warnings,
        language=language_of(request),
    )
    return reply.fhir(body)


def _search_of(asked: Asked, *, actor: Actor, resource: str) -> MailboxSearch:
    if asked.cursor is not None:
        page = open_page(asked.cursor, actor=actor)
        if not isinstance(page, MailboxPage) or page.search.of_professionals is not (resource == _PEOPLE):
            raise malformed("cursor-unknown", "Ce lien mène ailleurs.", "This link leads elsewhere.", CURSOR)
        return page.search
    name, town, address = (asked.one(one) for one in ("name", "address-city", "mailbox-mss"))
    if not (name or town or address):
        raise malformed(
            "criterion-required",
            "Précisez un nom, une ville ou une adresse : name, address-city ou mailbox-mss.",
            "Give a name, a town or an address: name, address-city or mailbox-mss.",
            "name",
        )
    return MailboxSearch(
        of_professionals=resource == _PEOPLE,
        name=(name or "")[:_LONGEST],
        town=(town or "")[:_LONGEST],
        address=address.lower() if address else None,
        professions=codes_of(asked, "role"),
        kinds=codes_of(asked, "mailbox-mss-type"),
        count=count_of(asked, most=MOST),
    )


_FOUND: Final = "The directory of secure mailboxes; those on the red list are not found."
INTERACTIONS: Final = (
    *searches(_PEOPLE, answer=people, gated=False, documentation=_FOUND),
    *searches(_PLACES, answer=places, gated=False, documentation=_FOUND),
)
