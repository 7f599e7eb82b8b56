"""The directory of mailboxes: found by name, profession and town; the red list by nobody. What they accept, set."""

import asyncio
import datetime as dt

import msgspec
import pytest

from carnet.identity.api import DirectoryFeed, FeedMailbox, import_directory
from carnet.identity.queries import mailboxes
from carnet.interfaces.fhir.resources.healthcare_service import ANSWER_DAYS, KINDS, QUOTA, VISITORS
from carnet.interfaces.fhir.resources.mailbox import name_of_mailbox
from carnet.messaging.actions import set_rules
from factories.fhir import acting, problems, service
from factories.state import refusals
from factories.world import AT, OPERATOR, make_organisation, make_person, make_professional, make_software

METADATA = "https://interop.esante.gouv.fr/ig/fhir/annuaire/StructureDefinition/as-ext-mailbox-mss-metadata"


@pytest.fixture
async def listed(client):
    """A doctor with a mailbox found and one on the red list, their place's, and a pharmacist's."""
    doctor, pharmacist = await make_professional(), await make_professional(profession="21")
    place = await make_organisation(name="Maison Médicale des Élans")
    own = doctor.rpps
    boxes = (
        FeedMailbox(address=f"A.{own}@mssante.invalid", kind="PER", rpps=own),
        FeedMailbox(address=f"b.{own}@mssante.invalid", kind="PER", rpps=own, red_list=True),
        FeedMailbox(address=f"c.{own}@mssante.invalid", kind="CAB", rpps=own, finess=place, label="Secrétariat"),
        FeedMailbox(address=f"org.{own}@mssante.invalid", kind="ORG", finess=place),
        FeedMailbox(address=f"{pharmacist.rpps}@mssante.invalid", kind="PER", rpps=pharmacist.rpps),
    )
    await import_directory(actor=OPERATOR, feed=DirectoryFeed(mailboxes=boxes), at=AT)
    return doctor


async def addresses(client, doctor, resource="PractitionerRole", **asked):
    answer = await client.get(resource, params=asked, headers=acting(doctor))
    assert answer.status_code == 200, answer.text
    return [one["resource"]["telecom"][0]["value"].split(".")[0] for one in answer.json().get("entry", [])]


async def test_a_mailbox_is_found_by_name_profession_town_and_kind(client, listed):
    name = f"Marchand{listed.rpps[-4:]}"
    assert await addresses(client, listed, name=f"cl {name.lower()}", role="10") == ["a", "c"]
    assert await addresses(client, listed, name=name, **{"mailbox-mss-type": "CAB,APP", "address-city": "ren"}) == ["c"]
    assert await addresses(client, listed, name=name, role="21") == []
    assert await addresses(client, listed, name=name, **{"mailbox-mss-type": "XYZ"}) == []
    exact = {"mailbox-mss": f"ORG.{listed.rpps}@mssante.invalid"}
    assert await addresses(client, listed, "Organization", name="elans", **exact) == ["org"]


async def test_it_is_written_as_the_french_directory_writes_it_and_paged(client, listed):
    asked = {"name": f"Marchand{listed.rpps[-4:]}", "_count": "1"}
    first = (await client.get("PractitionerRole", params=asked, headers=acting(listed))).json()
    one = first["entry"][0]["resource"]
    extension = next(e for e in one["telecom"][0]["extension"] if e["url"] == METADATA)["extension"]
    assert extension[0]["valueCodeableConcept"]["coding"][0]["code"] == "PER"
    assert one["contained"][0]["identifier"] == [{"system": "https://rpps.esante.gouv.fr", "value": listed.rpps}]
    following = next(link["url"] for link in first["link"] if link["relation"] == "next")
    second = (await client.get(following, headers=acting(listed))).json()
    assert second["entry"][0]["resource"]["telecom"][0]["value"].startswith("c.")
    assert [link["relation"] for link in second["link"]] == ["self"]


