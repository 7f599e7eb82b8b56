"""A professional writes, the person reads and answers, the answer leaves as mail; each step leaves its trace."""

import datetime as dt
from uuid import uuid4

import pytest

from carnet.infra.db import work
from carnet.interfaces.mssante.outbound import Postman, Relay
from carnet.journal.api import Filter, entries
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.errors import Invalid, NotFound, Refused
from carnet.messaging.api import (
    Writing,
    contacts,
    delete_conversation,
    drafts,
    inbox,
    mark_opened,
    next_receipt,
    read_attachment,
    read_conversation,
    save_draft,
    search_messages,
    send_message,
)
from carnet.notifications.api import list_notifications
from factories.events import as_owner, deliver, empty_queue, hasten, table
from factories.mss import DOCTOR, address_of, hand_over, letter
from factories.post import post_office
from factories.world import AT, make_person, make_professional

LATER = AT + dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def _fresh(house):
    empty_queue(house)
    with as_owner(house) as conn:
        conn.execute("DELETE FROM mail_destination")


async def journal(person):
    async with work(space=person.space, at=LATER) as w:
        return await entries(w, filter_=Filter(), limit=50)


async def received(house, person, **options):
    await hand_over(letter(person, **options), to=address_of(person))
    await deliver(house)


async def only(person):
    page = await inbox(actor=person.actor, space=person.space, at=LATER)
    assert len(page.lines) == 1
    return await read_conversation(
        actor=person.actor, space=person.space, conversation=page.lines[0].conversation_id, at=LATER
    )


async def look_at(person, found):
    shown = [one.message_id for one in found.messages]
    await mark_opened(
        actor=person.actor, space=person.space, conversation=found.line.conversation_id, messages=shown, at=LATER
    )


async def answer(person, text="Merci docteur.", **options):
    found = await only(person)
    writing = Writing(text=text, answers=found.line.conversation_id, request_id=uuid4(), **options)
    return await send_message(actor=person.actor, space=person.space, writing=writing, at=LATER)


async def test_a_message_arrives_is_told_read_and_answered_by_mail(house):
    person = await make_person()
    pdf = b"%PDF-1.4\n%%EOF"
    await received(house, person, files=(("Résultat.pdf", "application/pdf", pdf),), message_id="<un@chu>")
    notices = await list_notifications(actor=person.actor, space=person.space, at=LATER)
    assert [one.code for one in notices.items] == ["RECEPTION_MESSAGE"]
    page = await inbox(actor=person.actor, space=person.space, at=LATER)
    assert (page.total, page.unread, page.lines[0].head.subject) == (1, 1, "Vos résultats")
    found = await only(person)
    message = found.messages[0]
    assert message.letter.sender.address == DOCTOR
    assert message.letter.text == "Bonjour, tout va bien."
    file = await read_attachment(actor=person.actor, space=person.space, message=message.message_id, number=1, at=LATER)
    assert (file.attachment.description.name, await file.content.read()) == ("Résultat.pdf", pdf)
    await look_at(person, found)
    assert (await inbox(actor=person.actor, space=person.space, at=LATER)).unread == 0
    async with post_office() as (post, port):
        await answer(person)
        postman = Postman(Relay(host="127.0.0.1", port=port))
        await deliver(house, handlers=table(postman=postman))
    (mail,) = post.messages
    assert post.recipients == [DOCTOR]
    assert (mail["In-Reply-To"], mail["Subject"], mail["X-MSS-INS"]) == ("<un@chu>", "Re: Vos résultats", "O")
    assert mail.get_body().get_content().strip() == "Merci docteur."
    assert (await only(person)).messages[1].deliveries[0].state == "sent"
    acts = {one.act for one in await journal(person)}
    assert {"receive-message", "read-message", "read-attachment", "send-message", "deliver-message"} <= acts


async def test_what_arrives_while_one_reads_stays_new(house):
    person = await make_person()
    await received(house, person, message_id="<1@chu>")
    before = await only(person)
    await received(house, person, message_id="<2@chu>", answers="<1@chu>", Disposition_Notification_To=DOCTOR)
    await look_at(person, before)
    after = await only(person)
    assert [one.read_at is None for one in after.messages] == [False, True]
    assert after.line.unread == 1


