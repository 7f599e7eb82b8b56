"""Who acts for whom is told to whom it concerns, and to nobody a number was mistyped into."""

import datetime as dt

import msgspec
import pytest

from carnet.access.api import Wanted, end_delegation, invite_carer
from carnet.infra import clock
from carnet.infra.db.database import Database
from carnet.notifications.actions.call_reminders import call_reminders
from carnet.notifications.api import list_notifications
from carnet.notifications.data import NOTIFIER
from factories.events import deliver, empty_queue
from factories.families import as_delegate, attach, help_with, make_child
from factories.world import make_person

BIRTHDAY = dt.datetime(2026, 12, 9, 23, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _fresh(house):
    empty_queue(house)


async def told(someone, at):
    page = await list_notifications(actor=someone.actor, space=someone.space, at=at)
    return [one.code for one in page.items]


async def test_an_invitation_is_told_to_whom_it_names_and_to_no_namesake_of_their_number(house):
    helped, carer, at = await make_person(), await make_person(), clock.now()
    wanted = Wanted(starts_at=at, ends_at=at + dt.timedelta(days=10))
    wrong = msgspec.structs.replace(as_delegate(carer), given_name="Ailleurs")
    row = await invite_carer(actor=helped.actor, space=helped.space, invited=wrong, wanted=wanted, at=at)
    await deliver(house)
    assert await told(carer, at) == []
    await end_delegation(actor=helped.actor, space=helped.space, delegation=row, at=at)
    row = await help_with(helped, carer)
    await deliver(house)
    assert await told(carer, clock.now()) == ["INVITATION_PROCHE"]
    assert await told(helped, clock.now()) == ["DELEGATION"]


async def test_before_eighteen_parent_and_child_are_told_once(house):
    early, soon = BIRTHDAY - dt.timedelta(days=90), BIRTHDAY - dt.timedelta(days=20)
    parent, child = await make_person(at=early), await make_child(born="2008-12-10", at=early)
    await attach(child, parent, at=early)
    batch = Database(house.url("carnet_batch"), min_size=1, max_size=1)
    await batch.open()
    try:
        await call_reminders(actor=NOTIFIER, batch=batch, at=early)
        with clock.frozen(early):
            await deliver(house)
        assert await told(child, early) == []
        for _ in range(2):
            await call_reminders(actor=NOTIFIER, batch=batch, at=soon)
            with clock.frozen(soon):
                await deliver(house)
    finally:
        await batch.close()
    assert await told(child, soon) == await told(parent, soon) == ["DELEGATION_FIN"]
