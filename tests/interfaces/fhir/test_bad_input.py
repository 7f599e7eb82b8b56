"""Bad input, one line each: an OperationOutcome that says where, in two languages; nothing stored, a trace left."""

import base64
import hashlib
import json

import pytest

from factories.cda import make_cda
from factories.fhir import CLASSES, LOINC, VISIBILITY, acting, problems, reference, transaction
from factories.pdf import make_active_pdf, make_encrypted_pdf, make_pdf
from factories.state import refusals, stored
from factories.world import make_person, make_software

DOC = "Bundle.entry[1].resource"
ATTACHMENT = f"{DOC}.content[0].attachment"
ZIP = b"PK\x03\x04" + bytes(100)
BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><x>&b;</x>'
ENTITY = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><ClinicalDocument>&a;</ClinicalDocument>'


def document(bundle):
    return bundle["entry"][1]["resource"]


def attachment(bundle):
    return document(bundle)["content"][0]["attachment"]


def put(path, value):
    """A change: set (or, with None, remove) one element of the DocumentReference."""

    def change(bundle):
        *way, last = path.split(".")
        node = document(bundle)
        for name in way:
            node = node[int(name)] if name.isdigit() else node[name]
        if value is None:
            del node[last]
        else:
            node[int(last) if last.isdigit() else last] = value

    return change


def content(data, media="text/plain", **claims):
    """A change: other bytes, truthfully sized and hashed unless `claims` lie."""

    def change(bundle):
        bundle["entry"][2]["resource"] |= {"data": base64.b64encode(data).decode(), "contentType": media}
        digest = base64.b64encode(hashlib.sha1(data).digest()).decode()
        attachment(bundle).update({"contentType": media, "size": len(data), "hash": digest} | claims)

    return change


def entries(change):
    """A change of the list of entries."""

    def apply(bundle):
        bundle["entry"] = change(bundle["entry"])

    return apply


def concept(system, code):
    return {"coding": [{"system": system, "code": code}]}


def deep(bundle):
    node = document(bundle)
    for _ in range(100):
        node["extension"] = [{"url": "x"}]
        node = node["extension"][0]


