"""A practice says what it accepts; the person asks with a short form; pharmacies visited may be written to first."""

import asyncio
import datetime as dt
from email.message import EmailMessage
from uuid import uuid4

import msgspec
import pytest

from carnet.access.api import mark_apart
from carnet.identity.api import DirectoryFeed, FeedMailbox, FeedOrganisation, import_directory
from carnet.infra import clock
from carnet.interfaces.mssante.outbound import Postman, Relay
from carnet.kernel.errors import Invalid, NotFound
from carnet.messaging.actions import ask_practices, change_conversation, spend_request
from carnet.messaging.api import (
    Absence,
    Asking,
    Folder,
    Opening,
    Period,
    Place,
    PracticeRules,
    Quota,
    RequestKind,
    SetBy,
    Writing,
    contacts,
    delete_conversation,
    empty_bins,
    inbox,
    letters_to,
    place_conversation,
    read_conversation,
    send_message,
    set_mailbox_rules,
)
from carnet.messaging.queries import visited
from factories.events import as_owner, deliver, empty_queue, hasten, table
from factories.mss import address_of, hand_over, letter
from factories.post import post_office
from factories.world import AT, OPERATOR, give, make_person, make_professional, make_software

RENEWAL = Asking(kind=RequestKind.RENEWAL, said={"medicament": "Lévothyroxine 75", "avant": "2026-12-01"})
RULES = PracticeRules(kinds=(RequestKind.RENEWAL,), quota=Quota(2, Period.WEEK), automatic="Réponse sous trois jours.")


async def listed(**mailbox):
    """A doctor with a mailbox of their own."""
    doctor = await make_professional()
    address = f"d{doctor.rpps}@cabinet.mssante.invalid"
    one = FeedMailbox(**({"address": address, "kind": "PER", "rpps": doctor.rpps} | mailbox))
    await import_directory(actor=OPERATOR, feed=DirectoryFeed(mailboxes=(one,)), at=AT)
    return doctor, one.address


async def wrote(house, rules=RULES, **headers):
    """A person to whom a doctor wrote, who says what they accept."""
    empty_queue(house)
    person = await make_person()
    doctor, address = await listed()
    if rules is not None:
        await set_mailbox_rules(actor=doctor, address=address, rules=rules, way=SetBy.PAGE, at=AT)
    message = letter(person, sender=address, message_id=f"<{uuid4().hex}@cabinet>", **headers)
    await hand_over(message, to=address_of(person), sender=address)
    await deliver(house)
    return person, doctor, address


async def ask(person, address, asking=RENEWAL, *, at=AT, **more):
    writing = Writing(to=(address,), asking=asking, **({"request_id": uuid4()} | more))
    return await send_message(actor=person.actor, space=person.space, writing=writing, at=at)


async def test_a_request_leaves_as_mail_a_practice_sorts_and_reads(house):
    person, _, address = await wrote(house)
    async with post_office() as (post, port):
        sent = await ask(person, address)
        await deliver(house, handlers=table(postman=Postman(Relay(host="127.0.0.1", port=port))))
    mail: EmailMessage = post.messages[0]
    assert (mail["Subject"], mail["X-MSS-DEMANDE"]) == ("Demande de renouvellement d'ordonnance", "renouvellement")
    assert mail.get_content().splitlines() == [
        "[Demande de renouvellement d'ordonnance]",
        "",
        "Traitement à renouveler : Lévothyroxine 75",
        "Avant le : 01/12/2026",
    ]
    found = await read_conversation(actor=person.actor, space=person.space, conversation=sent.conversation, at=AT)
    assert (found.messages[0].letter.automatic, found.messages[0].letter.asks) == (RULES.automatic, "renouvellement")


