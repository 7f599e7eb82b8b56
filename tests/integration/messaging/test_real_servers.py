"""Postfix, Dovecot and OpenDKIM play a professionals' operator; swaks and an IMAP client are the doctor."""

import asyncio
import contextlib
from uuid import uuid4

import msgspec
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from carnet.infra import clock
from carnet.infra.telemetry import RELAY_REFUSALS
from carnet.interfaces.mssante.gateway import Gateway, listen
from carnet.interfaces.mssante.outbound import Postman, Relay
from carnet.interfaces.mssante.signing import Signer
from carnet.messaging.api import NewFile, Writing, inbox, mark_opened, read_attachment, read_conversation, send_message
from carnet.notifications.api import list_notifications
from factories.events import as_owner, deliver, empty_queue, hasten, table
from factories.mss import DOCTOR, DOMAIN, address_of, hand_over, letter
from factories.operator_mail import HERE
from factories.world import make_person

PEERS = '[[peer]]\nname = "chu"\n{known}\ndomains = ["chu.mssante.invalid"]\n'
LOCAL = 'addresses = ["127.0.0.1"]'
PDF = b"%PDF-1.4\n" + bytes(range(256)) * 40 + b"\n%%EOF"


@pytest.fixture(autouse=True)
def _fresh(house):
    empty_queue(house)
    with as_owner(house) as conn:
        conn.execute("DELETE FROM mail_destination")


@contextlib.asynccontextmanager
async def gate(operator, *, known=LOCAL, more="", tls=False):
    """Our gateway, where the operator sends mail for persons."""
    peers = operator.folder / "peers.toml"
    peers.write_text(PEERS.format(known=known) + more)
    ours, trusted = operator.ours, operator.folder / "ours-trusted.pem"
    trusted.write_bytes(operator.theirs.path.read_bytes() + operator.stranger.path.read_bytes())
    shown = {"certificate": ours.path, "key": ours.key, "ca_file": trusted} if tls else {}
    here = {"host": "127.0.0.1", "port": operator.gateway, "domain": DOMAIN, "most_bytes": 2_000_000}
    server = await listen(Gateway(**here, peers=peers, **shown))
    try:
        yield
    finally:
        server.close()


def relay_to(operator, *, tls=False, wait=20.0):
    if not tls:
        return Relay(host="127.0.0.1", port=operator.smtp, wait=wait)
    shown = {"certificate": operator.ours.path, "key": operator.ours.key, "ca_file": operator.ours.path}
    return Relay(host="localhost", port=operator.mutual, tls=True, wait=wait, **shown)


async def until_kept(house, person, *, count=1):
    """Wait until the gateway kept `count` pieces of mail for somebody, then have them delivered."""
    for _ in range(300):
        with as_owner(house) as conn:
            kept = conn.execute("SELECT count(*) FROM incoming_mail WHERE space_id = %s", (person.space,)).fetchone()
        if kept[0] >= count:
            await deliver(house)
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{kept[0]} of {count} messages were kept")


async def only(person):
    page = await inbox(actor=person.actor, space=person.space, at=clock.now())
    assert len(page.lines) == 1
    conversation = page.lines[0].conversation_id
    return await read_conversation(actor=person.actor, space=person.space, conversation=conversation, at=clock.now())


async def answer(person, text="Merci docteur.", **options):
    found = await only(person)
    writing = Writing(text=text, answers=found.line.conversation_id, request_id=uuid4(), **options)
    await send_message(actor=person.actor, space=person.space, writing=writing, at=clock.now())


async def go(house, relay):
    """Let what waits leave now. relay: or the postman, who remembers."""
    with as_owner(house) as conn:
        conn.execute("UPDATE mail_destination SET not_before = now() - interval '1 day'")
    hasten(house)
    await deliver(house, handlers=table(postman=relay if isinstance(relay, Postman) else Postman(relay)))


