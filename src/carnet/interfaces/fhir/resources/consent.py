"""A professional's line in a space as a FHIR Consent, read and written.

Only what we understand is accepted: a permit, for whoever records it, for this consultation or for the care team, with
an end or without, with the one-time code of the strong mode when the person asks for one, and kept from whoever acts
for a minor when the minor asks for that (L1111-5 CSP, decision 0132; mes.md P12). Emergencies are declared by
`Patient/$open-emergency`, never by a Consent: a consent is the person's, an emergency is not. Source: FHIR R4 Consent;
R1111-46 CSP; mes.md P1, P2, P16.
"""

from datetime import datetime
from typing import Any, Final

import msgspec

from carnet.access.api import ConsentScope, OwnConsent
from carnet.interfaces.fhir.errors import malformed
from carnet.interfaces.fhir.resources.answers import instant
from carnet.interfaces.fhir.resources.elements import Node, missing
from carnet.interfaces.fhir.resources.patient import Claim, claim_of_reference
from carnet.interfaces.fhir.resources.references import Entries, Resolver
from carnet.kernel.actors import Actor
from carnet.kernel.errors import Invalid, Problem, Unsupported
from carnet.kernel.ids import SpaceId, routable

REACH: Final = "https://carnet.invalid/fhir/StructureDefinition/consent-reach"
CODE: Final = "https://carnet.invalid/fhir/StructureDefinition/consent-code"
UNTOLD: Final = "https://carnet.invalid/fhir/StructureDefinition/consent-secret"
RPPS: Final = "https://rpps.esante.gouv.fr"
_QR: Final = "carnet-consent:1:"
_REACHES: Final = {str(scope): scope for scope in ConsentScope}
SECRET_FOR_A_TEAM: Final = Problem(
    "secret-for-a-team",
    "Un accord gardé secret vaut pour ce professionnel seulement : une équipe n'en hérite pas.",
    "An agreement kept secret is for this professional only: no team inherits it.",
    "Consent.extension",
)


class GivenConsent(msgspec.Struct, frozen=True, kw_only=True):
    """What a Consent says. scope: None for the usual one; code: shown by the person, None when none was; secret: a
    minor asks that whoever acts for them be told nothing.
    """

    claim: Claim
    starts_at: datetime | None
    ends_at: datetime | None
    scope: ConsentScope | None
    code: str | None
    secret: bool

    def __repr__(self) -> str:
        return f"GivenConsent(scope={self.scope}, ends_at={self.ends_at})"


def read_consent(tree: dict[str, Any], *, accepted_oids: frozenset[str]) -> GivenConsent:
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
    scope, secret = _reach(consent), consent.flag(UNTOLD, default=False)
    if secret and scope is ConsentScope.TEAM:
        raise Invalid(SECRET_FOR_A_TEAM)
    code = _extension(consent, CODE, "valueString")
    return GivenConsent(
        claim=claim_of_reference(patient, Resolver(consent, Entries()), accepted_oids),
        starts_at=period.moment("start") if period else None,
        ends_at=period.moment("end") if period else None,
        scope=scope,
        code=code.rsplit(":", 1)[-1] if code and code.startswith(_QR) else code,
        secret=secret,
    )


def consent_resource(line: OwnConsent, *, space: SpaceId, actor: Actor, at: datetime) -> dict[str, Any]:
    """Return a line as its professional reads it back."""
    provision: dict[str, Any] = {"type": "permit", "period": {"start": instant(line.starts_at)}}
    ends = [one for one in (line.ends_at, line.ended_at) if one is not None]
    if ends:
        provision["period"]["end"] = instant(min(ends))
    scope = {"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}
    category = {"system": "http://loinc.org", "code": "59284-0"}
    policy = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "OPTIN"}
    reach = ConsentScope.TEAM if line.shared else ConsentScope.CONSULTATION
    said: list[dict[str, object]] = [] if line.by_person else [{"url": REACH, "valueCode": str(reach)}]
    if line.secret:
        said.append({"url": UNTOLD, "valueBoolean": True})
    found = {
        "resourceType": "Consent",
        "id": routable(space, line.authorisation_id),
        "extension": said,
        "status": "active" if line.in_force(at) else "inactive",
        "scope": {"coding": [scope]},
        "category": [{"coding": [category]}],
        "patient": {"reference": f"Patient/{space.hex}"},
        "dateTime": instant(line.starts_at),
        "performer": [{"identifier": {"system": RPPS, "value": actor.identifier}}],
        "policyRule": {"coding": [policy]},
        "provision": provision,
    }
    return {name: value for name, value in found.items() if value}


def _reach(consent: Node) -> ConsentScope | None:
    written = _extension(consent, REACH, "valueCode")
    if written is not None and written not in _REACHES:
        raise _not_understood("Consent.extension")
    return _REACHES[written] if written else None


def _extension(consent: Node, url: str, kind: str) -> str | None:
    found = consent.extension(url)
    return found.required(kind) if found else None


def _not_understood(path: str) -> Unsupported:
    return Unsupported(
        Problem(
            "consent-not-understood",
            "Seul l'accord simple (provision de type « permit ») de la personne est enregistré ici.",
            "Only the person's plain agreement (a provision of type “permit”) is recorded here.",
            path,
        )
    )
