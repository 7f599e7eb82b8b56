"""A professional reads back their own lines in a space: FHIR R4 read and search on Consent. Never anybody else's."""

from datetime import datetime
from uuid import UUID

from litestar.types import ASGIApp, Method

from carnet.access.api import own_consents
from carnet.infra import clock
from carnet.infra.installation import current
from carnet.infra.web.audience import Audience
from carnet.interfaces.fhir import reply
from carnet.interfaces.fhir.interaction import AnyRequest, Interaction, Site
from carnet.interfaces.fhir.interactions.read_document import address_of
from carnet.interfaces.fhir.negotiation import check_acceptable, preference
from carnet.interfaces.fhir.outcome import is_about_nobody
from carnet.interfaces.fhir.resources.answers import searchset
from carnet.interfaces.fhir.resources.consent import consent_resource
from carnet.interfaces.fhir.scopes import actor_with_scope
from carnet.interfaces.fhir.search.parameters import CONSENTS, PLAIN_RESULT
from carnet.interfaces.fhir.search.reading import pairs_of, read, subject_of
from carnet.interfaces.fhir.search.space import space_of
from carnet.interfaces.fhir.search.values import tokens
from carnet.journal.api import Act
from carnet.kernel.actors import Actor
from carnet.kernel.errors import NotFound, Refused
from carnet.kernel.ids import SpaceId


async def answer(request: AnyRequest, site: Site) -> ASGIApp:
    """Return a searchset of the professional's own lines, newest first."""
    at = clock.now()
    check_acceptable(request)
    actor = await actor_with_scope(request, resource="Consent", letter="s", act=Act.FIND_PATIENT, at=at)
    strict = preference(request, "handling") == "strict"
    asked = read(await pairs_of(request), known=CONSENTS, strict=strict, result=PLAIN_RESULT)
    subject = subject_of(asked, accepted_oids=current().limits.accepted_ins_oids)
    space = await space_of(subject, actor=actor, act=Act.FIND_PATIENT, at=at)
    wanted = {one.code for text in asked.values.get("status", []) for one in tokens(text, name="status")}
    found = [
        (site.url(f"Consent/{one['id']}"), one)
        for one in await _own(actor, space, at)
        if not wanted or one["status"] in wanted
    ]
    return reply.resource(searchset(found, self_url=site.url(f"Consent?patient={space.hex}")))


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
    found = next((one for one in own if UUID(hex=one["id"][-32:]) == line), None)
    if found is None:
        raise NotFound
    return reply.resource(found)


async def _own(actor: Actor, space: SpaceId, at: datetime) -> list[dict[str, str]]:
    lines = await own_consents(actor=actor, space=space, at=at)
    return [consent_resource(line, space=space, actor=actor, at=at) for line in lines]


def _search(path: str, method: Method) -> Interaction:
    return Interaction(
        code="search-type",
        path=path,
        methods=(method,),
        answer=answer,
        resource="Consent",
        audience=(Audience.PROFESSIONAL,),
        documentation="One's own lines in the access list of a person, ended ones included.",
    )


INTERACTION = _search("/Consent", "GET")
BY_POST = _search("/Consent/_search", "POST")
READ = Interaction(
    code="read",
    path="/Consent/{id:str}",
    methods=("GET",),
    answer=read_one,
    resource="Consent",
    audience=(Audience.PROFESSIONAL,),
    documentation="One of one's own lines in the access list of a person.",
)
