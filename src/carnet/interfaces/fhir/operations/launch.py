"""A care software asks for pages about its patient: SMART App Launch 2.2, the care software's half of an EHR launch.

The back channel: the software proves itself and its professional by the token, names the patient in the body, and gets
an opaque value to put in a browser's address. The INS is in no address; nobody is looked up, so that the answer tells
nothing about who has a space. What it opens: our professional's pages, or a software registered with pages of its own.
"""

from datetime import datetime
from urllib.parse import urlencode

from litestar.types import ASGIApp

from carnet.identity.api import LAUNCH_LIFE, OWN_PAGES, find_app, make_launch
from carnet.infra import clock
from carnet.infra.db import system_work
from carnet.infra.installation import current
from carnet.infra.web.audience import Audience
from carnet.interfaces.fhir import reply
from carnet.interfaces.fhir.interaction import AnyRequest, Interaction, Site
from carnet.interfaces.fhir.operations.calling import given_in
from carnet.interfaces.fhir.resources.answers import instant
from carnet.interfaces.fhir.resources.parameters import parameters
from carnet.interfaces.fhir.resources.patient import required_ins
from carnet.interfaces.fhir.scopes import actor_with_scope
from carnet.journal.api import Act
from carnet.kernel.decisions import Reason, problem_of
from carnet.kernel.errors import Invalid, Problem, Refused
from carnet.records.api import journalled_input, refuse_without_space

OWN_LAUNCH = "/pro/lancement"
_UNKNOWN_APP = Problem(
    "unknown-app",
    "Aucune page n'est enregistrée pour ce logiciel.",
    "No page is registered for this software.",
    "Parameters.parameter.where(name='app')",
)


async def answer(request: AnyRequest, site: Site) -> ASGIApp:
    """Return the launch, until when it is good, and the address to open in the professional's browser."""
    at = clock.now()
    actor = await actor_with_scope(request, resource="Patient", letter="s", act=Act.ISSUE_TOKEN, at=at)
    if actor.acts_for is not None:
        await refuse_without_space(actor=actor, act=Act.ISSUE_TOKEN, reason=Reason.SCOPE, at=at)
        raise Refused(problem_of(Reason.SCOPE))  # what was launched for one patient launches nothing for others
    async with journalled_input(actor=actor, act=Act.ISSUE_TOKEN, at=at):
        given = await given_in(request, known=("patient", "app"))
        claim = given.patient(accepted_oids=current().limits.accepted_ins_oids)
        ins = required_ins(claim, path="Parameters.parameter.where(name='patient')")
        app = given.text("app", "valueString", "valueCode") or OWN_PAGES
        page = await _page_of(app, site=site, at=at)
    launch = await make_launch(actor=actor, ins=ins, app=app, at=at)
    mark = "&" if "?" in page else "?"
    address = f"{page}{mark}{urlencode({'iss': site.base, 'launch': launch})}"
    return reply.resource(parameters(launch=launch, expiresAt=instant(at + LAUNCH_LIFE), address=address))


async def _page_of(app: str, *, site: Site, at: datetime) -> str:
    if app == OWN_PAGES:
        return site.base.removesuffix("/fhir") + OWN_LAUNCH
    async with system_work(at=at) as w:
        found = await find_app(w, app)
    if found is None:
        raise Invalid(_UNKNOWN_APP)
    return found.launch_url


INTERACTION = Interaction(
    code="operation",
    path="/Patient/$launch",
    methods=("POST",),
    answer=answer,
    resource="Patient",
    operation="launch",
    audience=(Audience.PROFESSIONAL,),
    gated=False,
    documentation="SMART EHR launch, from the care software: patient (INS), app; returns the address to open.",
)
