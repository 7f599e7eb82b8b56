"""Reading one submission set: FHIR R4 §3.1.0.2. The set names what this reader may know of, and nothing else."""

from litestar.types import ASGIApp

from carnet.infra import clock
from carnet.interfaces.fhir import reply
from carnet.interfaces.fhir.interaction import AnyRequest, Interaction, Site
from carnet.interfaces.fhir.interactions.read_document import address_of
from carnet.interfaces.fhir.negotiation import check_acceptable
from carnet.interfaces.fhir.outcome import status_and_code
from carnet.interfaces.fhir.scopes import actor_with_scope
from carnet.journal.api import Act
from carnet.kernel.errors import NotFound, Refused
from carnet.records.api import SubmissionQuery, list_submissions

GONE = (404, "not-found")


async def answer(request: AnyRequest, _: Site) -> ASGIApp:
    """Return the List; a set without anything the reader may know of does not exist for them."""
    at = clock.now()
    check_acceptable(request)
    actor = await actor_with_scope(request, resource="List", letter="r", act=Act.LIST_SUBMISSIONS, at=at)
    space, set_id = address_of(request)
    query = SubmissionQuery(ids=(set_id,), count=1)
    try:
        page = await list_submissions(actor=actor, space=space, query=query, at=at)
    except Refused as refused:
        if status_and_code(refused) == GONE:
            raise NotFound from None
        raise
    if not page.sets:
        raise NotFound
    return reply.fhir(page.sets[0].resource, headers=((b"etag", b'W/"1"'), (b"vary", b"accept, authorization")))


INTERACTION = Interaction(
    code="read",
    path="/List/{id:str}",
    methods=("GET",),
    answer=answer,
    resource="List",
    documentation="One submission set, with the documents the reader may know of.",
)
