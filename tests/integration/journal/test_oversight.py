"""The officer's queue: found once, with its rows, closed by somebody, and all of it in the journal."""

import datetime as dt

import msgspec
import pytest

from carnet.access.api import authorise, record_consent
from carnet.identity.api import FeedAddress, Ins
from carnet.identity.data import OID_TEST_NIR, matricule_key
from carnet.infra import clock, randomness
from carnet.infra.db.database import Database
from carnet.journal.api import Act, Trace, close_alert, look_for_misuse, open_alerts, record_durably
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Ground, allow
from carnet.records.api import DocumentQuery, find_patient, list_documents, near
from carnet.spaces.api import Source, import_beneficiaries, open_space
from factories.beneficiaries import OID, beneficiary_file, beneficiary_matricule, line
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


LILACS = FeedAddress(lines=("Cabinet médical", "12, rue des Lilas"), postcode="31400", city="Toulouse")
HOMES = {  # who lives there, as the insurer writes it
    "same door": {"adresse": "BAT A|12 RUE DES LILAS"},
    "another home of the door": {"adresse": "ESC 2|12 R DES LILAS"},
    "next door": {"adresse": "BAT A|14 RUE DES LILAS"},
    "another town": {"adresse": "BAT A|12 RUE DES LILAS", "code_postal": "44000"},
}


async def moved_in(house, folder, homes, *, at):
    """Open the space of everybody of the insurer's file, in its order."""
    first = 910_000 + int(randomness.token_bytes(2).hex(), 16) * 10
    lines = [line(first + number, **({"code_postal": "31400"} | home)) for number, home in enumerate(homes)]
    source = Source(path=beneficiary_file(folder / "fichier.csv", lines), rejects=folder / "rejets.csv")
    batch = Database(house.url("carnet_batch"), min_size=1, max_size=1)
    await batch.open()
    try:
        assert (await import_beneficiaries(actor=OPERATOR, batch=batch, source=source, at=at)).stored == len(lines)
    finally:
        await batch.close()
    numbers = [Ins(matricule=beneficiary_matricule(first + one), oid=OID) for one in range(len(lines))]
    return [await open_space(actor=OPERATOR, ins=ins, traits=make_traits(3), active=True, at=at) for ins in numbers]


async def come_into(spaces, doctor, *, at):
    for space in spaces:
        await record_consent(actor=doctor, space=space, at=at)
        await list_documents(actor=doctor, space=space, query=DocumentQuery(), at=at)


async def test_who_lives_at_the_door_the_directory_shows_is_told_and_no_address_is_kept(
    house, log, oversight, tmp_path
):
    """The rows of one person make it; next door, another town, the same door let in or cared for: innocent."""
    at, doctor, other = clock.now(), await make_professional(address=LILACS), await make_professional()
    spaces = dict(zip(HOMES, await moved_in(house, tmp_path, HOMES.values(), at=at), strict=True))
    listed = spaces.pop("another home of the door")
    person = Actor(kind=ActorKind.PERSON, identifier="", name="", space=listed, strong=True, session="s1")
    await authorise(actor=person, space=listed, rpps=doctor.identifier, at=at)
    await come_into([*spaces.values(), listed], doctor, at=at)
    await come_into(spaces.values(), other, at=at)
    (alert,) = await found_by(oversight, "same-address", doctor, at=at)
    assert [one for one, _ in alert.places] == [str(spaces["same door"])] * 2
    assert await found_by(oversight, "same-address", other, at=at) == [], "the directory shows them elsewhere"
    kept = rows(house, f"SELECT details::text FROM carnet.journal_entry WHERE actor_id = '{doctor.identifier}'")
    assert any('"alike": "address"' in details for (details,) in kept)
    assert not [details for (details,) in kept if "lilas" in details.casefold() or "31400" in details]


async def test_a_family_looked_through_is_told_and_its_neighbours_are_not(house, log, oversight, tmp_path):
    at, doctor, colleague = clock.now(), await make_professional(), await make_professional()
    homes = [
        {"adresse": "BAT A|3 RUE DU PUITS"},
        {"adresse": "Bat. A|3, rue du Puits"},
        {"adresse": "BAT A|3 R DU PUITS"},
    ]
    family = await moved_in(house, tmp_path, [*homes, {"adresse": "BAT B|3 RUE DU PUITS"}, {}], at=at)
    await come_into(family, doctor, at=at)
    await come_into([family[0], *family[2:]], colleague, at=at)
    (alert,) = await found_by(oversight, "one-home", doctor, at=at)
    assert sorted(one for one, _ in alert.places) == sorted(str(space) for space in family[:3])
    assert await found_by(oversight, "one-home", colleague, at=at) == [], "two of one home, and the neighbours"
    asked = f"SELECT details FROM carnet.journal_entry WHERE space_id = '{family[0]}' AND act = 'first-access'"
    assert len({details["home"] for (details,) in rows(house, asked)}) == 2, (
        "a mark links what one professional came to, not two professionals"
    )


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
