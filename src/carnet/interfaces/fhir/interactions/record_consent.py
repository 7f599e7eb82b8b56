"""A professional records that the person was informed and agrees: a Consent that permits. R1111-46 CSP; DMP TD0.3.

An explicit act of a natural person, which the person is told of at once. Only what we understand is accepted: a permit,
for whoever records it, with an end or without. Everything else of FHIR Consent is refused rather than half obeyed.
"""

from datetime import datetime
from typing import Any

import msgspec
from litestar.types import ASGIApp

from carnet.access.api import record_consent
from carnet.infra import clock
from carnet.infra.installation import current
from carnet.infra.web.audience import Audience
from carnet.interfaces.fhir import reply
from carnet.interfaces.fhir.errors import malformed
from carnet.interfaces.fhir.interaction import AnyRequest, Interaction, Site
from carnet.interfaces.fhir.json_input import check_media_type, parse, read_body
from carnet.interfaces.fhir.negotiation import check_acceptable
from carnet.interfaces.fhir.resources.answers import instant
from carnet.interfaces.fhir.resources.elements import Node, missing
from carnet.interfaces.fhir.resources.patient import Claim, claim_of_reference
from carnet.interfaces.fhir.resources.references import Entries, Resolver
from carnet.interfaces.fhir.scopes import actor_with_scope
from carnet.interfaces.fhir.search.reading import Subject
from carnet.interfaces.fhir.search.space import space_of
from carnet.journal.api import Act
from carnet.kernel.errors import Problem, Unsupported
from carnet.records.api import journalled_input

_LIMIT = 64 * 1024


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What a Consent says: whom it is about and until when it holds."""

    claim: Claim
    ends_at: datetime | None


async def answer(request: AnyRequest, _: Site) -> ASGIApp:
    """Return 201 with the Consent as recorded."""
    at = clock.now()
    actor = await actor_with_scope(request, resource="Consent", letter="c", act=Act.RECORD_CONSENT, at=at)
    async with journalled_input(actor=actor, act=Act.RECORD_CONSENT, at=at):
        check_media_type(request)
        check_acceptable(request)
        tree = parse(await read_body(request, limit=_LIMIT))
        given = read_consent(tree, accepted_oids=current().limits.accepted_ins_oids)
        subject = Subject(ins=given.claim.ins, space=None if given.claim.ins else given.claim.space)
        space = await space_of(subject, actor=actor, act=Act.RECORD_CONSENT, at=at)
    await record_consent(actor=actor, space=space, ends_at=given.ends_at, at=at)
    return reply.resource(_recorded(space.hex, given.ends_at, at), status=201)


def read_consent(tree: dict[str, Any], *, accepted_oids: frozenset[str]) -> Given:
    """Return what a Consent says. Raises Malformed, Invalid or Unsupported."""
    consent = Node(tree, "Consent")
    if consent.resource_type != "Consent":
        raise malformed("resource-type", "Un Consent est attendu.", "A Consent is expected.", "Consent.resourceType")
    if consent.required("status") != "active":
        raise _not_understood("Consent.status")
    patient = consent.node("patient")
    if patient is None:
        raise missing("Consent.patient")
    provision = consent.node("provision")
    if provision is None:
        raise missing("Consent.provision")
    if provision.required("type") != "permit" or provision.value.keys() - {"type", "period", "id"}:
        raise _not_understood("Consent.provision")
    period = provision.node("period")
    claim = claim_of_reference(patient, Resolver(consent, Entries()), accepted_oids)
    return Given(claim=claim, ends_at=period.moment("end") if period else None)


def _not_understood(path: str) -> Unsupported:
    return Unsupported(
        Problem(
            "consent-not-understood",
            "Seul l'accord simple (provision de type « permit ») de la personne est enregistré ici.",
            "Only the person's plain agreement (a provision of type “permit”) is recorded here.",
            path,
        )
    )


def _recorded(patient_id: str, ends_at: datetime | None, at: datetime) -> dict[str, Any]:
    provision: dict[str, Any] = {"type": "permit"}
    if ends_at is not None:
        provision["period"] = {"end": instant(ends_at)}
    scope = {"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}
    category = {"system": "http://loinc.org", "code": "59284-0"}
    return {
        "resourceType": "Consent",
        "status": "active",
        "scope": {"coding": [scope]},
        "category": [{"coding": [category]}],
        "patient": {"reference": f"Patient/{patient_id}"},
        "dateTime": instant(at),
        "provision": provision,
    }


INTERACTION = Interaction(
    code="create",
    path="/Consent",
    methods=("POST",),
    answer=answer,
    resource="Consent",
    audience=(Audience.PROFESSIONAL,),
    documentation="The person's agreement to be read by the professional who records it.",
)
