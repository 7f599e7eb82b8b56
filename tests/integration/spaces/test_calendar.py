"""People are told where the calendar says so, each département from its day on and within its quota, by itself."""

import asyncio
import contextlib
import datetime as dt

import msgspec
import pytest

from carnet.infra import clock
from carnet.infra.db import work
from carnet.kernel.errors import Conflict
from carnet.spaces.actions import inform as informing
from carnet.spaces.actions import tell_due as telling_due
from carnet.spaces.api import tell_due
from carnet.spaces.queries.campaign import is_alone
from carnet.spaces.rules.waves import CALENDAR
from factories.beneficiaries import line
from factories.campaign import imported, rows, states, telling
from factories.post import post_office, transport_to
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


async def nobody_yet(_, *, departement):
    return 0


@pytest.mark.parametrize("broken", [False, True], ids=["as it is", "planted fault"])
async def test_pilots_first_then_the_others_and_never_more_than_a_day_takes(
    house, batch, source, run, monkeypatch, broken
):
    await imported(batch, source(range(1, 19)))  # of each département three; those of Toulouse and Paris have an e-mail
    monkeypatch.setitem(CALENDAR, "44", msgspec.structs.replace(CALENDAR["44"], people_a_day=2))
    if broken:
        for step in (telling_due, informing):
            monkeypatch.setattr(step, "informed_today", nobody_yet)
    assert await run(AT - DAY) == {}
    assert await run(AT) == {"44": 3 if broken else 2, "80": 3}
    if broken:
        return
    assert await run(AT + dt.timedelta(hours=1)) == {}  # whoever runs it each hour tells nobody twice, nor too many
    assert await run(AT + DAY) == {"44": 1}
    assert await run(AT + 216 * DAY) == {}
    assert await run(AT + 217 * DAY) == {"2A": 3}
    assert await run(AT + 224 * DAY) == {"974": 3}
    twice = "SELECT count(*) FROM carnet.enrolment WHERE code_issue > 1"
    assert rows(house, twice) == [(0,)]


@pytest.mark.parametrize("broken", [False, True], ids=["as it is", "planted fault"])
async def test_two_runs_in_two_folders_share_the_quota_of_the_day(house, batch, source, tmp_path, monkeypatch, broken):
    """While one writes to the people it counted, the other neither counts nor writes; alone again, it goes on."""
    await imported(batch, source([line(one) for one in range(1, 43, 6)]))  # seven of Nantes, all by letter
    monkeypatch.setitem(CALENDAR, "44", msgspec.structs.replace(CALENDAR["44"], people_a_day=4))
    if broken:
        monkeypatch.setattr(informing, "is_alone", lambda *_, **__: asyncio.sleep(0, result=True))
    written, go_on, note = asyncio.Event(), asyncio.Event(), informing._note

    async def slow(*arguments, **named):
        if written.is_set():
            await note(*arguments, **named)
        else:
            written.set()
            await go_on.wait()
            await note(*arguments, **named)

    monkeypatch.setattr(informing, "_note", slow)

    async def run(folder):
        asked = {"batch": batch, "telling": telling(folder, letters_a_file=2), "begins": AT.date()}
        return await tell_due(actor=OPERATOR, at=AT, **asked)

    with clock.frozen(AT):
        async with asyncio.TaskGroup() as group:
            first = group.create_task(run(tmp_path / "a"))
            await asyncio.wait_for(written.wait(), 20)
            with contextlib.nullcontext() if broken else pytest.raises(Conflict, match="notify-running"):
                await run(tmp_path / "b")
            go_on.set()
        assert first.result()["44"].letters == (2 if broken else 4)
        assert (states(house)["NOTIFIED"] == 4) is not broken
        assert await run(tmp_path / "b") == {}, "the quota of the day is used up"


async def test_a_departement_another_run_is_in_is_left_to_it_and_the_others_go_on(batch, source, tmp_path):
    await imported(batch, source([line(one) for one in (1, 2, 7, 8)]))  # two of Nantes, two of the Somme, by letter
    asked = {"batch": batch, "telling": telling(tmp_path), "begins": AT.date()}
    with clock.frozen(AT):
        async with work(space=None, at=AT, database_=batch) as w:
            assert await is_alone(w, departement="44")
            done = await tell_due(actor=OPERATOR, at=AT, **asked)
            assert {one: (told.letters, told.elsewhere) for one, told in done.items()} == {
                "44": (0, True), "80": (2, False),
            }  # fmt: skip
        assert (await tell_due(actor=OPERATOR, at=AT, **asked))["44"].letters == 2


async def test_a_mail_server_that_is_gone_is_asked_once_letters_go_on_and_the_next_run_takes_up(
    house, batch, source, tmp_path, monkeypatch
):
    people = [line(6), line(12), line(2, email="a@exemple.invalid"), line(8), line(1, email="b@exemple.invalid")]
    await imported(batch, source(people))  # by e-mail: two in Toulouse, one in the Somme, one in Nantes
    tried, send = [], informing._send

    async def asked(told, notice, at):
        tried.append(notice.departement)
        return await send(told, notice, at)

    monkeypatch.setattr(informing, "_send", asked)

    async def run():
        asked = {"batch": batch, "telling": telling(tmp_path, transport_to(port)), "begins": AT.date()}
        with clock.frozen(AT):
            return await tell_due(actor=OPERATOR, at=AT, **asked)

    async with post_office() as (post, port):
        post.mood = "later"
        done = await run()
        assert (set(tried), done["31"].halted) == ({"31"}, True)
        assert (done["80"].letters, states(house)) == (1, {"ELIGIBLE": 4, "NOTIFIED": 1})
        post.mood = "good"
        done = await run()
    assert {one: told.emails for one, told in done.items()} == {"31": 2, "44": 1, "80": 1}
    assert not any(told.halted for told in done.values())
