"""Deleting a document by its author's organisation: logical, the person is told. FHIR R4 §3.1.0.7; PDSm, suppression.

Asked twice, the answer is the same.
"""

from litestar.types import ASGIApp

from carnet.infra import clock
from carnet.interfaces.fhir import reply
from carnet.interfaces.fhir.interaction import AnyRequest, Interaction, Site
from carnet.interfaces.fhir.interactions.read_document import address_of
from carnet.interfaces.fhir.scopes import actor_with_scope
from carnet.journal.api import Act
from carnet.records.api import delete_document


async def answer(request: AnyRequest, _: Site) -> ASGIApp:
    """Return 204 once the deletion is durable."""
    at = clock.now()
    actor = await actor_with_scope(request, resource="DocumentReference", letter="d", act=Act.DELETE_DOCUMENT, at=at)
    space, document = address_of(request)
    await delete_document(actor=actor, space=space, document=document, at=at)
    return reply.nothing(204)


INTERACTION = Interaction(
    code="delete",
    path="/DocumentReference/{id:str}",
    methods=("DELETE",),
    answer=answer,
    resource="DocumentReference",
    documentation="Logical deletion, by the author's organisation only.",
)
