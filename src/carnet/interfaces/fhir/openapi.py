"""The FHIR door in the words of OpenAPI 3.1, made of the tables the code itself runs on.

FHIR has its own description (the CapabilityStatement); this one is for people and tools that know HTTP and not FHIR. It
deliberately describes resources by the elements we need and no deeper: what else FHIR allows is FHIR's to say.
"""

from collections.abc import Iterable
from typing import Any, Final

from carnet.infra.web.audience import Audience
from carnet.interfaces.fhir.capability import PARAMETERS
from carnet.interfaces.fhir.interaction import Interaction
from carnet.interfaces.fhir.interactions.patch_document import JSON_PATCH
from carnet.interfaces.fhir.resources.healthcare_service import DAYS
from carnet.interfaces.fhir.search.parameters import CURSOR, LIST_RESULT, RESULT
from carnet.messaging.api import LONGEST_AUTOMATIC, MOST_ABSENCES, MOST_OPENINGS

Json = dict[str, Any]
FHIR: Final = "application/fhir+json"
_FORM: Final = "application/x-www-form-urlencoded"
_CONTENT_TYPES: Final = (
    "text/xml",
    "application/pdf",
    "image/jpeg",
    "image/png",
    "image/tiff",
    "text/plain",
    "application/rtf",
)
_REFUSALS: Final = {
    400: "The request cannot be read.",
    401: "No valid access token.",
    403: "This token, this software or this professional may not do this.",
    404: "It does not exist for this reader: absent, hidden and another person's are one and the same.",
    405: "This interaction is not offered here.",
    406: "Only FHIR JSON is written.",
    408: "The client was too slow.",
    409: "It contradicts what is stored: same identifier and other bytes, or a version that is no longer current.",
    412: "`If-Match` names a version that is no longer current; nothing was stored.",
    413: "Too large.",
    415: "The body is not FHIR JSON in UTF-8.",
    416: "The range begins behind the end.",
    422: "A readable resource that breaks a rule; nothing was stored.",
    429: "Too many searches for people who are not there; come back after `Retry-After` seconds.",
    500: "A mistake of ours; nothing was stored.",
    503: "It cannot be answered now; come back after `Retry-After` seconds.",
}
_OF_UPDATES: Final = 412
_OF_THE_SERVER: Final = frozenset({408, 413, 503})
"""Also said by the server in front of every door, in its own JSON."""


def fhir_paths(interactions: Iterable[Interaction]) -> dict[str, Json]:
    """Return the path items of `interactions`, below `/fhir`."""
    paths: dict[str, Json] = {}
    for one in interactions:
        path = "/fhir" + one.path.replace(":str", "").rstrip("/")
        item = paths.setdefault(path, {})
        for method in one.methods:
            item[method.lower()] = _operation(one, method)
    return paths


def fhir_components() -> Json:
    """Return the schemas and answers the paths point at."""
    return {
        "schemas": {
            "Refusal": _object({"error": _text(), "request": _text()}, "error"),
            "OperationOutcome": _resource("OperationOutcome", {"issue": {"type": "array", "minItems": 1}}, "issue"),
            "Bundle": _resource("Bundle", {"type": _text(), "entry": {"type": "array", "items": _object({})}}, "type"),
            "CapabilityStatement": _resource("CapabilityStatement", {"status": _text()}, "status"),
            "DocumentReference": _document_reference(),
            "Consent": _consent(),
            "Communication": _communication(),
            "HealthcareService": _healthcare_service(),
            "Parameters": _resource("Parameters", {"parameter": {"type": "array", "items": _object({})}}),
            "List": _resource("List", {"status": _text(), "mode": _text()}, "status"),
            "Patient": _resource("Patient", {"id": _text()}),
            "Binary": _resource("Binary", {"contentType": _text(), "data": _text()}, "contentType"),
        },
        "responses": {f"Refused{status}": _refusal(status) for status in _REFUSALS},
        "securitySchemes": {
            "accessToken": {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "JWT",
                "description": "From `/oauth/token`: SMART Backend Services, or an exchange of a professional's token.",
            }
        },
    }


