"""A professional writes, the person reads and answers, the answer leaves as mail; each step leaves its trace."""

import datetime as dt
from uuid import uuid4

import pytest

from carnet.infra.db import work
from carnet.interfaces.mssante.outbound import Postman, Relay
from carnet.journal.api import Filter, entries
from carnet.messaging.api import (
    Writing,
    inbox,
    mark_opened,
    read_attachment,
    read_conversation,
    send_message,
)
from carnet.notifications.api import list_notifications
from factories.events import as_owner, deliver, empty_queue, table
from factories.mss import DOCTOR, address_of, hand_over, letter
from factories.post import post_office
from factories.world import AT, make_person

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
    await mark_opened(actor=person.actor, space=person.space, conversation=found.line.conversation_id, at=LATER)
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
