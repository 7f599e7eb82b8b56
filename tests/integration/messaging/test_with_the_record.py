"""Messages and the record: what is sent along stays decided by the record; what is saved is one document."""

import datetime as dt
from uuid import uuid4

import pytest

from carnet.access.api import RestrictionEffect, Wish, block, restrict
from carnet.formats.mail import read_mail
from carnet.formats.xdm import read_medium
from carnet.infra import clock
from carnet.journeys.api import (
    open_attachment,
    open_conversation,
    proposed_category,
    save_attachment,
    write_message,
)
from carnet.kernel.errors import Invalid, NotFound
from carnet.messaging.actions import note_delivery
from carnet.messaging.api import GATEWAY, Writing, inbox, next_letter, read_conversation
from carnet.records.api import DocumentQuery, delete_document, list_documents, mask_document
from factories.cda import make_cda
from factories.events import as_owner, deliver, empty_queue
from factories.mss import address_of, hand_over, letter, mailbox_of
from factories.pdf import make_pdf
from factories.real_documents import header_of
from factories.world import AT, give, make_person, make_professional, make_software

LATER = AT + dt.timedelta(hours=1)
SINCE = LATER + dt.timedelta(minutes=5)
ACCOUNT = uuid4()


@pytest.fixture(autouse=True)
def _fresh(house):
    empty_queue(house)


async def first(house, person, **options):
    await hand_over(letter(person, **options), to=address_of(person))
    await deliver(house)
    page = await inbox(actor=person.actor, space=person.space, at=LATER)
    return await opened(person, page.lines[0].conversation_id)


async def opened(person, conversation):
    return await read_conversation(actor=person.actor, space=person.space, conversation=conversation, at=LATER)


async def titles(person):
    listing = await list_documents(
        actor=person.actor, space=person.space, query=DocumentQuery(statuses=("current",)), at=clock.now()
    )
    return len(listing.entries)


async def test_a_document_sent_along_is_decided_anew_when_opened(house):
    """T13: what the record hides afterwards is gone from the conversation too, by the same NotFound."""
    person = await make_person()
    receipt = await give(person, by=await make_software(), title="Bilan", content=make_pdf())
    document = receipt.documents[0].document_id
    found = await first(house, person)
    writing = Writing(text="Voici", answers=found.line.conversation_id, request_id=uuid4())
    sent = await write_message(actor=person.actor, space=person.space, writing=writing, documents=[document], at=LATER)
    here = {"actor": person.actor, "space": person.space, "account": ACCOUNT, "message": sent.message, "number": 1}
    piece = await open_attachment(**here, at=LATER)
    assert piece.name.startswith("Bilan")
    with as_owner(house) as conn:
        conn.execute("UPDATE document SET invisible_patient = true WHERE document_id = %s", (document,))
    with pytest.raises(NotFound):
        await open_attachment(**here, at=LATER)
    other = Writing(text="Encore", answers=found.line.conversation_id, request_id=uuid4())
    with pytest.raises(NotFound):
        await write_message(actor=person.actor, space=person.space, writing=other, documents=[document], at=LATER)


async def test_a_clinical_document_leaves_in_an_archive_with_the_records_own_facts(house):
    """mes.md M10: our own reader finds the document, whole; what hides it here is not told."""
    person = await make_person()
    content = make_cda(effective_time="20261120103000+0100", **header_of(person))
    found = await first(house, person, files=(("a.xml", "text/xml", content),))
    here = {"actor": person.actor, "space": person.space}
    saved = await save_attachment(**here, message=found.messages[0].message_id, number=1, at=clock.now())
    with as_owner(house) as conn:
        conn.execute("UPDATE document SET masque_ps = true WHERE document_id = %s", (saved.document,))
    writing = Writing(text="Voici", answers=found.line.conversation_id, request_id=uuid4())
    sent = await write_message(**here, writing=writing, documents=[saved.document], at=LATER)
    leaving = {"actor": GATEWAY, "space": person.space, "message": sent.message, "number": 1, "at": LATER}
    letters = [await next_letter(**leaving) for _ in range(2)]
    assert letters[0].raw == letters[1].raw, "tried again, it is the same letter"
    read = read_mail(letters[0].raw)
    assert read.subject.startswith("XDM/1.0/DDM+Re: ")
    assert read.mss["x-mss-codecda"] == "11502-2"
    assert [one.name for one in read.attachments] == ["IHE_XDM.ZIP"]
    medium = read_medium(read.attachments[0].content, most_bytes=10_000_000)
    assert [one.content for one in medium.files] == [content]
    assert medium.files[0].said.title == "Compte rendu de biologie"
    assert medium.files[0].said.confidentiality == ("N",)
    assert medium.patients == {(person.ins.matricule, person.ins.oid)}