def _operation(one: Interaction, method: str) -> Json:
    public = Audience.PUBLIC in one.audience
    found: Json = {
        "operationId": "_".join((method.lower(), one.code, one.resource or "system", *_tail(one))).replace("-", "_"),
        "summary": one.documentation,
        "tags": [one.resource or "System"],
        "description": f"For: {', '.join(sorted(one.audience))}.",
        "parameters": _parameters(one, method),
        "responses": _answers(one, method),
        "security": [] if public else [{"accessToken": []}],
    }
    body = _body(one, method)
    if body:
        found["requestBody"] = {"required": True, "content": body}
    return found


def _tail(one: Interaction) -> tuple[str, ...]:
    if one.operation:
        return (one.operation,)
    return ("by_post",) if one.path.endswith("_search") else ()


def _parameters(one: Interaction, method: str) -> list[Json]:
    found = [_language()]
    if "{id" in one.path:
        schema = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
        found.append({"name": "id", "in": "path", "required": True, "schema": schema})
    if one.code == "update":
        told = "The version replaced, as its ETag says; without it, whatever there is."
        found.append({"name": "If-Match", "in": "header", "schema": _text(), "description": told})
    if one.resource == "Binary":
        found.append({"name": "Range", "in": "header", "schema": _text(), "description": "One range of bytes."})
    if one.code == "search-type" and method == "GET":
        found += [
            {"name": name, "in": "query", "schema": _text(), "description": said}
            for name, said in _asked(one.resource or "")
        ]
    return found


def _language() -> Json:
    schema = {"type": "string", "enum": ["fr", "en"]}
    return {"name": "Accept-Language", "in": "header", "schema": schema, "description": "Of the reasons of refusals."}


def _asked(resource: str) -> list[tuple[str, str]]:
    result = RESULT if resource == "DocumentReference" else LIST_RESULT
    own = [(one.name, one.documentation) for one in PARAMETERS[resource]]
    more = [(name, "FHIR R4 §3.1.1") for name in sorted(result)]
    return [*own, *more, (CURSOR, "Where a page's `next` link leads; never made up.")]


def _body(one: Interaction, method: str) -> Json | None:
    if method == "PATCH":
        return {JSON_PATCH: {"schema": {"type": "array", "minItems": 1, "maxItems": 1, "items": _object({}, "op")}}}
    if method not in {"POST", "PUT"}:
        return None
    if one.code == "search-type":
        return {_FORM: {"schema": _object({name: _text() for name, _ in _asked(one.resource or "")})}}
    sent = "Parameters" if one.operation else one.resource or "Bundle"
    return {FHIR: {"schema": {"$ref": f"#/components/schemas/{sent}"}}}


def _answers(one: Interaction, method: str) -> Json:
    good: Json = {}
    resource = one.resource or "Bundle"
    if one.code == "search-type":
        good["200"] = _answer("A searchset.", "Bundle")
    elif one.operation:
        good["200"] = _answer("What became of it.", "Parameters")
    elif one.code == "capabilities":
        good["200"] = _answer("What this server can do.", "CapabilityStatement")
    elif one.code == "delete":
        good["204"] = {"description": "Deleted, or deleted before."}
    elif one.code == "create" and one.resource == "Communication":
        good["202"] = _answer("Kept durably; read afterwards.", resource)
    elif one.code == "patch":
        good["200"] = _answer("Done, or done before.", "OperationOutcome")
    elif one.code == "update":
        good["200"] = _answer("As kept.", resource)
        good["201"] = _answer("As kept; there was none before.", resource)
    elif one.code == "create":
        good["201"] = _answer("Stored durably. The body follows `Prefer: return`.", resource)
        good["200"] = {"description": "The same document was here already; nothing was stored."}
    elif resource == "Binary":
        good |= _content_answers()
    else:
        good["200"] = _answer("As asked.", resource)
    if one.code == "read" and resource != "Binary":
        good["304"] = {"description": "The client has this version."}
    if method == "HEAD":
        good = {status: {"description": answer["description"]} for status, answer in good.items()}
    said = _REFUSALS if one.code in {"update", "patch"} else _REFUSALS.keys() - {_OF_UPDATES}
    refusals = {str(status): {"$ref": f"#/components/responses/Refused{status}"} for status in sorted(said)}
    return good | refusals


def _content_answers() -> Json:
    content: Json = {kind: {} for kind in _CONTENT_TYPES}
    whole = content | {FHIR: {"schema": {"$ref": "#/components/schemas/Binary"}}}
    return {
        "200": {"description": "The bytes, or a Binary resource when FHIR JSON is asked for.", "content": whole},
        "206": {"description": "The range asked for.", "content": content},
        "304": {"description": "The client has these bytes."},
    }


