"""Finding a patient by INS, and learning nothing from a number that leads nowhere."""

import datetime as dt

import pytest

from carnet.access.api import block
from carnet.infra.db.database import Database
from carnet.journeys import patient_file
from carnet.kernel.decisions import Reason
from carnet.kernel.errors import Refused
from factories.at_work import Screen
from factories.events import as_owner
from factories.world import AT, fresh_ins, make_person, make_professional

COVERED = {"x-request-id", "date"}


async def closed(house):
    person = await make_person()
    with as_owner(house) as conn:
        conn.execute("UPDATE authz SET state = 'CLOSED' WHERE space_id = %s", (person.space,))
    return person.ins


async def blocking(doctor):
    person = await make_person()
    await block(actor=person.actor, space=person.space, rpps=doctor.actor.identifier, at=AT)
    return person.ins


def observable(answer):
    headers = [(name, value) for name, value in answer.headers.multi_items() if name not in COVERED]
    return answer.status_code, headers, answer.content


async def test_a_doctor_finds_a_patient_and_no_address_holds_the_ins(doctor, person):
    address = await doctor.find(person)
    page = await doctor.get(address)

    assert page.status_code == 200
    assert person.traits.birth_name.upper() in page.text.replace("&#39;", "'")
    everything = address + page.text
    for secret in (person.ins.matricule, str(person.space), person.space.hex):
        assert secret not in everything


async def test_spaces_in_the_number_are_forgiven(doctor, person):
    number = person.ins.matricule
    spaced = " ".join((number[0], number[1:3], number[3:5], number[5:7], number[7:10], number[10:13], number[13:]))
    assert (await doctor.post("/pro/patient", {"ins": spaced})).status_code == 303


async def test_unknown_closed_and_blocked_are_one_answer(doctor, house):
    numbers = [fresh_ins(), await closed(house), await blocking(doctor)]
    seen = [observable(await doctor.post("/pro/patient", {"ins": one.matricule})) for one in numbers]
    assert seen[0][0] == 200
    assert seen[0] == seen[1] == seen[2]
    assert all(one.matricule.encode() not in seen[0][2] for one in numbers)


async def test_a_door_that_says_blocked_would_be_seen(doctor, house, monkeypatch):
    real = patient_file._patient

    def telling(seen):
        decision = seen.decide(patient_file.Need.RECORD_CONSENT)
        if decision.reason is Reason.BLOCKED:
            raise Refused(patient_file.problem_of(Reason.BLOCKED))
        return real(seen)

    monkeypatch.setattr(patient_file, "_patient", telling)
    unknown = observable(await doctor.post("/pro/patient", {"ins": fresh_ins().matricule}))
    blocked = observable(await doctor.post("/pro/patient", {"ins": (await blocking(doctor)).matricule}))
    assert unknown != blocked


async def test_unknown_closed_and_blocked_cost_the_same_work(doctor, house, monkeypatch):
    numbers = [fresh_ins(), await closed(house), await blocking(doctor)]
    trips = []
    real = Database.connection
    monkeypatch.setattr(Database, "connection", lambda self, *a, **k: trips.append(1) or real(self, *a, **k))
    costs = []
    for one in numbers:
        trips.clear()
        await doctor.post("/pro/patient", {"ins": one.matricule})
        costs.append(len(trips))
    assert costs[0] > 0
    assert len(set(costs)) == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "13 caractères"),
        ("123", "13 caractères"),
        ("2550578006084", "La clé du matricule INS manque"),
        ("255057800608499", "ne correspond pas au numéro"),
        ("<script>alert(1)</script>", "13 caractères"),
    ],
)
async def test_a_mistyped_number_is_told_and_can_be_corrected(doctor, typed, said):
    answer = await doctor.post("/pro/patient", {"ins": typed})
    assert answer.status_code == 422
    assert said in answer.text
    assert 'href="#champ-ins"' in answer.text
    assert "<script>alert" not in answer.text


async def test_searching_is_journalled_where_it_belongs(doctor, house, person, journal):
    await doctor.find(person)
    assert (await journal(person))[-1] == ("find-patient", "done", doctor.actor.identifier)

    at_door = await make_person()
    await block(actor=at_door.actor, space=at_door.space, rpps=doctor.actor.identifier, at=AT)
    await doctor.post("/pro/patient", {"ins": at_door.ins.matricule})
    assert (await journal(at_door))[-1] == ("find-patient", "refused", doctor.actor.identifier)

    await doctor.post("/pro/patient", {"ins": fresh_ins().matricule})
    with as_owner(house) as conn:
        found = conn.execute(
            "SELECT act, outcome, details - 'near' FROM security_entry WHERE actor_id = %s AND act = 'find-patient'",
            (doctor.actor.identifier,),
        ).fetchall()
    assert found == [("find-patient", "refused", {})]


async def test_whoever_tries_numbers_has_to_wait(doctor, person, at_ten):
    for _ in range(20):
        assert (await doctor.post("/pro/patient", {"ins": fresh_ins().matricule})).status_code == 200
    waiting = await doctor.post("/pro/patient", {"ins": person.ins.matricule})
    assert waiting.status_code == 429
    assert int(waiting.headers["retry-after"]) >= 1
    assert "courte pause" in waiting.text
    at_ten.advance(dt.timedelta(minutes=2))
    assert (await doctor.post("/pro/patient", {"ins": person.ins.matricule})).status_code == 303


async def test_a_profession_without_reading_rights_is_told_so_whoever_the_patient_is(app, at_ten, person):
    porter = await Screen.of(app, await make_professional(profession="999"))
    known = await porter.post("/pro/patient", {"ins": person.ins.matricule})
    unknown = await porter.post("/pro/patient", {"ins": fresh_ins().matricule})
    assert known.status_code == 403
    assert "Profession inconnue" in known.text
    assert observable(known) == observable(unknown)
    await porter.close()
