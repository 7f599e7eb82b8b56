"""The officer's queue: found once, with its rows, closed by somebody, and all of it in the journal."""

import datetime as dt

import msgspec
import pytest

from carnet.access.api import record_consent
from carnet.identity.api import Ins
from carnet.identity.data import OID_TEST_NIR, matricule_key
from carnet.infra import clock
from carnet.infra.db.database import Database
from carnet.journal.api import Act, Trace, close_alert, look_for_misuse, open_alerts, record_durably
from carnet.kernel.decisions import Ground, allow
from carnet.records.api import DocumentQuery, find_patient, list_documents, near
from carnet.spaces.api import open_space
from factories.log import rows
from factories.people import make_traits
from factories.world import OPERATOR, fresh_ins, make_person, make_professional


@pytest.fixture
async def oversight(house):
    database = Database(house.url("carnet_oversight"), min_size=1, max_size=2)
    await database.open()
    yield database
    await database.close()


async def read(person, doctor, *, at):
    await record_durably(
        Trace(
            act=Act.READ_DOCUMENT,
            actor=doctor,
            decision=allow(Ground.AUTHORISED_PROFESSIONAL),
            at=at,
            space=person.space,
        )
    )


async def test_the_same_found_again_the_next_night_is_the_same_alert(oversight):
    """The first rows leave the days looked at, others come: one alert, that has them all. Closed, it is closed."""
    person, stranger, at = await make_person(at=clock.now()), await make_professional(), clock.now()
    day, minute = dt.timedelta(days=1), dt.timedelta(minutes=1)

    async def night(since):
        new = await look_for_misuse(actor=OPERATOR, oversight=oversight, at=since + day, days=1)
        mine = [one for one in await open_alerts(oversight=oversight, at=at) if one.actor_id == stranger.identifier]
        return new, mine

    await read(person, stranger, at=at - 2 * minute)
    await read(person, stranger, at=at - minute)
    assert (await night(at - 2 * minute))[0] >= 1
    await read(person, stranger, at=at)
    new, (alert,) = await night(at - minute)
    assert (new, len(alert.places)) == (0, 3)
    assert await close_alert(
        actor=OPERATOR, oversight=oversight, alert=alert.alert_id, outcome="justified", at=at + minute
    )
    assert await night(at - 2 * minute) == (0, [])
    await read(person, stranger, at=at + minute)
    new, (again,) = await night(at - 2 * minute)
    assert (new, len(again.places)) == (1, 1)


async def test_an_alert_is_found_once_and_closed_by_somebody(house, log, oversight):
    person, stranger, at = await make_person(at=clock.now()), await make_professional(), clock.now()
    for minutes in range(3):
        await read(person, stranger, at=at + dt.timedelta(minutes=minutes))
    await look_for_misuse(actor=OPERATOR, oversight=oversight, at=at, days=1)
    assert await look_for_misuse(actor=OPERATOR, oversight=oversight, at=at, days=1) == 0
    (alert,) = [one for one in await open_alerts(oversight=oversight, at=at) if one.actor_id == stranger.identifier]
    assert alert.rule == "no-sign-of-care"
    assert [space for space, _ in alert.places] == [str(person.space)] * 3
    assert await close_alert(actor=OPERATOR, oversight=oversight, alert=alert.alert_id, outcome="misuse", at=at)
    assert not await close_alert(actor=OPERATOR, oversight=oversight, alert=alert.alert_id, outcome="misuse", at=at)
    assert alert not in await open_alerts(oversight=oversight, at=at)
    written = rows(house, "SELECT act FROM carnet.security_entry WHERE act IN ('look-for-misuse', 'close-alert')")
    assert {act for (act,) in written} == {"look-for-misuse", "close-alert"}


async def found_by(oversight, rule, actor, *, at):
    await look_for_misuse(actor=OPERATOR, oversight=oversight, at=at, days=1)
    found = await open_alerts(oversight=oversight, at=at)
    return [one for one in found if (one.rule, one.actor_id) == (rule, actor.identifier)]


async def test_a_namesake_who_came_in_is_told_to_the_officer_and_no_name_is_kept(house, log, oversight):
    at, doctor = clock.now(), await make_professional()
    family = doctor.name.split()[-1]
    traits = msgspec.structs.replace(make_traits(7), birth_name="DUPONT", usual_name=family.upper())
    space = await open_space(actor=OPERATOR, ins=fresh_ins(), traits=traits, active=True, at=at)
    await record_consent(actor=doctor, space=space, at=at)
    await list_documents(actor=doctor, space=space, query=DocumentQuery(), at=at)
    (alert,) = await found_by(oversight, "same-surname", doctor, at=at)
    assert [one for one, _ in alert.places] == [str(space)] * 2, "how they came in, and the list they saw"
    written = rows(house, f"SELECT act, details::text FROM carnet.journal_entry WHERE space_id = '{space}'")
    assert ("first-access", '{"alike": "surname"}') in written
    assert not [details for _, details in written if family.casefold() in details.casefold()]
    other = await make_person(at=at)
    await record_consent(actor=doctor, space=other.space, at=at)
    await list_documents(actor=doctor, space=other.space, query=DocumentQuery(), at=at)
    assert len(await found_by(oversight, "same-surname", doctor, at=at)) == 1


def in_order(count, *, body="2790351215"):
    """Numbers of people of one sex, month and place of birth, one after another; nobody has them."""
    numbers = (f"{body}{order:03d}" for order in range(count))
    return [Ins(matricule=number + matricule_key(number), oid=OID_TEST_NIR) for number in numbers]


async def test_numbers_counted_up_are_told_to_the_officer_and_no_number_is_kept(house, log, oversight):
    at, doctor, colleague = clock.now(), await make_professional(), await make_professional()
    asked = in_order(10)
    for ins in asked:
        assert await find_patient(actor=doctor, ins=ins, at=at) is None
    for ins in in_order(9):
        await find_patient(actor=colleague, ins=ins, at=at)
    (alert,) = await found_by(oversight, "number-order", doctor, at=at)
    entries = {str(entry): details for entry, details in security_entries(house, doctor)}
    assert {place for place, number in alert.places if number == 0} == set(entries)
    assert len(alert.places) == 10
    assert await found_by(oversight, "number-order", colleague, at=at) == []
    (mark,) = {details["near"] for details in entries.values()}
    assert all(part not in mark for ins in asked for part in (ins.matricule, ins.matricule[:10]))
    theirs = {details["near"] for _, details in security_entries(house, colleague)}
    tomorrow = near(doctor, asked[0], at=at + dt.timedelta(days=1))["near"]
    elsewhere = near(doctor, in_order(1, body="1790351215")[0], at=at)["near"]
    assert len({mark, tomorrow, elsewhere, *theirs}) == 4, "it links nothing but what one professional asked on one day"


def security_entries(house, actor):
    asked = "SELECT entry_id, details FROM carnet.security_entry WHERE act = 'find-patient' AND actor_id = '%s'"
    return rows(house, asked % actor.identifier)


async def test_oversight_sees_no_content(oversight):
    import psycopg

    async with oversight.connection() as connection:
        for table in ("document", "space", "authorisation"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await connection.execute(f"SELECT 1 FROM carnet.{table}")