async def test_an_answer_names_what_it_answers_however_long_that_is(house):
    """Identifiers of large mail houses pass eighty signs; encoded ones would begin a new thread at the other end."""
    person, name = await make_person(), f"<{'A1B2' * 15}@{'b' * 40}.prod.invalid>"
    await received(house, person, message_id=name)
    async with post_office() as (post, port):
        await answer(person)
        await deliver(house, handlers=table(postman=Postman(Relay(host="127.0.0.1", port=port))))
    head = post.raw[0].partition(b"\r\n\r\n")[0]
    assert f"In-Reply-To: {name}\r\n".encode() in head
    assert f"References: {name}\r\n".encode() in head


async def test_fin_closes_and_a_new_message_reopens(house):
    person = await make_person()
    await received(house, person, message_id="<1@chu>")
    await received(house, person, message_id="<2@chu>", answers="<1@chu>", ends=True, text="Au revoir.")
    found = await only(person)
    assert (found.line.ended, found.may_answer, len(found.messages)) == (True, False, 2)
    with pytest.raises(Invalid, match="conversation-ended"):
        await answer(person)
    with pytest.raises(Invalid, match="recipient-not-contact"):
        await new_message(person, DOCTOR)
    await received(house, person, message_id="<3@chu>", answers="<2@chu>")
    assert (await only(person)).may_answer
    await answer(person)


async def new_message(person, to):
    writing = Writing(text="Une question", subject="Renouvellement", to=(to,), request_id=uuid4())
    return await send_message(actor=person.actor, space=person.space, writing=writing, at=LATER)


async def test_only_a_professional_opens_a_conversation(house):
    person = await make_person()
    with pytest.raises(Invalid, match="recipient-not-contact"):
        await new_message(person, DOCTOR)
    await received(house, person)
    assert [one.address.address for one in await contacts(actor=person.actor, space=person.space, at=LATER)] == [DOCTOR]
    await new_message(person, DOCTOR)
    assert (await inbox(actor=person.actor, space=person.space, at=LATER)).total == 2


async def test_persons_do_not_write_to_one_another(house):
    """By mail it is refused; in an answer to all, other persons in copy are left out."""
    person, other = await make_person(), await make_person()
    await hand_over(letter(person, sender=address_of(other)), to=address_of(person), sender=address_of(other))
    await deliver(house)
    assert (await inbox(actor=person.actor, space=person.space, at=LATER)).total == 0
    colleague = "paul@chu.mssante.invalid"
    await received(house, person, Cc=f"{colleague}, {address_of(other)}")
    await answer(person, to_all=True)
    sent = (await only(person)).messages[-1]
    assert sorted(one.address.address for one in sent.deliveries) == [DOCTOR, colleague]


async def test_the_same_mail_twice_is_one_message(house):
    """A peer that was not heard sends again, with another trace on top; and a handler may run twice.

    A mail server dates what is not dated: what was handed to it twice has two dates. Without a name, dates tell apart.
    """
    person, other = await make_person(), await make_person()
    raw = letter(person, message_id="<1@chu>").as_bytes()
    unnamed = raw.replace(b"Message-ID: <1@chu>\r\n", b"")
    for number in range(3):
        trace = f"Received: from mx{number} by here; now\r\nDate: Sun, 22 Nov 2026 12:00:0{number} +0000\r\n".encode()
        await hand_over(trace + raw, to=address_of(person))
        await hand_over(trace + unnamed, to=address_of(other))
    await deliver(house)
    assert len((await only(person)).messages) == 1
    assert (await inbox(actor=other.actor, space=other.space, at=LATER)).total == 3


async def test_the_same_form_twice_sends_one_message(house):
    person = await make_person()
    await received(house, person)
    found, request = await only(person), uuid4()
    for _ in range(2):
        writing = Writing(text="Oui", answers=found.line.conversation_id, request_id=request)
        await send_message(actor=person.actor, space=person.space, writing=writing, at=LATER)
    assert [one.letter.text for one in (await only(person)).messages if one.mine] == ["Oui"]


async def test_a_form_named_like_another_message_is_a_message_of_its_own(house):
    person = await make_person()
    await received(house, person)
    found = await only(person)
    taken = found.messages[0].message_id
    writing = Writing(text="Oui", answers=found.line.conversation_id, request_id=taken)
    sent = await send_message(actor=person.actor, space=person.space, writing=writing, at=LATER)
    assert sent.message != taken
    assert len((await only(person)).messages) == 2


