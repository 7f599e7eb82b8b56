"""E-mails leave once, neutral, in the person's language, when they want them; a bad mail server loses nothing."""

import asyncio
import contextlib
import datetime as dt
import quopri
import re

import psycopg
import pytest

from carnet.access.api import record_consent
from carnet.infra import clock
from carnet.infra.db import Database, work
from carnet.infra.jobs.queries.events import dead_letters
from carnet.infra.jobs.retrying import Retrying
from carnet.infra.jobs.worker import Pace, run_worker
from carnet.journal.api import Filter, entries
from carnet.kernel.errors import Invalid, Refused, Unavailable
from carnet.notifications.actions import email_notification as mailing_action
from carnet.notifications.actions.email_digest import email_digest
from carnet.notifications.api import Mailing, call_digests, email_notification, list_notifications, mark_notification
from carnet.notifications.data import NOTIFIER
from carnet.records.api import DocumentQuery, delete_document, list_documents, mask_document
from carnet.spaces.api import SpaceSettings, change_settings, confirm_email, hold_contact, propose_email
from factories.events import SIGN_IN, as_owner, deliver, empty_queue, hasten, jobs, table
from factories.families import attach, make_child
from factories.post import mute_server, post_office, transport_to
from factories.world import AT, give, make_organisation, make_person, make_professional, make_software

LATER = AT + dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def _fresh(house):
    empty_queue(house)


async def set_channels(person, *channels, language="fr", quiet=()):
    settings = SpaceSettings(notice_channels=channels, language=language, quiet_subjects=quiet)
    await change_settings(actor=person.actor, space=person.space, settings=settings, at=AT)


async def test_one_deposit_one_email(house):
    person, software = await make_person(email="camille@exemple.test"), await make_software()
    await give(person, by=software)
    async with post_office() as (post, port):
        for _ in range(3):
            await deliver(house, transport=transport_to(port))
    assert post.recipients == ["camille@exemple.test"]
    text = post.messages[0].get_body(("plain",)).get_content()
    assert SIGN_IN in text
    assert "Bonjour" in text
    with as_owner(house) as conn:
        row = conn.execute("SELECT emailed_at IS NOT NULL FROM notification WHERE space_id = %s", (person.space,))
        assert row.fetchall() == [(True,)]
    async with work(space=person.space, at=LATER) as w:
        sent = await entries(w, filter_=Filter(acts=("notify",)), limit=5)
    assert [(entry.actor_kind, entry.details) for entry in sent] == [
        ("system", {"channel": "email", "code": "AJOUT_DOCUMENT"})
    ]


async def test_the_language_of_the_space(house):
    person, software = await make_person(email="camille@exemple.test"), await make_software()
    await set_channels(person, "portal", "email", language="en")
    await give(person, by=software)
    async with post_office() as (post, port):
        await deliver(house, transport=transport_to(port))
    assert post.messages[0]["Subject"] == "News in your health space"
    assert post.messages[0]["Content-Language"] == "en"


@pytest.mark.parametrize("email", [None, "camille@exemple.test"])
async def test_silenced_documents_and_an_access_that_cannot_be(house, email):
    person, software, doctor = await make_person(email=email), await make_software(), await make_professional()
    await set_channels(person, "portal")
    await give(person, by=software)
    await record_consent(actor=doctor, space=person.space, at=AT)
    async with post_office() as (post, port):
        await deliver(house, transport=transport_to(port))
    subjects = [message["Subject"] for message in post.messages]
    assert subjects == (["Un accès à votre espace de santé"] if email else [])
    assert jobs(house) == []


async def test_a_burst_is_two_messages_and_a_subject_can_be_quiet(house):
    """The first at once, one more for all that came within the time after it; none about what is not wanted."""
    person, software = await make_person(email="camille@exemple.test"), await make_software()
    async with post_office() as (post, port):
        handlers = table(transport_to(port), group=dt.timedelta(minutes=10))
        for _ in range(3):
            await give(person, by=software)
        await deliver(house, handlers=handlers)
        assert len(post.raw) == 1
        for _ in range(3):
            await give(person, by=software)
        await deliver(house, handlers=handlers)
        assert len(post.raw) == 1
        with as_owner(house) as conn:  # the time passes
            conn.execute("UPDATE notification SET emailed_at = emailed_at - interval '10 minutes'")
        hasten(house)
        await deliver(house, handlers=handlers)
        assert len(post.raw) == 2
        await set_channels(person, "portal", "email", quiet=("documents",))
        await give(person, by=software)
        await deliver(house, handlers=handlers)
    assert len(post.raw) == 2
    assert jobs(house) == []
    assert (await list_notifications(actor=person.actor, space=person.space, at=LATER)).unread == 7