@pytest.mark.parametrize(
    ("asking", "code"),
    [
        (None, "request-kind-needed"),
        (Asking(kind=RequestKind.ADMIN, said={"question": "?"}), "request-kind-refused"),
        (Asking(kind=RequestKind.RENEWAL), "field-missing"),
        (Asking(kind=RequestKind.RENEWAL, said={"medicament": "x", "avant": "demain"}), "field-day"),
    ],
    ids=["a blank page", "another kind", "an empty form", "no day"],
)
async def test_what_a_practice_does_not_take_does_not_leave(house, asking, code):
    person, _, address = await wrote(house)
    with pytest.raises(Invalid, match=code):
        await ask(person, address, asking, subject="Bonjour", text="Une question")
    assert (await inbox(actor=person.actor, space=person.space, at=AT)).total == 1


async def test_what_the_practice_wrote_is_answered_freely_unless_it_says_no(house):
    person, doctor, address = await wrote(house)
    conversation = (await inbox(actor=person.actor, space=person.space, at=AT)).lines[0].conversation_id

    async def answer():
        writing = Writing(text="Oui docteur.", answers=conversation, request_id=uuid4())
        await send_message(actor=person.actor, space=person.space, writing=writing, at=AT)

    for _ in range(3):  # no request: the quota of two does not count them
        await answer()
    await ask(person, address, answers=conversation)
    forms = PracticeRules(kinds=(RequestKind.RENEWAL,), free_answers=False)
    await set_mailbox_rules(actor=doctor, address=address, rules=forms, way=SetBy.PAGE, at=AT)
    with pytest.raises(Invalid, match="request-kind-needed"):
        await answer()


UNHELD = "SELECT 0 WHERE %(space)s IS NOT NULL"


@pytest.mark.parametrize("fault", [False, True], ids=["kept", "planted fault"])
async def test_a_quota_holds_when_everything_comes_at_once(house, fault, monkeypatch):
    if fault:
        monkeypatch.setattr(spend_request, "_HOLD", UNHELD)
    person, _, address = await wrote(house)
    answers = await asyncio.gather(*(ask(person, address) for _ in range(4)), return_exceptions=True)
    refused = [one for one in answers if isinstance(one, Invalid)]
    assert (len(refused) == 2) is not fault
    if fault:
        return
    assert "appelez le 15" in refused[0].problems[0].fr
    assert (await inbox(actor=person.actor, space=person.space, at=AT)).total == 3
    other, _, _ = await wrote(house, rules=None)  # of another person and another space, nothing is counted
    await hand_over(letter(other, sender=address), to=address_of(other), sender=address)
    await deliver(house)
    await ask(other, address)
    await ask(person, address, at=AT + dt.timedelta(days=7))


async def test_the_same_form_twice_counts_once(house):
    person, _, address = await wrote(house)
    request = uuid4()
    sent = {(await ask(person, address, request_id=request)).message for _ in range(3)}
    assert len(sent) == 1
    await ask(person, address)
    with pytest.raises(Invalid, match="request-quota"):
        await ask(person, address)


async def test_only_who_it_belongs_to_says_what_a_mailbox_accepts(house):
    doctor, address = await listed()
    software = await make_software()
    _, shared = await listed(kind="ORG", rpps=None, finess=software.organisation, address=f"{uuid4().hex}@x.invalid")
    at_work = await make_professional(finess=software.organisation)
    for actor, mailbox in ((at_work, address), (software, address), (doctor, shared), (doctor, "nobody@x.invalid")):
        with pytest.raises(NotFound):
            await set_mailbox_rules(actor=actor, address=mailbox, rules=RULES, way=SetBy.FHIR, at=AT)
    for actor in (software, at_work):
        await set_mailbox_rules(actor=actor, address=shared, rules=RULES, way=SetBy.FHIR, at=AT)
    wrong = PracticeRules(absences=(Absence(dt.date(2026, 1, 2), dt.date(2026, 1, 1)),))
    with pytest.raises(Invalid, match="practice-absence"):
        await set_mailbox_rules(actor=doctor, address=address, rules=wrong, way=SetBy.PAGE, at=AT)


