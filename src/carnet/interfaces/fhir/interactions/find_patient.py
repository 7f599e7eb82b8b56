"""Does this person have an open space? FHIR R4 search on Patient by INS; DMP transactions TD0.2.

For professionals only. A closed space, an unknown person and one who keeps this professional out give the same empty
answer; every question leaves a trace.
"""

from litestar.types import ASGIApp, Method

from carnet.infra import clock
from carnet.infra.installation import current
from carnet.infra.web.audience import Audience
from carnet.interfaces.fhir import reply
from carnet.interfaces.fhir.errors import malformed
from carnet.interfaces.fhir.interaction import AnyRequest, Interaction, Site
from carnet.interfaces.fhir.negotiation import check_acceptable, preference
from carnet.interfaces.fhir.resources.answers import searchset
from carnet.interfaces.fhir.scopes import actor_with_scope
from carnet.interfaces.fhir.search.parameters import LIST_RESULT, PATIENTS
from carnet.interfaces.fhir.search.reading import ins_of, pairs_of, read
from carnet.journal.api import Act
from carnet.records.api import find_patient


async def answer(request: AnyRequest, site: Site) -> ASGIApp:
    """Return a searchset of one Patient, or of none."""
    at = clock.now()
    check_acceptable(request)
    actor = await actor_with_scope(request, resource="Patient", letter="s", act=Act.FIND_PATIENT, at=at)
    strict = preference(request, "handling") == "strict"
    asked = read(await pairs_of(request), known=PATIENTS, strict=strict, result=LIST_RESULT)
    identifier = asked.one("identifier")
    if identifier is None:
        raise malformed("identifier-required", "Un INS est attendu.", "An INS is expected.", "identifier")
    ins = ins_of(identifier, name="identifier", accepted_oids=current().limits.accepted_ins_oids)
    space = await find_patient(actor=actor, ins=ins, at=at)
    found = [] if space is None else [(site.url(f"Patient/{space.hex}"), {"resourceType": "Patient", "id": space.hex})]
    # the address of the question holds an INS: the self link does not repeat it
    return reply.resource(searchset(found, self_url=site.url("Patient")))


def _interaction(path: str, method: Method) -> Interaction:
    return Interaction(
        code="search-type",
        path=path,
        methods=(method,),
        answer=answer,
        resource="Patient",
        audience=(Audience.PROFESSIONAL,),
        documentation="Whether a person has an open space that this professional is not kept out of.",
    )


INTERACTION = _interaction("/Patient", "GET")
BY_POST = _interaction("/Patient/_search", "POST")
