"""The mode is declared by an act, stored for one session, professional and space; nothing else opens anything."""

import datetime as dt

import msgspec
import pytest

from carnet.access.api import AccessSwitches, authorise, block, change_switches
from carnet.access.data import Mode
from carnet.interfaces.fhir import probing
from factories.fhir import acting, problems
from factories.world import AT, give, make_person, make_professional, make_software

REASON = "Patient inconscient aux urgences, antécédents inconnus."


def switches(**changes):
    """The person's switches, all off but those named."""
    off = dict.fromkeys(AccessSwitches.__struct_fields__, False)
    return AccessSwitches(**(off | changes))


@pytest.fixture
async def world(client):
    person, software, doctor = await make_person(), await make_software(), await make_professional()
    receipt = await give(person, by=software)
    doctor = msgspec.structs.replace(doctor, session="first")
    wishes = switches(bris_de_glace=True, centre_15=True)
    await change_switches(actor=person.actor, space=person.space, switches=wishes, at=AT)
    probing.limits.__init__(burst=30)
    return person, doctor, f"Binary/{person.space.hex}{receipt.documents[0].document_id.hex}"


def call(person, **parts):
    values = {"mode": ("valueCode", "bris_de_glace"), "reason": ("valueString", REASON)} | parts
    named = [{"name": name, given[0]: given[1]} for name, given in values.items() if given]
    ins = {"system": f"urn:oid:{person.ins.oid}", "value": person.ins.matricule}
    return {"resourceType": "Parameters", "parameter": [{"name": "patient", "valueIdentifier": ins}, *named]}


def said(answer):
    return {
        one["name"]: next(value for name, value in one.items() if name != "name") for one in answer.json()["parameter"]
    }


def named(actor, **changes):
    """Another actor header for the same professional, changed."""
    changed = msgspec.structs.replace(actor, **changes)
    return acting(changed, scopes=frozenset({"user/*.cruds", f"user/Session.r{len(str(changes))}"}))


async def test_breaking_the_glass_opens_for_this_session_only_and_for_half_an_hour(client, world, standing_clock):
    person, doctor, document = world
    assert problems(await client.get(document, headers=acting(doctor))) == [("no-authorisation", None)]
    opened = await client.post("Patient/$open-emergency", json=call(person), headers=acting(doctor))
    assert opened.status_code == 200, opened.text
    assert said(opened)["status"] == "granted"
    assert said(opened)["endsAt"] == "2026-11-21T09:30:00.000Z"
    assert REASON not in opened.text
    assert (await client.get(document, headers=acting(doctor))).status_code == 200
    other = await client.get(document, headers=named(doctor, session="second"))
    assert (other.status_code, problems(other)) == (403, [("no-authorisation", None)])
    colleague = await make_professional(finess=doctor.organisation)
    assert (await client.get(document, headers=named(colleague, session="first"))).status_code == 403
    asked = {"identifier": f"urn:oid:{person.ins.oid}|{person.ins.matricule}"}
    (found,) = (await client.get("Patient", params=asked, headers=acting(doctor))).json()["entry"]
    standing = {one["url"]: one for one in found["resource"]["extension"][0]["extension"]}
    assert standing["mode"]["valueCoding"]["code"] == "bris_de_glace"
    assert standing["authorised"]["valueBoolean"] is False
    standing_clock.advance(dt.timedelta(minutes=30))
    assert (await client.get(document, headers=acting(doctor))).status_code == 403


async def test_it_is_ended_before_its_time(client, world):
    person, doctor, document = world
    await client.post("Patient/$open-emergency", json=call(person), headers=acting(doctor))
    whom = {"resourceType": "Parameters", "parameter": call(person)["parameter"][:1]}
    for _ in range(2):
        assert (await client.post("Patient/$end-emergency", json=whom, headers=acting(doctor))).status_code == 200
    assert (await client.get(document, headers=acting(doctor))).status_code == 403


FORGED = {
    "a purpose of use": {"purpose-of-use": "bris_de_glace", "x-purpose-of-use": "BTG"},
    "a VIHF in a header": {"x-vihf": "urn:oid:1.2.250.1.213.1.1.4.248|bris_de_glace"},
    "a mode": {"x-mode-acces": "centre_15", "mode": "centre_15"},
    "a profession": {"x-profession": "10", "subject-role": "10^1.2.250.1.213.1.1.5.5"},
}


@pytest.mark.parametrize("forged", FORGED)
async def test_what_a_header_claims_opens_nothing(client, world, forged):
    _, doctor, document = world
    plain = await client.get(document, headers=acting(doctor))
    claimed = await client.get(document, headers=acting(doctor) | FORGED[forged])
    assert (claimed.status_code, claimed.content) == (plain.status_code, plain.content) == (403, plain.content)


