"""The day before an appointment and the day of a reminder are told once, neutrally, to whom the agenda is shown."""

import asyncio
import datetime as dt
import uuid

import msgspec
import pytest

from carnet.agenda.api import Kind, Said, Words, add_entry, call_agenda, cancel_appointment, change_entry, delete_entry
from carnet.infra import clock
from carnet.infra.db import Database, work
from carnet.notifications import agenda as telling
from carnet.notifications.actions import email_notification
from carnet.notifications.api import list_notifications
from carnet.notifications.data import NOTIFIER
from carnet.notifications.queries.shown import MAILABLE
from carnet.spaces.api import SpaceSettings, change_settings, hold_contact
from carnet.spaces.data import Reach
from carnet.spaces.queries.contact import store_contact
from factories.events import as_owner, deliver, empty_queue
from factories.families import attach, help_with, make_child
from factories.post import post_office, transport_to
from factories.world import AT, make_person

VISIT = dt.datetime(2026, 12, 9, 14, tzinfo=dt.UTC)
WORDS = Words(title="Chimiothérapie", party="Dr Cunégonde Roux", note="À jeun")
"""None of them may be in what is sent."""


@pytest.fixture(autouse=True)
def _fresh(house):
    empty_queue(house)


@pytest.fixture
async def batch(house):
    one = Database(house.url("carnet_batch"), min_size=1, max_size=2)
    await one.open()
    yield one
    await one.close()


async def note(someone, *, kind=Kind.APPOINTMENT, actor=None, day=VISIT, at=AT, **how):
    entry = uuid.uuid4()
    said = Said(kind=kind, day=day.date().isoformat(), hour="14:05", words=WORDS)
    await add_entry(actor=actor or someone.actor, space=someone.space, entry=entry, said=said, at=at, **how)
    return entry


async def morning(house, batch, at, *, workers=1, transport=None):
    """What the worker does at `at`."""
    await asyncio.gather(*(call_agenda(actor=NOTIFIER, batch=batch, at=at) for _ in range(workers)))
    with clock.frozen(at):
        await deliver(house, transport=transport)


async def told(someone, at=VISIT):
    page = await list_notifications(actor=someone.actor, space=someone.space, at=at)
    return [one.code for one in page.items]


def nine(day):
    """Nine in the morning in Paris, in winter."""
    return dt.datetime.combine(day, dt.time(8), dt.UTC)


EVE, SAME = VISIT.date() - dt.timedelta(days=1), VISIT.date()


async def test_the_day_before_and_the_same_day_once_with_neutral_words(house, batch):
    person = await make_person(email="camille@exemple.test")
    await note(person)
    await note(person, kind=Kind.REMINDER, day=VISIT)
    async with post_office() as (post, port):
        for day in (EVE - dt.timedelta(days=1), EVE, EVE, SAME, SAME, SAME + dt.timedelta(days=1)):
            await morning(house, batch, nine(day), workers=2, transport=transport_to(port))
        assert sorted(await told(person)) == ["RAPPEL_AGENDA", "RAPPEL_RDV_USAGER"]
    assert len(post.raw) == 2
    for message in post.messages:
        said = (
            message["Subject"] + message.get_body(("plain",)).get_content() + message.get_body(("html",)).get_content()
        )
        for word in ("Chimio", "Roux", "14", "jeun", "rendez-vous"):
            assert word not in said, word
    with as_owner(house) as conn:
        query = "SELECT bool_and(told_at IS NOT NULL) FROM agenda_entry WHERE space_id = %s"
        assert conn.execute(query, (person.space,)).fetchone() == (True,)


@pytest.mark.parametrize("planted", [False, True], ids=["as it is", "planted: a key that changes"])
async def test_a_worker_that_dies_before_it_noted_tells_nothing_twice(house, batch, monkeypatch, planted):
    person = await make_person()
    await note(person)

    async def dies(*_, **__):
        raise ConnectionError

    monkeypatch.setattr(telling, "note_told", dies)
    if planted:
        news = telling.News
        monkeypatch.setattr(telling, "News", lambda *, code, key: news(code=code, key=f"{key}{uuid.uuid4()}"))
    for _ in range(2):
        empty_queue(house)
        await morning(house, batch, nine(EVE))
    empty_queue(house)
    assert len(await told(person)) == (2 if planted else 1)


