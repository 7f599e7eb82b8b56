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


async def test_an_alert_is_found_once_and_closed_by_somebody(house, log, oversight):
    person, stranger, at = await make_person(at=clock.now()), await make_professional(), clock.now()
    for minutes in range(3):
        trace = Trace(
            act=Act.READ_DOCUMENT,
            actor=stranger,
            decision=allow(Ground.AUTHORISED_PROFESSIONAL),
            at=at + dt.timedelta(minutes=minutes),
            space=person.space,
        )
        await record_durably(trace)
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