async def fate(person):
    mine = next(one for one in (await only(person)).messages if one.mine)
    return mine.deliveries[0]


async def written_by(person, who, house):
    """Somebody of the operator wrote to the person, who may answer now."""
    sender = f"{who}@{HERE}"
    await hand_over(letter(person, sender=sender), to=address_of(person), sender=sender)
    await deliver(house)


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "certificates"])
async def test_a_doctor_writes_with_a_result_and_reads_the_answer(house, operator, tls):
    person, name = await make_person(), f"<{uuid4().hex}@{HERE}>"
    known = f'certificates = ["{operator.theirs.sha256}"]' if tls else LOCAL
    file = operator.folder / "bilan.pdf"
    file.write_bytes(PDF)
    said = ("--header", f"Message-Id: {name}", "--header", "X-MSS-NIL: 12345", "--body", "Bonjour, voici.",
            "--header", "Subject: =?utf-8?Q?R=C3=A9sultats?=", "--h-From", f"Dr Claire Marchand <{DOCTOR}>",
            "--attach-type", "application/pdf", "--attach-name", "bilan.pdf", "--attach", f"@{file}")  # fmt: skip
    async with gate(operator, known=known, tls=tls):
        done, told = await operator.swaks("--from", DOCTOR, "--to", address_of(person), *said)
        assert done == 0, told
        await until_kept(house, person)
    found = await only(person)
    (message,) = found.messages
    assert (message.letter.subject, message.letter.text, message.letter.message_id) == (
        "Résultats", "Bonjour, voici.", name)  # fmt: skip
    here = {"actor": person.actor, "space": person.space, "at": clock.now()}
    piece = await read_attachment(**here, message=message.message_id, number=1)
    assert (piece.attachment.description.name, await piece.content.read()) == ("bilan.pdf", PDF)
    await answer(
        person, "Merci, à bientôt.", files=(NewFile(name="photo é.pdf", media_type="application/pdf", content=PDF),)
    )
    await go(house, relay_to(operator, tls=tls))
    (mail,) = await operator.mailbox()
    assert (mail["In-Reply-To"], mail["References"], mail["X-MSS-INS"]) == (name, name, "O")
    assert mail["From"].addresses[0].addr_spec == address_of(person)
    assert mail["Message-ID"] == (await only(person)).messages[1].letter.message_id
    assert mail.get_body().get_content().strip() == "Merci, à bientôt."
    (photo,) = mail.iter_attachments()
    assert (photo.get_filename(), photo.get_content()) == ("photo é.pdf", PDF)
    assert (await fate(person)).state == "sent"


async def test_a_refusal_and_a_bounce_are_told_to_the_person(house, operator):
    """Postfix refuses one recipient at once, takes another and reports later that Dovecot does not know them."""
    for who, note in (("refuse", "550"), ("absent", "5.1.1")):
        person = await make_person()
        await written_by(person, who, house)
        async with gate(operator):
            await answer(person)
            await go(house, relay_to(operator))
            if who == "absent":
                assert (await fate(person)).state in {"sent", "failed"}  # taken; Dovecot may have said no already
                await until_kept(house, person, count=2)  # the report came as mail; the doctor's message was the first
        told = await fate(person)
        assert (told.state, told.note) == ("failed", note)
        notices = await list_notifications(actor=person.actor, space=person.space, at=clock.now())
        assert "ECHEC_MESSAGE" in [one.code for one in notices.items]


async def test_a_greylist_puts_off_and_then_takes(house, operator):
    person = await make_person()
    await written_by(person, "grise", house)
    await answer(person)
    await go(house, relay_to(operator))
    assert ((await fate(person)).state, (await fate(person)).note) == ("queued", "450")
    await go(house, relay_to(operator))
    assert (await fate(person)).state == "sent"
    assert len(await operator.mailbox("grise")) == 1


