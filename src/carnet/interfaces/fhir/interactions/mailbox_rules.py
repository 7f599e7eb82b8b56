"""What a mailbox accepts from persons: asked by its address, set by whose it is. FHIR R4 search and update.

Set only by the professional it belongs to, whoever works at the place of a shared one, or the software of that place
(`messaging.may_set`); no such mailbox and somebody else's are one answer. Of one on the red list, only who may set it
learns anything. Nobody's space is asked, so software launched for a patient sets nothing.
"""

import re
from datetime import datetime
from typing import Any, Final

import msgspec
from litestar.types import ASGIApp

from carnet.infra import clock
from carnet.infra.db import system_work
from carnet.interfaces.fhir import reply
from carnet.interfaces.fhir.errors import VersionPassed, malformed
from carnet.interfaces.fhir.interaction import AnyRequest, Interaction, Site, searches
from carnet.interfaces.fhir.json_input import check_media_type, parse, read_body
from carnet.interfaces.fhir.negotiation import check_acceptable, language_of, preference
from carnet.interfaces.fhir.resources.healthcare_service import (
    GivenRules,
    read_service,
    service_resource,
    service_taken_back,
)
from carnet.interfaces.fhir.resources.mailbox import name_of_mailbox
from carnet.interfaces.fhir.scopes import actor_with_scope
from carnet.interfaces.fhir.search.links import self_link_of_nobody
from carnet.interfaces.fhir.search.pages import searchset
from carnet.interfaces.fhir.search.parameters import CURSOR, MAILBOX_RULES, PLAIN_RESULT
from carnet.interfaces.fhir.search.reading import only_counted, pairs_of, read
from carnet.journal.api import Act
from carnet.kernel.actors import Actor
from carnet.kernel.errors import Conflict, Invalid, Problem
from carnet.messaging.api import (
    KnownRules,
    SetBy,
    check_rules,
    may_set,
    owned_mailbox,
    read_address,
    rules_of,
    set_mailbox_rules,
)
from carnet.records.api import journalled_input

_RESOURCE: Final = "HealthcareService"
_LIMIT: Final = 64 * 1024
_VERSION: Final = re.compile(r'(?:W/)?"([0-9]{1,20})"', re.ASCII)
_PLACES: Final = {
    "horaires": f"{_RESOURCE}.availableTime",
    "absence": f"{_RESOURCE}.notAvailable",
    "absent_remplacant": f"{_RESOURCE}.notAvailable",
    "quota": f"{_RESOURCE}.extension",
    "delai": f"{_RESOURCE}.extension",
    "automatique": f"{_RESOURCE}.extraDetails",
}
"""Where the fields of the practice's page are in the resource."""


async def search(request: AnyRequest, site: Site) -> ASGIApp:
    """Return what the mailbox asked for accepts; nothing when it set nothing, or is none."""
    at = clock.now()
    check_acceptable(request)
    actor = await actor_with_scope(request, resource=_RESOURCE, letter="s", act=Act.SEARCH_DIRECTORY, at=at)
    strict = preference(request, "handling") == "strict"
    asked = read(await pairs_of(request), known=MAILBOX_RULES, strict=strict, result=PLAIN_RESULT)
    if asked.cursor is not None:
        raise malformed("cursor-unknown", "Ce lien mène ailleurs.", "This link leads elsewhere.", CURSOR)
    address = asked.one("mailbox-mss")
    if address is None:
        french, english = "Précisez une adresse : mailbox-mss.", "Give an address: mailbox-mss."
        raise malformed("criterion-required", french, english, "mailbox-mss")
    counted, found = only_counted(asked), await _told(address, actor=actor, at=at)
    body = searchset(
        [(f"{_RESOURCE}/{one['id']}", msgspec.json.encode(one)) for one in ([] if counted else found)],
        site=site,
        links=[self_link_of_nobody(_RESOURCE, asked, without="")],
        total=len(found),
        warnings=asked.warnings,
        language=language_of(request),
    )
    return reply.fhir(body)


async def update(request: AnyRequest, site: Site) -> ASGIApp:
    """Keep what a mailbox accepts from now on; return it as kept. `If-Match` (optional) names the version replaced."""
    at = clock.now()
    actor = await actor_with_scope(request, resource=_RESOURCE, letter="u", act=Act.SET_MAILBOX_RULES, at=at)
    async with journalled_input(actor=actor, act=Act.SET_MAILBOX_RULES, at=at):
        version, given = _replaced(request), await _read(request)
    try:
        created = await set_mailbox_rules(
            actor=actor, address=given.address, rules=given.rules, way=SetBy.FHIR, at=at, version=version
        )
    except Conflict as changed:
        raise VersionPassed(*changed.problems) from None
    if given.rules is None:
        return reply.resource(service_taken_back(given.address))
    known = KnownRules(address=given.address, rules=given.rules, way=SetBy.FHIR, set_at=at)
    kept = service_resource(known)
    headers = [(b"etag", f'W/"{known.version}"'.encode())]
    if created:
        headers.append((b"location", site.url(f"{_RESOURCE}/{kept['id']}").encode()))
    return reply.resource(kept, status=201 if created else 200, headers=headers)


async def _told(written: str, *, actor: Actor, at: datetime) -> list[dict[str, Any]]:
    """Return the resource of the mailbox at this address, [] when there is none to tell this reader."""
    address = read_address(written)
    if address is None:
        return []
    async with system_work(at=at) as w:
        mailbox = await owned_mailbox(w, address.address)
        known = await rules_of(w, [address.address])
    told = mailbox is not None and (not mailbox.red_list or may_set(actor, mailbox))
    return [service_resource(one) for one in known.values()] if told else []


def _replaced(request: AnyRequest) -> str | None:
    """Return the version `If-Match` names, None when it is not there. Raises Malformed (FHIR R4 §3.1.0.5)."""
    given = request.headers.get("if-match")
    if given is None:
        return None
    named = _VERSION.fullmatch(given.strip())
    if named is None:
        french, english = 'If-Match nomme une version : W/"…".', 'If-Match names one version: W/"…".'
        raise malformed("version-malformed", french, english)
    return named[1]


async def _read(request: AnyRequest) -> GivenRules:
    """Return what is to be set, whoever asks. Raises Invalid with places in the resource."""
    check_media_type(request)
    check_acceptable(request)
    given = read_service(parse(await read_body(request, limit=_LIMIT)))
    name = name_of_mailbox(given.address)
    if request.path_params["id"] != name or given.identifier not in {None, name}:
        french = "L'identifiant d'une boîte est le SHA-256 de son adresse en minuscules."
        english = "The id of a mailbox is the SHA-256 of its address in lower case."
        raise malformed("id-differs", french, english, f"{_RESOURCE}.id")
    try:
        if given.rules is not None:
            check_rules(given.rules)
    except Invalid as refused:
        placed = (Problem(one.code, one.fr, one.en, _PLACES.get(one.path or "", one.path)) for one in refused.problems)
        raise Invalid(*placed) from None
    return given


INTERACTIONS: Final = (
    *searches(
        _RESOURCE,
        answer=search,
        gated=False,
        documentation="What a mailbox accepts from persons, by its exact address.",
    ),
    Interaction(
        code="update",
        path=f"/{_RESOURCE}/{{id:str}}",
        methods=("PUT",),
        answer=update,
        resource=_RESOURCE,
        gated=False,
        documentation=(
            "What a mailbox accepts from persons: kinds, hours, absences, quota, an automatic answer. By its own "
            "professional or those and the software of its place; the id is the SHA-256 of the address; active: false "
            "takes it back; If-Match."
        ),
    ),
)
