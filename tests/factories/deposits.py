"""What a care software sends over HTTP: one DocumentReference with its content inside (ITI-105), made by hand."""

import base64
import hashlib
import uuid

import httpx

from factories.served import Served, bearer, http
from factories.world import Someone

LIST_OF_TYPES = "http://loinc.org"
_SEXES = {"F": "female", "M": "male"}


def patient_of(person: Someone) -> dict:
    """The Patient resource that names a person, as care software of the country writes it."""
    traits = person.traits
    return {
        "resourceType": "Patient",
        "id": "patient",
        "identifier": [{"system": f"urn:oid:{person.ins.oid}", "value": person.ins.matricule}],
        "name": [{"use": "official", "family": traits.birth_name, "given": list(traits.given_names)}],
        "gender": _SEXES[str(traits.sex)],
        "birthDate": str(traits.birth_date),
    }


def document_reference(
    person: Someone,
    *,
    content: bytes = b"Bonjour, tout va bien.",
    title: str = "Compte rendu",
    unique_id: str | None = None,
    replaces: str | None = None,
    **changes: object,
) -> dict:
    """A resource that the FHIR door accepts; `changes` add or replace its elements."""
    resource = {
        "resourceType": "DocumentReference",
        "contained": [patient_of(person)],
        "masterIdentifier": {"system": "urn:ietf:rfc:3986", "value": unique_id or uuid.uuid4().urn},
        "status": "current",
        "type": {"coding": [{"system": LIST_OF_TYPES, "code": "11488-4"}]},
        "subject": {"reference": "#patient"},
        "content": [
            {
                "attachment": {
                    "contentType": "text/plain",
                    "data": base64.b64encode(content).decode(),
                    "size": len(content),
                    "hash": base64.b64encode(hashlib.sha1(content).digest()).decode(),
                    "title": title,
                    "creation": "2026-03-02T09:00:00+01:00",
                }
            }
        ],
    }
    if replaces:
        target = {"identifier": {"system": "urn:ietf:rfc:3986", "value": replaces}}
        resource["relatesTo"] = [{"code": "replaces", "target": target}]
    return resource | changes


FHIR_JSON = {"Content-Type": "application/fhir+json", "Accept": "application/fhir+json"}


def send(served: Served, token: str, resource: dict, *, client: httpx.Client | None = None) -> httpx.Response:
    """Deposit a resource over HTTP."""
    return (client or http).post(
        f"{served.fhir}/DocumentReference", json=resource, headers=FHIR_JSON | bearer(token), timeout=30
    )


def id_of(answer: httpx.Response) -> str:
    """The logical id of the document a deposit made."""
    assert answer.is_success, answer.text
    return answer.headers["location"].rsplit("/", 1)[-1]


def content_of(served: Served, token: str, document: str, **headers: str) -> httpx.Response:
    """Retrieve a document's bytes (ITI-68)."""
    accept = {"Accept": "*/*"}
    return http.get(f"{served.fhir}/Binary/{document}", headers=accept | bearer(token) | headers, timeout=30)


def search(served: Served, token: str, person: Someone, **more: str) -> httpx.Response:
    """Search a person's documents (ITI-67) by POST: an INS has no place in an address."""
    fields = {"patient.identifier": f"urn:oid:{person.ins.oid}|{person.ins.matricule}"} | more
    return http.post(
        f"{served.fhir}/DocumentReference/_search", data=fields, headers=bearer(token) | {"Accept": "*/*"}, timeout=30
    )
