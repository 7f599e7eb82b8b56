"""Reading one document and its bytes: ITI-68, ranges, validators, traces before bytes, and what is absent."""

import base64
import hashlib

import pytest

from carnet.access.api import authorise, block
from carnet.infra.db import work
from carnet.journal.api import Filter, entries
from carnet.kernel.ids import routable
from carnet.records.api import mask_document
from factories.fhir import acting, problems, reference
from factories.world import AT, give, make_person, make_professional, make_software

CONTENT = b"0123456789" * 10


@pytest.fixture
async def world(client):
    person, software, doctor = await make_person(), await make_software(), await make_professional()
    await authorise(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
    receipt = await give(person, by=software, content=CONTENT)
    return person, software, doctor, routable(person.space, receipt.documents[0].document_id)


async def traces(person):
    async with work(space=person.space, at=AT) as w:
        return [(entry.act, entry.outcome) for entry in await entries(w, filter_=Filter(with_refusals=True), limit=20)]


async def test_the_metadata_with_their_version(client, world):
    _, _, doctor, fhir_id = world
    answer = await client.get(f"DocumentReference/{fhir_id}", headers=acting(doctor))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/fhir+json"
    assert (answer.headers["etag"], answer.json()["id"]) == ('W/"1"', fhir_id)
    headers = acting(doctor) | {"if-none-match": 'W/"1"'}
    again = await client.get(f"DocumentReference/{fhir_id}", headers=headers)
    assert (again.status_code, again.content) == (304, b"")


async def test_the_bytes_are_only_ever_saved(client, world):
    person, _, doctor, fhir_id = world
    answer = await client.get(f"Binary/{fhir_id}", headers=acting(doctor))
    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert answer.headers["content-type"] == "text/plain"
    assert answer.headers["content-length"] == "100"
    assert answer.headers["etag"] == f'"{hashlib.sha256(CONTENT).hexdigest()}"'
    assert answer.headers["content-disposition"].startswith('attachment; filename="document-')
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert ("read-document", "done") in await traces(person)
    headers = acting(doctor) | {"if-none-match": answer.headers["etag"]}
    assert (await client.get(f"Binary/{fhir_id}", headers=headers)).status_code == 304


@pytest.mark.parametrize(
    ("asked", "status", "expected", "content_range"),
    [
        ("bytes=0-9", 206, CONTENT[:10], "bytes 0-9/100"),
        ("bytes=90-", 206, CONTENT[90:], "bytes 90-99/100"),
        ("bytes=-5", 206, CONTENT[-5:], "bytes 95-99/100"),
        ("bytes=-500", 206, CONTENT, "bytes 0-99/100"),
        ("bytes=95-500", 206, CONTENT[95:], "bytes 95-99/100"),
        ("bytes=0-1,5-6", 200, CONTENT, None),
        ("lines=1-2", 200, CONTENT, None),
        ("bytes=9-1", 200, CONTENT, None),
        ("bytes=100-", 416, None, "bytes */100"),
        ("bytes=-0", 416, None, "bytes */100"),
    ],
)
async def test_ranges(client, world, asked, status, expected, content_range):
    _, _, doctor, fhir_id = world
    answer = await client.get(f"Binary/{fhir_id}", headers=acting(doctor) | {"range": asked})
    assert answer.status_code == status
    assert answer.headers.get("content-range") == content_range
    if expected is not None:
        assert answer.content == expected


async def test_a_range_of_another_version_is_the_whole(client, world):
    _, _, doctor, fhir_id = world
    headers = acting(doctor) | {"range": "bytes=0-9", "if-range": '"other"'}
    assert (await client.get(f"Binary/{fhir_id}", headers=headers)).content == CONTENT


@pytest.mark.parametrize("size", [1, 2, 3, 4, 100, 196_609, 700_001])
async def test_as_a_resource_in_constant_memory(client, world, size):
    person, software, doctor, _ = world
    content = bytes(65 + n % 26 for n in range(size))
    receipt = await give(person, by=software, content=content)
    fhir_id = routable(person.space, receipt.documents[0].document_id)
    headers = acting(doctor) | {"accept": "application/fhir+json"}
    answer = await client.get(f"Binary/{fhir_id}", headers=headers)
    assert int(answer.headers["content-length"]) == len(answer.content)
    binary = answer.json()
    assert base64.b64decode(binary["data"]) == content
    assert binary["securityContext"]["reference"] == f"DocumentReference/{fhir_id}"


async def test_head_says_the_same_without_the_bytes(client, world):
    _, _, doctor, fhir_id = world
    answer = await client.head(f"Binary/{fhir_id}", headers=acting(doctor))
    assert (answer.status_code, answer.headers["content-length"], answer.content) == (200, "100", b"")


async def test_absent_hidden_foreign_and_malformed_are_one_answer(client, world):
    person, software, doctor, fhir_id = world
    receipt = await give(person, by=software, content=b"masque")
    masked = receipt.documents[0].document_id
    await mask_document(actor=person.actor, space=person.space, document=masked, at=AT)
    other = await make_person()
    theirs = (await give(other, by=software)).documents[0].document_id
    ids = [
        routable(person.space, masked),
        routable(person.space, theirs),
        fhir_id[:32] + "0" * 32,
        "0" * 64,
        "abc",
        fhir_id.upper(),
    ]
    for kind in ("DocumentReference", "Binary", "List"):
        answers = [await client.get(f"{kind}/{one}", headers=acting(doctor)) for one in ids]
        assert {answer.status_code for answer in answers} == {404}, kind
        assert len({answer.content for answer in answers}) == 1, kind


async def test_who_was_blocked_sees_nothing_there_and_leaves_a_trace(client, world):
    person, _, doctor, fhir_id = world
    await block(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
    assert (await client.get(f"Binary/{fhir_id}", headers=acting(doctor))).status_code == 404
    assert (await traces(person))[0] == ("read-document", "refused")


async def test_deleting_is_for_the_author_s_organisation_and_may_be_repeated(client, world):
    _person, software, doctor, fhir_id = world
    stranger, never = await make_software(), fhir_id[:32] + "0" * 32
    unknown = [await client.delete(f"DocumentReference/{one}", headers=acting(stranger)) for one in (fhir_id, never)]
    assert [answer.status_code for answer in unknown] == [404, 404], "who may not read it is not told that it is there"
    assert unknown[0].content == unknown[1].content
    refused = await client.delete(f"DocumentReference/{fhir_id}", headers=acting(doctor))
    assert (refused.status_code, problems(refused)) == (403, [("not-author", None)])
    for _ in range(2):
        answer = await client.delete(f"DocumentReference/{fhir_id}", headers=acting(software))
        assert (answer.status_code, answer.content) == (204, b"")
    assert (await client.get(f"Binary/{fhir_id}", headers=acting(doctor))).status_code == 404


async def test_another_organisation_may_not_replace(client, world):
    person, _, doctor, fhir_id = world
    stranger = await make_software()
    relation = [{"code": "replaces", "target": {"reference": f"DocumentReference/{fhir_id}"}}]
    replacing = reference(person, relatesTo=relation)
    answer = await client.post("DocumentReference", json=replacing, headers=acting(stranger))
    assert (answer.status_code, problems(answer)[0][0]) == (404, "replaced-document-unknown")
    answer = await client.post("DocumentReference", json=replacing, headers=acting(doctor))
    assert (answer.status_code, problems(answer)) == (403, [("not-author", None)])


async def test_the_author_s_organisation_replaces_and_the_old_one_stays_readable(client, world):
    person, software, doctor, fhir_id = world
    relation = [{"code": "replaces", "target": {"reference": f"http://testserver/fhir/DocumentReference/{fhir_id}"}}]
    replacing = reference(person, relatesTo=relation, content=b"v2")
    answer = await client.post("DocumentReference", json=replacing, headers=acting(software))
    assert answer.status_code == 201, answer.text
    old = await client.get(f"DocumentReference/{fhir_id}", headers=acting(doctor))
    assert (old.json()["status"], old.headers["etag"]) == ("superseded", 'W/"2"')
    stale = reference(person, relatesTo=relation, content=b"v3")
    late = await client.post("DocumentReference", json=stale, headers=acting(software))
    assert (late.status_code, problems(late)[0][0]) == (409, "replaced-document-not-current")