@pytest.mark.parametrize("fault", [False, True], ids=["kept", "planted fault"])
async def test_the_red_list_is_found_by_nobody(client, listed, fault, monkeypatch):
    if fault:
        monkeypatch.setattr(mailboxes, "_SEARCH", mailboxes._SEARCH.replace("AND NOT m.red_list", ""))
    exact = {"mailbox-mss": f"b.{listed.rpps}@mssante.invalid"}
    assert (await addresses(client, listed, **exact) == []) is not fault
    assert ("b" in await addresses(client, listed, name=f"Marchand{listed.rpps[-4:]}")) is fault


async def test_it_is_a_look_up_for_whoever_has_the_scope(client, listed):
    whole = await client.get("PractitionerRole", params={"role": "10"}, headers=acting(listed))
    assert (whole.status_code, problems(whole)) == (400, [("criterion-required", "name")])
    narrow = acting(listed, scopes=frozenset({"user/Organization.s"}))
    assert (await client.get("PractitionerRole", params={"name": "x"}, headers=narrow)).status_code == 403


async def put_service(client, actor, address, *, headers=None, **changes):
    path = f"HealthcareService/{name_of_mailbox(address)}"
    return await client.put(path, json=service(address, **changes), headers=acting(actor) | (headers or {}))


async def told(client, actor, address):
    answer = await client.get("HealthcareService", params={"mailbox-mss": address}, headers=acting(actor))
    assert answer.status_code == 200, answer.text
    return [one["resource"] for one in answer.json().get("entry", [])]


def boxes(listed):
    """The doctor's own mailbox, the one on the red list, and the one people share at another place."""
    return [f"{name}.{listed.rpps}@mssante.invalid" for name in ("a", "b", "org")]


async def test_a_mailbox_says_what_it_accepts_and_what_is_said_is_what_is_told(client, listed):
    own, hidden, _ = boxes(listed)
    other = await make_professional()
    for address in (own, hidden):
        kept = await put_service(client, listed, address)
        assert kept.status_code == 201, kept.text
        assert kept.headers["location"].endswith(f"/HealthcareService/{name_of_mailbox(address)}")
        (seen,) = await told(client, listed, address.upper())
        assert seen == kept.json()
        for element in ("type", "telecom", "availableTime", "extraDetails"):
            assert seen[element] == service(address)[element]
        assert service(address)["extension"][0] in seen["extension"]
        assert [one["during"] for one in seen["notAvailable"]] == [{"start": "2026-12-20", "end": "2026-12-31"}]
        assert (await put_service(client, listed, address, id=seen["id"], meta=seen["meta"])).status_code == 200
    assert len(await told(client, other, own)) == 1
    assert await told(client, other, hidden) == []  # on the red list
    assert (await put_service(client, listed, own, active=False)).json()["active"] is False
    assert await told(client, listed, own) == []


@pytest.mark.parametrize("fault", [False, True], ids=["kept", "planted fault"])
async def test_nobody_says_it_for_another(client, house, listed, fault, monkeypatch):
    """No such mailbox, one on the red list and somebody else's are one answer, in the journal; so is any to who was
    launched for a patient.
    """
    if fault:
        monkeypatch.setattr(set_rules, "may_set", lambda _actor, _mailbox: True)
    own, hidden, shared = boxes(listed)
    other, person = await make_professional(), await make_person()
    launched = msgspec.structs.replace(listed, acts_for=person.space)
    elsewhere = await make_software()
    tries = [(other, own), (other, hidden), (listed, shared), (launched, own), (elsewhere, own), (elsewhere, shared)]
    before = refusals(house)
    answers = [await put_service(client, actor, address) for actor, address in tries]
    assert ({one.status_code for one in answers} == {404}) is not fault
    assert ((await told(client, listed, own)) == []) is not fault
    assert (refusals(house) == before + len(tries)) is not fault
    nobody = await put_service(client, other, f"nobody.{listed.rpps}@mssante.invalid")
    assert nobody.status_code == 404
    assert fault or {one.text for one in answers} == {nobody.text}