async def test_naming_somebody_elses_message_lets_nobody_in(house):
    person = await make_person()
    await received(house, person, message_id="<1@chu>")
    stranger = "inconnu@autre.mssante.invalid"
    await hand_over(letter(person, sender=stranger, answers="<1@chu>"), to=address_of(person), sender=stranger)
    await deliver(house)
    assert (await inbox(actor=person.actor, space=person.space, at=LATER)).total == 2


async def test_nobody_else_reads_or_writes(house):
    person, other = await make_person(), await make_person()
    doctor = await make_professional()
    await received(house, person)
    found = await only(person)
    here = {"space": person.space, "conversation": found.line.conversation_id, "at": LATER}
    parent = Actor(kind=ActorKind.REPRESENTATIVE, identifier="p", name="P", acts_for=person.space, strong=True)
    for actor in (other.actor, doctor, parent):
        with pytest.raises(Refused):
            await read_conversation(actor=actor, **here)
        with pytest.raises(Refused):
            await inbox(actor=actor, space=person.space, at=LATER)
        with pytest.raises(Refused):
            await delete_conversation(actor=actor, **here)
    with pytest.raises(NotFound):
        await read_conversation(actor=other.actor, space=other.space, conversation=here["conversation"], at=LATER)


async def test_deleting_is_for_good(house):
    person = await make_person()
    raw = letter(person, files=(("a.pdf", "application/pdf", b"%PDF-1.4"),), message_id="<1@chu>").as_bytes()
    await hand_over(raw, to=address_of(person))
    await deliver(house)
    found = await only(person)
    here = {"actor": person.actor, "space": person.space, "conversation": found.line.conversation_id, "at": LATER}
    await delete_conversation(**here)
    with pytest.raises(NotFound):
        await read_conversation(**here)
    with pytest.raises(NotFound):
        await read_attachment(
            actor=person.actor, space=person.space, message=found.messages[0].message_id, number=1, at=LATER
        )
    await hand_over(raw, to=address_of(person))
    await deliver(house)
    assert (await inbox(actor=person.actor, space=person.space, at=LATER)).total == 0
    with as_owner(house) as conn:
        left = conn.execute(
            "SELECT count(letter_enc), (SELECT count(blob_id) FROM message_attachment a WHERE a.space_id = m.space_id),"
            " (SELECT count(*) FROM deposit_intent WHERE blob_id = %s)"
            " FROM message m WHERE space_id = %s GROUP BY space_id",
            (found.messages[0].attachments[0].blob, person.space),
        ).fetchone()
    assert left == (0, 0, 1)  # its bytes are left to the collector


async def test_a_draft_is_kept_and_goes_with_the_answer(house):
    person = await make_person()
    await received(house, person)
    here = {"actor": person.actor, "space": person.space, "conversation": (await only(person)).line.conversation_id}
    for text in ("Bonj", "Bonjour"):
        await save_draft(**here, text=text, at=LATER)
    found = await only(person)
    assert [one.letter.text for one in found.messages if one.state == "draft"] == ["Bonjour"]
    with as_owner(house) as conn:  # what was replaced leaves nothing behind
        rows = conn.execute("SELECT count(*) FROM message WHERE space_id = %s AND state = 'draft'", (person.space,))
        assert rows.fetchone() == (1,)
    page = await inbox(actor=person.actor, space=person.space, at=LATER)
    assert (page.drafts, page.lines[0].draft) == (1, True)
    kept = await drafts(actor=person.actor, space=person.space, at=LATER)
    assert [(one.text, one.subject) for one in kept] == [("Bonjour", "Vos résultats")]
    await answer(person)
    assert not (await only(person)).line.draft


async def found(person, words):
    return await search_messages(actor=person.actor, space=person.space, words=words, at=LATER)


def text_of(pieces):
    return "".join(one.text for one in pieces)