async def proposed(person):
    async with work(space=person.space, at=AT) as w:
        return await hold_contact(w)


async def test_an_address_counts_once_its_code_came_back_and_the_former_one_is_told(house):
    person, software = await make_person(email="ancienne@exemple.test"), await make_software()
    who = {"actor": person.actor, "space": person.space}
    await propose_email(**who, email="nouvelle@exemple.test", at=clock.now())
    async with post_office() as (post, port):
        await give(person, by=software)
        await deliver(house, transport=transport_to(port))
        # the new address gets its code and nothing else; notices go on to the old one
        assert sorted(post.recipients) == ["ancienne@exemple.test", "nouvelle@exemple.test"]
        letter = post.messages[post.recipients.index("nouvelle@exemple.test")]
        code = re.search(r"\b(\d{6})\b", letter.get_body(("plain",)).get_content())[1]
        assert code not in letter["Subject"]
        with pytest.raises(Invalid):
            await confirm_email(**who, code="000000" if code != "000000" else "111111", at=clock.now())
        await confirm_email(**who, code=f" {code[:3]} {code[3:]}", at=clock.now())
        await deliver(house, transport=transport_to(port))
        assert post.recipients[2:] == ["ancienne@exemple.test"]
        assert (await proposed(person)).email == "nouvelle@exemple.test"
        assert (await proposed(person)).former is None
        await deliver(house, transport=transport_to(port))
    assert len(post.raw) == 3


@pytest.mark.parametrize("why", ["late", "guessed", "none", "other"])
async def test_a_code_is_worth_little_time_and_few_tries_to_the_person_alone(house, why):
    person, other = await make_person(email="ancienne@exemple.test"), await make_person()
    who = {"actor": (other if why == "other" else person).actor, "space": person.space}
    if why != "none":
        await propose_email(actor=person.actor, space=person.space, email="nouvelle@exemple.test", at=AT)
    code = held.code if (held := (await proposed(person)).proposed) else "123456"
    if why == "guessed":
        for _ in range(5):
            with pytest.raises(Invalid):
                await confirm_email(**who, code="x", at=AT)
    with pytest.raises((Invalid, Refused)):
        await confirm_email(**who, code=code, at=AT + dt.timedelta(minutes=31 if why == "late" else 1))
    assert (await proposed(person)).email == "ancienne@exemple.test"


async def test_by_email_only_leaves_no_line_in_the_list(house):
    person, software = await make_person(email="camille@exemple.test"), await make_software()
    await set_channels(person, "email")
    await give(person, by=software)
    async with post_office() as (post, port):
        await deliver(house, transport=transport_to(port))
    assert len(post.raw) == 1
    assert (await list_notifications(actor=person.actor, space=person.space, at=LATER)).total == 0


async def test_what_the_person_may_not_know_of_is_never_mailed(house):
    software = await make_software()
    born_hidden, hidden_since = await make_person(email="a@exemple.test"), await make_person(email="b@exemple.test")
    await give(born_hidden, by=software, codes=frozenset({"INVISIBLE_PATIENT"}))
    receipt = await give(hidden_since, by=software)
    await deliver(house, handlers=table() | {_added(): (_fails,)}, retrying=Retrying())
    with as_owner(house) as conn:
        document = receipt.documents[0].document_id
        conn.execute("UPDATE document SET invisible_patient = true WHERE document_id = %s", (document,))
    hasten(house)
    async with post_office() as (post, port):
        await deliver(house, transport=transport_to(port))
    assert post.raw == []
    assert jobs(house) == []


def _added():
    from carnet.notifications.api import NotificationAdded

    return NotificationAdded


async def _fails(event, /, *, at):
    raise Unavailable


async def test_read_in_the_portal_meanwhile_needs_no_email(house):
    person, software = await make_person(email="a@exemple.test"), await make_software()
    await give(person, by=software)
    await deliver(house, handlers=table() | {_added(): (_fails,)})
    (item,) = (await list_notifications(actor=person.actor, space=person.space, at=LATER)).items
    await mark_notification(actor=person.actor, space=person.space, notification=item.notification_id, at=LATER)
    hasten(house)
    async with post_office() as (post, port):
        await deliver(house, transport=transport_to(port))
    assert post.raw == []