async def pharmacy(**mailbox):
    """A pharmacy with its software and its mailbox."""
    software = await make_software()
    place = FeedOrganisation(finess=software.organisation, name="Pharmacie de la Licorne", facility_type="SA33")
    await import_directory(actor=OPERATOR, feed=DirectoryFeed(organisations=(place,)), at=AT)
    box = {"kind": "ORG", "rpps": None, "finess": software.organisation, "address": f"{uuid4().hex}@pharma.invalid"}
    _, address = await listed(**(box | mailbox))
    return software, address


async def offered(person):
    return [one.address.address for one in await contacts(actor=person.actor, space=person.space, at=AT)]


async def test_a_pharmacy_visited_is_written_to_first_until_it_ends_the_exchange(house):
    empty_queue(house)
    person, (software, address) = await make_person(), await pharmacy()
    with pytest.raises(Invalid, match="recipient-not-contact"):
        await ask(person, address, None, subject="Ordonnance", text="Bonjour")
    await give(person, by=software)
    assert await offered(person) == [address]
    await ask(person, address, None, subject="Ordonnance", text="Bonjour")
    message = letter(person, sender=address, ends=True)
    await hand_over(message, to=address_of(person), sender=address)
    await deliver(house)
    with pytest.raises(Invalid, match="recipient-not-contact"):
        await ask(person, address, None, subject="Ordonnance", text="Bonjour")


@pytest.mark.parametrize("fault", [False, True], ids=["kept", "planted fault"])
async def test_what_is_hidden_proves_no_visit(house, fault, monkeypatch):
    if fault:
        monkeypatch.setattr(visited, "_VISITED", visited._VISITED.replace(f"AND {visited.VISIBLE}", ""))
    person, (software, address) = await make_person(), await pharmacy()
    await give(person, by=software, codes=frozenset({"INVISIBLE_PATIENT"}))
    assert (await offered(person) == [address]) is fault
    other = await make_person()
    assert await offered(other) == []
    apart, (software, address) = await make_person(), await pharmacy()
    receipt = await give(apart, by=software)
    await mark_apart(actor=apart.actor, space=apart.space, document=receipt.documents[0].document_id, apart=True, at=AT)
    assert (await offered(apart) == [address]) is fault


async def test_only_pharmacies_that_take_messages_are_offered(house):
    person = await make_person()
    for mailbox in ({"red_list": True}, {"kind": "PER", "rpps": (await make_professional()).rpps}):
        software, _ = await pharmacy(**mailbox)
        await give(person, by=software)
    hospital = await make_software()
    await listed(kind="ORG", rpps=None, finess=hospital.organisation, address=f"{uuid4().hex}@chu.invalid")
    await give(person, by=hospital)
    shy, address = await pharmacy()
    await give(person, by=shy)
    assert await offered(person) == [address]
    await set_mailbox_rules(actor=shy, address=address, rules=PracticeRules(visitors=False), way=SetBy.FHIR, at=AT)
    assert await offered(person) == []


MORNING = dt.datetime(2099, 11, 23, 8, 0, tzinfo=dt.UTC)
"""Monday, nine o'clock in Paris; so late that nothing is due before by the clock of the database."""
OPEN = PracticeRules(kinds=(RequestKind.RENEWAL,), hours=(Opening((1, 2), "09:00", "18:00"),))