async def test_search_finds_words_whatever_their_accents_and_endings(house):
    person = await make_person()
    await received(house, person, subject="Échographie du genou", text="Vos artères sont souples. À bientôt.")
    await received(house, person, subject="Ordonnance", text="Je renouvelle l'amoxicilline pour votre genou.")
    for words, expected in (
        ("echographies", ["Échographie du genou"]),
        ("marchand genou", ["Échographie du genou", "Ordonnance"]),  # the subject comes before the body
        ("artere souple", ["Échographie du genou"]),
        ("AMOXICILLINE", ["Ordonnance"]),
        ('"tout va bien"', []),
        ("cheville", []),
        ("", []),
    ):
        assert [text_of(one.answer.subject) for one in await found(person, words)] == expected, words
    (one,) = await found(person, "amoxicilline")
    assert [piece.text for piece in one.answer.snippet if piece.hit] == ["amoxicilline"]
    assert one.answer.message is not None


OUTCOMES = [
    ("never", "failed", "550"),
    ("full", "failed", "552"),
    ("infected", "failed", "554"),
    ("good", "sent", None),
]


@pytest.mark.parametrize(("mood", "state", "note"), OUTCOMES)
async def test_what_becomes_of_a_message_is_shown(house, mood, state, note):
    person = await make_person()
    await received(house, person)
    async with post_office() as (post, port):
        post.mood = mood
        await answer(person)
        await deliver(house, handlers=table(postman=Postman(Relay(host="127.0.0.1", port=port))))
    (fate,) = (await only(person)).messages[1].deliveries
    assert (fate.state, fate.note) == (state, note)
    notices = await list_notifications(actor=person.actor, space=person.space, at=LATER)
    assert ("ECHEC_MESSAGE" in [one.code for one in notices.items]) is (state == "failed")


async def test_an_operator_that_does_not_answer_is_left_alone_then_tried_again(house):
    """The back-off is the destination's: a second message does not even knock. The Message-ID stays the same."""
    person = await make_person()
    await received(house, person)
    async with post_office() as (post, port):
        postman = Postman(Relay(host="127.0.0.1", port=port, wait=5))
        post.mood = "dies"  # it takes the message and is not heard
        await answer(person, "un")
        await deliver(house, handlers=table(postman=postman))
        taken = len(post.raw)
        await answer(person, "deux")
        await deliver(house, handlers=table(postman=postman))
        assert len(post.raw) == taken
        post.mood = "good"
        with as_owner(house) as conn:
            conn.execute("UPDATE mail_destination SET not_before = now() - interval '1 day'")
        hasten(house)
        await deliver(house, handlers=table(postman=postman))
    assert all(one.deliveries[0].state == "sent" for one in (await only(person)).messages if one.mine)
    identifiers = [mail["Message-ID"] for mail in post.messages]
    assert len(identifiers) == taken + 2
    assert len(set(identifiers)) == 2


async def test_what_is_put_off_for_one_recipient_keeps_nobody_else_waiting(house):
    """A full or greylisting mailbox is not an operator that is away: its neighbours get their mail at once."""
    person = await make_person()
    await received(house, person)
    async with post_office() as (post, port):
        postman = Postman(Relay(host="127.0.0.1", port=port))
        post.mood = "later"
        await answer(person, "un")
        await deliver(house, handlers=table(postman=postman))
        post.mood = "good"
        await answer(person, "deux")
        await deliver(house, handlers=table(postman=postman))
    fates = [one.deliveries[0] for one in (await only(person)).messages if one.mine]
    assert [(one.state, one.tries) for one in fates] == [("queued", 1), ("sent", 1)]


async def test_after_two_days_the_person_is_told(house):
    person = await make_person()
    await received(house, person)
    async with post_office() as (post, port):
        post.mood = "later"
        await answer(person)  # at LATER: long before the clock of the worker
        await deliver(house, handlers=table(postman=Postman(Relay(host="127.0.0.1", port=port))))
        with as_owner(house) as conn:
            conn.execute("UPDATE message SET at = at - interval '3 days' WHERE state <> 'received'")
            conn.execute("UPDATE mail_destination SET not_before = now() - interval '1 day'")
        hasten(house)
        await deliver(house, handlers=table(postman=Postman(Relay(host="127.0.0.1", port=port))))
    mine = next(one for one in (await only(person)).messages if one.mine)
    assert (mine.deliveries[0].state, mine.deliveries[0].note) == ("failed", "expired")


