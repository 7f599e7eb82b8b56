"""Which colleagues of my organisation wait for a second professional? Nothing of their patients is told."""

from litestar.types import ASGIApp

from carnet.access.api import WaitingEmergency, waiting_emergencies
from carnet.infra import clock
from carnet.infra.web.audience import Audience
from carnet.interfaces.fhir import reply
from carnet.interfaces.fhir.interaction import AnyRequest, Interaction, Site
from carnet.interfaces.fhir.negotiation import check_acceptable
from carnet.interfaces.fhir.resources.answers import instant
from carnet.interfaces.fhir.scopes import actor_with_scope
from carnet.journal.api import Act


async def answer(request: AnyRequest, _: Site) -> ASGIApp:
    """Return Parameters, one `waiting` for each request still open."""
    at = clock.now()
    check_acceptable(request)
    actor = await actor_with_scope(request, resource="Consent", letter="s", act=Act.LIST_CASES, at=at)
    waiting = await waiting_emergencies(actor=actor, at=at)
    return reply.resource({"resourceType": "Parameters", "parameter": [_one(each) for each in waiting]})


def _one(each: WaitingEmergency) -> dict[str, object]:
    return {
        "name": "waiting",
        "part": [
            {"name": "handle", "valueString": each.handle},
            {"name": "professional", "valueString": each.name},
            {"name": "rpps", "valueString": each.rpps},
            {"name": "expiresAt", "valueInstant": instant(each.expires_at)},
        ],
    }


INTERACTION = Interaction(
    code="operation",
    path="/Patient/$waiting-emergencies",
    methods=("GET",),
    answer=answer,
    resource="Patient",
    operation="waiting-emergencies",
    audience=(Audience.PROFESSIONAL,),
    gated=False,
    documentation="Colleagues of one's organisation who wait for a second professional.",
)
