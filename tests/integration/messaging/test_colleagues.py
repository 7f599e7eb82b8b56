"""Professionals write to one another about a patient: kept for the addressee, handed on, and in no space at all."""

from uuid import UUID

import pytest

from carnet.infra.db import work
from carnet.interfaces.mssante.outbound import Postman, Relay
from carnet.journal.api import Filter, entries
from carnet.journeys.api import close_space
from carnet.kernel.errors import NotFound
from carnet.messaging.api import (
    TEXT,
    colleague_file,
    colleague_letter,
    colleague_letters,
    inbox,
    quarantined,
    replay_mail,
)
from carnet.messaging.queries import colleague_letters as letters_module
from factories.events import as_owner, deliver, empty_queue, hasten, table
from factories.mss import DOCTOR, address_of, letter, mailbox_of
from factories.pdf import make_pdf
from factories.post import post_office
from factories.world import AT, OPERATOR, fresh_ins, make_person, make_professional
from integration.messaging.test_gateway import gate, refused, send

PDF = make_pdf("Bilan")
FILES = (("Bilan.pdf", "application/pdf", PDF),)


@pytest.fixture(autouse=True)
def _fresh(house):
    empty_queue(house)
    with as_owner(house) as conn:
        conn.execute("DELETE FROM mail_destination")
        conn.execute("DELETE FROM mail_budget")


async def colleague():
    """A professional with a mailbox in their own name; and its address."""
    doctor = await make_professional()
    return doctor, await mailbox_of(doctor)


def about(ins, to, **options):
    return letter(to=to, X_MSS_INS=ins.matricule, **options)


def states(house, address):
    digest = letters_module.mailbox_digest(address)
    with as_owner(house) as conn:
        asked = "SELECT state, reason FROM colleague_mail WHERE addressee = %s ORDER BY received_at, mail_id"
        return conn.execute(asked, (digest,)).fetchall()


async def handed_on(house, mood="good", *, hasty=False, welcome=()):
    """Everything that waits, once, with an operator in this mood; what they received."""
    async with post_office() as (post, port):
        post.mood, post.welcome = mood, welcome
        if hasty:
            hasten(house)
        await deliver(house, handlers=table(postman=Postman(Relay(host="127.0.0.1", port=port, wait=5))))
    return post


async def untouched(*people):
    """No conversation, no line of the journal: nothing of it is in anybody's space."""
    for person in people:
        assert (await inbox(actor=person.actor, space=person.space, at=AT)).total == 0
        async with work(space=person.space, at=AT) as w:
            acts = {one.act for one in await entries(w, filter_=Filter(), limit=50)}
        assert not acts & {"receive-message", "deliver-message", "collect-messages", "deposit-document"}


async def test_it_is_kept_for_its_addressee_handed_on_unchanged_and_in_no_space(house, tmp_path):
    person, (paul, address), (other, _) = await make_person(), await colleague(), await colleague()
    sent = about(person.ins, address, subject="Mme Durand", files=FILES)
    async with gate(tmp_path) as (port, _):
        await send(port, sent, to=address)
        await send(port, sent, to=address)  # its 250 was lost: the operator sends it again
    post = await handed_on(house)
    assert post.recipients == [address]
    assert post.raw[0].startswith(b"Received: from chu"), "as a mail server hands on"
    assert post.raw[0].endswith(sent.as_bytes()), "not a byte of it is changed"
    (found,) = (await colleague_letters(actor=paul, at=AT)).letters
    shown = (found.letter.sender.address, found.letter.subject, found.about, [f.description.name for f in found.files])
    assert shown == (DOCTOR, "Mme Durand", person.ins.matricule, ["Bilan.pdf"])
    assert (await colleague_file(actor=paul, letter=found, number=1, at=AT)).content == PDF
    words = await colleague_file(actor=paul, letter=found, number=TEXT, at=AT)
    assert words.content.decode().strip() == "Bonjour, tout va bien."
    assert (await colleague_letters(actor=other, at=AT)).letters == ()
    for asked in (colleague_letter(actor=other, mail=found.mail, at=AT),
                  colleague_file(actor=other, letter=found, number=1, at=AT),
                  colleague_file(actor=paul, letter=found, number=2, at=AT)):  # fmt: skip
        with pytest.raises(NotFound):
            await asked
    await untouched(person)
    assert sorted(states(house, address)) == [("done", "arrived-before"), ("sent", None)]


async def test_another_ones_mailbox_planted(house, tmp_path, monkeypatch):
    """The test above would see it, were mail found by anything but the reader's own mailboxes."""
    person, (_, address), (other, _) = await make_person(), await colleague(), await colleague()
    async with gate(tmp_path) as (port, _):
        await send(port, about(person.ins, address), to=address)
    await deliver(house)
    digest = letters_module.mailbox_digest(address)
    monkeypatch.setattr(letters_module, "mailbox_digest", lambda _: digest)
    assert len((await colleague_letters(actor=other, at=AT)).letters) == 1


async def test_who_the_patient_is_changes_no_answer(house, tmp_path):
    """T29: an open space, a closed one, nobody: the same replies, the same mail for the addressee."""
    there, left, (paul, address) = await make_person(), await make_person(), await colleague()
    await close_space(actor=left.actor, space=left.space, at=AT)
    async with gate(tmp_path) as (port, _):
        told = [await send(port, about(ins, address), to=address) for ins in (there.ins, left.ins, fresh_ins())]
    assert len({str(one) for one in told}) == 1
    post = await handed_on(house)
    assert len(post.raw) == len((await colleague_letters(actor=paul, at=AT)).letters) == 3
    await untouched(there)


