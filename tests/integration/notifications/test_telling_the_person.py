"""The person hears of what others do in their space, once, and only of what they may know of."""

import datetime as dt
from uuid import uuid4

import msgspec
import pytest

from carnet.access.api import access_lines, authorise, block, keep_apart, record_consent, unblock
from carnet.infra.db import work
from carnet.infra.jobs.outbox import publish
from carnet.journal.api import Filter, entries
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.errors import NotFound, Refused
from carnet.notifications import handlers
from carnet.notifications.api import (
    count_unread,
    delete_notification,
    list_notifications,
    mark_all_read,
    mark_notification,
)
from carnet.notifications.queries import listing, shown
from carnet.records.api import (
    DocumentDeleted,
    DocumentQuery,
    HoldReason,
    delete_document,
    deposit_own,
    hold_document,
    list_documents,
    mask_document,
)
from carnet.spaces.api import SpaceSettings, change_settings
from factories.events import as_owner, deliver, empty_queue, jobs
from factories.world import AT, give, make_person, make_professional, make_software, new_document

LATER = AT + dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def _fresh(house):
    empty_queue(house)


async def told(person, **options):
    return await list_notifications(actor=person.actor, space=person.space, at=LATER, **options)


async def codes(person):
    return [item.code for item in (await told(person)).items]


def hide(house, document, *, invisible=True):
    """What a regulated announcement does (no door for it yet)."""
    with as_owner(house) as conn:
        conn.execute(
            "UPDATE document SET invisible_patient = %s, masque_ps = false WHERE document_id = %s",
            (invisible, document),
        )