async def test_everything_chosen_goes_or_nothing(house):
    """Twelve documents go as twelve; one more than a message takes, and the person is told."""
    person, lab = await make_person(), await make_software()
    kept = [await give(person, by=lab, title=f"Bilan {one}", content=make_pdf()) for one in range(12)]
    chosen = [one.documents[0].document_id for one in kept]
    found = await first(house, person)
    writing = Writing(text="Voici", answers=found.line.conversation_id, request_id=uuid4())
    here = {"actor": person.actor, "space": person.space, "writing": writing, "at": LATER}
    with pytest.raises(Invalid, match="attachments-many"):
        await write_message(**here, documents=chosen * 2)
    await write_message(**here, documents=chosen)
    assert len((await opened(person, found.line.conversation_id)).messages[1].attachments) == 12


async def test_one_tap_saves_and_twice_is_one_document(house):
    person = await make_person()
    found = await first(house, person, files=(("Résultat d'analyse.pdf", "application/pdf", make_pdf()),))
    here = {"actor": person.actor, "space": person.space, "message": found.messages[0].message_id, "number": 1}
    saved = [await save_attachment(**here, at=clock.now()) for _ in range(2)]
    assert saved[0].document == saved[1].document
    assert [one.before for one in saved] == [False, True]
    assert await titles(person) == 1
    again = await opened(person, found.line.conversation_id)
    assert again.messages[0].attachments[0].saved_as == saved[0].document


async def test_a_clinical_document_of_this_person_is_kept_as_what_it_is(house):
    person, other = await make_person(), await make_person()
    mine = make_cda(effective_time="20261120103000+0100", **header_of(person))
    theirs = make_cda(extension="AUTRE", effective_time="20261120103000+0100", **header_of(other))
    found = await first(house, person, files=(("a.xml", "text/xml", mine), ("b.xml", "text/xml", theirs)))
    here = {"actor": person.actor, "space": person.space, "message": found.messages[0].message_id}
    assert [one.description.kind for one in found.messages[0].attachments] == ["clinical", "clinical"]
    await save_attachment(**here, number=1, at=clock.now())
    with pytest.raises(Invalid):
        await save_attachment(**here, number=2, at=clock.now())
    assert await titles(person) == 1


@pytest.mark.parametrize("since", ["invisible_patient = true", "status = 'deleted'"])
async def test_a_clinical_document_hidden_or_deleted_since_is_kept_as_if_it_had_never_been_there(house, since):
    person = await make_person()
    content = make_cda(effective_time="20261120103000+0100", **header_of(person))
    found = await first(house, person, files=(("a.xml", "text/xml", content),))
    here = {"actor": person.actor, "space": person.space, "message": found.messages[0].message_id, "number": 1}
    saved = await save_attachment(**here, at=clock.now())
    with as_owner(house) as conn:
        conn.execute(f"UPDATE document SET {since} WHERE document_id = %s", (saved.document,))
    copy = await save_attachment(**here, at=clock.now())
    assert (copy.document != saved.document, copy.before) == (True, False)
    again = await save_attachment(**here, at=clock.now())
    assert (again.document, again.before, await titles(person)) == (copy.document, True, 1)


async def test_what_a_person_may_not_send_is_refused(house):
    person = await make_person()
    found = await first(house, person)
    writing = Writing(text="x", answers=found.line.conversation_id, request_id=uuid4())
    for content in (b"MZ" + b"\x00" * 100, b"PK\x03\x04" + b"\x00" * 100):
        with pytest.raises(Invalid):
            await write_message(
                actor=person.actor, space=person.space, writing=writing, files=[("a.pdf", content)], at=LATER
            )


async def beside(person, conversation):
    here = {"actor": person.actor, "space": person.space, "conversation": conversation, "at": LATER}
    return (await open_conversation(**here)).messages[0].attachments


async def test_what_the_record_holds_already_is_not_added_again_and_what_it_hides_is_not_told(house):
    person, pdf = await make_person(), make_pdf()
    receipt = await give(person, by=await make_software(), title="Bilan", content=pdf)
    document = receipt.documents[0].document_id
    codes = {"X_MSS_CODECDA": "11502-2"}
    found = await first(house, person, files=(("bilan.pdf", "application/pdf", pdf),), **codes)
    (one,) = await beside(person, found.line.conversation_id)
    assert (one.saved_as, proposed_category(one.description)) == (document, "BIOLOGIE")
    here = {"actor": person.actor, "space": person.space, "message": found.messages[0].message_id, "number": 1}
    saved = await save_attachment(**here, at=clock.now())
    assert (saved.document, saved.before) == (document, True)
    with as_owner(house) as conn:
        conn.execute("UPDATE document SET invisible_patient = true WHERE document_id = %s", (document,))
    (one,) = await beside(person, found.line.conversation_id)
    assert one.saved_as is None
    copy = await save_attachment(**here, at=clock.now())
    assert (copy.document != document, copy.before) == (True, False)
    assert await titles(person) == 1  # the other one is hidden


