"""The budget of DESIGN §7, counted on the wire: a read or a list is two round trips, a deposit three.

The same in a space that uses nothing beyond consent and in one that uses every finer rule of access at once.
"""

import datetime as dt

import pytest

from carnet.access.api import (
    AccessSwitches,
    Grantee,
    RestrictionEffect,
    Wish,
    authorise,
    block,
    change_switches,
    keep_apart,
    record_consent,
    record_team,
    restrict,
    safeguard_topics,
)
from carnet.infra.db import database as seat
from carnet.infra.db.database import Database
from carnet.kernel.ids import routable
from factories.families import attach, make_child
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


async def use_every_rule(child, doctor, beside):
    """A minor with a parent, a secret consent, a team, a block, wishes of each kind, topics apart, the strong mode."""
    whose = {"actor": child.actor, "space": child.space, "at": AT}
    await attach(child, await make_person(), at=AT)
    other, outsider = [await make_professional() for _ in range(2)]
    await record_team(
        **whose, name="Équipe", members=(Grantee(rpps=doctor.rpps), Grantee(rpps=other.rpps)), let_in=True
    )
    await block(**whose, rpps=outsider.rpps)
    hide, only = RestrictionEffect.HIDE, RestrictionEffect.ONLY
    for wish in (
        Wish(effect=hide, document=beside, rpps=(doctor.rpps,)),
        Wish(effect=hide, category="DEPISTAG", finess=(doctor.organisation,)),
        Wish(effect=hide, to_come=True, professions=("60",)),
        Wish(effect=only, category="CPT_REND", rpps=(doctor.rpps,)),
        Wish(effect=hide, everyone=True, starts_at=AT + dt.timedelta(days=400), ends_at=AT + dt.timedelta(days=401)),
    ):
        await restrict(**whose, wish=wish)
    await keep_apart(**whose, topics=safeguard_topics())
    await record_consent(actor=doctor, space=child.space, secret=True, at=AT)
    await change_switches(**whose, switches=AccessSwitches(strong_consent=True, masked_in_emergency=True))


@pytest.fixture(params=["consent alone", "every rule"])
async def world(client, request):
    person, software, doctor = await make_child(at=AT), await make_software(), await make_professional()
    await authorise(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
    receipt = await give(person, by=software)
    if request.param == "every rule":
        beside = await give(person, by=software)
        await use_every_rule(person, doctor, beside.documents[0].document_id)
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
