"""What lies in the bin goes by itself, and what is not in it is found: also by the names of its files."""

import datetime as dt

import pytest

from carnet.infra.db.database import Database
from carnet.kernel.actors import Actor, ActorKind
from carnet.messaging.api import Folder, Place, empty_bins, inbox, place_conversation, search_messages
from factories.events import empty_queue
from factories.world import make_person
from integration.messaging.test_conversations import LATER, journal, only, received


@pytest.fixture(autouse=True)
def _fresh(house):
    empty_queue(house)


async def test_the_bin_empties_itself_of_what_its_person_put_there(house):
    """After its delay for good, with its trace; what was taken out, came back or lies there a shorter time stays."""
    kept, gone = await make_person(), await make_person()
    for one in (kept, gone):
        await received(house, one, files=(("Radio_genou.pdf", "application/pdf", b"%PDF-1.4\n%%EOF"),))
        found = await only(one)
        here = {"actor": one.actor, "space": one.space, "conversation": found.line.conversation_id}
        await place_conversation(**here, place=Place.BIN, at=LATER)
        if one is kept:
            await received(house, one, answers=found.messages[0].letter.message_id)  # a new message takes it out
    batch = Database(house.url("carnet_batch"), min_size=1, max_size=1)
    await batch.open()
    system = Actor(kind=ActorKind.SYSTEM, identifier="empty-bins", name="Carnet", strong=True)
    try:
        await empty_bins(actor=system, batch=batch, at=LATER + dt.timedelta(days=29))
        there = await inbox(actor=gone.actor, space=gone.space, folder=Folder.BIN, at=LATER)
        assert there.total == 1
        await empty_bins(actor=system, batch=batch, at=LATER + dt.timedelta(days=31))
    finally:
        await batch.close()
    there = await inbox(actor=gone.actor, space=gone.space, folder=Folder.BIN, at=LATER)
    assert (there.total, len((await only(kept)).messages)) == (0, 2)
    assert ("delete-conversation", "empty-bins") in [(one.act, one.actor_id) for one in await journal(gone)]


async def test_a_file_is_found_by_its_name(house):
    person = await make_person()
    await received(house, person, files=(("Radio_genou.pdf", "application/pdf", b"%PDF-1.4\n%%EOF"),))
    for words, hits in (("genou", 1), ("radio du genou", 1), ("epaule", 0)):
        assert len(await search_messages(actor=person.actor, space=person.space, words=words, at=LATER)) == hits