REPORT = """From: MAILER-DAEMON@{domain}\r
To: {to}\r
Subject: Undelivered\r
Message-ID: <r@{domain}>\r
MIME-Version: 1.0\r
Content-Type: multipart/report; report-type=delivery-status; boundary=b\r
\r
--b\r
Content-Type: text/plain\r
\r
no\r
--b\r
Content-Type: message/delivery-status\r
\r
Reporting-MTA: dns; mx\r
\r
Final-Recipient: rfc822; {doctor}\r
Action: {action}\r
Status: {status}\r
\r
--b\r
Content-Type: text/rfc822-headers\r
\r
Message-ID: {original}\r
--b--\r
"""
TOLD = [
    ("chu.mssante.invalid", "failed", "5.1.1", "failed"),
    ("chu.mssante.invalid", "delivered", "2.0.0", "delivered"),
    ("chu.mssante.invalid", "delayed", "4.0.0", "sent"),
    ("menteur.invalid", "failed", "5.1.1", "sent"),  # not the operator it went to
]


@pytest.mark.parametrize(("domain", "action", "status", "state"), TOLD)
async def test_reports_are_believed_from_whom_it_went_to(house, domain, action, status, state):
    person = await make_person()
    await received(house, person)
    async with post_office() as (post, port):
        await answer(person)
        await deliver(house, handlers=table(postman=Postman(Relay(host="127.0.0.1", port=port))))
        original = post.messages[0]["Message-ID"]
    to = address_of(person)
    raw = REPORT.format(domain=domain, to=to, doctor=DOCTOR, action=action, status=status, original=original)
    await hand_over(raw.encode(), to=to, sender="")
    await deliver(house)
    found = await only(person)
    assert found.messages[1].deliveries[0].state == state
    assert len(found.messages) == 2


async def test_reports_in_any_order_lead_nowhere_back(house):
    """Nor does a report said twice become one about the other recipient of the same operator."""
    person = await make_person()
    await received(house, person, Cc="paul@chu.mssante.invalid")
    async with post_office() as (post, port):
        await answer(person, to_all=True)
        await deliver(house, handlers=table(postman=Postman(Relay(host="127.0.0.1", port=port))))
        original = post.messages[0]["Message-ID"]
    seen, to = [], address_of(person)
    for number, action in enumerate(("delivered", "relayed", "delivered", "delayed", "failed")):
        raw = REPORT.format(
            domain="chu.mssante.invalid", to=to, doctor=DOCTOR, action=action, status="5.1.1", original=original
        )
        await hand_over(raw.replace("<r@", f"<r{number}@").encode(), to=to, sender="")
        await deliver(house)
        seen.append([one.state for one in (await only(person)).messages[1].deliveries])
    assert seen == [["delivered", "sent"]] * 4 + [["failed", "sent"]]


async def test_a_sender_who_asked_is_told_that_it_was_opened(house):
    person = await make_person()
    await received(house, person, message_id="<1@chu>", Disposition_Notification_To=DOCTOR)
    found = await only(person)
    async with post_office() as (post, port):
        await look_at(person, found)
        await deliver(house, handlers=table(postman=Postman(Relay(host="127.0.0.1", port=port))))
    (mail,) = post.messages
    assert mail.get_content_type() == "multipart/report"
    assert b"Disposition: manual-action/MDN-sent-automatically; displayed" in post.raw[0]  # RFC 8098 §3.2.6.1
    assert b"Original-Message-ID: <1@chu>" in post.raw[0]
    assert b"tout va bien" not in post.raw[0]


@pytest.mark.parametrize(("mood", "again"), [("later", 1), ("never", 0), ("good", 0)])
async def test_a_receipt_that_cannot_be_handed_over_now_leaves_later(house, mood, again):
    person = await make_person()
    await received(house, person, message_id="<1@chu>", Disposition_Notification_To=DOCTOR)
    found = await only(person)
    async with post_office() as (post, port):
        post.mood = mood
        await look_at(person, found)
        await deliver(house, handlers=table(postman=Postman(Relay(host="127.0.0.1", port=port))))
    asked = {"space": person.space, "message": found.messages[0].message_id, "at": AT}
    assert await next_receipt(**asked) == await next_receipt(**asked), "equal at every attempt"
    with as_owner(house) as conn:
        waiting = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo' AND args::text LIKE %s"
        assert conn.execute(waiting, (f"%{asked['message']}%",)).fetchone() == (again,)
