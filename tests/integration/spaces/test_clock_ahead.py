"""A clock that runs a year ahead opens nobody, tells nobody and erases nothing until somebody says it is right."""

import contextlib
import datetime as dt

import psycopg
import pytest

from carnet.config import campaign_work
from carnet.config.sandbox_house import believe_clock
from carnet.config.settings import read_settings
from carnet.config.wiring import schedules
from carnet.infra import clock
from carnet.journal.actions import keep_time as keeping
from carnet.kernel.errors import Refused
from factories.campaign import imported, rows, states, told
from factories.world import AT, OPERATOR

YEAR, DAY = dt.timedelta(days=365), dt.timedelta(days=1)
ASKED_FIRST = {"tell-due-people", "open-due-spaces", "carry-out-due", "purge-expired", "collect-orphans", "empty-bins"}


@pytest.fixture(autouse=True)
def never_ran(house):
    """The house of these tests has no past, and leaves none to others."""

    def forget():
        with psycopg.connect(house.url("postgres"), autocommit=True) as conn:
            conn.execute("DELETE FROM carnet.house_clock")

    forget()
    yield
    forget()


@pytest.fixture
async def nightly(house, batch, source, tmp_path):
    """The worker's schedules by name, six people told at AT, thirty who wait for their day."""
    await imported(batch, source(range(1, 37)))
    await told(batch, tmp_path, departement="44")
    settings = read_settings(
        {"CARNET_HOME": str(tmp_path), "CARNET_CAMPAIGN_BEGINS": "2027-10-01", "CARNET_SMTP_PORT": "1"}
    )
    return {one.name: one.run for one in schedules(settings, batch=batch)}


async def at_night(nightly, at, name="open-due-spaces"):
    with clock.frozen(at):
        await nightly[name](at=at)


@pytest.mark.parametrize("broken", [False, True], ids=["as it is", "planted fault"])
async def test_a_leap_opens_nobody(house, nightly, monkeypatch, caplog, broken):
    await at_night(nightly, AT)
    if broken:
        monkeypatch.setattr(keeping, "LEAP", YEAR)
    asked = ["open-due-spaces"] if broken else sorted(ASKED_FIRST) * 2  # one that ran makes the next no less doubtful
    for name in asked:
        await at_night(nightly, AT + YEAR, name)
    assert (states(house) == {"ELIGIBLE": 30, "NOTIFIED": 6}) is not broken
    said = {one.message.split(":")[0] for one in caplog.records if "--clock-is-right" in one.message}
    assert said == (set() if broken else ASKED_FIRST)


async def test_night_after_night_it_opens_on_the_day(house, nightly):
    for day in range(0, 42, 6):
        await at_night(nightly, AT + day * DAY)
    assert "OPEN" not in states(house)
    await at_night(nightly, AT + 42 * DAY)
    assert states(house)["OPEN"] == 6


async def test_the_operator_says_that_the_clock_is_right(house, batch, nightly, monkeypatch):
    @contextlib.asynccontextmanager
    async def operating(_):
        yield OPERATOR, batch

    monkeypatch.setattr(campaign_work, "operating", operating)
    await at_night(nightly, AT)
    with clock.frozen(AT + YEAR):
        with pytest.raises(Refused) as refused:
            await campaign_work.open_due(None, 1, clock_is_right=False)
        assert "last ran on 2026-11-21 09:00 UTC" in refused.value.problems[0].en
        assert "OPEN" not in states(house)
        assert await campaign_work.open_due(None, 1, clock_is_right=True) == 0
    assert states(house)["OPEN"] == 6
    said = "SELECT details ->> 'known' FROM carnet.security_entry WHERE act = 'confirm-clock' AND at = %s"
    assert rows(house, said, AT + YEAR) == [(AT.isoformat(),)]
    await at_night(nightly, AT + YEAR + DAY, "tell-due-people")
    assert states(house)["NOTIFIED"] > 0


async def test_a_demo_left_alone_for_weeks_goes_on(house, batch, nightly):
    await at_night(nightly, AT)
    await believe_clock(batch, at=AT + 42 * DAY)
    await at_night(nightly, AT + 42 * DAY)
    assert states(house)["OPEN"] == 6