async def test_a_slow_operator_is_not_waited_for_and_gets_it_later(house, operator):
    person = await make_person()
    await written_by(person, "lente", house)
    await answer(person)
    await go(house, relay_to(operator, wait=1.0))
    assert operator.policy.asked.is_set()
    assert ((await fate(person)).state, (await fate(person)).note) == ("queued", "silent")
    operator.policy.go.set()
    await go(house, relay_to(operator))
    assert (await fate(person)).state == "sent"
    assert len(await operator.mailbox("lente")) == 1


async def test_an_operator_that_dies_in_the_middle_gets_it_once(house, operator):
    """Postfix is killed with the whole message in its hands and no word said; started again, it gets it once."""
    person = await make_person()
    await written_by(person, "meurt", house)
    await answer(person, "une seule fois")
    async with asyncio.TaskGroup() as group:
        group.create_task(go(house, relay_to(operator)))
        async with asyncio.timeout(20):
            await operator.policy.asked.wait()
        await asyncio.to_thread(operator.kill_postfix)
    assert ((await fate(person)).state, (await fate(person)).note) == ("queued", "silent")
    operator.policy.go.set()
    operator.start_postfix()
    await operator.listening()
    for _ in range(2):  # asked again of what already left, nothing leaves
        await go(house, relay_to(operator))
    assert (await fate(person)).state == "sent"
    texts = [mail.get_body().get_content().strip() for mail in await operator.mailbox("meurt")]
    assert texts == ["une seule fois"]


async def test_a_sender_who_asked_reads_that_it_was_opened(house, operator):
    person = await make_person()
    await hand_over(
        letter(person, message_id=f"<lu@{HERE}>", Disposition_Notification_To=DOCTOR), to=address_of(person)
    )
    await deliver(house)
    found = await only(person)
    shown = [one.message_id for one in found.messages]
    here = {"actor": person.actor, "space": person.space, "conversation": found.line.conversation_id}
    await mark_opened(**here, messages=shown, at=clock.now())
    await go(house, relay_to(operator))
    (mail,) = await operator.mailbox()
    assert mail["Return-Path"] == "<>"
    assert (mail.get_content_type(), mail["In-Reply-To"]) == ("multipart/report", f"<lu@{HERE}>")


