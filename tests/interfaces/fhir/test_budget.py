"""The budget of DESIGN §7, counted on the wire: a read or a list is two round trips, a deposit three."""

import pytest

from carnet.access.api import authorise
from carnet.infra.db import database as seat
from carnet.infra.db.database import Database
from carnet.kernel.ids import routable
from factories.fhir import acting, reference, transaction
from factories.wire import Wire
from factories.world import AT, give, make_person, make_professional, make_software


@pytest.fixture
async def wire(house, tmp_path):
    """The house, its database reached through a wire that counts."""
    counting = Wire(house.url("carnet_app"), tmp_path)
    await counting.start()
    through = Database(counting.url, min_size=1, max_size=2)
    await through.open()
    seat.seat(through)
    try:
        yield counting
    finally:
        seat.seat(house.database)
        await through.close()
        await counting.stop()


@pytest.fixture
async def world(client):
    person, software, doctor = await make_person(), await make_software(), await make_professional()
    await authorise(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
    receipt = await give(person, by=software)
    return person, software, doctor, routable(person.space, receipt.documents[0].document_id)


async def trips(wire, ask) -> int:
    """Count the second time: the first may connect, prepare, or tell the person of a first access."""
    for _ in range(2):
        before = wire.trips
        answer = await ask()
        assert answer.status_code in {200, 201}, answer.text
    return wire.trips - before


async def test_reads_and_lists(client, world, wire):
    person, _, doctor, fhir_id = world
    identifier = f"urn:oid:{person.ins.oid}|{person.ins.matricule}"
    for address, most in (
        (f"Binary/{fhir_id}", 2),
        (f"DocumentReference/{fhir_id}", 2),
        (f"DocumentReference?patient={person.space.hex}", 2),
        (f"DocumentReference?patient={person.space.hex}&_total=accurate&_count=1", 2),
        (f"DocumentReference?patient={person.space.hex}&author.family=x", 2),
        (f"DocumentReference?patient.identifier={identifier}", 2),
        (f"List?patient={person.space.hex}", 2),
        (f"Patient?identifier={identifier}", 3),
    ):
        assert await trips(wire, lambda at=address: client.get(at, headers=acting(doctor))) <= most, address


async def test_deposits(client, world, wire):
    person, software, _, _ = world
    assert (
        await trips(wire, lambda: client.post("", json=transaction(person, b"1", b"2"), headers=acting(software))) <= 3
    )
    assert (
        await trips(wire, lambda: client.post("DocumentReference", json=reference(person), headers=acting(software)))
        <= 3
    )


async def test_the_wire_counts(client, world, wire):
    """Planted fault: one more question than the budget is seen."""
    _, _, doctor, fhir_id = world

    async def ask():
        async with seat.seated().connection() as conn:
            await conn.execute("SELECT 1")
        return await client.get(f"Binary/{fhir_id}", headers=acting(doctor))

    assert await trips(wire, ask) == 3
