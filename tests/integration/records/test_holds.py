"""Results that wait to be explained, and the end of what was kept from the person: once, never early, never twice."""

import asyncio
import datetime as dt

import pytest

from carnet.access.api import authorise
from carnet.infra.db import work
from carnet.infra.db.database import Database
from carnet.journeys.api import destroy_space_key
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Reason
from carnet.kernel.errors import Conflict, Invalid, NotFound, Refused
from carnet.notifications.api import list_notifications
from carnet.records.actions import release as releasing
from carnet.records.api import (
    DocumentQuery,
    HoldReason,
    ask_result,
    delete_document,
    hold_document,
    list_documents,
    mask_document,
    pending_results,
    read_content,
    release_document,
    release_due,
)
from factories.events import as_owner, deliver, empty_queue, jobs
from factories.world import AT, OPERATOR, give, make_person, make_professional, make_software

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
JOB = Actor(kind=ActorKind.SYSTEM, identifier="release-due", name="Carnet", strong=True)
HIDDEN = frozenset({"INVISIBLE_PATIENT"})


@pytest.fixture
async def batch(house):
    """The database as the unattended work reaches it."""
    database = Database(house.url("carnet_batch"), min_size=1, max_size=2)
    await database.open()
    yield database
    await database.close()


async def deposited(*, codes=frozenset({"N"}), **options):
    person, software = await make_person(), await make_software()
    receipt = await give(person, by=software, codes=codes, **options)
    return person, software, receipt.documents[0].document_id


async def seen_by(actor, person):
    listing = await list_documents(actor=actor, space=person.space, query=DocumentQuery(), at=AT)
    return {entry.document_id: entry for entry in listing.entries}


async def holding(actor, person, document, *, days=5):
    return await hold_document(
        actor=actor, space=person.space, document=document, days=days, reason=HoldReason.TO_EXPLAIN, at=AT
    )


async def pending(person):
    async with work(space=person.space, at=AT) as w:
        return await pending_results(w, actor=person.actor)


def age(house, document, days):
    """Let the database believe that it was kept away `days` ago: its own clock decides, nobody else's."""
    with as_owner(house) as conn:
        conn.execute(
            "UPDATE document SET withheld_at = now() - make_interval(secs => %s) WHERE document_id = %s",
            (days * 86400, document),
        )


def released(house, document):
    with as_owner(house) as conn:
        return conn.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE args -> 'event' ->> 'type' = 'DocumentReleased'"
            " AND args -> 'event' ->> 'document' = %s",
            (str(document),),
        ).fetchone()[0]


