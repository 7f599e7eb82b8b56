"""A consent recorded by software: its address, its reach, its code, and who may read it back."""

import datetime as dt

import pytest

from carnet.access.api import AccessSwitches, change_switches, make_consent_code
from factories.fhir import acting, problems
from factories.world import AT, give, make_person, make_professional, make_software

URL = "https://carnet.invalid/fhir/StructureDefinition"


def switches(**changes):
    """The person's switches, all off but those named."""
    off = dict.fromkeys(AccessSwitches.__struct_fields__, False)
    return AccessSwitches(**(off | changes))


@pytest.fixture
async def world(client):
    person, software, doctor = await make_person(), await make_software(), await make_professional()
    receipt = await give(person, by=software)
    return person, doctor, f"DocumentReference/{person.space.hex}{receipt.documents[0].document_id.hex}"


def consent(person, *extensions, **changes):
    return {
        "resourceType": "Consent",
        "status": "active",
        "extension": list(extensions),
        "patient": {"identifier": {"system": f"urn:oid:{person.ins.oid}", "value": person.ins.matricule}},
        "provision": {"type": "permit"},
    } | changes


def reach(code):
    return {"url": f"{URL}/consent-reach", "valueCode": code}


def code(digits):
    return {"url": f"{URL}/consent-code", "valueString": digits}


async def test_it_has_an_address_and_is_read_back_there_by_whoever_recorded_it(client, world):
    person, doctor, _ = world
    made = await client.post("Consent", json=consent(person, reach("consultation")), headers=acting(doctor))
    assert made.status_code == 201, made.text
    location = made.headers["location"]
    assert location.endswith(f"/Consent/{made.json()['id']}")
    assert made.json()["extension"] == [reach("consultation")]
    assert made.json()["provision"]["period"]["end"] == "2026-11-22T09:00:00.000Z", "a consultation lapses"
    read = await client.get(location, headers=acting(doctor))
    assert (read.status_code, read.json()) == (200, made.json())
    found = await client.get("Consent", params={"patient": person.space.hex}, headers=acting(doctor))
    assert [entry["resource"] for entry in found.json()["entry"]] == [made.json()]
    colleague = await make_professional(finess=doctor.organisation)
    assert (await client.get(location, headers=acting(colleague))).status_code == 404
    others = await client.get("Consent", params={"patient": person.space.hex}, headers=acting(colleague))
    assert others.json()["total"] == 0


async def test_the_care_team_inherits_what_was_given_to_it_and_nothing_else(client, world):
    person, doctor, document = world
    colleague = await make_professional(finess=doctor.organisation)
    await client.post("Consent", json=consent(person, reach("consultation")), headers=acting(doctor))
    assert (await client.get(document, headers=acting(colleague))).status_code == 403
    await client.post("Consent", json=consent(person, reach("team")), headers=acting(doctor))
    assert (await client.get(document, headers=acting(colleague))).status_code == 200


async def test_a_consultation_lapses_and_is_then_shown_as_inactive(client, world, standing_clock):
    person, doctor, document = world
    made = await client.post("Consent", json=consent(person, reach("consultation")), headers=acting(doctor))
    standing_clock.advance(dt.timedelta(hours=25))
    assert (await client.get(document, headers=acting(doctor))).status_code == 403
    assert (await client.get(made.headers["location"], headers=acting(doctor))).json()["status"] == "inactive"
    asked = {"patient": person.space.hex, "status": "active"}
    assert (await client.get("Consent", params=asked, headers=acting(doctor))).json()["total"] == 0


async def test_the_strong_mode_asks_for_the_code_the_person_made(client, world):
    person, doctor, document = world
    await change_switches(actor=person.actor, space=person.space, switches=switches(strong_consent=True), at=AT)
    for extensions, reason in (((), "code-needed"), ((code("000000x"),), "code-wrong")):
        refused = await client.post("Consent", json=consent(person, *extensions), headers=acting(doctor))
        assert (refused.status_code, problems(refused)) == (403, [(reason, None)])
        assert refused.json()["issue"][0]["code"] == "business-rule"
        assert "000000x" not in refused.text
    english = await client.post("Consent", json=consent(person), headers=acting(doctor) | {"accept-language": "en"})
    assert english.json()["issue"][0]["details"]["text"].startswith("The person asks for a one-time code")
    shown = await make_consent_code(actor=person.actor, space=person.space, at=AT)
    made = await client.post("Consent", json=consent(person, code(shown.qr)), headers=acting(doctor))
    assert made.status_code == 201, made.text
    assert shown.digits not in made.text
    assert (await client.get(document, headers=acting(doctor))).status_code == 200
    again = await client.post("Consent", json=consent(person, code(shown.digits)), headers=acting(doctor))
    assert problems(again) == [("code-wrong", None)], "a code works once"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"extension": [reach("everybody")]}, "consent-not-understood"),
        ({"extension": [{"url": f"{URL}/consent-reach"}]}, "element-missing"),
        ({"provision": {"type": "permit", "period": {"start": "2027-01-01"}}}, "starts-later"),
        ({"provision": {"type": "permit", "purpose": [{"code": "BTG"}]}}, "consent-not-understood"),
    ],
)
async def test_what_it_says_beyond_that_is_refused(client, world, changes, problem):
    person, doctor, document = world
    answer = await client.post("Consent", json=consent(person) | changes, headers=acting(doctor))
    assert (answer.status_code // 100, problems(answer)[0][0]) == (4, problem)
    assert (await client.get(document, headers=acting(doctor))).status_code == 403
