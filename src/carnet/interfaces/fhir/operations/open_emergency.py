"""Opening a space in an emergency: the mode is declared by this act, with a reason, and by nothing else.

CI-SIS "mode d'accès" (VIHF purpose of use, 1.2.250.1.213.1.1.4.248): what is declared is stored as a grant to this
professional, in this space, for the session of this token; a header or a claim that says the same opens nothing.
Sources: L1111-17 I, R1111-48 CSP; mes.md P7, P8; decision 0030.
"""

from litestar.types import ASGIApp

from carnet.access.api import Mode, open_emergency
from carnet.infra import clock
from carnet.infra.web.audience import Audience
from carnet.interfaces.fhir import reply
from carnet.interfaces.fhir.interaction import AnyRequest, Interaction, Site
from carnet.interfaces.fhir.operations.calling import given_in, space_in
from carnet.interfaces.fhir.resources.answers import instant
from carnet.interfaces.fhir.resources.parameters import parameters
from carnet.interfaces.fhir.scopes import actor_with_scope
from carnet.journal.api import Act
from carnet.kernel.errors import Invalid, Problem
from carnet.records.api import journalled_input

_MODES = {str(mode): mode for mode in (Mode.BRIS_DE_GLACE, Mode.CENTRE_15)}
_UNKNOWN_MODE = Problem(
    "unknown-code",
    "Mode inconnu : bris_de_glace ou centre_15.",
    "Unknown mode: bris_de_glace or centre_15.",
    "Parameters.parameter.where(name='mode')",
)


async def answer(request: AnyRequest, _: Site) -> ASGIApp:
    """Return what was granted and until when, or the handle a colleague approves it by."""
    at = clock.now()
    actor = await actor_with_scope(request, resource="Consent", letter="c", act=Act.OPEN_EMERGENCY, at=at)
    async with journalled_input(actor=actor, act=Act.OPEN_EMERGENCY, at=at):
        given = await given_in(request, known=("patient", "mode", "reason"))
        mode = _MODES.get(given.required("mode", "valueCode", "valueString"))
        if mode is None:
            raise Invalid(_UNKNOWN_MODE)
        reason = given.required("reason")
        space = await space_in(given, actor=actor, act=Act.OPEN_EMERGENCY, at=at)
        granted = await open_emergency(actor=actor, space=space, mode=mode, reason=reason, at=at)
    body = parameters(
        status="granted" if granted.granted else "waiting",
        mode=str(mode),
        endsAt=instant(granted.ends_at) if granted.ends_at else None,
        handle=granted.handle,
        patient=f"Patient/{space.hex}",
        banner=granted.granted or None,
    )
    return reply.resource(body)


INTERACTION = Interaction(
    code="operation",
    path="/Patient/$open-emergency",
    methods=("POST",),
    answer=answer,
    resource="Patient",
    operation="open-emergency",
    audience=(Audience.PROFESSIONAL,),
    documentation="Open a space in an emergency, for this session: patient, mode (bris_de_glace, centre_15), reason.",
)
