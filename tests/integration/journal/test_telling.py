"""What a person is told of: nothing says that something is withheld, neither a name, a reason nor a digest."""

from uuid import uuid4

import pytest

from carnet.access.api import authorise
from carnet.infra import clock
from carnet.infra.db import work
from carnet.journal.api import Filter, entries, professionals_seen, told_entries, waiting_entries
from carnet.kernel.errors import NotFound, Refused
from carnet.records.api import DocumentQuery, list_documents, mask_document, read_content, release_document
from factories.log import rows
from factories.world import give, make_person, make_professional

WITHHELD = frozenset({"INVISIBLE_PATIENT"})


@pytest.fixture
async def person(log):
    return await make_person(at=clock.now())


async def told(person, *, size=0):
    """What the page shows, which is what is taken away, but for what differs each time; the names in its filter."""
    async with work(space=person.space, at=clock.now()) as w:
        shown = await entries(w, filter_=Filter(with_refusals=True), limit=500)
        taken = [
            *await told_entries(w, after=0, size=size, limit=500),
            *await waiting_entries(w, size=size),
        ]
        names = await professionals_seen(w)
    seen = [(one.act, one.outcome, one.reason, one.actor_name, one.document_ids) for one in reversed(shown)]
    also = [one.entry for one in taken]
    assert sorted(seen) == sorted((e.act, e.outcome, e.reason, e.actor_name, e.document_ids) for e in also)
    return seen, names


async def test_who_only_left_something_withheld_is_not_named(person):
    doctor = await make_professional(at=clock.now())
    before = await told(person)
    document = (await give(person, by=doctor, at=clock.now(), codes=WITHHELD)).documents[0].document_id
    assert await told(person) == before
    await release_document(actor=doctor, space=person.space, document=document, at=clock.now())
    _, names = await told(person)
    assert names == [(doctor.identifier, doctor.name)]


async def test_what_somebody_else_is_refused_about_it_is_not_told(house, person, log):
    """Its codes exclude each other: only a document that is withheld is ever refused so."""
    doctor = await make_professional(at=clock.now())
    document = (await give(person, by=doctor, at=clock.now(), codes=WITHHELD)).documents[0].document_id
    before = await told(person)
    with pytest.raises(Refused):
        await mask_document(actor=doctor, space=person.space, document=document, at=clock.now())
    assert await told(person) == before
    await log.sequencer.round()
    sealed = rows(house, "SELECT held FROM carnet.journal_leaf l JOIN carnet.journal_entry e USING (space_id, seq)"
                  " WHERE l.space_id = %s AND e.outcome = 'refused'", person.space)  # fmt: skip
    assert sealed == [(True,)]
    assert await told(person, size=log.sequencer.store.size) == before


async def test_ones_own_try_reads_as_at_an_address_where_nothing_is(person):
    doctor = await make_professional(at=clock.now())
    document = (await give(person, by=doctor, at=clock.now(), codes=WITHHELD)).documents[0].document_id
    for one in (document, uuid4()):
        with pytest.raises(NotFound):
            await read_content(actor=person.actor, space=person.space, document=one, at=clock.now())
    seen, _ = await told(person)
    tries = [one for one in seen if one[1] == "refused"]
    assert len(tries) == 2
    assert tries[0] == tries[1]


async def test_a_receipt_does_not_tell_two_lists_apart(person):
    """The same documents told, one list with something withheld among them: digests differ whatever was shown."""
    doctor = await make_professional(at=clock.now())
    await authorise(actor=person.actor, space=person.space, rpps=doctor.identifier, at=clock.now())
    await give(person, by=doctor, at=clock.now())
    for _ in range(2):
        await list_documents(actor=doctor, space=person.space, query=DocumentQuery(), at=clock.now())
    async with work(space=person.space, at=clock.now()) as w:
        found = await entries(w, filter_=Filter(acts=("list-documents",)), limit=2)
    assert found[0].document_ids == found[1].document_ids
    assert found[0].details["shown"] != found[1].details["shown"]