@pytest.mark.parametrize("mood", ["later", "slow", "mute", "gone"])
async def test_a_mail_server_that_fails_delays_and_loses_nothing(house, mood):
    person, software = await make_person(email="camille@exemple.test"), await make_software()
    await give(person, by=software)
    async with contextlib.AsyncExitStack() as stack:
        if mood == "mute":
            port = await stack.enter_async_context(mute_server())
        else:
            post, port = await stack.enter_async_context(post_office())
            post.mood = mood
            if mood == "gone":
                await stack.aclose()
        await deliver(house, transport=transport_to(port, wait=0.5))
    assert [(job[1], job[2], job[3]) for job in jobs(house)] == [("todo", 1, "NotificationAdded")]
    assert (await list_notifications(actor=person.actor, space=person.space, at=LATER)).unread == 1
    hasten(house)
    async with post_office() as (post, port):
        await deliver(house, transport=transport_to(port))
    assert post.recipients == ["camille@exemple.test"]
    assert jobs(house) == []


async def test_a_server_that_dies_after_taking_it_gets_a_recognisable_second_copy(house):
    person, software = await make_person(email="camille@exemple.test"), await make_software()
    await give(person, by=software)
    async with post_office() as (post, port):
        post.mood = "dies"
        await deliver(house, transport=transport_to(port))
        post.mood = "good"
        hasten(house)
        await deliver(house, transport=transport_to(port))
        await deliver(house, transport=transport_to(port))
    first, second = post.messages
    assert first["Message-ID"] == second["Message-ID"]


async def test_an_address_refused_for_good_is_a_dead_letter(house):
    person, software = await make_person(email="parti@exemple.test"), await make_software()
    await give(person, by=software)
    async with post_office() as (post, port):
        post.mood = "never"
        await deliver(house, transport=transport_to(port))
    async with work(space=None, at=LATER) as w:
        (letter,) = await dead_letters(w)
    assert (letter.event, letter.attempts) == ("NotificationAdded", 1)
    assert (await list_notifications(actor=person.actor, space=person.space, at=LATER)).unread == 1


async def test_a_childs_address_refused_for_good_keeps_nothing_from_the_parents(house):
    parent, child = await make_person(), await make_child(email="enfant@exemple.test", at=AT)
    await attach(child, parent)
    empty_queue(house)
    await give(child, by=await make_software())
    async with post_office() as (post, port):
        post.mood = "never"
        await deliver(house, transport=transport_to(port))
    with as_owner(house) as conn:
        told = conn.execute("SELECT code FROM notification WHERE space_id = %s", (parent.space,)).fetchall()
    assert told == [("NOUVEAU_PROCHE",)]


async def test_two_workers_never_send_one_message_together(house):
    person, software = await make_person(email="camille@exemple.test"), await make_software()
    await give(person, by=software)
    await deliver(house)
    (item,) = (await list_notifications(actor=person.actor, space=person.space, at=LATER)).items
    async with post_office() as (post, port):
        mailing = Mailing(transport=transport_to(port), sign_in=SIGN_IN)
        sent = await asyncio.gather(
            *(
                email_notification(
                    actor=NOTIFIER, space=person.space, notification=item.notification_id, mailing=mailing, at=LATER
                )
                for _ in range(4)
            )
        )
    assert sorted(sent) == [False, False, False, True]
    assert len(post.raw) == 1


async def test_lines_of_a_burst_handled_at_once_are_one_message(house):
    """Whichever comes first speaks for the others; they wait for it rather than leave with it."""
    person, software = await make_person(email="camille@exemple.test"), await make_software()
    for _ in range(4):
        await give(person, by=software)
    await deliver(house)
    lines = (await list_notifications(actor=person.actor, space=person.space, at=LATER)).items
    async with post_office() as (post, port):
        group = dt.timedelta(minutes=10)
        mailing = Mailing(transport=transport_to(port), sign_in=SIGN_IN, group=group)
        about = {"actor": NOTIFIER, "space": person.space, "mailing": mailing, "at": LATER}
        sent = await asyncio.gather(*(email_notification(**about, notification=one.notification_id) for one in lines))
    assert sorted(sent) == [False, False, False, True]
    assert len(post.raw) == 1
    assert jobs(house) == []