@pytest.mark.parametrize("fault", [False, True], ids=["kept", "planted fault"])
async def test_what_is_asked_outside_hours_is_handed_over_when_the_practice_opens(house, fault, monkeypatch):
    """Sunday evening: answered at once, told when, handed over on Monday; an answer to the practice does not wait."""
    if fault:
        monkeypatch.setattr(ask_practices, "opens_again", lambda *_, **__: None)
    person, doctor, address = await wrote(house, rules=OPEN)
    sunday = MORNING - dt.timedelta(hours=14)
    async with post_office() as (post, port):
        handlers = table(postman=Postman(Relay(host="127.0.0.1", port=port)))
        with clock.frozen(sunday):
            sent = await ask(person, address, at=sunday)
            hasten(house)
            await deliver(house, handlers=handlers)
        assert (len(post.messages) == 0) is not fault
        if fault:
            return
        here = {"actor": person.actor, "space": person.space, "conversation": sent.conversation}
        found = (await read_conversation(**here, at=sunday)).messages[-1]
        assert "sera remise le 23/11/2099 à 09:00" in found.letter.automatic
        assert found.deliveries[0].not_before == MORNING
        theirs = {"actor": doctor, "space": person.space}
        assert (await letters_to(**theirs, at=sunday)).total == 0, "nor does their software find it before"
        conversation = (await inbox(actor=person.actor, space=person.space, at=sunday)).lines[-1].conversation_id
        writing = Writing(text="Oui docteur.", answers=conversation, request_id=uuid4())
        await send_message(actor=person.actor, space=person.space, writing=writing, at=sunday)
        with clock.frozen(sunday):
            await deliver(house, handlers=handlers)
        assert [one["X-MSS-DEMANDE"] for one in post.messages] == [None], "what the practice wrote is answered at once"
        with clock.frozen(MORNING):
            hasten(house)
            await deliver(house, handlers=handlers)
        assert post.messages[-1]["X-MSS-DEMANDE"] == "renouvellement"
        assert (await letters_to(**theirs, at=MORNING)).total == 2
        await ask(person, address, at=MORNING + dt.timedelta(hours=1))
        with clock.frozen(MORNING + dt.timedelta(hours=1)):
            await deliver(house, handlers=handlers)
        assert len(post.messages) == 3


@pytest.mark.parametrize("fault", [False, True], ids=["kept", "planted fault"])
async def test_what_waits_is_taken_back_knowingly_or_stays(house, batch, fault, monkeypatch):
    """Deleted without a word it stays; taken back it goes to nobody and counts no more; the bin waits till it left."""
    if fault:
        monkeypatch.setattr(change_conversation, "take_back", _nobody_asked)
    person, _, address = await wrote(house, rules=msgspec.structs.replace(OPEN, quota=Quota(1, Period.WEEK)))
    sunday = MORNING - dt.timedelta(hours=14)
    here = {"actor": person.actor, "space": person.space}
    async with post_office() as (post, port):
        handlers = table(postman=Postman(Relay(host="127.0.0.1", port=port)))
        sent = await ask(person, address, at=sunday)
        await place_conversation(**here, conversation=sent.conversation, place=Place.BIN, at=sunday)
        emptied = {"actor": OPERATOR, "batch": batch, "at": sunday + dt.timedelta(days=31)}
        await empty_bins(**emptied)
        assert (await inbox(**here, folder=Folder.BIN, at=sunday)).total == 1, "the bin waits for it to leave"
        if fault:
            await delete_conversation(**here, conversation=sent.conversation, at=sunday)
            return
        with pytest.raises(Invalid, match="message-still-here"):
            await delete_conversation(**here, conversation=sent.conversation, at=sunday)
        assert (await read_conversation(**here, conversation=sent.conversation, at=sunday)).messages
        told = {"conversation": sent.conversation, "take_back_waiting": True, "at": sunday}
        assert await delete_conversation(**here, **told) == 1
        again = await ask(person, address, at=sunday)  # it counted once, and counts no more
        with pytest.raises(Invalid, match="quota"):
            await ask(person, address, at=sunday)
        with clock.frozen(MORNING):
            hasten(house)
            await deliver(house, handlers=handlers)
    (mail,) = post.messages
    assert mail["Message-ID"] == f"<{again.message.hex}@{address_of(person).partition('@')[2]}>"
    with as_owner(house) as conn:
        asked = "SELECT state, note, address_enc FROM outgoing_mail WHERE message_id = %s"
        assert conn.execute(asked, (sent.message,)).fetchall() == [("failed", "withdrawn", None)]


async def _nobody_asked(*_, **__):
    return 0
