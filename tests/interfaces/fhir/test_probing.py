"""Typing numbers finds nobody: one answer, the same work, and soon a wait, whoever is behind the number."""

import itertools

import pytest

from carnet.access.api import block
from carnet.infra.db import database as seat
from carnet.infra.db.database import Database
from carnet.interfaces.fhir import probing
from factories.events import as_owner
from factories.fhir import acting, problems
from factories.ins import TEST_INS_OID, matricule
from factories.wire import Wire
from factories.world import AT, make_person, make_professional

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