async def test_what_leaves_is_signed_and_opendkim_says_so(house, operator, monkeypatch):
    """An independent verifier beside Postfix; planted faults: a body that is not what was signed, a second Subject."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    pem = operator.folder / "dkim.pem"
    pem.write_bytes(key.private_bytes(*private))
    signer = Signer(domain=DOMAIN, selector="s1", key=pem)
    name, text = signer.record()
    (operator.folder / "keys.dns").write_text(f"{name} {text}\n")
    operator.restart_opendkim()
    await operator.listening()
    person = await make_person()
    await hand_over(letter(person, Disposition_Notification_To=DOCTOR, subject="é " * 60), to=address_of(person))
    await deliver(house)
    relay = msgspec.structs.replace(relay_to(operator), signer=signer)
    await mark_opened(
        actor=person.actor,
        space=person.space,
        conversation=(await only(person)).line.conversation_id,
        messages=[(await only(person)).messages[0].message_id],
        at=clock.now(),
    )
    await answer(
        person, "  deux  espaces \n\n\n", files=(NewFile(name="é.pdf", media_type="application/pdf", content=PDF),)
    )
    await go(house, relay)
    said = [mail["Authentication-Results"] for mail in await operator.mailbox(count=2)]
    assert all(f"dkim=pass (2048-bit key) header.d={DOMAIN}" in " ".join(one.split()) for one in said), said
    operator.empty_mailboxes()
    real = Signer.sign
    for broken in (b"", b"Subject: autre\r\n"):

        def tampered(self, raw, *, at, broken=broken):
            signed = real(self, raw, at=at)
            return broken + signed if broken else signed.replace(b"Bonjour", b"Bonsoir")

        with monkeypatch.context() as planted:
            planted.setattr(Signer, "sign", tampered)
            await answer(person, "Bonjour")
            await go(house, relay)
    said = [mail["Authentication-Results"] for mail in await operator.mailbox(count=2)]
    assert all("dkim=fail" in one for one in said), said


async def test_a_relay_that_wants_nothing_of_us_fails_no_letter(house, operator):
    """The relay asks for a certificate we do not show: the letter waits, and leaves once that is mended."""
    person = await make_person()
    await written_by(person, "paul", house)
    await answer(person)
    shown = relay_to(operator, tls=True)
    before = RELAY_REFUSALS._value.get()
    await go(house, msgspec.structs.replace(shown, certificate=None, key=None))
    assert ((await fate(person)).state, (await fate(person)).note) == ("queued", "relay")
    assert RELAY_REFUSALS._value.get() == before + 1
    await go(house, shown)
    assert (await fate(person)).state == "sent"
    assert len(await operator.mailbox("paul")) == 1


@pytest.mark.parametrize("fault", [False, True], ids=["kept", "planted fault"])
async def test_a_sender_nobody_wants_is_told_once_the_relay_took_anothers(house, operator, fault, monkeypatch):
    """554 5.7.1 says the same of a sender and of a relay without rights: what is taken afterwards tells them apart."""
    person, other = await make_person(), await make_person()
    await written_by(person, "bloque", house)
    await written_by(other, "paul", house)
    if fault:
        monkeypatch.setattr(Postman, "_took_another", lambda *_: False)
    postman = Postman(relay_to(operator))
    await answer(person)
    for _ in range(2):
        await go(house, postman)
        assert ((await fate(person)).state, (await fate(person)).note) == ("queued", "relay")
    await answer(other)
    for _ in range(2):
        await go(house, postman)
    assert (await fate(other)).state == "sent"
    assert (((await fate(person)).state, (await fate(person)).note) == ("failed", "554")) is not fault


FRONT = '[[peer]]\nname = "front"\naddresses = ["127.0.0.1"]\nfront = true\n'


async def test_behind_a_postfix_of_ours_who_writes_is_whose_certificate_it_saw(house, operator):
    """Decision 0145: its 250 is ours, its refusals are ours, and nobody borrows another operator's name."""
    person = await make_person()
    to, forged = address_of(person), f"X-Carnet-Certificate: {operator.colons(operator.theirs)}"

    def shown(one):
        return ("--tls", "--tls-cert", str(one.path), "--tls-key", str(one.key))

    known = f'certificates = ["{operator.theirs.sha256}"]'
    mine = ("--from", DOCTOR, "--to", to, "--h-From", DOCTOR)
    other = ("--from", f"a@autre.{DOMAIN}", "--to", to, "--h-From", f"a@autre.{DOMAIN}")
    cases = {
        "good": (*mine, *shown(operator.theirs)),
        "no TLS": mine,
        "no certificate": (*mine, "--tls"),
        "forged, no certificate": (*mine, "--tls", "--add-header", forged),
        "stranger": (*mine, *shown(operator.stranger)),
        "forged by a stranger": (*mine, *shown(operator.stranger), "--add-header", forged),
        "for another domain": (*other, *shown(operator.theirs)),
        "not ours": ("--from", DOCTOR, "--to", f"x@{HERE}", "--h-From", DOCTOR, *shown(operator.theirs)),
    }
    async with gate(operator, known=known, more=FRONT):
        told = {name: await operator.swaks(*options, port=operator.front) for name, options in cases.items()}
        accepted = [name for name, (status, _) in told.items() if status == 0]
        assert accepted == ["good"], told
        await until_kept(house, person)
    assert (await only(person)).messages[0].letter.sender.address == DOCTOR
    status, said = await operator.swaks(*cases["good"], port=operator.front)
    assert status != 0, said
    assert "<** 451" in said or "<~* 451" in said  # no gateway, no 250: the operator tries again
