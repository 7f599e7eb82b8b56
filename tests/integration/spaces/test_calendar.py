"""People are told where the calendar says so, each département from its day on and within its quota, by itself."""

import datetime as dt

import msgspec
import pytest

from carnet.infra import clock
from carnet.spaces.actions import tell_due as telling_due
from carnet.spaces.api import tell_due
from carnet.spaces.rules.waves import CALENDAR
from factories.campaign import imported, rows, telling
from factories.world import AT, OPERATOR

DAY = dt.timedelta(days=1)


@pytest.fixture
def run(batch, tmp_path):
    """A function: tell who is due at a time; return how many letters each département got."""

    async def tell(at):
        with clock.frozen(at):
            asked = {"batch": batch, "telling": telling(tmp_path), "begins": AT.date()}
            done = await tell_due(actor=OPERATOR, at=at, **asked)
        return {one: told.letters for one, told in done.items() if told.letters}

    return tell


@pytest.mark.parametrize("broken", [False, True], ids=["as it is", "planted fault"])
async def test_pilots_first_then_the_others_and_never_more_than_a_day_takes(
    house, batch, source, run, monkeypatch, broken
):
    await imported(batch, source(range(1, 19)))  # of each département three; those of Toulouse and Paris have an e-mail
    monkeypatch.setitem(CALENDAR, "44", msgspec.structs.replace(CALENDAR["44"], people_a_day=2))
    if broken:

        async def nobody_yet(_, *, departement):
            return 0

        monkeypatch.setattr(telling_due, "informed_today", nobody_yet)
    assert await run(AT - DAY) == {}
    assert await run(AT) == {"44": 2, "80": 3}
    again = await run(AT + dt.timedelta(hours=1))  # whoever runs it each hour tells nobody twice, nor too many
    assert again == ({"44": 1} if broken else {})
    if broken:
        return
    assert await run(AT + DAY) == {"44": 1}
    assert await run(AT + 216 * DAY) == {}
    assert await run(AT + 217 * DAY) == {"2A": 3}
    assert await run(AT + 224 * DAY) == {"974": 3}
    twice = "SELECT count(*) FROM carnet.enrolment WHERE code_issue > 1"
    assert rows(house, twice) == [(0,)]