def _answer(description: str, schema: str) -> Json:
    return {"description": description, "content": {FHIR: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}}


def _refusal(status: int) -> Json:
    found = _answer(_REFUSALS[status], "OperationOutcome")
    if status in _OF_THE_SERVER:
        found["content"]["application/json"] = {"schema": {"$ref": "#/components/schemas/Refusal"}}
    if status in {429, 503}:
        found["headers"] = {"Retry-After": {"schema": {"type": "integer", "minimum": 1}}}
    return found


def _document_reference() -> Json:
    attachment = _object(
        {
            "contentType": {"type": "string", "enum": [*_CONTENT_TYPES]},
            "data": {"type": "string", "contentEncoding": "base64"},
            "title": _text(),
            "size": {"type": "integer", "minimum": 0},
            "hash": _text(),
            "creation": _text(),
        },
        "contentType",
    )
    content = {"type": "array", "minItems": 1, "items": _object({"attachment": attachment}, "attachment")}
    elements = {
        "masterIdentifier": _object({"system": _text(), "value": _text()}),
        "status": {"type": "string", "enum": ["current", "superseded", "entered-in-error"]},
        "type": _concept(),
        "subject": _object({"reference": _text(), "identifier": _object({"system": _text(), "value": _text()})}),
        "contained": {"type": "array", "items": _object({"resourceType": _text()}, "resourceType")},
        "securityLabel": {"type": "array", "items": _concept()},
        "content": content,
    }
    return _resource("DocumentReference", elements, "status", "content")


def _consent() -> Json:
    provision = _object({"type": {"const": "permit"}, "period": _object({"end": _text()})}, "type")
    elements = {"status": {"const": "active"}, "patient": _object({"reference": _text()}), "provision": provision}
    return _resource("Consent", elements, "status", "patient", "provision")


def _healthcare_service() -> Json:
    mailbox = _object({"system": {"const": "email"}, "value": _text()}, "system", "value")
    days = {"type": "array", "minItems": 1, "items": {"type": "string", "enum": [*DAYS]}}
    needed = {"daysOfWeek": days, "availableStartTime": _text(), "availableEndTime": _text()}
    period = _object({"start": _text(), "end": _text()}, "start", "end")
    elements = {
        "active": {"type": "boolean"},
        "telecom": {"type": "array", "minItems": 1, "items": mailbox},
        "type": {"type": "array", "items": _concept()},
        "availableTime": {"type": "array", "maxItems": MOST_OPENINGS, "items": _object(needed, *needed)},
        "notAvailable": {"type": "array", "maxItems": MOST_ABSENCES, "items": _object({"during": period}, "during")},
        "extraDetails": {"type": "string", "maxLength": LONGEST_AUTOMATIC},
    }
    return _resource("HealthcareService", elements, "telecom")


def _communication() -> Json:
    attachment = _object(
        {"contentType": _text(), "data": {"type": "string", "contentEncoding": "base64"}, "title": _text()}
    )
    payload = _object({"contentString": _text(), "contentAttachment": attachment, "contentReference": _object({})})
    reference = _object({"reference": _text(), "identifier": _object({"system": _text(), "value": _text()})})
    elements = {
        "status": {"type": "string", "enum": ["completed", "in-progress"]},
        "identifier": {"type": "array", "items": _object({"system": _text(), "value": _text()})},
        "inResponseTo": {"type": "array", "items": reference},
        "recipient": {"type": "array", "items": reference},
        "topic": _object({"text": _text()}),
        "payload": {"type": "array", "items": payload},
    }
    return _resource("Communication", elements, "status")


def _concept() -> Json:
    coding = _object({"system": _text(), "code": _text(), "display": _text()})
    return _object({"coding": {"type": "array", "items": coding}})


def _resource(name: str, elements: Json, *required: str) -> Json:
    return _object({"resourceType": {"const": name}, **elements}, "resourceType", *required)


def _object(properties: Json, *required: str) -> Json:
    found: Json = {"type": "object", "properties": properties}
    return found | ({"required": list(required)} if required else {})


def _text() -> Json:
    return {"type": "string"}
