"""Whoever types INS numbers by the thousand, at either door, cannot tell apart the four ways of not being there.

An observer sees status, headers, size and time; a classifier on any of them must do no better than a coin. What does
not depend on the machine (answers, round trips to the database) is compared exactly; time with a tolerance that its
own noise asks for. Opposed: said no before their space opened. Closed: an end of a space. Both doors are tried by the
same doctor, whom the blocking people keep out.
"""

import asyncio
import gc
import itertools
import random
import time
from typing import NamedTuple

import pytest

from carnet.access.api import block
from carnet.identity.api import Ins
from carnet.identity.data import OID_TEST_NIR
from carnet.infra.db import database as seat
from carnet.infra.db.database import Database
from carnet.infra.web.even_time import LONGEST, delay_of
from carnet.infra.web.failure_limits import FailureLimits
from carnet.interfaces.fhir import probing
from carnet.interfaces.fhir.interactions import find_patient as door
from carnet.spaces.api import Channel, Source, find_space, import_beneficiaries, object_at_desk
from factories.at_work import Screen, make_app
from factories.beneficiaries import beneficiary_file, beneficiary_matricule
from factories.events import as_owner
from factories.fhir import acting
from factories.ins import TEST_INS_OID, matricule
from factories.wire import Wire
from factories.world import AT, OPERATOR, make_person, make_professional

PEOPLE, ROUNDS = 24, 2
TOLERATED = 0.35
"""How far from a coin the time of 24 numbers against 24 others may be: four times what chance alone makes of it."""
UNKNOWN = (matricule(f"2790351{n:06d}") for n in itertools.count(500_000))
FIRST = 7_000
CHANGING = {"x-request-id", "date"}


class Probe(NamedTuple):
    """What an observer sees of one answer."""

    number: str
    status: int
    headers: tuple
    body: bytes
    trips: int
    seconds: float


