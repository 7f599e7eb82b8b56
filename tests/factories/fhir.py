"""FHIR messages written by us, and a client that plays care software and professionals against the FHIR door."""

import base64
import datetime as dt
import hashlib
from typing import Any
from uuid import uuid4

import httpx
import msgspec
from litestar import Litestar
from litestar.types import ASGIApp, Receive, Scope, Send

from carnet.infra import clock
from carnet.infra.web.lean_route import LeanApp
from carnet.interfaces.fhir.resources.healthcare_service import KINDS, QUOTA
from carnet.interfaces.fhir.router import fhir_router
from carnet.kernel.actors import Actor
from carnet.records.api import IS_ARCHIVED
from factories.world import Someone

BASE = "http://testserver/fhir"
ALL_SCOPES = frozenset({"system/*.cruds", "user/*.cruds"})
LOINC = "http://loinc.org"
CLASSES = "https://mos.esante.gouv.fr/NOS/TRE_A03-ClasseDocument/FHIR/TRE-A03-ClasseDocument"
CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
VISIBILITY = "https://mos.esante.gouv.fr/NOS/TRE_A07-StatusVisibiliteDocument/FHIR/TRE-A07-StatusVisibiliteDocument"
MHD = "https://profiles.ihe.net/ITI/MHD"
SEXES = {"M": "male", "F": "female", "I": "other", "U": "unknown"}

_actors: dict[str, Actor] = {}


def acting(actor: Actor, *, scopes: frozenset[str] = ALL_SCOPES) -> dict[str, str]:
    """Return the header that makes the test middleware set this actor."""
    known = msgspec.structs.replace(actor, scopes=scopes)
    key = f"{actor.kind}-{actor.identifier}-{hash(known)}"
    _actors[key] = known
    return {"x-test-actor": key}


def naming(app: ASGIApp) -> ASGIApp:
    """Middleware that sets the actor named by `acting`."""

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        named = dict(scope["headers"]).get(b"x-test-actor", b"").decode()
        scope.setdefault("state", {})["actor"] = _actors.get(named)
        await app(scope, receive, send)

    return handle


def archiving(*, wanted: object) -> bytes:
    """Return the JSON Patch of DMP TD3.3d, as the guide writes it."""
    path = f"/extension[url:'{IS_ARCHIVED}']/valueBoolean"
    return msgspec.json.encode([{"op": "replace", "path": path, "value": wanted}])


def labelling(code: object) -> bytes:
    """Return the JSON Patch of DMP TD3.3a and b, as the guide writes it."""
    value = {"coding": [{"system": "https://mos.esante.gouv.fr/NOS/TRE_A07", "code": code}]}
    return msgspec.json.encode([{"op": "replace", "path": "/securityLabel/0", "value": value}])


TAKING_BACK = b'[{"op": "replace", "path": "/status", "value": "entered-in-error"}]'
"""The JSON Patch of DMP TD3.3c."""


def fhir_app() -> Litestar:
    """Return an application with the FHIR door alone."""
    return LeanApp(
        route_handlers=[fhir_router(base=BASE, middleware=[naming])], openapi_config=None, logging_config=None
    )


def fhir_client(app: Litestar | None = None) -> httpx.AsyncClient:
    """Return a client of the door, in process."""
    transport = httpx.ASGITransport(app=app or fhir_app())
    return httpx.AsyncClient(
        transport=transport, base_url=f"{BASE}/", headers={"content-type": "application/fhir+json"}
    )


def patient(someone: Someone, **changes: Any) -> dict[str, Any]:
    """Return the Patient resource of a person, traits and INS."""
    traits = someone.traits
    resource = {
        "resourceType": "Patient",
        "id": "patient",
        "identifier": [{"system": f"urn:oid:{someone.ins.oid}", "value": someone.ins.matricule}],
        "name": [{"use": "official", "family": traits.birth_name, "given": list(traits.given_names)}],
        "gender": SEXES[traits.sex],
        "birthDate": traits.birth_date,
    }
    return resource | changes


