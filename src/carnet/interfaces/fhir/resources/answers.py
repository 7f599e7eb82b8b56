"""The responses this door writes itself: those of transactions. Pure.

Source: IHE MHD 4.2 §2:3.65.4.2 (ProvideDocumentBundleResponse); FHIR R4 §3.1.0.11.1, §3.1.0.9.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from carnet.access.api import Mode
from carnet.interfaces.fhir.outcome import outcome_resource
from carnet.interfaces.fhir.resources.bundle import Message
from carnet.kernel.errors import Problem
from carnet.kernel.ids import routable
from carnet.records.api import Receipt, Stored

MODES = "urn:oid:1.2.250.1.213.1.1.4.248"
NOT_STORED = Problem(
    "not-stored",
    "Lue pour comprendre l'envoi, cette ressource n'est pas conservée.",
    "Read in order to understand the message, this resource is not kept.",
)


def transaction_response(
    message: Message, receipt: Receipt, *, warnings: Sequence[Sequence[Problem]], language: str, at: datetime
) -> dict[str, Any]:
    """Return one response for every entry of the request, in its order. warnings: for each document."""
    by_place = {place: rank for rank, place in enumerate(message.places)}
    entries = []
    for number, kind in enumerate(message.kinds):
        rank = by_place.get(number, message.binaries.get(number))
        if kind == "List":
            response = _set_response(receipt, at)
        elif rank is not None:
            response = _document_response(receipt, receipt.documents[rank], kind)
            if kind == "DocumentReference" and warnings[rank]:
                response["outcome"] = outcome_resource(
                    warnings[rank], language=language, code="informational", severity="warning"
                )
        else:
            response = {"status": "200 OK"}
            if kind == "Patient":
                response["location"] = f"Patient/{receipt.space.hex}"
            response["outcome"] = outcome_resource(
                (NOT_STORED,), language=language, code="informational", severity="information"
            )
        entries.append({"response": response})
    return {"resourceType": "Bundle", "type": "transaction-response", "entry": entries}


def _set_response(receipt: Receipt, at: datetime) -> dict[str, Any]:
    response: dict[str, Any] = {"status": _status(created=receipt.set_created), "etag": 'W/"1"'}
    if receipt.set_id is not None:
        response["location"] = f"List/{routable(receipt.space, receipt.set_id)}"
    if receipt.set_created:
        response["lastModified"] = instant(at)
    return response


def _document_response(receipt: Receipt, stored: Stored, kind: str) -> dict[str, Any]:
    fhir_id = routable(receipt.space, stored.document_id)
    response: dict[str, Any] = {
        "status": _status(created=stored.created),
        "location": f"{kind}/{fhir_id}",
        "lastModified": instant(stored.received_at),
    }
    if kind == "DocumentReference":
        response["etag"] = f'W/"{stored.resource_version}"'
    return response


def _status(*, created: bool) -> str:
    return "201 Created" if created else "200 OK"


def instant(moment: datetime) -> str:
    """Return a FHIR instant in UTC, to the millisecond."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def emergency_mode(mode: Mode) -> dict[str, str]:
    """Return a mode as the coding of the CI-SIS (VIHF, "mode d'accès")."""
    return {"system": MODES, "code": str(mode)}