@pytest.fixture(scope="module")
async def numbers(house, tmp_path_factory):
    """One doctor, and for each way of not being there for them the numbers of some people."""
    doctor = await make_professional()
    found = {"unknown": [next(UNKNOWN) for _ in range(PEOPLE)], "closed": [], "blocked": [], "opposed": []}
    for kind in ("closed", "blocked"):
        for _ in range(PEOPLE):
            person = await make_person()
            found[kind].append(person.ins.matricule)
            if kind == "blocked":
                await block(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
            else:
                with as_owner(house) as conn:
                    conn.execute("UPDATE authz SET state = 'CLOSED' WHERE space_id = %s", (person.space,))
    everybody = range(FIRST, FIRST + PEOPLE)
    batch = Database(house.url("carnet_batch"), min_size=1, max_size=2)
    await batch.open()
    folder = tmp_path_factory.mktemp("campaign")
    source = Source(path=beneficiary_file(folder / "b.csv", everybody), rejects=folder / "r.csv")
    await import_beneficiaries(actor=OPERATOR, batch=batch, source=source, at=AT)
    await batch.close()
    for number in everybody:
        ins = Ins(matricule=beneficiary_matricule(number), oid=OID_TEST_NIR)
        await object_at_desk(actor=OPERATOR, ins=ins, how=Channel.PHONE, at=AT)
        found["opposed"].append(ins.matricule)
    return doctor, found


@pytest.fixture
async def doors(client, numbers):
    """How each door is asked for a number."""
    doctor, _ = numbers
    screen = await Screen.of(make_app(), doctor)
    header = acting(doctor)

    def token(number):
        return f"urn:oid:{TEST_INS_OID}|{number}"

    yield {
        "existence": lambda n: client.get("Patient", params={"identifier": token(n)}, headers=header),
        "documents": lambda n: client.get("DocumentReference", params={"patient.identifier": token(n)}, headers=header),
        "page": lambda n: screen.post("/pro/patient", {"ins": n}),
    }
    await screen.close()


async def probed(house, folder, ask, found):
    """What is seen of each kind, PEOPLE x ROUNDS times, in an order nobody can learn from."""
    wire, order, seen = Wire(house.url("carnet_app"), folder), random.Random(7), {kind: [] for kind in found}
    folder.mkdir()
    await wire.start()
    through = Database(wire.url, min_size=1, max_size=1)
    await through.open()
    seat.seat(through)
    gc.disable()
    try:
        asked = [(kind, number) for kind, every in found.items() for number in every]
        for number in itertools.islice(UNKNOWN, 10):  # connects, prepares
            await ask(number)
        for _ in range(ROUNDS):
            order.shuffle(asked)
            for kind, number in asked:
                trips, begun = wire.trips, time.perf_counter()
                answer = await ask(number)
                seconds = time.perf_counter() - begun
                headers = tuple(sorted(pair for pair in answer.headers.multi_items() if pair[0] not in CHANGING))
                one = Probe(number, answer.status_code, headers, answer.content, wire.trips - trips, seconds)
                seen[kind].append(one)
    finally:
        gc.enable()
        seat.seat(house.database)
        await through.close()
        await wire.stop()
    return seen


def auc(one, other):
    """How often a value of `one` is above one of `other`, ties counting half: 0.5 tells nothing, 0 and 1 everything."""
    above = sum((a > b) + (a == b) / 2 for a in one for b in other)
    return above / (len(one) * len(other))


def told_apart(seen, feature):
    """The pairs of kinds that a classifier on `feature` tells apart."""
    values = {kind: [feature(one) for one in every] for kind, every in seen.items()}
    return apart(values)


def apart(values, tolerated=0.0):
    """The pairs of kinds whose values differ."""
    found = {pair: auc(values[pair[0]], values[pair[1]]) for pair in itertools.combinations(values, 2)}
    return {pair: round(value, 3) for pair, value in found.items() if abs(value - 0.5) > tolerated}


EXACT = {
    "status": lambda one: one.status,
    "size": lambda one: len(one.body),
    "number of headers": lambda one: len(one.headers),
}


def least(seen, feature):
    """What an observer who asks again and again makes of each number: its least.

    Of time, but also of round trips: a connection that was looked at once more on the way adds one to any of them.
    """
    found = {}
    for kind, every in seen.items():
        of = {}
        for one in every:
            of[one.number] = min(feature(one), of.get(one.number, feature(one)))
        found[kind] = list(of.values())
    return found


def work(one):
    """The round trips to the database."""
    return one.trips


def seconds(one):
    """The time it took."""
    return one.seconds


@pytest.mark.parametrize("asked", ["existence", "documents", "page"])
async def test_a_classifier_does_no_better_than_a_coin(house, numbers, doors, tmp_path, monkeypatch, asked):
    monkeypatch.setattr(FailureLimits, "wait", lambda *_, **__: None)
    seen = await probed(house, tmp_path / "w", doors[asked], numbers[1])
    assert {kind: len(every) for kind, every in seen.items()} == dict.fromkeys(seen, PEOPLE * ROUNDS)
    for name, feature in EXACT.items():
        assert told_apart(seen, feature) == {}, name
    assert apart(least(seen, work)) == {}
    assert len({(one.headers, one.body) for every in seen.values() for one in every}) == 1
    assert apart(least(seen, seconds), TOLERATED) == {}


@pytest.mark.parametrize("fault", ["less work for nobody", "more time for somebody"])
async def test_a_door_that_tells_is_seen(house, numbers, doors, tmp_path, monkeypatch, fault):
    """Planted faults: nobody is answered without being looked for; somebody's answer takes a moment more."""
    monkeypatch.setattr(FailureLimits, "wait", lambda *_, **__: None)
    whole = door.find_patient

    async def telling(*, actor, ins, at):
        there = await find_space(ins) is not None
        if fault == "more time for somebody":
            await asyncio.sleep(2 * LONGEST * there)
        return await whole(actor=actor, ins=ins, at=at) if there or fault == "more time for somebody" else None

    monkeypatch.setattr(door, "find_patient", telling)
    pair = ("unknown", "blocked")
    seen = await probed(house, tmp_path / "w", doors["existence"], {kind: numbers[1][kind] for kind in pair})
    if fault == "more time for somebody":
        assert pair in apart(least(seen, seconds), TOLERATED)
    else:
        assert pair in apart(least(seen, work))


async def test_the_delay_of_a_number_is_its_own_and_everybody_s(house, numbers):
    """Not of the kind, the reader or the moment: whoever asks a hundred times has learnt a number's delay, no more."""
    every = [number for kind in numbers[1].values() for number in kind]
    delays = [delay_of(number) for number in every]
    assert delays == [delay_of(number) for number in every]
    assert all(0 <= one < LONGEST for one in delays)
    assert len(set(delays)) == len(every)
    assert max(delays) - min(delays) > LONGEST / 2


async def test_thousands_of_numbers_at_both_doors(numbers, doors):
    """All but a few are turned away before anybody is looked up, whoever is behind the number."""
    probing.limits.__init__(burst=30)
    every = [number for kind in numbers[1].values() for number in kind]
    for name, answered, asked in (("existence", 30, 1_500), ("page", 20, 500)):
        statuses, refused = [], set()
        for number in itertools.islice(itertools.chain(every, UNKNOWN), asked):
            answer = await doors[name](number)
            statuses.append(answer.status_code)
            if answer.status_code != 200:
                refused.add((answer.status_code, answer.headers["retry-after"], answer.content))
        assert statuses == [200] * answered + [429] * (asked - answered), name
        assert len(refused) == 1, "to be turned away says nothing of the number"
