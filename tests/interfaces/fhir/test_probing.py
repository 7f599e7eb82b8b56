"""Typing numbers finds nobody: one answer, the same work, and soon a wait, whoever is behind the number."""

import itertools
from uuid import uuid4

import msgspec
import pytest

from carnet.access.api import block
from carnet.infra.db import database as seat
from carnet.infra.db.database import Database
from carnet.interfaces.fhir import probing
from factories.events import as_owner
from factories.fhir import acting, problems, reference, transaction
from factories.ins import TEST_INS_OID, matricule
from factories.wire import Wire
from factories.world import AT, fresh_ins, make_person, make_professional, make_software

NUMBERS = (f"urn:oid:{TEST_INS_OID}|{matricule(f'2790351{n:06d}')}" for n in itertools.count(900_000))


@pytest.fixture(autouse=True)
def forgotten():
    probing.limits.__init__(burst=30)


@pytest.fixture
async def nobodies(house):
    """One doctor, and the four ways of not being there for them."""
    doctor, blocking, closed = await make_professional(), await make_person(), await make_person()
    await block(actor=blocking.actor, space=blocking.space, rpps=doctor.rpps, at=AT)
    with as_owner(house) as conn:
        conn.execute("UPDATE authz SET state = 'CLOSED' WHERE space_id = %s", (closed.space,))
    return doctor, {
        "blocking": f"urn:oid:{blocking.ins.oid}|{blocking.ins.matricule}",
        "closed": f"urn:oid:{closed.ins.oid}|{closed.ins.matricule}",
        "unknown": next(NUMBERS),
    }


ASKED = {
    "existence": ("Patient", "identifier"),
    "documents": ("DocumentReference", "patient.identifier"),
    "sets": ("List", "patient.identifier"),
    "own consents": ("Consent", "patient.identifier"),
}


@pytest.mark.parametrize("asked", ASKED)
async def test_unknown_closed_and_blocking_are_one_answer_after_as_many_round_trips(
    client, house, nobodies, tmp_path, asked
):
    doctor, numbers = nobodies
    resource, name = ASKED[asked]
    wire = Wire(house.url("carnet_app"), tmp_path)
    await wire.start()
    through = Database(wire.url, min_size=1, max_size=2)
    await through.open()
    seat.seat(through)
    answers, trips = {}, {}
    try:
        for _ in range(2):  # the first connects and prepares
            for who, number in numbers.items():
                before = wire.trips
                answers[who] = await client.get(resource, params={name: number}, headers=acting(doctor))
                trips[who] = wire.trips - before
    finally:
        seat.seat(house.database)
        await through.close()
        await wire.stop()
    assert len({(one.status_code, one.content, tuple(one.headers.raw)) for one in answers.values()}) == 1, answers
    assert len(set(trips.values())) == 1, trips


async def test_ten_thousand_numbers_are_too_many(client):
    doctor = await make_professional()
    answers = [
        await client.get("Patient", params={"identifier": number}, headers=acting(doctor))
        for number in itertools.islice(NUMBERS, 40)
    ]
    assert [one.status_code for one in answers].count(200) == 30
    last = answers[-1]
    assert (last.status_code, problems(last)) == (429, [("too-many-unknown", None)])
    assert int(last.headers["retry-after"]) >= 1
    assert last.json()["issue"][0]["code"] == "throttled"
    for resource in ("DocumentReference", "List", "Consent"):
        refused = await client.get(resource, params={"patient.identifier": next(NUMBERS)}, headers=acting(doctor))
        assert refused.status_code == 429, resource
    colleague = await make_professional()
    heard = await client.get("Patient", params={"identifier": next(NUMBERS)}, headers=acting(colleague))
    assert heard.status_code == 200


async def test_every_kind_of_nobody_costs_the_same(client, nobodies):
    """Else what is left to ask would tell who is there."""
    doctor, numbers = nobodies
    for number in (*numbers.values(), *numbers.values()):
        await client.get("Patient", params={"identifier": number}, headers=acting(doctor))
        await client.get("List", params={"patient.identifier": number}, headers=acting(doctor))
    key = probing._key(doctor)
    assert probing.limits._buckets[key].left == 30 - 12


def _as_sent(person, *, by_reference):
    """What a deposit about `person` says; by_reference: of a space that is not theirs."""
    sent = reference(person)
    if by_reference:
        sent["subject"] = {
            "reference": f"Patient/{uuid4().hex}",
            "identifier": sent["contained"][0]["identifier"][0],
        }
    return sent


@pytest.mark.parametrize("by_reference", [False, True], ids=["by number", "with a made-up reference"])
async def test_a_deposit_asks_who_is_there_no_better_than_a_search(client, house, by_reference):
    """Nobody and a closed space are one answer; with a reference that is not theirs, so is everybody."""
    doctor, closed, there = await make_professional(), await make_person(), await make_person()
    with as_owner(house) as conn:
        conn.execute("UPDATE authz SET state = 'CLOSED' WHERE space_id = %s", (closed.space,))
    unknown = msgspec.structs.replace(there, ins=fresh_ins())
    asked = [unknown, closed, *([there] if by_reference else [])]
    answers = [
        await client.post("DocumentReference", json=_as_sent(one, by_reference=by_reference), headers=acting(doctor))
        for one in asked
    ]
    assert len({(one.status_code, one.content, tuple(one.headers.raw)) for one in answers}) == 1, answers
    assert answers[0].status_code in {404, 422}
    assert probing.limits._buckets[probing._key(doctor)].left == 30 - len(asked)


async def test_a_number_alone_asks_nothing_by_a_deposit(client, house):
    """Without traits nobody is looked for, whoever is behind the number."""
    doctor, there = await make_professional(), await make_person()
    answers = []
    for one in (there, msgspec.structs.replace(there, ins=fresh_ins())):
        sent = reference(one)
        for trait in ("name", "gender", "birthDate"):
            del sent["contained"][0][trait]
        answers.append(await client.post("DocumentReference", json=sent, headers=acting(doctor)))
    assert (answers[0].status_code, problems(answers[0])[0][0]) == (422, "traits-missing")
    assert (answers[0].content, answers[0].headers) == (answers[1].content, answers[1].headers)


async def test_a_professional_who_deposits_at_random_waits_and_a_laboratory_does_not(client):
    doctor, software, there = await make_professional(), await make_software(), await make_person()
    nobody = msgspec.structs.replace(there, ins=fresh_ins())
    somebody_else = msgspec.structs.replace(there, traits=(await make_person()).traits)
    for _ in range(15):
        assert (await client.post("", json=transaction(nobody), headers=acting(doctor))).status_code == 404
        assert (await client.post("", json=transaction(somebody_else), headers=acting(doctor))).status_code == 422
    for sent in (nobody, there):
        assert (await client.post("", json=transaction(sent), headers=acting(doctor))).status_code == 429
    for _ in range(40):
        assert (await client.post("", json=transaction(nobody), headers=acting(software))).status_code == 404
    assert (await client.post("", json=transaction(there), headers=acting(software))).status_code == 200