async def test_a_profession_in_a_header_does_not_open_what_the_matrix_keeps_from_the_real_one(client, world):
    person, _, _ = world
    podiatrist = await make_professional(profession="80")
    await authorise(actor=person.actor, space=person.space, rpps=podiatrist.rpps, at=AT)
    hidden = await give(person, by=await make_software(), type_code="28617-9")
    address = f"Binary/{person.space.hex}{hidden.documents[0].document_id.hex}"
    plain = await client.get(address, headers=acting(podiatrist))
    claimed = await client.get(address, headers=acting(podiatrist) | FORGED["a profession"])
    assert (claimed.status_code, claimed.content) == (plain.status_code, plain.content)
    assert claimed.status_code == 404


@pytest.mark.parametrize(
    ("parts", "status", "problem"),
    [
        ({"mode": ("valueCode", "normal")}, 422, "unknown-code"),
        ({"mode": ("valueCode", "BTG")}, 422, "unknown-code"),
        ({"mode": None}, 400, "element-missing"),
        ({"reason": None}, 400, "element-missing"),
        ({"reason": ("valueString", "vite")}, 422, "emergency-reason"),
        ({"reason": ("valueString", "x" * 501)}, 422, "emergency-reason"),
        ({"hurry": ("valueBoolean", True)}, 422, "parameter-unknown"),
        ({"mode": ("valueCode", "centre_15")}, 403, "not-regulation"),
    ],
)
async def test_it_is_said_whole_or_refused(client, world, parts, status, problem):
    person, doctor, document = world
    answer = await client.post("Patient/$open-emergency", json=call(person, **parts), headers=acting(doctor))
    assert (answer.status_code, problems(answer)[0][0]) == (status, problem)
    assert (await client.get(document, headers=acting(doctor))).status_code == 403


async def test_regulation_is_a_claim_of_the_signed_identity(client, world):
    person, doctor, document = world
    regulating = named(doctor, regulation=True)
    parts = {"mode": ("valueCode", "centre_15")}
    opened = await client.post("Patient/$open-emergency", json=call(person, **parts), headers=regulating)
    assert said(opened)["mode"] == "centre_15"
    assert (await client.get(document, headers=regulating)).status_code == 200


async def test_the_persons_refusal_is_told_and_a_block_is_not(client, world):
    person, doctor, _ = world
    await change_switches(actor=person.actor, space=person.space, switches=switches(), at=AT)
    off = await client.post("Patient/$open-emergency", json=call(person), headers=acting(doctor))
    assert (off.status_code, problems(off)) == (403, [("emergency-off", None)])
    await block(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
    blocked = await client.post("Patient/$open-emergency", json=call(person), headers=acting(doctor))
    unknown = call(person)
    unknown["parameter"][0]["valueIdentifier"]["value"] = "279035121518989"
    nobody = await client.post("Patient/$open-emergency", json=unknown, headers=acting(doctor))
    assert (blocked.status_code, problems(blocked)) == (404, [("unknown-patient", None)])
    assert (blocked.content, blocked.headers) == (nobody.content, nobody.headers)


async def test_past_the_budget_a_colleague_approves(client, world):
    _, doctor, _ = world
    colleague = msgspec.structs.replace(await make_professional(finess=doctor.organisation), session="theirs")
    wishes = switches(bris_de_glace=True)
    for _ in range(20):
        person = await make_person()
        await change_switches(actor=person.actor, space=person.space, switches=wishes, at=AT)
        opened = said(await client.post("Patient/$open-emergency", json=call(person), headers=acting(doctor)))
        if opened["status"] == "waiting":
            break
    assert opened["status"] == "waiting"
    listed = await client.get(f"List?patient={person.space.hex}", headers=acting(doctor))
    assert listed.status_code == 403
    waiting = await client.get("Patient/$waiting-emergencies", headers=acting(colleague))
    (one,) = waiting.json()["parameter"]
    assert {part["name"] for part in one["part"]} == {"handle", "professional", "rpps", "expiresAt"}
    handle = {"resourceType": "Parameters", "parameter": [{"name": "handle", "valueString": opened["handle"]}]}
    own = await client.post("Patient/$approve-emergency", json=handle, headers=acting(doctor))
    assert own.status_code == 404, "nobody approves themselves"
    approved = await client.post("Patient/$approve-emergency", json=handle, headers=acting(colleague))
    assert approved.status_code == 200, approved.text
    assert (await client.get(f"List?patient={person.space.hex}", headers=acting(doctor))).status_code == 200


async def test_a_claimed_mode_that_opened_would_be_seen(client, world, monkeypatch):
    """Planted fault: a mode in force without the act."""
    _, doctor, document = world
    monkeypatch.setattr("carnet.access.rules.professional.mode_in_force", lambda facts, at: Mode.BRIS_DE_GLACE)
    assert (await client.get(document, headers=acting(doctor))).status_code != 403
