"""An administrator the person designated keeps another professional, or an organisation, out (mes.md P5; R1111-47 CSP).

It begins now and only the person ends it. What the one kept out is told, here and everywhere, is that nobody answers.
"""

from typing import Final

from litestar.types import ASGIApp

from carnet.access.api import block
from carnet.infra import clock
from carnet.infra.web.audience import Audience
from carnet.interfaces.fhir import reply
from carnet.interfaces.fhir.interaction import AnyRequest, Interaction, Site
from carnet.interfaces.fhir.operations.calling import given_in, space_in
from carnet.interfaces.fhir.resources.parameters import parameters
from carnet.interfaces.fhir.scopes import actor_with_scope
from carnet.journal.api import Act
from carnet.kernel.errors import Invalid, Problem
from carnet.records.api import journalled_input

_ONE: Final = Problem(
    "one-grantee",
    "Nommez un professionnel (rpps) ou un établissement (finess), un seul des deux.",
    "Name a professional (rpps) or an organisation (finess), one of the two.",
    "Parameters.parameter",
)


async def answer(request: AnyRequest, _: Site) -> ASGIApp:
    """Return that they are blocked. Blocked already, the answer is the same."""
    at = clock.now()
    actor = await actor_with_scope(request, resource="Consent", letter="c", act=Act.BLOCK, at=at)
    async with journalled_input(actor=actor, act=Act.BLOCK, at=at):
        given = await given_in(request, known=("patient", "rpps", "finess"))
        rpps, finess = given.text("rpps"), given.text("finess")
        if (rpps is None) == (finess is None):
            raise Invalid(_ONE)
        space = await space_in(given, actor=actor, act=Act.BLOCK, at=at)
    await block(actor=actor, space=space, rpps=rpps, finess=finess, at=at)
    return reply.resource(parameters(status="blocked"))


INTERACTION = Interaction(
    code="operation",
    path="/Patient/$block",
    methods=("POST",),
    answer=answer,
    resource="Patient",
    operation="block",
    audience=(Audience.PROFESSIONAL,),
    documentation="An administrator keeps another professional (rpps) or organisation (finess) out: patient.",
)
