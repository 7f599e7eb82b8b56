"""The officer's queue: found once, with its rows, closed by somebody, and all of it in the journal."""

import datetime as dt

import pytest

from carnet.infra import clock
from carnet.infra.db.database import Database
from carnet.journal.api import Act, Trace, close_alert, look_for_misuse, open_alerts, record_durably
from carnet.kernel.decisions import Ground, allow
from factories.log import rows
from factories.world import OPERATOR, make_person, make_professional


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


async def test_oversight_sees_no_content(oversight):
    import psycopg

    async with oversight.connection() as connection:
        for table in ("document", "space", "authorisation"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await connection.execute(f"SELECT 1 FROM carnet.{table}")