async def test_planted_without_the_lock_the_message_leaves_several_times(house, monkeypatch):
    unlocked = mailing_action._PENDING.replace("FOR UPDATE OF n", "")
    monkeypatch.setattr(mailing_action, "_PENDING", unlocked)
    with pytest.raises(AssertionError):
        await test_two_workers_never_send_one_message_together(house)


async def test_the_running_worker_mails_within_moments_and_stops_gracefully(house):
    person, software = await make_person(email="camille@exemple.test"), await make_software()
    stop = asyncio.Event()
    async with post_office() as (post, port):
        worker = asyncio.create_task(
            run_worker(house.url("carnet_app"), handlers=table(transport_to(port)), pace=Pace(), stop=stop)
        )
        try:
            await give(person, by=software)
            await asyncio.wait_for(post.taken.wait(), 30)
        finally:  # left running, it would take the jobs of every test after
            stop.set()
            await asyncio.wait_for(worker, 30)
    assert jobs(house) == []


CANARIES = {
    "title": "Xanthopsie-titre",
    "organisation": "Clinique Zibeline",
    "professional": "Quetzalcoatl",
    "content": "Ornithorynque-contenu",
    "person": "Wisigoth",
}


async def test_two_worlds_the_mails_never_say_anything(house):
    """Canaries everywhere a leak could come from; then the raw bytes and the decoded text are searched."""
    finess = await make_organisation(name=CANARIES["organisation"])
    software, doctor = await make_software(finess=finess), await make_professional(finess=finess)
    with as_owner(house) as conn:
        conn.execute(
            "UPDATE professional SET family_name = %s WHERE rpps = %s", (CANARIES["professional"], doctor.rpps)
        )
    person = await make_person(email="camille@exemple.test")
    receipt = await give(person, by=software, title=CANARIES["title"], content=CANARIES["content"].encode())
    document = receipt.documents[0].document_id
    await record_consent(actor=doctor, space=person.space, at=AT)
    await list_documents(actor=doctor, space=person.space, query=DocumentQuery(), at=LATER)
    await mask_document(actor=doctor, space=person.space, document=document, at=LATER)
    await delete_document(actor=software, space=person.space, document=document, at=LATER)
    async with post_office() as (post, port):
        await deliver(house, transport=transport_to(port))
        await set_channels(person, "portal", "email", language="en")
        await give(person, by=software, title=CANARIES["title"])
        await deliver(house, transport=transport_to(port))
    assert len(post.raw) == 5
    words = [
        *CANARIES.values(),
        person.ins.matricule,
        doctor.rpps,
        finess,
        software.client_id,
        person.traits.birth_name,
    ]
    words += [str(document), document.hex, str(person.space), person.space.hex]
    with as_owner(house) as conn:
        listed = conn.execute(
            "SELECT notification_id FROM notification WHERE space_id = %s", (person.space,)
        ).fetchall()
    words += [form for (one,) in listed for form in (str(one), one.hex)]
    assert leaks(post, words) == []
    for message in post.messages:
        addresses = re.findall(r"https?://[^\s\"<]+", everything(message))
        assert set(addresses) == {SIGN_IN}
    # planted: the search itself sees what is there, in either form
    assert leaks(post, ["espace de santé"]) != []
    assert leaks(post, [message["Message-ID"].strip("<>") for message in post.messages[:1]]) != []


def everything(message):
    parts = [part.get_content() for part in message.walk() if not part.is_multipart()]
    return "\n".join([*(f"{name}: {value}" for name, value in message.items()), *parts])


def leaks(post, words):
    found = []
    for raw, message in zip(post.raw, post.messages, strict=True):
        seen = (
            raw.decode(errors="replace") + quopri.decodestring(raw).decode(errors="replace") + everything(message)
        ).casefold()
        found += [word for word in words if word.casefold() in seen]
    return found