async def test_moved_cancelled_or_deleted_is_told_of_no_more(house, batch):
    moved, cancelled, deleted = [await make_person() for _ in range(3)]
    rows = [await note(one) for one in (moved, cancelled, deleted)]
    await call_agenda(actor=NOTIFIER, batch=batch, at=nine(EVE))
    later = Said(kind=Kind.APPOINTMENT, day="2026-12-20", hour="10:00", words=WORDS)
    await change_entry(actor=moved.actor, space=moved.space, entry=rows[0], said=later, at=AT)
    await cancel_appointment(actor=cancelled.actor, space=cancelled.space, entry=rows[1], at=AT)
    await delete_entry(actor=deleted.actor, space=deleted.space, entry=rows[2], at=AT)
    await morning(house, batch, nine(EVE))
    assert [await told(one) for one in (moved, cancelled, deleted)] == [[], [], []]
    await morning(house, batch, nine(dt.date(2026, 12, 19)))
    assert await told(moved, dt.datetime(2026, 12, 19, 12, tzinfo=dt.UTC)) == ["RAPPEL_RDV_USAGER"]


async def test_the_wish_for_no_mail_about_the_agenda_keeps_the_line_and_silences_the_mail(house, batch):
    person = await make_person(email="camille@exemple.test")
    settings = SpaceSettings(quiet_subjects=("agenda",))
    await change_settings(actor=person.actor, space=person.space, settings=settings, at=AT)
    await note(person)
    async with post_office() as (post, port):
        await morning(house, batch, nine(EVE), transport=transport_to(port))
    assert (await told(person), post.raw) == (["RAPPEL_RDV_USAGER"], [])


async def test_overseas_the_day_is_that_of_the_place(house, batch):
    """In Nouméa the ninth begins eleven hours before it does in UTC, and so does its eve."""
    person = await make_person()
    async with work(space=person.space, at=AT) as w:
        there = Reach(email=None, phone=None, lines=("1 rue de la Baie",), postcode="98800", town="NOUMÉA")
        await store_contact(w, msgspec.structs.replace(await hold_contact(w), insurer=there))
    await note(person)
    midnight = dt.datetime(2026, 12, 7, 13, tzinfo=dt.UTC)
    await morning(house, batch, midnight + dt.timedelta(hours=6))
    assert await told(person) == []
    await morning(house, batch, midnight + dt.timedelta(hours=8))
    assert await told(person) == ["RAPPEL_RDV_USAGER"]


async def test_who_is_shown_the_agenda_hears_too_and_nobody_else(house, batch):
    child, parent = await make_child(), await make_person()
    helped, carer, other = await make_person(), await make_person(), await make_person()
    await attach(child, parent, at=AT)
    await help_with(helped, carer, agenda=True, at=AT + dt.timedelta(days=10))
    await help_with(helped, other, at=AT + dt.timedelta(days=10))
    await deliver(house)
    before = [await told(one) for one in (parent, carer, other)]
    await note(child)
    await note(helped)
    await morning(house, batch, nine(EVE))
    after = [await told(one) for one in (parent, carer, other)]
    heard = [new[: len(new) - len(old)] for new, old in zip(after, before, strict=True)]
    assert heard == [["NOUVEAU_PROCHE"], ["NOUVEAU_PROCHE"], []]


@pytest.mark.parametrize("planted", [False, True], ids=["as it is", "planted: every line may be mailed"])
async def test_what_a_grown_child_notes_for_themselves_is_not_mailed_to_what_may_be_a_parents_mailbox(
    house, batch, monkeypatch, planted
):
    """Their line is in their list; a mail would tell whoever reads the mailbox of an entry no agenda shows them."""
    if planted:
        everything = email_notification._PENDING.replace(MAILABLE, "true")
        monkeypatch.setattr(email_notification, "_PENDING", everything)
    parent, found = await make_person(), []
    for shared in (False, True):
        child = await make_child(born="2011-06-04", email="foyer@exemple.test")
        as_parent = await attach(child, parent, at=AT)
        await note(child, actor=as_parent if shared else None)
        async with post_office() as (post, port):
            await morning(house, batch, nine(EVE), transport=transport_to(port))
        assert await told(child) == ["RAPPEL_RDV_USAGER"]
        found.append(len(post.raw))
    assert found == [int(planted), 1], "written for them, it is no secret of theirs"
