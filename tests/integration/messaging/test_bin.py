"""What lies in the bin goes by itself, and what is not in it is found: also by the names of its files."""

import datetime as dt

import pytest

from carnet.infra import clock
from carnet.journeys.api import close_space
from carnet.kernel.actors import Actor, ActorKind
from carnet.messaging.actions import empty_bins as empty_bins_module
from carnet.messaging.api import Folder, Place, empty_bins, inbox, place_conversation, search_messages
from factories.events import empty_queue
from factories.families import acting, help_with
from factories.world import make_person
from integration.messaging.test_conversations import LATER, journal, only, received

SYSTEM = Actor(kind=ActorKind.SYSTEM, identifier="empty-bins", name="Carnet", strong=True)


@pytest.fixture(autouse=True)
def _fresh(house):
    empty_queue(house)


async def test_the_bin_empties_itself_of_what_its_person_put_there(house, batch):
    """After its delay for good, with its trace; what was taken out, came back or lies there a shorter time stays."""
    kept, gone = await make_person(), await make_person()
    for one in (kept, gone):
        await received(house, one, files=(("Radio_genou.pdf", "application/pdf", b"%PDF-1.4\n%%EOF"),))
        found = await only(one)
        here = {"actor": one.actor, "space": one.space, "conversation": found.line.conversation_id}
        await place_conversation(**here, place=Place.BIN, at=LATER)
        if one is kept:
            await received(house, one, answers=found.messages[0].letter.message_id)  # a new message takes it out
    await empty_bins(actor=SYSTEM, batch=batch, at=LATER + dt.timedelta(days=29))
    there = await inbox(actor=gone.actor, space=gone.space, folder=Folder.BIN, at=LATER)
    assert there.total == 1
    await empty_bins(actor=SYSTEM, batch=batch, at=LATER + dt.timedelta(days=31))
    there = await inbox(actor=gone.actor, space=gone.space, folder=Folder.BIN, at=LATER)
    assert (there.total, len((await only(kept)).messages)) == (0, 2)
    assert ("delete-conversation", "empty-bins") in [(one.act, one.actor_id) for one in await journal(gone)]


async def test_a_carer_who_puts_it_there_again_keeps_it_no_longer_nor_makes_it_go(house, batch):
    """Who put it there first counts; what a carer alone put there stays."""
    person, carer = await make_person(), await make_person()
    helping = await help_with(person, carer, messages=True)
    reader = acting(carer, person, helping, kind=ActorKind.CARER)
    now = clock.now()
    for _ in range(2):
        await received(house, person)
    mine, theirs = [one.conversation_id for one in (await inbox(actor=person.actor, space=person.space, at=now)).lines]
    for who, conversation in ((person.actor, mine), (reader, mine), (reader, theirs)):
        await place_conversation(actor=who, space=person.space, conversation=conversation, place=Place.BIN, at=now)
    await empty_bins(actor=SYSTEM, batch=batch, at=now + dt.timedelta(days=31))
    there = await inbox(actor=person.actor, space=person.space, folder=Folder.BIN, at=now)
    assert [one.conversation_id for one in there.lines] == [theirs]


async def test_what_stays_in_a_space_that_is_not_open_holds_nobody_up(house, batch, monkeypatch):
    """It is due for ever and the oldest of all: what lies behind it goes all the same."""
    monkeypatch.setattr(empty_bins_module, "MOST", 1)
    closed, gone = await make_person(), await make_person()
    for days, one in enumerate((closed, gone)):
        await received(house, one)
        here = {"actor": one.actor, "space": one.space, "conversation": (await only(one)).line.conversation_id}
        await place_conversation(**here, place=Place.BIN, at=LATER + dt.timedelta(days=days))
    await close_space(actor=closed.actor, space=closed.space, at=LATER)
    await empty_bins(actor=SYSTEM, batch=batch, at=LATER + dt.timedelta(days=40))
    there = await inbox(actor=gone.actor, space=gone.space, folder=Folder.BIN, at=LATER)
    assert there.total == 0


async def test_a_file_is_found_by_its_name(house):
    person = await make_person()
    await received(house, person, files=(("Radio_genou.pdf", "application/pdf", b"%PDF-1.4\n%%EOF"),))
    for words, hits in (("genou", 1), ("radio du genou", 1), ("epaule", 0)):
        assert len(await search_messages(actor=person.actor, space=person.space, words=words, at=LATER)) == hits