CASES = {
    # structure of the message
    "wrong resource": (lambda b: b.update(resourceType="Patient"), 400, "resource-type", "Bundle.resourceType"),
    "no resource type": (lambda b: b.pop("resourceType"), 400, "element-missing", "Bundle.resourceType"),
    "batch": (lambda b: b.update(type="batch"), 422, "bundle-type", "Bundle.type"),
    "no entries": (lambda b: b.update(entry=[]), 400, "element-missing", "Bundle.entry"),
    "entries not a list": (lambda b: b.update(entry={}), 400, "array-expected", "Bundle.entry"),
    "entry not an object": (entries(lambda e: [*e, 3]), 400, "object-expected", "Bundle.entry[3]"),
    "no submission set": (entries(lambda e: e[1:]), 400, "submission-set-count", "Bundle.entry"),
    "two submission sets": (
        entries(lambda e: [*e, {**e[0], "fullUrl": "urn:uuid:0"}]),
        400,
        "submission-set-count",
        "Bundle.entry",
    ),
    "no document": (entries(lambda e: [e[0]]), 400, "document-missing", "Bundle.entry"),
    "document twice": (entries(lambda e: [*e, e[1]]), 400, "full-url-twice", "Bundle.entry[3].fullUrl"),
    "document not in the set": (
        lambda b: b["entry"][0]["resource"].update(entry=[]),
        400,
        "submission-set-disagrees",
        "Bundle.entry.resource.ofType(List).entry",
    ),
    "content missing": (entries(lambda e: e[:2]), 422, "content-elsewhere", f"{ATTACHMENT}.url"),
    "content nobody claims": (
        entries(lambda e: [*e, {**e[2], "fullUrl": "urn:uuid:0"}]),
        400,
        "binary-not-used-once",
        "Bundle.entry[3].resource",
    ),
    "folder": (
        entries(
            lambda e: [
                *e,
                {**e[0], "fullUrl": "urn:uuid:0", "resource": {**e[0]["resource"], "code": concept("x", "folder")}},
            ]
        ),
        422,
        "folder-not-supported",
        "Bundle.entry[3].resource.code",
    ),
    "foreign resource": (
        entries(lambda e: [*e, {"resource": {"resourceType": "Observation"}}]),
        422,
        "entry-not-expected",
        "Bundle.entry[3].resource.resourceType",
    ),
    "update in a deposit": (
        lambda b: b["entry"][1]["request"].update(method="PUT"),
        422,
        "entry-request",
        "Bundle.entry[1].request",
    ),
    "no request": (lambda b: b["entry"][1].pop("request"), 400, "element-missing", "Bundle.entry[1].request"),
    "too deep": (deep, 400, "json-too-deep", None),
    "control character": (put("description", "a\x00b"), 400, "json-character", f"{DOC}.description"),
    "lone surrogate": (put("description", "a\ud800b"), 400, "json-character", f"{DOC}.description"),
    "another meaning": (put("modifierExtension", [{"url": "x"}]), 422, "meaning-modified", f"{DOC}.modifierExtension"),
    "rules of elsewhere": (lambda b: b.update(implicitRules="urn:x"), 422, "meaning-modified", "Bundle.implicitRules"),
    "not meant to be read": (put("docStatus", "entered-in-error"), 422, "status-not-current", f"{DOC}.docStatus"),
    "set without a date": (
        lambda b: b["entry"][0]["resource"].pop("date"),
        400,
        "element-missing",
        "Bundle.entry[0].resource.date",
    ),
    "set in the future": (
        lambda b: b["entry"][0]["resource"].update(date="2026-11-21T10:06:00+01:00"),
        422,
        "date-in-the-future",
        "Bundle.entry[0].resource.date",
    ),
    # the document's own words
    "status": (put("status", "superseded"), 422, "status-not-current", f"{DOC}.status"),
    "no content element": (put("content", []), 400, "element-missing", f"{DOC}.content"),
    "base64": (
        lambda b: b["entry"][2]["resource"].update(data="QUJD*"),
        400,
        "base64-broken",
        "Bundle.entry[2].resource.data",
    ),
    "base64 cut": (
        lambda b: b["entry"][2]["resource"].update(data="QUJDR"),
        400,
        "base64-broken",
        "Bundle.entry[2].resource.data",
    ),
    "size as text": (put("content.0.attachment.size", "12"), 400, "number-expected", f"{ATTACHMENT}.size"),
    "unknown type": (put("type", concept(LOINC, "99999-9")), 422, "type-unknown-code", f"{DOC}.type"),
    "type of another system": (
        put("type", concept("urn:oid:1.2.3", "11502-2")),
        422,
        "type-unknown-code",
        f"{DOC}.type",
    ),
    "type without a code": (
        put("type", {"coding": [{"system": LOINC}]}),
        400,
        "element-missing",
        f"{DOC}.type.coding[0].code",
    ),
    "unknown class": (put("category", [concept(CLASSES, "77")]), 422, "class-unknown-code", f"{DOC}.category"),
    "unknown format": (
        put(
            "content.0.format", {"system": "http://ihe.net/fhir/ihe.formatcode.fhir/CodeSystem/formatcode", "code": "x"}
        ),
        422,
        "format-unknown-code",
        f"{DOC}.content[0].format",
    ),
    "unknown facility": (
        put("context.facilityType", concept("urn:oid:1.2.250.1.71.4.2.4", "SA999")),
        422,
        "facility-unknown-code",
        f"{DOC}.context.facilityType",
    ),
    "unknown setting": (
        put("context.practiceSetting", concept("urn:oid:1.2.250.1.213.1.1.4.9", "X")),
        422,
        "setting-unknown-code",
        f"{DOC}.context.practiceSetting",
    ),
    "unknown confidentiality": (
        put("securityLabel", [concept(VISIBILITY, "SECRET")]),
        422,
        "confidentiality-unknown-code",
        f"{DOC}.securityLabel[0]",
    ),
    "codes that exclude each other": (
        put("securityLabel", [concept(VISIBILITY, "MASQUE_PS"), concept(VISIBILITY, "INVISIBLE_PATIENT")]),
        422,
        "codes-exclude-each-other",
        f"{DOC}.securityLabel",
    ),
    "date in the future": (
        put("content.0.attachment.creation", "2026-11-21T10:06:00+01:00"),
        422,
        "date-in-the-future",
        f"{ATTACHMENT}.creation",
    ),
    "described in the future": (
        put("date", "2026-11-21T10:06:00+01:00"),
        422,
        "date-in-the-future",
        f"{DOC}.date",
    ),
    "described on no day": (put("date", "2026-13-01"), 400, "date-malformed", f"{DOC}.date"),
    "not a date": (put("content.0.attachment.creation", "hier"), 400, "date-malformed", f"{ATTACHMENT}.creation"),
    "impossible date": (
        put("content.0.attachment.creation", "2026-02-30"),
        400,
        "date-malformed",
        f"{ATTACHMENT}.creation",
    ),
    "title with controls": (
        put("content.0.attachment.title", "Bilan\tsecret\x7f"),
        422,
        "title-characters",
        f"{ATTACHMENT}.title",
    ),
    "title reversed": (
        put("content.0.attachment.title", "Bilan \u202efdp.exe"),
        422,
        "title-characters",
        f"{ATTACHMENT}.title",
    ),
    "title climbing": (put("content.0.attachment.title", "../../etc/passwd"), 422, "title-path", f"{ATTACHMENT}.title"),
    "title too long": (put("content.0.attachment.title", "x" * 256), 422, "title-length", f"{ATTACHMENT}.title"),
    "language": (put("content.0.attachment.language", "français !"), 422, "language", f"{ATTACHMENT}.language"),
    "identifier": (put("masterIdentifier.value", "a b"), 422, "identifier-malformed", f"{DOC}.masterIdentifier.value"),
    "period reversed": (
        put("context.period", {"start": "2026-01-02", "end": "2026-01-01"}),
        422,
        "period-reversed",
        f"{DOC}.context.period",
    ),
    "replaces nothing we have": (
        put("relatesTo", [{"code": "replaces", "target": {"identifier": {"value": "urn:oid:9.9.9"}}}]),
        404,
        "replaced-document-unknown",
        "DocumentReference.relatesTo.target",
    ),
    "replaces two": (
        put("relatesTo", [{"code": "replaces", "target": {"identifier": {"value": v}}} for v in "ab"]),
        422,
        "replaces-several",
        f"{DOC}.relatesTo",
    ),
    "dangling reference": (
        put("subject", {"reference": "#nobody"}),
        400,
        "reference-dangling",
        f"{DOC}.subject.reference",
    ),
    # whom it is about
    "no identity": (
        put("contained.0.identifier", []),
        422,
        "ins-missing",
        "Bundle.entry.resource.ofType(DocumentReference).subject",
    ),
    "wrong key": (
        put("contained.0.identifier.0.value", "279035121518900"),
        422,
        "ins-key-wrong",
        f"{DOC}.contained[0].identifier[0].value",
    ),
    "no key": (
        put("contained.0.identifier.0.value", "2790351215189"),
        422,
        "ins-key-missing",
        f"{DOC}.contained[0].identifier[0].value",
    ),
    "old INS-C": (
        put("contained.0.identifier.0", {"system": "urn:oid:1.2.250.1.213.1.4.2", "value": "1" * 22}),
        422,
        "ins-c-obsolete",
        f"{DOC}.contained[0].identifier[0].value",
    ),
    "unknown patient": (
        put("contained.0.identifier.0.value", "279035121518989"),
        404,
        "unknown-patient",
        "DocumentReference.subject",
    ),
    "other birth name": (
        put("contained.0.name.0.family", "Autrement"),
        422,
        "traits-disagree",
        "DocumentReference.context.sourcePatientInfo",
    ),
    "no birth date": (
        put("contained.0.birthDate", None),
        422,
        "traits-disagree",
        "DocumentReference.context.sourcePatientInfo",
    ),
    "no traits": (
        put("contained.0.name", []),
        422,
        "traits-missing",
        "DocumentReference.context.sourcePatientInfo",
    ),
    "another patient of ours": (
        put("context.sourcePatientInfo", {"reference": "Patient/" + "0" * 32}),
        422,
        "patient-disagrees",
        "DocumentReference.subject",
    ),
    # the bytes
    "size": (content(b"Bonjour", size=8), 422, "size-disagrees", f"{ATTACHMENT}.size"),
    "hash": (content(b"Bonjour", hash="AAAA"), 422, "hash-disagrees", f"{ATTACHMENT}.hash"),
    "empty": (content(b" \n"), 422, "content-empty", ATTACHMENT),
    "lying": (content(make_pdf(), "text/plain"), 422, "content-lying", ATTACHMENT),
    "two types": (
        lambda b: (
            content(make_pdf(), "application/pdf")(b),
            b["entry"][2]["resource"].update(contentType="image/png"),
        ),
        422,
        "content-type-disagrees",
        f"{ATTACHMENT}.contentType",
    ),
    "archive": (content(ZIP, "application/pdf"), 422, "content-archive", ATTACHMENT),
    "media type": (content(b"x", "application/msword"), 422, "content-type-unsupported", ATTACHMENT),
    "pdf cut": (content(make_pdf()[:-40], "application/pdf"), 422, "content-truncated", ATTACHMENT),
    "pdf encrypted": (content(make_encrypted_pdf(), "application/pdf"), 422, "pdf-encrypted", ATTACHMENT),
    "xml bomb": (content(BOMB, "text/xml"), 422, "xml-doctype", ATTACHMENT),
    "external entity": (content(ENTITY, "text/xml"), 422, "xml-doctype", ATTACHMENT),
    "cda of somebody else": (content(make_cda(), "text/xml"), 422, "cda-patient-disagrees", f"{DOC}.subject"),
    "html": (content(b"<html><script>1</script></html>", "text/plain"), 422, "content-html", ATTACHMENT),
}