def reference(
    someone: Someone, *, url: str | None = None, content: bytes = b"Bonjour", **changes: Any
) -> dict[str, Any]:
    """Return a comprehensive DocumentReference; with `url` its content is elsewhere, else inside. None removes."""
    attachment: dict[str, Any] = {
        "contentType": "text/plain",
        "language": "fr-FR",
        "size": len(content),
        "hash": base64.b64encode(hashlib.sha1(content).digest()).decode(),
        "title": "Bilan sanguin",
        "creation": "2026-11-20T09:00:00+01:00",
    }
    attachment |= {"url": url} if url else {"data": base64.b64encode(content).decode()}
    attachment |= changes.pop("attachment", {})
    resource: dict[str, Any] = {
        "resourceType": "DocumentReference",
        "contained": [patient(someone)],
        "masterIdentifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{uuid4()}"},
        "status": "current",
        "type": {"coding": [{"system": LOINC, "code": "11502-2"}]},
        "category": [{"coding": [{"system": CLASSES, "code": "10"}]}],
        "subject": {"reference": "#patient"},
        "date": "2026-11-20T10:00:00+01:00",
        "securityLabel": [{"coding": [{"system": CONFIDENTIALITY, "code": "N"}]}],
        "content": [{"attachment": {key: value for key, value in attachment.items() if value is not None}}],
        "context": {"sourcePatientInfo": {"reference": "#patient"}},
    }
    merged = resource | changes
    return {key: value for key, value in merged.items() if value is not None}


def transaction(someone: Someone, *contents: bytes, **changes: Any) -> dict[str, Any]:
    """Return an ITI-65 Bundle with one document for each of `contents`; `changes` go to every DocumentReference."""
    documents, binaries = [], []
    for content in contents or (b"Bonjour",):
        url = f"urn:uuid:{uuid4()}"
        documents.append((f"urn:uuid:{uuid4()}", reference(someone, url=url, content=content, **changes)))
        data = base64.b64encode(content).decode()
        binaries.append((url, {"resourceType": "Binary", "contentType": "text/plain", "data": data}))
    submission = {
        "resourceType": "List",
        "identifier": [{"use": "usual", "system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{uuid4()}"}],
        "status": "current",
        "mode": "working",
        "title": "Envoi du laboratoire",
        "code": {"coding": [{"system": f"{MHD}/CodeSystem/MHDlistTypes", "code": "submissionset"}]},
        "date": "2026-11-20T10:00:00+01:00",
        "entry": [{"item": {"reference": url}} for url, _ in documents],
    }
    named = [(f"urn:uuid:{uuid4()}", submission), *documents, *binaries]
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {"fullUrl": url, "resource": one, "request": {"method": "POST", "url": one["resourceType"]}}
            for url, one in named
        ],
    }


def service(address: str, **changes: Any) -> dict[str, Any]:
    """Return what a doctor's software says of their mailbox."""
    said = {
        "resourceType": "HealthcareService",
        "telecom": [{"system": "email", "value": address}],
        "type": [{"coding": [{"system": KINDS, "code": "renewal"}]}],
        "availableTime": [
            {"daysOfWeek": ["mon", "tue"], "availableStartTime": "09:00:00", "availableEndTime": "12:00:00"}
        ],
        "notAvailable": [{"description": "Vacances", "during": {"start": "2026-12-20", "end": "2026-12-31"}}],
        "extraDetails": "Nous répondons sous trois jours.",
        "extension": [
            {"url": QUOTA, "extension": [{"url": "requests", "valueInteger": 2}, {"url": "per", "valueCode": "week"}]}
        ],
    }
    return said | changes


def problems(answer: httpx.Response) -> list[tuple[str, str | None]]:
    """Return (our problem code, expression) of every issue of an OperationOutcome."""
    return [
        (issue["details"]["coding"][0]["code"], issue.get("expression", [None])[0]) for issue in answer.json()["issue"]
    ]


def now() -> dt.datetime:
    """Return the present as the house sees it."""
    return clock.now()
