"""A second professional of the same organisation lets a colleague's emergency access begin."""

from litestar.types import ASGIApp

from carnet.access.api import approve_emergency
from carnet.infra import clock
from carnet.infra.web.audience import Audience
from carnet.interfaces.fhir import reply
from carnet.interfaces.fhir.interaction import AnyRequest, Interaction, Site
from carnet.interfaces.fhir.operations.calling import given_in
from carnet.interfaces.fhir.resources.parameters import parameters
from carnet.interfaces.fhir.scopes import actor_with_scope
from carnet.journal.api import Act
from carnet.records.api import journalled_input


async def answer(request: AnyRequest, _: Site) -> ASGIApp:
    """Return that it began, for the colleague's own session."""
    at = clock.now()
    actor = await actor_with_scope(request, resource="Consent", letter="c", act=Act.APPROVE_EMERGENCY, at=at)
    async with journalled_input(actor=actor, act=Act.APPROVE_EMERGENCY, at=at):
        handle = (await given_in(request, known=("handle",))).required("handle")
    await approve_emergency(actor=actor, handle=handle, at=at)
    return reply.resource(parameters(status="approved"))


INTERACTION = Interaction(
    code="operation",
    path="/Patient/$approve-emergency",
    methods=("POST",),
    answer=answer,
    resource="Patient",
    operation="approve-emergency",
    audience=(Audience.PROFESSIONAL,),
    gated=False,
    documentation="Let the emergency access of a colleague begin: handle.",
)