async def test_a_held_result_says_before_when_and_by_whom_and_nothing_else(house):
    empty_queue(house)
    person, software, document = await deposited()
    doctor = await make_professional()
    await authorise(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
    hold = await holding(software, person, document)
    assert await seen_by(person.actor, person) == {}
    assert set(await seen_by(doctor, person)) == {document}
    (waits,) = await pending(person)
    assert (waits.hold, waits.by, waits.due_at) == (hold, "Centre hospitalier des Tilleuls", AT + 5 * DAY)
    assert not {"title", "type_code", "document_id"} & set(waits.__struct_fields__)
    with pytest.raises(Conflict):
        await holding(software, person, document)
    shown = await ask_result(actor=person.actor, space=person.space, hold=hold, at=AT + HOUR)
    assert shown == AT + 49 * HOUR
    with pytest.raises(NotFound):
        await ask_result(actor=person.actor, space=person.space, hold=hold, at=AT + 2 * HOUR)
    assert "ResultAsked" in {event for *_, event in jobs(house)}
    assert await ask_result(actor=person.actor, space=person.space, hold=hold, wanted=False, at=AT) == AT + 5 * DAY
    assert await ask_result(actor=person.actor, space=person.space, hold=hold, at=AT + 4 * DAY) == AT + 5 * DAY
    await release_document(actor=software, space=person.space, document=document, at=AT + HOUR)
    assert set(await seen_by(person.actor, person)) == {document}
    assert await pending(person) == []
    await read_content(actor=person.actor, space=person.space, document=document, at=AT)


async def test_who_may_hold_what_and_how_long(house):
    person, software, document = await deposited()
    for days in (0, 15):
        with pytest.raises(Invalid):
            await holding(software, person, document, days=days)
    stranger = await make_software()
    doctor = await make_professional()
    await authorise(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
    for nobody in (stranger, doctor, person.actor):
        with pytest.raises(NotFound):
            await holding(nobody, person, document)
        with pytest.raises(NotFound):
            await release_document(actor=nobody, space=person.space, document=document, at=AT)
    await mask_document(actor=person.actor, space=person.space, document=document, at=AT)
    with pytest.raises(Refused) as refusal:
        await holding(software, person, document)
    assert refusal.value.problems[0].code == Reason.CODES_EXCLUDE_EACH_OTHER
    with pytest.raises(Refused):
        await ask_result(actor=doctor, space=person.space, hold=document, at=AT)


async def test_the_calendar_releases_never_early_never_twice_and_tells_once(house, batch):
    empty_queue(house)
    person, _, document = await deposited(codes=HIDDEN)
    await deliver(house)
    age(house, document, 29.99)
    # the clock of the process may say anything: only the database's counts
    await release_due(actor=JOB, batch=batch, at=AT + 400 * DAY)
    assert await seen_by(person.actor, person) == {}
    age(house, document, 30.01)
    await asyncio.gather(*(release_due(actor=JOB, batch=batch, at=AT - 2 * DAY) for _ in range(3)))
    await release_due(actor=JOB, batch=batch, at=AT)
    assert set(await seen_by(person.actor, person)) == {document}
    assert released(house, document) == 1
    await deliver(house)
    await deliver(house)
    told = await list_notifications(actor=person.actor, space=person.space, at=AT)
    assert [item.code for item in told.items] == ["REMISE_VISIBILITE_AUTO"]


async def test_a_hold_keeps_its_own_date(house, batch):
    person, software, document = await deposited(codes=HIDDEN)
    age(house, document, 29)
    await holding(software, person, document)
    age(house, document, 31)
    with as_owner(house) as conn:
        conn.execute(
            "UPDATE document_hold SET opened_at = now() - interval '5 days', until = now() + interval '1 hour',"
            " due_at = now() + interval '1 hour' WHERE space_id = %s",
            (person.space,),
        )
    await release_due(actor=JOB, batch=batch, at=AT)
    assert await seen_by(person.actor, person) == {}
    with as_owner(house) as conn:
        conn.execute("UPDATE document_hold SET due_at = now() WHERE space_id = %s", (person.space,))
    await release_due(actor=JOB, batch=batch, at=AT)
    assert set(await seen_by(person.actor, person)) == {document}
    assert (released(house, document), await pending(person)) == (1, [])


async def test_codes_belong_to_every_version_and_a_new_one_does_not_restart_the_delay(house):
    person, software, first = await deposited(unique_id="urn:oid:1.2.4^v1", codes=HIDDEN)
    options = {"codes": HIDDEN, "unique_id": "urn:oid:1.2.4^v2", "content": b"v2"}
    receipt = await give(person, by=software, replaces="urn:oid:1.2.4^v1", **options)
    assert await seen_by(person.actor, person) == {}
    with pytest.raises(NotFound):
        await read_content(actor=person.actor, space=person.space, document=first, at=AT)
    for version in (first, receipt.documents[0].document_id):
        age(house, version, 20)
    await give(person, by=software, replaces="urn:oid:1.2.4^v2", codes=HIDDEN, content=b"v3")
    with as_owner(house) as conn:
        since = conn.execute(
            "SELECT DISTINCT round(extract(epoch FROM now() - withheld_at) / 86400) FROM document WHERE space_id = %s",
            (person.space,),
        ).fetchall()
    assert since == [(20,)]


async def test_what_was_deleted_is_neither_released_nor_waited_for(house, batch):
    person, software, document = await deposited()
    await holding(software, person, document)
    await delete_document(actor=software, space=person.space, document=document, at=AT)
    assert await pending(person) == []
    age(house, document, 31)
    await release_due(actor=JOB, batch=batch, at=AT)
    assert released(house, document) == 0
    with pytest.raises(NotFound):
        await read_content(actor=person.actor, space=person.space, document=document, at=AT)


async def test_a_result_is_held_once(house):
    person, software, document = await deposited()
    await holding(software, person, document)
    await release_document(actor=software, space=person.space, document=document, at=AT)
    with pytest.raises(Conflict) as refusal:
        await holding(software, person, document)
    assert refusal.value.problems[0].code == "already-held"
    assert set(await seen_by(person.actor, person)) == {document}


async def test_what_cannot_be_released_keeps_nothing_else_waiting(house, batch, monkeypatch):
    """A space whose key is gone, first in the order: asked for one at a time, the others still come."""
    monkeypatch.setattr(releasing, "MOST_AT_ONCE", 1)
    cast = sorted([await deposited(codes=HIDDEN) for _ in range(3)], key=lambda one: one[0].space)
    for _, _, document in cast:
        age(house, document, 31)
    await destroy_space_key(actor=OPERATOR, space=cast[0][0].space, batch=batch, at=AT)
    await release_due(actor=JOB, batch=batch, at=AT)
    assert [released(house, document) for _, _, document in cast] == [0, 1, 1]


async def test_what_waits_to_be_announced_takes_nothing_out_of_sight_and_comes_once(house, batch):
    """What the person read stays, current to them; they mask it meanwhile; the next version comes once, masked too."""
    empty_queue(house)
    person, software, first = await deposited(unique_id="urn:oid:1.2.3^a1", title="Premier")
    doctor = await make_professional()
    await authorise(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
    await read_content(actor=person.actor, space=person.space, document=first, at=AT)
    receipt = await give(person, by=software, replaces="urn:oid:1.2.3^a1", content=b"2", codes=HIDDEN)
    announced = receipt.documents[0].document_id
    (shown,) = (await seen_by(person.actor, person)).values()
    assert (shown.document_id, shown.status, shown.changed_at) == (first, "current", AT)
    assert set(await seen_by(doctor, person)) == {first, announced}
    await mask_document(actor=person.actor, space=person.space, document=first, at=AT)
    assert set(await seen_by(doctor, person)) == {announced}, "the two codes exclude each other"
    await holding(software, person, announced)
    assert set(await seen_by(person.actor, person)) == {first}
    for _ in range(2):
        await release_document(actor=software, space=person.space, document=announced, at=AT + HOUR)
    seen = await seen_by(person.actor, person)
    assert [(seen[one].status, seen[one].masque_ps) for one in (first, announced)] == [
        ("superseded", True),
        ("current", True),
    ]
    assert released(house, announced) == 1
    assert await seen_by(doctor, person) == {}
    age(house, announced, 400)
    await release_due(actor=JOB, batch=batch, at=AT)
    assert released(house, announced) == 1
