"""Does this person have an open space, and how does this professional stand there? FHIR R4 search on Patient by INS.

DMP TD0.2, for professionals only. A closed space, an unknown person and one who keeps this professional out give the
same empty answer after the same work; every question leaves a trace, and who asks for too many waits (decision 0070).
"""

from typing import Any

import msgspec
from litestar.types import ASGIApp

from carnet.infra import clock
from carnet.infra.installation import current
from carnet.infra.web.audience import Audience
from carnet.infra.web.even_time import even_out
from carnet.interfaces.fhir import reply
from carnet.interfaces.fhir.errors import malformed
from carnet.interfaces.fhir.interaction import AnyRequest, Site, searches
from carnet.interfaces.fhir.negotiation import check_acceptable, language_of, preference
from carnet.interfaces.fhir.probing import check_patience, nobody_there
from carnet.interfaces.fhir.resources.answers import emergency_mode, instant
from carnet.interfaces.fhir.scopes import actor_with_scope
from carnet.interfaces.fhir.search.links import self_link_of_nobody
from carnet.interfaces.fhir.search.pages import searchset
from carnet.interfaces.fhir.search.parameters import CURSOR, PATIENTS, PLAIN_RESULT
from carnet.interfaces.fhir.search.reading import ins_of, only_counted, pairs_of, read
from carnet.journal.api import Act
from carnet.records.api import FoundPatient, find_patient

STANDING = "https://carnet.invalid/fhir/StructureDefinition/access-standing"


async def answer(request: AnyRequest, site: Site) -> ASGIApp:
    """Return a searchset of one Patient, or of none."""
    at = clock.now()
    check_acceptable(request)
    actor = await actor_with_scope(request, resource="Patient", letter="s", act=Act.FIND_PATIENT, at=at)
    strict = preference(request, "handling") == "strict"
    asked = read(await pairs_of(request), known=PATIENTS, strict=strict, result=PLAIN_RESULT)
    if asked.cursor is not None:
        raise malformed("cursor-unknown", "Ce lien mène ailleurs.", "This link leads elsewhere.", CURSOR)
    only_count = only_counted(asked)
    identifier = asked.one("identifier")
    if identifier is None:
        raise malformed("identifier-required", "Un INS est attendu.", "An INS is expected.", "identifier")
    ins = ins_of(identifier, name="identifier", accepted_oids=current().limits.accepted_ins_oids)
    check_patience(actor, at=at)
    one = await find_patient(actor=actor, ins=ins, at=at)
    if one is None:
        nobody_there(actor, at=at)
        await even_out(ins.matricule)
    found = [] if one is None else [(f"Patient/{one.space.hex}", msgspec.json.encode(patient_resource(one)))]
    body = searchset(
        () if only_count else found,
        site=site,
        links=[self_link_of_nobody("Patient", asked, without="identifier")],
        total=len(found),
        warnings=asked.warnings,
        language=language_of(request),
    )
    return reply.fhir(body)


def patient_resource(one: FoundPatient) -> dict[str, Any]:
    """Return whom was found, by id, and how the professional who asks stands there. No trait of the person."""
    said: list[dict[str, Any]] = [
        {"url": "authorised", "valueBoolean": one.authorised},
        {"url": "codeNeeded", "valueBoolean": one.code_needed},
        {"url": "mode", "valueCoding": emergency_mode(one.mode)},
        *({"url": "emergency", "valueCoding": emergency_mode(mode)} for mode in one.modes),
    ]
    if one.mode_ends_at is not None:
        said.append({"url": "modeEndsAt", "valueInstant": instant(one.mode_ends_at)})
    return {
        "resourceType": "Patient",
        "id": one.space.hex,
        "extension": [{"url": STANDING, "extension": said}],
        "active": True,
    }


SEARCHES = searches(
    "Patient",
    answer=answer,
    audience=(Audience.PROFESSIONAL,),
    documentation="Whether a person has an open space that this professional is not kept out of.",
)
