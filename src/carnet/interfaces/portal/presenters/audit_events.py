"""Journal entries as FHIR R4 AuditEvent (hl7.org/fhir/R4/auditevent.html), for whoever reads journals by program."""

from typing import Any

from carnet.journal.api import JournalEntry
from carnet.kernel.ids import SpaceId, routable

ACTS = "https://carnet.invalid/fhir/CodeSystem/acte"
_RPPS = "urn:oid:1.2.250.1.71.4.2.1"
_FINESS = "urn:oid:1.2.250.1.71.4.2.2"
_TYPES = "http://terminology.hl7.org/CodeSystem/audit-event-type"
_REASONS = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
_ENTITY = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
_ACTIONS = {
    "deposit": "C", "add": "C", "open": "C", "replace": "U", "edit": "U", "mask": "U", "reveal": "U", "change": "U",
    "delete": "D", "read": "R", "list": "R", "search": "R", "download": "R", "view": "R", "find": "R", "export": "R",
}  # fmt: skip
_PURPOSES = {"bris-de-glace": "BTG", "centre-15": "ETREAT"}


def audit_event(entry: JournalEntry, *, space: SpaceId) -> dict[str, Any]:
    """Return one entry: who, for whom, with what, on which ground, about which documents; no name of a patient."""
    event: dict[str, Any] = {
        "resourceType": "AuditEvent",
        "type": {"system": _TYPES, "code": "rest", "display": "RESTful Operation"},
        "subtype": [{"system": ACTS, "code": entry.act}],
        "action": _ACTIONS.get(entry.act.partition("-")[0], "E"),
        "recorded": entry.at.isoformat(),
        "outcome": "0" if entry.outcome == "done" else "4",
        "agent": _agents(entry),
        "source": {"observer": {"display": "Carnet"}},
    }
    if entry.reason:
        event["outcomeDesc"] = entry.reason
    if entry.ground in _PURPOSES:
        event["purposeOfEvent"] = [{"coding": [{"system": _REASONS, "code": _PURPOSES[entry.ground]}]}]
    entities = [
        {
            "what": {"reference": f"DocumentReference/{routable(space, one)}"},
            "type": {"system": _ENTITY, "code": "2", "display": "System Object"},
        }
        for one in entry.document_ids
    ]
    if entities:
        event["entity"] = entities
    return event


def _agents(entry: JournalEntry) -> list[dict[str, Any]]:
    who: dict[str, Any] = {"identifier": {"value": entry.actor_id}}
    if entry.actor_kind == "professional":
        who["identifier"]["system"] = _RPPS
    agent: dict[str, Any] = {"who": who, "requestor": True}
    if entry.actor_name:
        agent["name"] = entry.actor_name
    if entry.profession:
        agent["role"] = [{"text": entry.profession}]
    agents = [agent]
    if entry.organisation:
        place: dict[str, Any] = {"identifier": {"system": _FINESS, "value": entry.organisation}}
        if entry.organisation_name:
            place["display"] = entry.organisation_name
        agents.append({"who": place, "requestor": False})
    if entry.client_id:
        agents.append({"who": {"identifier": {"value": entry.client_id}}, "requestor": False}
                      | ({"name": entry.client_name} if entry.client_name else {}))  # fmt: skip
    return agents
