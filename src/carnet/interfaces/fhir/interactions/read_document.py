"""Reading what is said about one document: FHIR R4 §3.1.0.2 (read), §3.1.0.5 (ETag and If-None-Match).

The stored JSON leaves as it was made. Absent, hidden and another space's are one and the same 404.
"""

from uuid import UUID

from litestar.types import ASGIApp

from carnet.infra import clock
from carnet.interfaces.fhir import reply
from carnet.interfaces.fhir.interaction import AnyRequest, Interaction, Site
from carnet.interfaces.fhir.negotiation import check_acceptable
from carnet.interfaces.fhir.scopes import actor_with_scope
from carnet.journal.api import Act
from carnet.kernel.errors import NotFound
from carnet.kernel.ids import SpaceId, parse_routable
from carnet.records.api import Texts, open_resource, read_entry


async def answer(request: AnyRequest, _: Site) -> ASGIApp:
    """Return the DocumentReference, or 304 when the client already has this version."""
    at = clock.now()
    check_acceptable(request)
    actor = await actor_with_scope(request, resource="DocumentReference", letter="r", act=Act.READ_METADATA, at=at)
    space, document = address_of(request)
    opened = await read_entry(actor=actor, space=space, document=document, texts=Texts.RESOURCE, at=at)
    tag = version_tag(opened.entry.resource_version)
    headers = ((b"etag", tag), (b"vary", b"accept, authorization"))
    if is_known(request, tag):
        return reply.nothing(304, headers=headers)
    return reply.fhir(open_resource(opened.entry, keys=opened.keys), headers=headers)


def address_of(request: AnyRequest) -> tuple[SpaceId, UUID]:
    """Return space and document of the id in the path; NotFound when it is not one of ours."""
    parsed = parse_routable(request.path_params["id"])
    if parsed is None:
        raise NotFound
    return parsed


def version_tag(version: int) -> bytes:
    """Return the weak ETag of a resource version (FHIR R4 §3.1.0.1.8)."""
    return b'W/"%d"' % version


def is_known(request: AnyRequest, tag: bytes) -> bool:
    """Tell whether If-None-Match names `tag`, compared weakly (RFC 9110 §13.1.2)."""
    known = {one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")}
    return "*" in known or tag.decode().removeprefix("W/") in known


INTERACTION = Interaction(
    code="read",
    path="/DocumentReference/{id:str}",
    methods=("GET",),
    answer=answer,
    resource="DocumentReference",
    documentation="Metadata of one document. ETag and If-None-Match.",
)
