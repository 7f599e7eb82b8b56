"""The professional ends their own emergency access before its time. Asked twice, the answer is the same."""

from litestar.types import ASGIApp

from carnet.access.api import end_emergency
from carnet.infra import clock
from carnet.infra.web.audience import Audience
from carnet.interfaces.fhir import reply
from carnet.interfaces.fhir.interaction import AnyRequest, Interaction, Site
from carnet.interfaces.fhir.operations.calling import given_in, space_in
from carnet.interfaces.fhir.resources.parameters import parameters
from carnet.interfaces.fhir.scopes import actor_with_scope
from carnet.journal.api import Act
from carnet.records.api import journalled_input


async def answer(request: AnyRequest, _: Site) -> ASGIApp:
    """Return that the mode is normal again."""
    at = clock.now()
    actor = await actor_with_scope(request, resource="Consent", letter="c", act=Act.END_EMERGENCY, at=at)
    async with journalled_input(actor=actor, act=Act.END_EMERGENCY, at=at):
        given = await given_in(request, known=("patient",))
        space = await space_in(given, actor=actor, act=Act.END_EMERGENCY, at=at)
    await end_emergency(actor=actor, space=space, at=at)
    return reply.resource(parameters(status="ended", mode="normal"))


INTERACTION = Interaction(
    code="operation",
    path="/Patient/$end-emergency",
    methods=("POST",),
    answer=answer,
    resource="Patient",
    operation="end-emergency",
    audience=(Audience.PROFESSIONAL,),
    documentation="End one's own emergency access before its time: patient.",
)