async def test_a_document_sent_along_that_is_hidden_now_is_not_beside_the_message(house):
    person = await make_person()
    receipt = await give(person, by=await make_software(), title="Bilan", content=make_pdf())
    document = receipt.documents[0].document_id
    found = await first(house, person)
    writing = Writing(text="Voici", answers=found.line.conversation_id, request_id=uuid4())
    await write_message(actor=person.actor, space=person.space, writing=writing, documents=[document], at=LATER)
    here = {"actor": person.actor, "space": person.space, "at": LATER}
    shown = await open_conversation(**here, conversation=found.line.conversation_id)
    assert [len(one.attachments) for one in shown.messages] == [0, 1]
    with as_owner(house) as conn:
        conn.execute("UPDATE document SET invisible_patient = true WHERE document_id = %s", (document,))
    shown = await open_conversation(**here, conversation=found.line.conversation_id)
    assert [len(one.attachments) for one in shown.messages] == [0, 0]
    assert not (await inbox(**here)).lines[0].head.attachments  # nor does the line say that there was something


class Sending:
    """A person, a doctor who wrote to them, a document of the record, and what the person does about it."""

    def __init__(self, person, doctor, lab, document, conversation):
        self.person, self.doctor, self.lab, self.document = person, doctor, lab, document
        self.conversation, self.here = conversation, {"actor": person.actor, "space": person.space}

    @classmethod
    async def of(cls, house):
        person, doctor, lab = await make_person(), await make_professional(), await make_software()
        document = (await give(person, by=lab, title="Bilan", content=make_pdf())).documents[0].document_id
        box = await mailbox_of(doctor)
        await hand_over(letter(person, sender=box), to=address_of(person), sender=box)
        await deliver(house)
        page = await inbox(actor=person.actor, space=person.space, at=LATER)
        return cls(person, doctor, lab, document, page.lines[0].conversation_id)

    async def send(self, *documents):
        writing = Writing(text="Voici", answers=self.conversation, request_id=uuid4())
        return (await write_message(**self.here, writing=writing, documents=documents, at=LATER)).message

    async def leaves(self, message):
        waits = {"actor": GATEWAY, "space": self.person.space, "message": message, "number": 1}
        return await next_letter(**waits, at=SINCE + dt.timedelta(minutes=1)) is not None

    async def told(self, message):
        messages = (await opened(self.person, self.conversation)).messages
        (way,) = next(one for one in messages if one.message_id == message).deliveries
        return way.state, way.note

    async def mask(self, at=SINCE):
        await mask_document(**self.here, document=self.document, at=at)

    async def delete(self, at=SINCE):
        await delete_document(actor=self.lab, space=self.person.space, document=self.document, at=at)

    async def hide(self, at=SINCE):
        wish = Wish(effect=RestrictionEffect.HIDE, document=self.document, rpps=(self.doctor.rpps,))
        await restrict(**self.here, wish=wish, at=at)

    async def block(self, at=SINCE):
        await block(**self.here, rpps=self.doctor.rpps, at=at)

    async def block_place(self, at=SINCE):
        await block(**self.here, finess=self.doctor.organisation, at=at)


KEPT = [
    ("mask", "document"),
    ("delete", "document"),
    ("hide", "document"),
    ("block", "block"),
    ("block_place", "block"),
]


@pytest.mark.parametrize(("act", "how", "planted"), [*((*one, False) for one in KEPT), ("mask", "document", True)])
async def test_what_is_kept_back_before_it_leaves_does_not_leave_and_its_person_is_told(
    house, monkeypatch, act, how, planted
):
    """Planted: the queue hands over the copy made at sending, whatever was said since."""
    if planted:

        async def nothing(*_, **__):
            return None

        monkeypatch.setattr(note_delivery, "kept_since", nothing)
    sending = await Sending.of(house)
    message = await sending.send(sending.document)
    await getattr(sending, act)()
    assert await sending.leaves(message) is planted
    assert await sending.told(message) == (("queued", None) if planted else ("failed", f"kept-{how}"))


async def test_what_was_so_at_the_sending_and_what_was_blocked_without_a_document_leave(house):
    """Sending says it for this letter; words alone are mail, which a block does not stop (mes.md §3.8, 12)."""
    sending = await Sending.of(house)
    before = LATER - dt.timedelta(minutes=5)
    await sending.mask(at=before)
    assert await sending.leaves(await sending.send(sending.document))
    words = await sending.send()
    await sending.block()
    assert await sending.leaves(words)
    other = await Sending.of(house)
    await other.block(at=before)
    assert await other.leaves(await other.send(other.document))
