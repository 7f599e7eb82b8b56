"""Submission sets (ITI-66), finding a patient, recording their consent."""

import datetime as dt

import pytest

from carnet.access.api import authorise, block
from carnet.infra.db import work
from carnet.journal.api import Filter, entries
from carnet.records.api import mask_document
from factories.fhir import acting, problems, transaction
from factories.world import AT, make_person, make_professional, make_software


@pytest.fixture
async def world(client):
    person, software, doctor = await make_person(), await make_software(), await make_professional()
    await authorise(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
    message = transaction(person, b"un", b"deux")
    sent = (await client.post("", json=message, headers=acting(software))).json()
    return person, software, doctor, message, [entry["response"]["location"] for entry in sent["entry"]]


async def find(client, doctor, person, **parameters):
    asked = {"patient": person.space.hex, **{name.replace("__", "."): v for name, v in parameters.items()}}
    answer = await client.get("List", params=asked, headers=acting(doctor))
    assert answer.status_code == 200, answer.text
    return [entry["resource"] for entry in answer.json().get("entry", [])]


async def test_a_set_names_what_came_together(client, world):
    person, _, doctor, _, (set_location, one, two, *_) = world
    (found,) = await find(client, doctor, person, code="submissionset", status="current")
    assert found["title"] == "Envoi du laboratoire"
    assert {entry["item"]["reference"] for entry in found["entry"]} == {one, two}
    read = await client.get(set_location, headers=acting(doctor))
    assert read.json() == found


async def test_filters_of_sets(client, world):
    person, software, doctor, message, _ = world
    unique = message["entry"][0]["resource"]["identifier"][0]["value"]
    for parameters, expected in (
        ({"identifier": unique}, 1),
        ({"identifier": "urn:uuid:other"}, 0),
        ({"date": "2026-11-20"}, 1),
        ({"date": "gt2026-11-20"}, 0),
        ({"code": "folder"}, 0),
        ({"status": "retired"}, 0),
        ({"source__identifier": f"urn:oid:1.2.250.1.71.4.2.2|1{software.organisation}"}, 1),
        ({"source__identifier": "123456789"}, 0),
        ({"_id": "0" * 64}, 0),
    ):
        assert len(await find(client, doctor, person, **parameters)) == expected, parameters


async def test_a_set_never_names_a_hidden_document_and_vanishes_with_its_last(client, world):
    person, _, doctor, _, (set_location, one, two, *_) = world
    import uuid

    for location, left in ((one, {two}), (two, set())):
        document = uuid.UUID(hex=location[-32:])
        await mask_document(actor=person.actor, space=person.space, document=document, at=AT)
        found = await find(client, doctor, person)
        assert {entry["item"]["reference"] for one_set in found for entry in one_set["entry"]} == left
    assert (await client.get(set_location, headers=acting(doctor))).status_code == 404


async def test_pages_of_sets(client, world):
    person, software, doctor, _, _ = world
    for _ in range(3):
        await client.post("", json=transaction(person), headers=acting(software))
    answer = await client.get("List", params={"patient": person.space.hex, "_count": "3"}, headers=acting(doctor))
    assert len(answer.json()["entry"]) == 3
    last = await client.get(answer.json()["link"][1]["url"], headers=acting(doctor))
    assert len(last.json()["entry"]) == 1
    assert [link["relation"] for link in last.json()["link"]] == ["self"]
    elsewhere = answer.json()["link"][1]["url"].replace("/List?", "/DocumentReference?")
    assert problems(await client.get(elsewhere, headers=acting(doctor))) == [("cursor-unknown", "_cursor")]


async def test_sets_are_counted(client, world):
    person, software, doctor, _, _ = world
    for _ in range(2):
        await client.post("", json=transaction(person), headers=acting(software))

    async def asked(**parameters):
        answer = await client.get("List", params={"patient": person.space.hex} | parameters, headers=acting(doctor))
        return answer.json()

    for parameters in ({"_summary": "count"}, {"_count": "0"}):
        counted = await asked(**parameters)
        assert (counted["total"], "entry" in counted, len(counted["link"])) == (3, False, 1)
    first = await asked(_count="2", _total="accurate")
    assert (first["total"], len(first["entry"])) == (3, 2)
    following = (await client.get(first["link"][1]["url"], headers=acting(doctor))).json()
    assert (following["total"], len(following["entry"])) == (3, 1)
    assert "total" not in await asked(_count="2")
    await mask_everything(person)
    assert (await asked(_summary="count"))["total"] == 0
    refused = await client.get("List", params={"patient": person.space.hex, "_summary": "text"}, headers=acting(doctor))
    assert problems(refused) == [("parameter-not-supported", "_summary")]


async def mask_everything(person):
    async with work(space=person.space, at=AT) as w:
        rows = await w.rows("SELECT document_id FROM document WHERE space_id = %s", (person.space,))
    for (document,) in rows:
        await mask_document(actor=person.actor, space=person.space, document=document, at=AT)


async def test_a_patient_is_found_by_ins_and_the_question_is_in_their_journal(client, world):
    person, _, _, _, _ = world
    doctor = await make_professional()
    asked = {"identifier": f"urn:oid:{person.ins.oid}|{person.ins.matricule}"}
    answer = await client.get("Patient", params=asked, headers=acting(doctor))
    (found,) = [entry["resource"] for entry in answer.json()["entry"]]
    assert (found["resourceType"], found["id"]) == ("Patient", person.space.hex)
    assert person.traits.birth_name not in answer.text
    assert person.ins.matricule not in answer.text
    async with work(space=person.space, at=AT) as w:
        assert (await entries(w, filter_=Filter(), limit=1))[0].act == "find-patient"


async def test_unknown_and_blocking_patients_are_one_empty_answer(client, world):
    person, _, doctor, _, _ = world
    await block(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
    answers = [
        await client.get("Patient", params={"identifier": f"urn:oid:{oid}|{matricule}"}, headers=acting(doctor))
        for oid, matricule in ((person.ins.oid, person.ins.matricule), (person.ins.oid, "279035121518989"))
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    assert answers[0].json()["total"] == 0


async def test_a_wrong_key_is_told(client, world):
    _, _, doctor, _, _ = world
    asked = {"identifier": "urn:oid:1.2.250.1.213.1.4.10|279035121518900"}
    answer = await client.get("Patient", params=asked, headers=acting(doctor))
    assert (answer.status_code, problems(answer)) == (422, [("ins-key-wrong", "identifier")])


async def test_software_alone_finds_nobody(client, world):
    _person, software, _, _, _ = world
    answer = await client.get("Patient", params={"identifier": "x"}, headers=acting(software))
    assert (answer.status_code, problems(answer)) == (403, [("not-for-you", None)])


def consent(person, **changes):
    return {
        "resourceType": "Consent",
        "status": "active",
        "patient": {"identifier": {"system": f"urn:oid:{person.ins.oid}", "value": person.ins.matricule}},
        "provision": {"type": "permit"},
    } | changes


async def test_a_recorded_consent_opens_the_documents(client, world):
    person, _, _, _, locations = world
    doctor = await make_professional()
    refused = await client.get(locations[1], headers=acting(doctor))
    assert (refused.status_code, problems(refused)) == (403, [("no-authorisation", None)])
    answer = await client.post("Consent", json=consent(person), headers=acting(doctor))
    assert answer.status_code == 201, answer.text
    assert answer.json()["patient"]["reference"] == f"Patient/{person.space.hex}"
    assert (await client.get(locations[1], headers=acting(doctor))).status_code == 200


async def test_a_consent_ends_when_it_says(client, world, standing_clock):
    person, _, _, _, locations = world
    doctor = await make_professional()
    provision = {"type": "permit", "period": {"end": "2026-11-22T00:00:00+01:00"}}
    await client.post("Consent", json=consent(person, provision=provision), headers=acting(doctor))
    assert (await client.get(locations[1], headers=acting(doctor))).status_code == 200
    standing_clock.advance(dt.timedelta(days=1))
    assert (await client.get(locations[1], headers=acting(doctor))).status_code == 403


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"provision": {"type": "deny"}}, ("consent-not-understood", "Consent.provision")),
        ({"provision": {"type": "permit", "actor": []}}, ("consent-not-understood", "Consent.provision")),
        ({"provision": {"type": "permit", "period": {"end": "2020-01-01"}}}, ("end-in-the-past", "ends_at")),
        ({"status": "draft"}, ("consent-not-understood", "Consent.status")),
        ({"patient": None}, ("element-missing", "Consent.patient")),
        ({"resourceType": "Patient"}, ("resource-type", "Consent.resourceType")),
    ],
)
async def test_a_consent_is_understood_whole_or_refused(client, world, changes, problem):
    person, _, _, _, _ = world
    doctor = await make_professional()
    answer = await client.post("Consent", json=consent(person, **changes), headers=acting(doctor))
    assert (answer.status_code // 100, problems(answer)) == (4, [problem])


async def test_a_blocked_professional_cannot_record_their_way_in(client, world):
    person, _, doctor, _, _ = world
    await block(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
    answer = await client.post("Consent", json=consent(person), headers=acting(doctor))
    unknown = consent(person)
    unknown["patient"] = {"identifier": {"system": f"urn:oid:{person.ins.oid}", "value": "279035121518989"}}
    nobody = await client.post("Consent", json=unknown, headers=acting(doctor))
    assert (answer.status_code, problems(answer)) == (404, [("unknown-patient", None)])
    assert (answer.content, answer.headers) == (nobody.content, nobody.headers)