@pytest.mark.parametrize("secret", [True, False])
async def test_no_mail_tells_of_a_minors_secret_consultation(house, secret):
    """The mailbox may be a parent's: neither of the consent, nor of what is added, nor at the end of the week."""
    child = await make_child(born="2011-03-04", email="enfant@exemple.test", at=AT)
    await change_settings(
        actor=child.actor,
        space=child.space,
        settings=SpaceSettings(notice_channels=("portal", "email", "weekly")),
        at=AT,
    )
    empty_queue(house)
    doctor, at = await make_professional(), AT + dt.timedelta(hours=1)
    await record_consent(actor=doctor, space=child.space, secret=secret, at=at)
    await give(child, by=doctor, at=at)
    async with post_office() as (post, port):
        for _ in range(3):
            await deliver(house, transport=transport_to(port))
        mailing = Mailing(transport=transport_to(port), sign_in=SIGN_IN)
        assert await email_digest(actor=NOTIFIER, space=child.space, mailing=mailing, at=AT + dt.timedelta(days=8))
    *told, week = (one.get_body(("plain",)).get_content() for one in post.messages)
    assert (told == []) is secret
    assert ("personne d'autre que vous" in week) is secret


@pytest.mark.parametrize("adult", [True, False])
async def test_at_eighteen_mail_tells_again_of_who_was_seen_in_secret(house, adult):
    """The mailbox is theirs: who came is no longer kept out of it. A new consent, open, is told before that too: that
    it was not would tell of the other.
    """
    week, at = AT + dt.timedelta(days=8), AT + dt.timedelta(days=9)
    born = at.replace(year=at.year - 18).date() - dt.timedelta(days=3 if adult else -30)
    child = await make_child(born=born.isoformat(), email="enfant@exemple.test", at=AT)
    channels = SpaceSettings(notice_channels=("portal", "email", "weekly"))
    await change_settings(actor=child.actor, space=child.space, settings=channels, at=AT)
    doctor = await make_professional()
    await record_consent(actor=doctor, space=child.space, secret=True, at=AT + dt.timedelta(hours=1))
    empty_queue(house)
    async with post_office() as (post, port):
        mailing = Mailing(transport=transport_to(port), sign_in=SIGN_IN)
        assert await email_digest(actor=NOTIFIER, space=child.space, mailing=mailing, at=week)
        with clock.frozen(at):
            await record_consent(actor=doctor, space=child.space, at=at)
            for _ in range(3):
                await deliver(house, transport=transport_to(port))
    said, *told = (one.get_body(("plain",)).get_content() for one in post.messages)
    assert ("d'autres que vous sont venus" in said) is adult
    assert len(told) == 1


async def test_a_digest_a_week_says_whether_anybody_came_and_nothing_hidden(house):
    """Three asked for it: seen by a doctor, by nobody, or by who left what is withheld only. One did not, one left."""
    begun, at = clock.now() - dt.timedelta(days=7, minutes=1), clock.now()
    names = ("vue", "seule", "tue", "muette", "partie")
    people = {name: await make_person(email=f"{name}@exemple.test") for name in names}
    for name, person in people.items():
        weekly = SpaceSettings(notice_channels=("portal",) if name == "muette" else ("portal", "weekly"))
        await change_settings(actor=person.actor, space=person.space, settings=weekly, at=begun)
    doctor, software = await make_professional(), await make_software()
    await record_consent(actor=doctor, space=people["vue"].space, at=at)
    await list_documents(actor=doctor, space=people["vue"].space, query=DocumentQuery(), at=at)
    await give(people["tue"], by=software, codes=frozenset({"INVISIBLE_PATIENT"}), at=at)
    with psycopg.connect(house.url("postgres"), autocommit=True) as conn:
        conn.execute("UPDATE carnet.authz SET state = 'CLOSED' WHERE space_id = %s", (people["partie"].space,))
    empty_queue(house)
    batch = Database(house.url("carnet_batch"), min_size=1, max_size=1)
    await batch.open()
    try:
        async with post_office() as (post, port):
            for _ in range(2):
                assert await call_digests(actor=NOTIFIER, batch=batch, at=at) in {4, 1}
                await deliver(house, transport=transport_to(port))
    finally:
        await batch.close()
    said = {m["To"]: m.get_body(("plain",)).get_content() for m in post.messages}
    assert len(post.messages) == len(said) == 3
    assert "d'autres que vous sont venus" in said["vue@exemple.test"]
    assert said["seule@exemple.test"] == said["tue@exemple.test"]
    assert "personne d'autre que vous" in said["tue@exemple.test"]
    assert not re.search(r"\d", said["vue@exemple.test"].replace(SIGN_IN, ""))
