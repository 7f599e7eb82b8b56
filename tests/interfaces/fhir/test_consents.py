"""A consent recorded by software: its address, its reach, its code, and who may read it back."""

import datetime as dt

import pytest

from carnet.access.api import (
    AccessSwitches,
    access_lines,
    authorise,
    change_switches,
    lines_known_to,
    make_consent_code,
)
from carnet.infra.db import work
from factories.families import attach, make_child
from factories.fhir import acting, problems
from factories.world import AT, give, make_person, make_professional, make_software

URL = "https://carnet.invalid/fhir/StructureDefinition"
YES = True


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


def secret(value):
    return {"url": f"{URL}/consent-secret", "valueBoolean": value}


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


@pytest.mark.parametrize("kept", [True, False])
async def test_software_records_a_minors_secret_consent(client, kept):
    """Parents know of no line, unless the software does not say that it is secret: the test has eyes."""
    child, doctor = await make_child(born="2012-03-04", at=AT), await make_professional()
    mother = await attach(child, await make_person(), at=AT)
    made = await client.post("Consent", json=consent(child, secret(kept)), headers=acting(doctor))
    assert made.status_code == 201, made.text
    assert (secret(YES) in made.json()["extension"]) is kept
    assert (reach("consultation") in made.json()["extension"]) is kept, "it reaches nobody else"
    read = await client.get(made.headers["location"], headers=acting(doctor))
    assert read.json() == made.json()
    async with work(space=child.space, at=AT) as w:
        lines = await access_lines(w)
    assert [one.identifier for one in lines] == [doctor.rpps]
    assert (lines_known_to(mother, lines) == []) is kept
    adult = await make_child(born="1990-03-04", at=AT)
    made = await client.post("Consent", json=consent(adult, secret(kept)), headers=acting(doctor))
    assert (made.status_code, "not-a-minor" in made.text) == ((422, True) if kept else (201, False))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"extension": [reach("everybody")]}, "consent-not-understood"),
        ({"extension": [{"url": f"{URL}/consent-reach"}]}, "element-missing"),
        ({"extension": [{"url": f"{URL}/consent-secret"}]}, "element-missing"),
        ({"extension": [secret("true")]}, "boolean-expected"),
        ({"extension": [secret(YES), reach("team")]}, "secret-for-a-team"),
        ({"provision": {"type": "permit", "period": {"start": "2027-01-01"}}}, "starts-later"),
        ({"provision": {"type": "permit", "purpose": [{"code": "BTG"}]}}, "consent-not-understood"),
    ],
)
async def test_what_it_says_beyond_that_is_refused(client, world, changes, problem):
    person, doctor, document = world
    answer = await client.post("Consent", json=consent(person) | changes, headers=acting(doctor))
    assert (answer.status_code // 100, problems(answer)[0][0]) == (4, problem)
    assert (await client.get(document, headers=acting(doctor))).status_code == 403


async def test_a_search_keeps_the_rules_of_every_other_search(client, world, standing_clock):
    person, doctor, _ = world
    for _ in range(3):  # each lapses before the next: three lines, the last in force
        await client.post("Consent", json=consent(person, reach("consultation")), headers=acting(doctor))
        standing_clock.advance(dt.timedelta(hours=25))
    await client.post("Consent", json=consent(person, reach("consultation")), headers=acting(doctor))

    async def asked(*, headers=(), **params):
        sent = {"patient": person.space.hex} | {f"_{k[2:]}" if k[:2] == "__" else k: v for k, v in params.items()}
        return await client.get("Consent", params=sent, headers=acting(doctor) | dict(headers))

    first = (await asked(__count="3", status="active,inactive")).json()
    assert (first["total"], len(first["entry"])) == (4, 3)
    assert first["link"][0]["url"].endswith("&_count=3&status=active,inactive")
    last = (await client.get(first["link"][1]["url"], headers=acting(doctor))).json()
    assert (last["total"], len(last["entry"])) == (4, 1)
    assert [link["relation"] for link in last["link"]] == ["self"]
    ids = {one["fullUrl"] for one in (*first["entry"], *last["entry"])}
    assert len(ids) == 4
    for counting in ({"__count": "0"}, {"__summary": "count"}):
        counted = (await asked(**counting)).json()
        assert (counted["total"], "entry" in counted) == (4, False)
    both = await client.get(f"Consent?patient={person.space.hex}&status=active&status=inactive", headers=acting(doctor))
    assert both.json()["total"] == 0, "repeated parameters must all hold"
    lenient = (await asked(dates="2026")).json()
    assert [one["search"]["mode"] for one in lenient["entry"]][-1] == "outcome"
    assert "dates" not in lenient["link"][0]["url"]
    assert (await asked(headers={"prefer": "handling=strict"}, dates="2026")).status_code == 422
    lists = await client.get("List", params={"patient": person.space.hex, "_count": "x"}, headers=acting(doctor))
    assert (await asked(__count="x")).status_code == lists.status_code == 400
    colleague = await make_professional()
    stolen = await client.get(first["link"][1]["url"], headers=acting(colleague))
    assert (stolen.status_code, problems(stolen)) == (400, [("cursor-unknown", "_cursor")])
    elsewhere = first["link"][1]["url"].replace("/Consent?", "/List?")
    assert (await client.get(elsewhere, headers=acting(doctor))).status_code == 400


async def test_a_search_of_patients_keeps_them_too_and_repeats_no_ins(client, world):
    person, doctor, _ = world
    asked = {"identifier": f"urn:oid:{person.ins.oid}|{person.ins.matricule}"}
    lenient = await client.get("Patient", params=asked | {"_count": "5", "gender": "female"}, headers=acting(doctor))
    found = lenient.json()
    assert [one["search"]["mode"] for one in found["entry"]] == ["match", "outcome"]
    assert found["link"][0]["url"].endswith("/Patient?_count=5")
    assert person.ins.matricule not in lenient.text
    counted = (await client.get("Patient", params=asked | {"_count": "0"}, headers=acting(doctor))).json()
    assert (counted["total"], "entry" in counted) == (1, False)
    strict = acting(doctor) | {"prefer": "handling=strict"}
    assert (await client.get("Patient", params=asked | {"gender": "female"}, headers=strict)).status_code == 422
    assert (await client.get("Patient", params={"_cursor": "x"}, headers=acting(doctor))).status_code == 400


def blocking(person, **named):
    ins = {"system": f"urn:oid:{person.ins.oid}", "value": person.ins.matricule}
    parts = [{"name": name, "valueString": value} for name, value in named.items()]
    return {"resourceType": "Parameters", "parameter": [{"name": "patient", "valueIdentifier": ins}, *parts]}


@pytest.mark.parametrize("by", ["rpps", "finess"])
async def test_an_administrator_keeps_another_out_by_software_and_nobody_else_does(client, world, by):
    person, doctor, document = world
    other = await make_professional()
    for one, chosen in ((other, False), (doctor, True)):
        about = {"actor": person.actor, "space": person.space, "rpps": one.rpps, "at": AT}
        await authorise(**about, administrator=chosen)
    named = {by: other.rpps if by == "rpps" else other.organisation}
    assert (await client.get(document, headers=acting(other))).status_code == 200
    refused = await client.post("Patient/$block", json=blocking(person, rpps=doctor.rpps), headers=acting(other))
    assert (refused.status_code, problems(refused)) == (403, [("not-administrator", None)])
    for _ in range(2):
        done = await client.post("Patient/$block", json=blocking(person, **named), headers=acting(doctor))
        assert (done.status_code, done.json()["parameter"][0]["valueString"]) == (200, "blocked"), done.text
    assert (await client.get(document, headers=acting(other))).status_code == 404
    assert (await client.get(document, headers=acting(doctor))).status_code == 200
    both = {"rpps": other.rpps, "finess": other.organisation}
    refusals = (
        ({}, "one-grantee"),
        (both, "one-grantee"),
        ({"rpps": "10999999999"}, "not-in-directory"),
        ({"rpps": doctor.rpps}, "own-access"),
        ({"finess": doctor.organisation}, "own-access"),
    )
    for wrong, problem in refusals:
        answer = await client.post("Patient/$block", json=blocking(person, **wrong), headers=acting(doctor))
        assert (answer.status_code, problems(answer)[0][0]) == (422, problem), answer.text