async def test_the_place_says_it_for_what_people_share_there(client, listed):
    _, _, shared = boxes(listed)
    (found,) = (await client.get("Organization", params={"mailbox-mss": shared}, headers=acting(listed))).json()[
        "entry"
    ]
    place = found["resource"]["identifier"][0]["value"]
    for actor in (await make_software(finess=place), await make_professional(finess=place)):
        assert (await put_service(client, actor, shared)).status_code in {200, 201}
    narrow = acting(listed, scopes=frozenset({"user/HealthcareService.s"}))
    path = f"HealthcareService/{name_of_mailbox(shared)}"
    assert (await client.put(path, json=service(shared), headers=narrow)).status_code == 403


async def test_who_changes_what_they_read_overwrites_nobody(client, house, listed, standing_clock):
    own, _, _ = boxes(listed)
    none = await put_service(client, listed, own, headers={"If-Match": 'W/"1"'})
    assert (none.status_code, problems(none)) == (412, [("practice-changed", None)])
    read = (await put_service(client, listed, own)).headers["etag"]
    for tag in ("*", "x", f"{read}, {read}"):
        odd = await put_service(client, listed, own, headers={"If-Match": tag})
        assert (odd.status_code, problems(odd)) == (400, [("version-malformed", None)])
    standing_clock.advance(dt.timedelta(seconds=1))
    before = refusals(house)
    both = [put_service(client, listed, own, headers={"If-Match": read}, extraDetails=word) for word in ("un", "deux")]
    standing_clock.advance(dt.timedelta(seconds=1))
    answers = await asyncio.gather(*both)
    assert sorted(one.status_code for one in answers) == [200, 412]
    assert refusals(house) == before + 1
    (kept,) = [one.json() for one in answers if one.status_code == 200]
    assert await told(client, listed, own) == [kept]


def opening(**changes):
    return [service("")["availableTime"][0] | changes]


def absent(start, end):
    return [{"during": {"start": start, "end": end}}]


def extended(url, **value):
    return [{"url": url} | value]


def quota(number, per):
    inner = [{"url": "requests", "valueInteger": number}, {"url": "per", "valueCode": per}]
    return extended(QUOTA, extension=inner)