async def test_a_deposit_a_replacement_a_change_and_a_deletion_are_told(house):
    person, software = await make_person(), await make_software()
    doctor = await make_professional(finess=software.organisation)
    await authorise(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
    await give(person, by=software, unique_id="urn:oid:1.2.9^a", title="Bilan")
    await deliver(house)
    receipt = await give(person, by=software, replaces="urn:oid:1.2.9^a", title="Bilan corrigé", content=b"v2")
    await deliver(house)
    document = receipt.documents[0].document_id
    await mask_document(actor=doctor, space=person.space, document=document, at=LATER)
    await deliver(house)
    await delete_document(actor=software, space=person.space, document=document, at=LATER)
    await deliver(house)
    page = await told(person)
    assert sorted(item.code for item in page.items) == [
        "AJOUT_DOCUMENT",
        "MODIF_DOCUMENT",
        "MODIF_DOCUMENT",
        "SUPP_DOC",
    ]
    assert (page.total, page.unread) == (4, 4)
    titles = {item.code: item.title for item in page.items}
    assert titles["AJOUT_DOCUMENT"] == "Bilan"
    assert jobs(house) == []


async def test_own_acts_are_no_news(house):
    person = await make_person()
    document = new_document(author_kind="PATIENT", category="AUTR_DOC")
    receipt = await deposit_own(actor=person.actor, space=person.space, document=document, at=AT)
    await mask_document(actor=person.actor, space=person.space, document=receipt.documents[0].document_id, at=LATER)
    await deliver(house)
    assert (await told(person)).total == 0


async def test_what_the_person_may_not_know_of_leaves_no_line(house):
    person, software = await make_person(), await make_software()
    await give(person, by=software, codes=frozenset({"INVISIBLE_PATIENT"}))
    await deliver(house)
    assert (await told(person)).total == 0
    with as_owner(house) as conn:
        assert conn.execute("SELECT count(*) FROM notification WHERE space_id = %s", (person.space,)).fetchone() == (0,)
    assert jobs(house) == []


async def test_hidden_before_it_was_handled_is_never_told(house):
    person, software = await make_person(), await make_software()
    receipt = await give(person, by=software)
    hide(house, receipt.documents[0].document_id)
    await deliver(house)
    assert await codes(person) == []


async def test_hidden_since_is_absent_from_list_counts_and_changes(house):
    person, software = await make_person(), await make_software()
    receipt = await give(person, by=software, title="Annonce")
    await give(person, by=software)
    await deliver(house)
    document = receipt.documents[0].document_id
    hidden = next(item for item in (await told(person)).items if item.document == document)
    hide(house, document)
    page = await told(person)
    assert (page.total, page.unread, len(page.items)) == (1, 1, 1)
    assert await count_unread(actor=person.actor, space=person.space, at=LATER) == 1
    for change in (mark_notification, delete_notification):
        with pytest.raises(NotFound):
            await change(actor=person.actor, space=person.space, notification=hidden.notification_id, at=LATER)
    await mark_all_read(actor=person.actor, space=person.space, at=LATER)
    hide(house, document, invisible=False)
    page = await told(person)
    assert (page.total, page.unread) == (2, 1)  # what was hidden stayed unread


async def test_what_is_kept_apart_is_told_to_a_session_with_a_second_proof_only(house):
    person, software = await make_person(), await make_software()
    proved = msgspec.structs.replace(person.actor, stepped_up_until=LATER + dt.timedelta(minutes=1))
    await keep_apart(actor=person.actor, space=person.space, topics=("mental-health",), at=AT)
    await give(person, by=software, title="Discret", type_code="83901-9")
    await deliver(house)
    assert (await told(person)).total == 0
    assert await count_unread(actor=person.actor, space=person.space, at=LATER) == 0
    page = await list_notifications(actor=proved, space=person.space, at=LATER)
    assert [(item.code, item.title) for item in page.items] == [("AJOUT_DOCUMENT", "Discret")]
    async with work(space=person.space, at=LATER) as w:
        assert await entries(w, filter_=Filter(acts=("notify",)), limit=5) == []


@pytest.mark.parametrize("topics", [(), ("mental-health",)], ids=["told", "kept apart"])
async def test_that_a_result_waits_is_told_unless_it_is_kept_apart(house, topics):
    person, software = await make_person(), await make_software()
    doctor = await make_professional(finess=software.organisation)
    await authorise(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
    receipt = await give(person, by=software, type_code="83901-9")
    await keep_apart(actor=person.actor, space=person.space, topics=topics, at=AT)
    document = receipt.documents[0].document_id
    await hold_document(
        actor=doctor, space=person.space, document=document, days=5, reason=HoldReason.TO_EXPLAIN, at=AT
    )
    await deliver(house)
    assert ("RESULTAT_RETENU" in await codes(person)) is not bool(topics)


async def test_planted_a_predicate_that_forgets_the_document_shows_what_is_hidden(house, monkeypatch):
    person, software = await make_person(), await make_software()
    receipt = await give(person, by=software)
    await deliver(house)
    hide(house, receipt.documents[0].document_id)
    blind = listing._COUNTS.replace(shown.SHOWN, "(n.space_id = %(space)s)")
    monkeypatch.setattr(listing, "_COUNTS", blind)
    assert (await told(person)).total == 1


async def test_a_closed_space_hears_nothing(house):
    person, software = await make_person(), await make_software()
    await give(person, by=software)
    with as_owner(house) as conn:
        conn.execute("UPDATE authz SET state = 'CLOSED' WHERE space_id = %s", (person.space,))
    await deliver(house)
    with as_owner(house) as conn:
        assert conn.execute("SELECT count(*) FROM notification WHERE space_id = %s", (person.space,)).fetchone() == (0,)


async def test_a_consent_and_the_access_that_rests_on_it_are_told_once(house):
    person, software, doctor = await make_person(), await make_software(), await make_professional()
    await give(person, by=software)
    await deliver(house)
    await record_consent(actor=doctor, space=person.space, at=AT)
    await list_documents(actor=doctor, space=person.space, query=DocumentQuery(), at=LATER)
    assert [job[3] for job in jobs(house)] == ["ConsentRecorded", "FirstAccess"]
    await deliver(house)
    items = [item for item in (await told(person)).items if item.code == "ACCES_DMP_PS"]
    assert [(item.grantee, item.actor, item.profession, item.document) for item in items] == [
        (doctor.rpps, doctor.name, "10", None)
    ]


async def test_the_first_access_of_somebody_let_in_ahead_of_time_is_told(house):
    person, doctor = await make_person(), await make_professional()
    await authorise(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
    await deliver(house)
    assert await codes(person) == []
    await list_documents(actor=doctor, space=person.space, query=DocumentQuery(), at=LATER)
    await list_documents(actor=doctor, space=person.space, query=DocumentQuery(), at=LATER)
    await deliver(house)
    assert await codes(person) == ["ACCES_DMP_PS"]


async def test_what_an_administrator_blocked_is_told_once_and_what_the_person_blocked_is_not(house):
    """Only the person lifts it: they must hear of it, with every channel silenced, and whose doing it was."""
    person, software = await make_person(), await make_software()
    chosen, other, own = [await make_professional() for _ in range(3)]
    silent = SpaceSettings(notice_channels=())
    await change_settings(actor=person.actor, space=person.space, settings=silent, at=AT)
    await authorise(actor=person.actor, space=person.space, rpps=chosen.rpps, administrator=True, at=AT)
    await block(actor=person.actor, space=person.space, rpps=own.rpps, at=AT)
    for one in ({"rpps": other.rpps}, {"rpps": other.rpps}, {"rpps": own.rpps}, {"finess": software.organisation}):
        await block(actor=chosen, space=person.space, **one, at=AT)
    for _ in range(2):
        await deliver(house)
    assert [(item.code, item.grantee) for item in (await told(person)).items] == [("BLOCAGE_ACCES", chosen.rpps)] * 2
    async with work(space=person.space, at=AT) as w:
        lines = {line.identifier: line for line in await access_lines(w)}
    assert [lines[one].origin for one in (other.rpps, own.rpps)] == ["professional", "person"]
    await unblock(actor=person.actor, space=person.space, authorisation=lines[other.rpps].authorisation_id, at=LATER)
    await block(actor=chosen, space=person.space, rpps=other.rpps, at=LATER)
    await deliver(house)
    assert (await told(person)).total == 3, "blocked again is news again"


async def test_an_event_heard_twice_is_told_once(house):
    person, software = await make_person(), await make_software()
    await give(person, by=software)
    with as_owner(house) as conn:
        conn.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args) SELECT queue_name, task_name, args"
            " FROM procrastinate_jobs, generate_series(1, 3)"
        )
    await deliver(house)
    assert await codes(person) == ["AJOUT_DOCUMENT"]


async def test_planted_a_key_that_changes_tells_twice(house, monkeypatch):
    person, software = await make_person(), await make_software()
    await give(person, by=software)
    with as_owner(house) as conn:
        conn.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args) SELECT queue_name, task_name, args"
            " FROM procrastinate_jobs"
        )
    real = handlers.News
    monkeypatch.setattr(handlers, "News", lambda **facts: real(**{**facts, "key": str(uuid4())}))
    await deliver(house)
    assert await codes(person) == ["AJOUT_DOCUMENT", "AJOUT_DOCUMENT"]


