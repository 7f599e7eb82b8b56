"""By a clock far ahead, or behind, nobody is opened or told and nothing erased until somebody says it is right."""

import contextlib
import datetime as dt

import psycopg
import pytest

from carnet.config import campaign_dmp, campaign_work
from carnet.config.cli import app
from carnet.config.sandbox_house import believe_clock
from carnet.config.settings import read_settings
from carnet.config.wiring import schedules
from carnet.infra import clock
from carnet.journal.actions import keep_time as keeping
from carnet.kernel.errors import Refused
from factories.campaign import imported, rows, states, told
from factories.world import AT, OPERATOR

YEAR, DAY, SECOND = dt.timedelta(days=365), dt.timedelta(days=1), dt.timedelta(seconds=1)
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
    return {one.name: one.run for one in schedules(settings_of(tmp_path), batch=batch)}


def settings_of(folder, begins="2027-04-01"):
    told = {"CARNET_CAMPAIGN_BEGINS": begins, "CARNET_SMTP_PORT": "1"}
    return read_settings({"CARNET_HOME": str(folder), **told})


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


@pytest.mark.parametrize("broken", [False, True], ids=["as it is", "planted fault"])
async def test_who_is_told_by_a_clock_that_is_late_has_their_six_weeks_all_the_same(
    house, nightly, monkeypatch, caplog, broken
):
    await at_night(nightly, AT + 300 * DAY)
    if broken:
        monkeypatch.setattr(keeping, "LATE", YEAR)
    for _ in range(2):
        await at_night(nightly, AT + 250 * DAY, "tell-due-people")
    assert ("--clock-is-right" in caplog.text) is not broken
    opens = [one for (one,) in rows(house, "SELECT opens_at FROM carnet.enrolment WHERE state = 'NOTIFIED'")]
    assert any(one < AT + 300 * DAY for one in opens) is broken
    await at_night(nightly, AT + 300 * DAY - dt.timedelta(hours=20), "open-due-spaces")  # two machines of one house


@pytest.mark.parametrize(
    ("apart", "code"),
    [(7 * DAY, None), (7 * DAY + SECOND, "clock-ahead"), (-DAY, None), (-DAY - SECOND, "clock-behind")],
)
async def test_a_week_ahead_and_a_day_behind_are_believed_and_no_more(batch, apart, code):
    await keeping.keep_time(batch=batch, at=AT)
    if code is None:
        await keeping.keep_time(batch=batch, at=AT + apart)
        return
    with pytest.raises(Refused) as refused:
        await keeping.keep_time(batch=batch, at=AT + apart)
    assert [one.code for one in refused.value.problems] == [code]


COMMANDS = {
    "import": lambda folder: campaign_work.import_file(None, folder / "b", folder / "r", expected=None, workers=0),
    "letters": lambda folder: campaign_work.letters(None, folder),
    "bounces": lambda _: campaign_work.bounces(None, []),
    "notify": lambda folder: campaign_work.notify(settings_of(folder), None, folder, 1),
    "open": lambda _: campaign_work.open_due(None, 1, clock_is_right=False),
    "import-dmp": lambda folder: campaign_dmp.import_dmp(None, folder, folder / "r", at_once=1),
}


@pytest.mark.parametrize("leap", [YEAR, -YEAR], ids=["ahead", "behind"])
async def test_every_command_of_the_campaign_asks_the_clock_first(batch, nightly, tmp_path, monkeypatch, leap):
    for module in (campaign_work, campaign_dmp):
        monkeypatch.setattr(module, "operating", lambda _: contextlib.nullcontext((OPERATOR, batch)))
    await at_night(nightly, AT)
    assert set(COMMANDS) == {one for one in app["campaign"] if not one.startswith("-")} - {"status"}
    with clock.frozen(AT + leap):
        for command in COMMANDS.values():
            with pytest.raises(Refused, match="clock-"):
                await command(tmp_path)


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