TIME, AWAY, MORE = (f"HealthcareService.{one}" for one in ("availableTime", "notAvailable", "extension"))
WRONG = {
    "backwards": ({"availableTime": opening(availableStartTime="13:00:00")}, 422, "practice-hours", TIME),
    "seconds": ({"availableTime": opening(availableStartTime="09:00:30")}, 400, "time-malformed", "availableStartTime"),
    "no hour": ({"availableTime": opening(availableEndTime="25:00:00")}, 422, "practice-hours", TIME),
    "a zone": ({"availableTime": opening(availableEndTime="12:00:00Z")}, 400, "time-malformed", "availableEndTime"),
    "no day": ({"availableTime": opening(daysOfWeek=[])}, 400, "element-missing", "daysOfWeek"),
    "another day": ({"availableTime": opening(daysOfWeek=["lun"])}, 422, "service-unknown-code", "daysOfWeek"),
    "many hours": ({"availableTime": opening() * 15}, 422, "practice-hours", TIME),
    "many absences": ({"notAvailable": absent("2026-12-20", "2026-12-20") * 21}, 422, "practice-absence", AWAY),
    "back before": ({"notAvailable": absent("2026-12-20", "2026-12-19")}, 422, "practice-absence", AWAY),
    "a month": ({"notAvailable": absent("2026-12", "2026-12")}, 400, "date-malformed", "during.start"),
    "a week": ({"notAvailable": absent("2026-W01-1", "2026-12-20")}, 400, "date-malformed", "during.start"),
    "the end": ({"notAvailable": absent("2026-12-20", "9999-12-31T23:30:00Z")}, 400, "date-malformed", "during.end"),
    "for ever": ({"notAvailable": [{}]}, 400, "element-missing", "during"),
    "kind": ({"type": [{"coding": [{"system": KINDS, "code": "x"}]}]}, 422, "service-unknown-code", "type[0]"),
    "no kind": ({"type": [{"text": "renewal"}]}, 422, "service-unknown-code", "type[0]"),
    "much": ({"extension": quota(101, "day")}, 422, "practice-quota", MORE),
    "a year": ({"extension": quota(1, "year")}, 422, "service-unknown-code", "valueCode"),
    "no number": ({"extension": quota(None, "day")}, 400, "element-missing", "valueInteger"),
    "half": ({"extension": quota("1", "day")}, 400, "number-expected", "valueInteger"),
    "days": ({"extension": extended(ANSWER_DAYS, valueInteger=61)}, 422, "practice-days", MORE),
    "empty days": ({"extension": extended(ANSWER_DAYS)}, 400, "element-missing", "valueInteger"),
    "perhaps": ({"extension": extended(VISITORS, valueBoolean="no")}, 400, "boolean-expected", "valueBoolean"),
    "off": ({"active": "false"}, 400, "boolean-expected", "active"),
    "long": ({"extraDetails": "a" * 1001}, 422, "practice-automatic", "extraDetails"),
    "huge": ({"extraDetails": "a" * 70_000}, 413, "body-too-large", None),
    "nobody": ({"telecom": [{"system": "phone", "value": "15"}]}, 400, "one-mailbox", "telecom"),
    "two": ({"telecom": [{"system": "email", "value": "a@b.fr"}] * 2}, 400, "one-mailbox", "telecom"),
    "no address": ({"telecom": [{"system": "email", "value": "a"}]}, 400, "mailbox-malformed", "telecom[0].value"),
    "another's id": ({"id": "0" * 64}, 400, "id-differs", "id"),
}


async def test_what_is_wrong_is_said_where_and_changes_nothing(client, house, listed):
    own, _, _ = boxes(listed)
    assert (await put_service(client, listed, own)).status_code == 201
    kept, before = await told(client, listed, own), refusals(house)
    for name, (changes, status, code, path) in WRONG.items():
        refused = await put_service(client, listed, own, **changes)
        ((said, where),) = problems(refused)
        assert (refused.status_code, said) == (status, code), (name, refused.text)
        assert (where is None) if path is None else where.endswith(path), (name, where)
    assert refusals(house) == before + len(WRONG)
    assert await told(client, listed, own) == kept


async def test_days_are_days_in_paris_and_odd_questions_find_nothing(client, listed):
    own, _, _ = boxes(listed)
    shifted = absent("2026-12-19T23:30:00Z", "2026-12-31T22:00:00.5+01:00")
    shifted[0]["description"] = "Dr  Martin"
    kept = await put_service(client, listed, own, notAvailable=shifted, availableTime=opening(daysOfWeek=["tue"] * 900))
    assert kept.json()["notAvailable"][0]["during"] == {"start": "2026-12-20", "end": "2026-12-31"}
    assert kept.json()["notAvailable"][0]["description"] == "Dr Martin", "whom to reach meanwhile"
    assert kept.json()["availableTime"][0]["daysOfWeek"] == ["tue"]
    assert await told(client, listed, "a" * 3000) == []
    for resource in ("HealthcareService", "Organization"):
        nul = await client.get(resource, params={"mailbox-mss": "a\0@b.fr"}, headers=acting(listed))
        assert nul.status_code == 400, nul.text
    form = {"content-type": "application/x-www-form-urlencoded"} | acting(listed)
    counted = await client.post(
        "HealthcareService/_search", data={"mailbox-mss": own, "_summary": "count"}, headers=form
    )
    assert (counted.json()["total"], counted.json().get("entry")) == (1, None)
    whole = await client.get("HealthcareService", headers=acting(listed))
    assert (whole.status_code, problems(whole)) == (400, [("criterion-required", "mailbox-mss")])