async def test_what_is_not_between_professionals_about_a_patient_is_refused(house, tmp_path):
    person, (_, address) = await make_person(), await colleague()
    async with gate(tmp_path) as (port, _):
        assert await refused(port, letter(to=address), to=address) == 550, "about whom?"
        assert await refused(port, letter(to=address, X_MSS_INS="O"), to=address) == 550
        twice = about(person.ins, address).as_bytes().replace(b"X-MSS-INS", b"X-MSS-INS: O\r\nX-MSS-INS", 1)
        assert await refused(port, twice, to=address) == 550
        outside = "paul@ailleurs.invalid"
        assert await refused(port, about(person.ins, outside), to=outside) == 550, "no open relay"
        assert await refused(port, about(person.ins, address), to=address, sender="a@mssante.invalid") == 550
        both = about(person.ins, address)
        await send(port, both, to=address_of(person))  # a person in copy gets theirs as ever
    await deliver(house)
    assert states(house, address) == []
    assert (await inbox(actor=person.actor, space=person.space, at=AT)).total == 1


async def test_a_mailbox_that_is_not_there_is_told_to_the_sender(house, tmp_path):
    """Nothing is lost in silence: refused, put off, refused for good, and the sender who cannot be told either."""
    person, (paul, address) = await make_person(), await colleague()
    async with gate(tmp_path) as (port, _):
        await send(port, about(person.ins, address, message_id="<a@chu.mssante.invalid>"), to=address)
    assert (await handed_on(house, "later")).raw == []
    assert (await handed_on(house, "later", hasty=True)).raw == []
    post = await handed_on(house, "never", hasty=True, welcome=(DOCTOR,))
    report = post.messages[0]
    assert (post.recipients, report["In-Reply-To"]) == ([DOCTOR], "<a@chu.mssante.invalid>")
    assert report.get_content_type() == "multipart/report"
    assert "tout va bien" not in report.as_string(), "it quotes nothing"
    assert states(house, address) == [("told", None)]
    assert len((await colleague_letters(actor=paul, at=AT)).letters) == 1, "and it can still be read here"
    async with gate(tmp_path) as (port, _):
        await send(port, about(person.ins, address, message_id="<a@chu.mssante.invalid>"), to=address)
    assert (await handed_on(house)).recipients == [address], "sent again, it is no copy of what arrived"


async def test_one_name_about_two_patients_is_two_messages(house, tmp_path):
    first, second, (paul, address) = await make_person(), await make_person(), await colleague()
    async with gate(tmp_path) as (port, _):
        for one in (first, second, second):
            await send(port, about(one.ins, address, message_id="<b@chu.mssante.invalid>"), to=address)
    assert len((await handed_on(house)).raw) == 2
    said = {one.about for one in (await colleague_letters(actor=paul, at=AT)).letters}
    assert said == {first.ins.matricule, second.ins.matricule}


async def test_what_a_relay_has_against_a_sender_of_others_keeps_nobody_waiting(house, tmp_path):
    """It hands on under a name that is not ours: persons' letters to the same operator go on leaving."""
    person, (_, address) = await make_person(), await colleague()
    async with gate(tmp_path) as (port, _):
        await send(port, about(person.ins, address), to=address)
    await handed_on(house, "stranger")
    assert states(house, address) == [("leaving", None)]
    with as_owner(house) as conn:
        assert conn.execute("SELECT count(*) FROM mail_destination WHERE failures > 0").fetchone() == (0,)


async def test_a_sender_who_cannot_be_told_is_the_operators_affair(house, tmp_path):
    person, (_, address) = await make_person(), await colleague()
    async with gate(tmp_path) as (port, _):
        await send(port, about(person.ins, address), to=address)
    await handed_on(house, "never")
    assert states(house, address) == [("quarantined", "550")]


async def test_what_cannot_be_read_waits_for_the_operator(house, batch, tmp_path):
    person, (paul, address) = await make_person(), await colleague()
    odd = about(person.ins, address).as_bytes() + b"\r\n" * 2
    many = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n" * 600
    raw = odd.partition(b"Content-Type:")[0].rstrip(b"\r\n") + b"\r\n" + many
    async with gate(tmp_path) as (port, _):
        await send(port, raw, to=address)
    await deliver(house)
    ((state, reason),) = states(house, address)
    assert (state, bool(reason)) == ("quarantined", True)
    waiting = [one for one in await quarantined(batch=batch, at=AT) if one.reason == reason]
    assert {one.space for one in waiting} == {None}
    with as_owner(house) as conn:
        asked = "SELECT mail_id FROM colleague_mail WHERE addressee = %s"
        mail: UUID = conn.execute(asked, (letters_module.mailbox_digest(address),)).fetchone()[0]
    await replay_mail(actor=OPERATOR, space=None, mail=mail, at=AT)
    assert states(house, address) == [("waiting", None)]
    await deliver(house)
    assert (states(house, address), (await colleague_letters(actor=paul, at=AT)).letters) == ([(state, reason)], ())