async def test_a_rolled_back_act_is_no_event(house):
    person, software = await make_person(), await make_software()
    receipt = await give(person, by=software)
    empty_queue(house)
    event = DocumentDeleted(space=person.space, document=receipt.documents[0].document_id, at=AT, by_person=False)

    async def business_that_fails():
        async with work(space=person.space, at=AT) as w:
            await publish(w, event)
            raise RuntimeError("after publishing")

    with pytest.raises(RuntimeError):
        await business_that_fails()
    assert jobs(house) == []
    async with work(space=person.space, at=AT) as w:
        await publish(w, event)
    assert [job[3] for job in jobs(house)] == ["DocumentDeleted"]


async def test_reading_marking_and_removing_are_the_persons_and_traced(house):
    person, software = await make_person(), await make_software()
    for _ in range(3):
        await give(person, by=software)
    await deliver(house)
    first, second, third = [item.notification_id for item in (await told(person)).items]
    here = {"actor": person.actor, "space": person.space, "at": LATER}
    await mark_notification(notification=first, **here)
    assert (await told(person)).unread == 2
    await mark_notification(notification=first, read=False, **here)
    assert (await told(person)).unread == 3
    await delete_notification(notification=second, **here)
    await mark_all_read(**here)
    page = await told(person)
    assert (page.total, page.unread) == (2, 0)
    assert {item.notification_id for item in page.items} == {first, third}
    with pytest.raises(NotFound):
        await mark_notification(notification=second, **here)
    async with work(space=person.space, at=LATER) as w:
        done = [entry.act for entry in await entries(w, filter_=Filter(actors=("person",)), limit=50)]
    assert [act for act in done if "notification" in act] == [
        "read-notification",
        "delete-notification",
        "read-notification",
        "read-notification",
    ]
    assert "list-documents" in done  # the titles were seen


async def test_nobody_else_reads_or_changes_the_list(house):
    person, software, doctor = await make_person(), await make_software(), await make_professional()
    stranger = await make_person()
    await give(person, by=software)
    await authorise(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
    await deliver(house)
    notification = (await told(person)).items[0].notification_id
    operator = Actor(kind=ActorKind.OPERATOR, identifier="o", name="o", strong=True)
    for other in (doctor, stranger.actor, software, operator):
        here = {"actor": other, "space": person.space, "at": LATER}
        for attempt in (
            list_notifications(**here),
            count_unread(**here),
            mark_all_read(**here),
            mark_notification(notification=notification, **here),
            delete_notification(notification=notification, **here),
        ):
            with pytest.raises(Refused):
                await attempt
    assert (await told(person)).unread == 1
    async with work(space=person.space, at=LATER) as w:
        refused = await entries(w, filter_=Filter(with_refusals=True), limit=50)
    assert sum(entry.outcome == "refused" for entry in refused) == 20


async def test_pages(house):
    person, software = await make_person(), await make_software()
    for _ in range(5):
        await give(person, by=software)
    await deliver(house)
    pages = [await told(person, page=number, count=2) for number in (1, 2, 3, 4)]
    assert [len(page.items) for page in pages] == [2, 2, 1, 0]
    assert {page.total for page in pages} == {5}
    seen = [item.notification_id for page in pages for item in page.items]
    assert len(set(seen)) == 5


async def test_silenced_channels(house):
    person, software, doctor = await make_person(), await make_software(), await make_professional()
    settings = SpaceSettings(notice_channels=())
    await change_settings(actor=person.actor, space=person.space, settings=settings, at=AT)
    await give(person, by=software)
    await record_consent(actor=doctor, space=person.space, at=AT)
    await deliver(house)
    assert await codes(person) == ["ACCES_DMP_PS"]  # documents can be silenced, an access cannot