@pytest.mark.parametrize("name", CASES)
async def test_bad_documents_are_refused_and_nothing_is_stored(house, client, name):
    change, status, problem, path = CASES[name]
    person, software = await make_person(), await make_software()
    bundle = transaction(person)
    change(bundle)
    before, traced = stored(house), refusals(house)
    answer = await client.post("", content=json.dumps(bundle), headers=acting(software))
    assert answer.status_code == status, answer.text
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert (problem, path) in problems(answer), answer.text
    assert stored(house) == before
    assert refusals(house) == traced + 1
    english = await client.post(
        "", content=json.dumps(bundle), headers=acting(software) | {"accept-language": "en-GB,en;q=0.9,fr;q=0.1"}
    )
    for one, other in zip(answer.json()["issue"], english.json()["issue"], strict=True):
        assert one["diagnostics"] != other["diagnostics"]
        assert person.ins.matricule not in one["diagnostics"]
        assert person.traits.birth_name not in one["diagnostics"]


@pytest.mark.parametrize(
    ("body", "headers", "status", "problem"),
    [
        (b"", {}, 400, "json-syntax"),
        (b"bonjour", {}, 400, "json-syntax"),
        (b'{"resourceType":"Bundle"', {}, 400, "json-syntax"),
        (b'["Bundle"]', {}, 400, "json-not-an-object"),
        (b"null", {}, 400, "json-not-an-object"),
        (b"\xff\xfe{\x00", {}, 400, "json-encoding"),
        (b'{"resourceType":"Bundle","x":NaN}', {}, 400, "json-number"),
        (b'{"resourceType":"Bundle","x":-Infinity}', {}, 400, "json-number"),
        (b'{"x":' + b"9" * 5000 + b"}", {}, 400, "json-number"),
        (b'{"resourceType":"Bundle","type":"transaction","type":"batch"}', {}, 400, "json-key-twice"),
        (b"[" * 200_000, {}, 400, "json-too-deep"),
        (b'{"a":' * 50_000, {}, 400, "json-too-deep"),
        (b'{"a":[' + b"1," * 60_000 + b"1]}", {}, 400, "json-too-large"),
        (b'{"resourceType":"Bundle","modifierExt\\u0065nsion":[{}]}', {}, 422, "meaning-modified"),
        (b'{"resourceType":"Bundle","x":[{"\\u006DodifierExtension":[{}]}]}', {}, 422, "meaning-modified"),
        (b"<Bundle/>", {"content-type": "application/fhir+xml"}, 415, "media-type"),
        (b"{}", {"content-type": "text/xml"}, 415, "media-type"),
        (b"{}", {"content-type": "application/x-www-form-urlencoded"}, 415, "media-type"),
        (b"{}", {"content-type": "application/fhir+json; fhirVersion=5.0"}, 415, "media-type"),
        (b"{}", {"content-type": "application/fhir+json; charset=latin-1"}, 415, "media-type"),
        (b"{}", {"content-encoding": "gzip"}, 415, "media-type"),
        (b"{}", {"accept": "application/fhir+xml"}, 406, "not-acceptable"),
        (b"x" * 15_000_000, {}, 413, "body-too-large"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["", "DocumentReference"])
async def test_bytes_that_are_no_message(house, client, path, body, headers, status, problem):
    software = await make_software()
    before, traced = stored(house), refusals(house)
    answer = await client.post(path, content=body, headers=acting(software) | headers)
    assert answer.status_code == status, answer.text
    assert problems(answer)[0][0] == problem
    assert stored(house) == before
    assert refusals(house) == traced + 1


async def test_a_body_that_lies_about_its_length_is_counted(client):
    software = await make_software()

    async def endless():
        for _ in range(20):
            yield b"x" * 1_000_000

    answer = await client.post("", content=endless(), headers=acting(software))
    assert (answer.status_code, problems(answer)[0][0]) == (413, "body-too-large")


async def test_a_document_just_too_large_is_refused_as_such(house, client):
    person, software = await make_person(), await make_software()
    before = stored(house)
    large = reference(person, content=b"a" * (10 * 1024 * 1024 + 1))
    answer = await client.post("DocumentReference", content=json.dumps(large), headers=acting(software))
    assert (answer.status_code, problems(answer)[0]) == (
        413, ("content-too-large", "DocumentReference.content[0].attachment"),
    )  # fmt: skip
    assert stored(house) == before


async def test_every_problem_is_told_at_once(client):
    person, software = await make_person(), await make_software()
    bundle = transaction(person)
    for name in ("unknown type", "unknown confidentiality", "title climbing", "size", "date in the future"):
        CASES[name][0](bundle)
    answer = await client.post("", content=json.dumps(bundle), headers=acting(software))
    assert len(problems(answer)) >= 5


async def test_a_pdf_with_scripts_is_kept_and_marked_active(house, client):
    person, software = await make_person(), await make_software()
    kept = reference(person, content=make_active_pdf(), attachment={"contentType": "application/pdf"})
    assert (await client.post("DocumentReference", json=kept, headers=acting(software))).status_code == 201


async def test_a_client_that_hangs_up_half_way_leaves_nothing(house, client):
    person, software = await make_person(), await make_software()
    body = json.dumps(transaction(person)).encode()
    before = stored(house)
    sent: list[dict] = []
    half = {"type": "http.request", "body": body[: len(body) // 2], "more_body": True}
    messages = iter([half, {"type": "http.disconnect"}])

    async def receive():
        return next(messages)

    async def send(message):
        sent.append(message)

    named = acting(software) | {"content-type": "application/fhir+json"}
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/fhir",
        "raw_path": b"/fhir",
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "http_version": "1.1",
        "headers": [(name.encode(), value.encode()) for name, value in named.items()],
        "server": ("testserver", 80),
        "client": ("127.0.0.1", 1),
    }
    await client._transport.app(scope, receive, send)
    assert (sent[0]["status"], stored(house)) == (400, before)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", "DocumentReference/abc", 405),
        ("PATCH", "List/abc", 405),
        ("DELETE", "Binary/abc", 405),
        ("POST", "Binary", 404),
        ("POST", "metadata", 405),
        ("GET", "", 405),
        ("GET", "Observation?patient=1", 404),
        ("GET", "DocumentReference/a/_history", 404),
        ("GET", "List/a/$docs", 404),
        ("GET", "Patient/a", 404),
        ("GET", "%2e%2e/etc", 404),
    ],
)
async def test_what_is_not_offered_is_said_in_fhir(client, method, path, status):
    answer = await client.request(method, path)
    assert (answer.status_code, answer.json()["resourceType"]) == (status, "OperationOutcome")
