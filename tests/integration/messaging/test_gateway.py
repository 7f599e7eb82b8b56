"""The gateway over real sockets: who is let in, what is refused, and 250 only once a message is durable."""

import asyncio
import contextlib
import time

import aiosmtplib
import pytest

from carnet.formats.mail import UNREADABLE
from carnet.identity.api import DirectoryFeed, FeedMailbox, import_directory
from carnet.infra.db import database as database_seat
from carnet.infra.db import system_work, work
from carnet.infra.db.database import Database
from carnet.infra.web import even_time
from carnet.interfaces.mssante import gateway as gateway_module
from carnet.interfaces.mssante import speaking
from carnet.interfaces.mssante.gateway import Gateway, listen
from carnet.journal.api import Filter, entries
from carnet.journeys.api import close_space
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.errors import Invalid, NotFound
from carnet.messaging.actions import accept_mail as accepting
from carnet.messaging.actions import heed_header as heeding
from carnet.messaging.actions import take_mail
from carnet.messaging.api import (
    GATEWAY,
    Envelope,
    OwnedMailbox,
    RequestKind,
    SetBy,
    drop_mail,
    inbox,
    quarantined,
    replay_mail,
    rules_of,
)
from carnet.spaces.api import open_space
from factories.certificates import certificate
from factories.events import as_owner, deliver, empty_queue
from factories.mss import DOCTOR, DOMAIN, address_of, hand_over, letter
from factories.people import make_traits
from factories.world import AT, OPERATOR, fresh_ins, make_person, make_professional

PEERS = '[[peer]]\nname = "chu"\n{known}\ndomains = ["chu.mssante.invalid"]\n'
LOCAL = 'addresses = ["127.0.0.1"]'


@pytest.fixture(autouse=True)
def _fresh(house):
    empty_queue(house)


@contextlib.asynccontextmanager
async def gate(folder, *, known=LOCAL, most_bytes=200_000, **tls):
    peers = folder / "peers.toml"
    peers.write_text(PEERS.format(known=known))
    server = await listen(Gateway(host="127.0.0.1", port=0, domain=DOMAIN, most_bytes=most_bytes, peers=peers, **tls))
    try:
        yield server.sockets[0].getsockname()[1], peers
    finally:
        server.close()


async def send(port, message, *, to, sender=DOCTOR, **options):
    raw = message if isinstance(message, bytes) else message.as_bytes()
    smtp = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, timeout=20, **options)
    async with smtp:
        return await smtp.sendmail(sender, [to], raw)


async def refused(port, message, **options):
    with pytest.raises((aiosmtplib.SMTPResponseException, aiosmtplib.SMTPRecipientsRefused)) as told:
        await send(port, message, **options)
    error = told.value
    return error.recipients[0].code if isinstance(error, aiosmtplib.SMTPRecipientsRefused) else error.code


async def subjects(person):
    page = await inbox(actor=person.actor, space=person.space, at=AT)
    return [line.head.subject for line in page.lines]


async def test_a_peer_hands_over_a_message(house, tmp_path):
    person = await make_person()
    async with gate(tmp_path) as (port, _):
        await send(port, letter(person, subject="Bonjour"), to=address_of(person))
    await deliver(house)
    assert await subjects(person) == ["Bonjour"]


async def test_strangers_and_disagreements_are_refused(house, tmp_path):
    person = await make_person()
    to = address_of(person)
    async with gate(tmp_path) as (port, peers):
        assert await refused(port, letter(person), to=to, sender="a@ailleurs.invalid") == 550
        other = letter(person, sender="b@ailleurs.invalid")
        assert await refused(port, other, to=to) == 550
        assert await refused(port, letter(person), to=to, sender="a-colleague@chu.mssante.invalid") == 550
        assert await refused(port, letter(person), to="bob@chu.mssante.invalid") == 550
        assert await refused(port, letter(person), to=f"bob@{DOMAIN}") == 550
        two = letter(person).as_bytes().replace(b"\r\n", b"\r\nFrom: evil@chu.mssante.invalid\r\n", 1)
        assert await refused(port, two, to=to) == 550
        huge = letter(person, text="x" * 90 + "\n").as_bytes() + b"y" * 90 + b"\r\n"
        assert await refused(port, huge + b"z\r\n" * 100_000, to=to) == 552
        peers.write_text("[[peer]]\nname = 'x'\ndomains = []\n")
        assert await refused(port, letter(person), to=to) == 550  # the file was read again
    await deliver(house)
    assert await subjects(person) == []


async def test_what_it_speaks_is_announced_and_held_to(house, tmp_path):
    person = await make_person()
    to = address_of(person)
    raw = letter(person, subject="SUBJECT").as_bytes().replace(b"SUBJECT", "Résultat, reçu".encode())
    async with gate(tmp_path) as (port, _), aiosmtplib.SMTP(hostname="127.0.0.1", port=port, timeout=20) as smtp:
        await smtp.ehlo()
        most = int(smtp.esmtp_extensions["size"])
        assert smtp.esmtp_extensions.keys() >= {"size", "8bitmime", "smtputf8"}
        with pytest.raises(aiosmtplib.SMTPResponseException) as told:
            await smtp.mail(DOCTOR, options=[f"SIZE={most + 1}"])
        assert told.value.code == 552
        await smtp.sendmail(DOCTOR, [to], raw, mail_options=["BODY=8BITMIME", "SMTPUTF8", f"SIZE={most}"])
    await deliver(house)
    assert await subjects(person) == ["Résultat, reçu"]


async def smuggle(port, to):
    """Say a message with another one behind a bare line feed; return the replies to it and to the next command."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def say(data):
        writer.write(data)
        return await reader.readline()

    await reader.readline()
    for command in ("HELO x", f"MAIL FROM:<{DOCTOR}>", f"RCPT TO:<{to}>", "DATA"):
        await say(f"{command}\r\n".encode())
    head = f"From: {DOCTOR}\r\nTo: {to}\r\n\r\na\n.\r\n"
    inner = f"MAIL FROM:<{DOCTOR}>\r\nRCPT TO:<{to}>\r\nDATA\r\nFrom: boss@chu.mssante.invalid\r\n\r\nb\r\n.\r\n"
    replies = await say((head + inner).encode()), await say(b"NOOP\r\n")
    writer.close()
    return [one[:9] for one in replies]


async def test_a_message_smuggled_in_another_is_refused(house, tmp_path, monkeypatch):
    """T37: everything after a bare line end stays inside the one message, which is refused whole."""
    person = await make_person()
    async with gate(tmp_path) as (port, _):
        assert await smuggle(port, address_of(person)) == [b"550 5.6.0", b"250 OK\r\n"]
        await deliver(house)
        assert await subjects(person) == []
        # a planted fault: without the look at lines it gets in (as one message: aiosmtpd keeps them together)
        monkeypatch.setattr(gateway_module, "check_lines", lambda _: None)
        assert (await smuggle(port, address_of(person)))[0] == b"250 2.0.0"


async def test_a_command_that_ends_in_a_bare_line_feed_hangs_up(tmp_path, monkeypatch):
    """T37: one reading of where a command ends; what was said behind it is not heard."""

    async def said(data):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(data)
        replies = await asyncio.wait_for(reader.read(), 10) if b"QUIT" in data else await reader.readline()
        writer.close()
        return [line[:3] for line in replies.splitlines()]

    async with gate(tmp_path) as (port, _):
        for odd in (b"HELO x\nNOOP\r\nQUIT\r\n", b"HELO x\rNOOP\r\nQUIT\r\n", b"NOOP \x00\r\nQUIT\r\n"):
            assert await said(odd) == [b"220", b"500"]
        assert await said(b"A" * 5000 + b"QUIT\r\n") == [b"220", b"500"]
        assert await said(b"HELO x\r\nNOOP\r\nQUIT\r\n") == [b"220", b"250", b"250", b"221"]
        monkeypatch.setattr(speaking.Lines, "readuntil", lambda self: self._reader.readuntil())  # a planted fault
        assert await said(b"HELO x\nNOOP\r\nQUIT\r\n") == [b"220", b"250", b"250", b"221"]


async def test_whoever_opens_too_many_connections_is_turned_away(tmp_path, monkeypatch):
    """But a server known by its address is not, and whoever leaves makes room."""
    monkeypatch.setattr(speaking, "MOST_FROM_ONE", 3)
    for known, greeting in ((f'certificates = ["{"0" * 64}"]', b"421"), (LOCAL, b"220")):
        async with gate(tmp_path, known=known) as (port, _):
            opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(4)]
            assert [(await reader.readline())[:3] for reader, _ in opened] == [b"220"] * 3 + [greeting]
            for reader, writer in opened[:3]:
                writer.write(b"QUIT\r\n")
                await reader.read()
                writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            assert (await reader.readline())[:3] == b"220"
            writer.close()
            opened[3][1].close()


async def test_addresses_nobody_reads_answer_alike(house, tmp_path):
    """T29: an open space, no space: the same replies, the same rows of work, the sender learns nothing."""
    person = await make_person()
    nobody = f"{fresh_ins().matricule.lower()}@{DOMAIN}"
    async with gate(tmp_path) as (port, _):
        told = [await send(port, letter(to=one), to=one) for one in (address_of(person), nobody)]
    assert told[0] == told[1]
    with as_owner(house) as conn:
        kept = conn.execute("SELECT count(*), count(sealed) FROM unclaimed_mail WHERE state = 'waiting'").fetchone()
    assert kept[0] == kept[1] >= 1


async def test_the_answer_takes_as_long_whoever_is_there(house, monkeypatch):
    """T29: what a space costs (its keys, its awakening) is over before anybody is answered; so is what nobody costs."""
    person = await make_person()
    monkeypatch.setattr(even_time, "LONGEST", 0.3)
    for number in (person.ins.matricule, fresh_ins().matricule):
        monkeypatch.setattr(even_time, "delay_of", lambda _: 0.05)
        since = time.monotonic()
        mail = Envelope(
            peer="chu", sender=DOCTOR, recipient=f"{number.lower()}@{DOMAIN}", raw=letter(person).as_bytes()
        )
        await accepting.accept_mail(actor=GATEWAY, envelope=mail, at=AT)
        assert time.monotonic() - since >= 0.34


async def test_a_space_closed_while_its_mail_arrives_keeps_none(house, monkeypatch):
    person, real = await make_person(), accepting._keep

    async def closed_meanwhile(space, *rest):
        await close_space(actor=person.actor, space=space, at=AT)
        return await real(space, *rest)

    monkeypatch.setattr(accepting, "_keep", closed_meanwhile)
    mail = Envelope(peer="chu", sender=DOCTOR, recipient=address_of(person), raw=letter(person).as_bytes())
    kept = await accepting.accept_mail(actor=GATEWAY, envelope=mail, at=AT)
    with as_owner(house) as conn:
        found = [
            conn.execute(f"SELECT count(*) FROM {table} WHERE mail_id = %s", (kept,)).fetchone()[0]
            for table in ("incoming_mail", "unclaimed_mail")
        ]
    assert found == [0, 1]


async def test_a_fault_of_ours_is_tried_again_and_tells_nothing(tmp_path, monkeypatch):
    person = await make_person()

    async def broken(**_):
        raise RuntimeError(person.ins.matricule)

    monkeypatch.setattr(gateway_module, "accept_mail", broken)
    async with gate(tmp_path) as (port, _):
        with pytest.raises(aiosmtplib.SMTPResponseException) as told:
            await send(port, letter(person), to=address_of(person))
    assert told.value.code == 451
    assert person.ins.matricule not in told.value.message


async def test_a_sender_who_tries_many_numbers_is_stopped(house, tmp_path, monkeypatch):
    from carnet.infra import installation

    limits = installation.current().limits
    low = type(limits.mail)(hourly_persons=3)
    monkeypatch.setattr(installation, "_installed", [_with(installation.current(), limits, low)])
    sender = "curieux@chu.mssante.invalid"
    async with gate(tmp_path) as (port, _):
        codes = []
        for _try in range(5):
            to = f"{fresh_ins().matricule.lower()}@{DOMAIN}"
            try:
                await send(port, letter(to=to, sender=sender), to=to, sender=sender)
                codes.append(250)
            except aiosmtplib.SMTPRecipientsRefused as error:
                codes.append(error.recipients[0].code)
    assert codes == [250, 250, 250, 451, 451]


@pytest.mark.parametrize("fault", [False, True], ids=["kept", "planted fault"])
async def test_behind_a_front_nobody_spends_what_another_may_send(house, tmp_path, fault, monkeypatch):
    """Whose certificate it was is in the message: before that, an operator may claim any sender, and spends nothing."""
    from carnet.infra import installation

    real = gateway_module.Door.handle_RCPT

    async def early(self, server, session, envelope, *rest):
        await gateway_module._spend(envelope, self._peer(session))
        return await real(self, server, session, envelope, *rest)

    if fault:
        monkeypatch.setattr(gateway_module.Door, "handle_RCPT", early)
    limits = installation.current().limits
    low = type(limits.mail)(hourly_persons=3)
    monkeypatch.setattr(installation, "_installed", [_with(installation.current(), limits, low)])
    mine, others = "1" * 64, "2" * 64
    sender = f"d{fresh_ins().matricule}@chu.mssante.invalid"

    async def code(port, digest):
        to = f"{fresh_ins().matricule.lower()}@{DOMAIN}"
        raw = f"X-Carnet-Certificate: {digest}\r\n".encode() + letter(to=to, sender=sender).as_bytes()
        try:
            await send(port, raw, to=to, sender=sender)
        except (aiosmtplib.SMTPResponseException, aiosmtplib.SMTPRecipientsRefused) as error:
            return getattr(error, "code", None) or error.recipients[0].code
        return 250

    async with gate(tmp_path, known=f'certificates = ["{mine}"]') as (port, peers):
        autre = f'[[peer]]\nname = "autre"\ncertificates = ["{others}"]\ndomains = ["autre.mssante.invalid"]\n'
        front = f'[[peer]]\nname = "front"\n{LOCAL}\nfront = true\n'
        peers.write_text(peers.read_text() + autre + front)
        told = [await code(port, one) for one in [others] * 4 + [mine] * 4]
    assert (told == [550] * 4 + [250] * 3 + [451]) is not fault


def _with(parts, limits, mail):
    import dataclasses

    return dataclasses.replace(parts, limits=dataclasses.replace(limits, mail=mail))


async def test_without_a_database_nothing_is_acknowledged(house, tmp_path):
    person = await make_person()
    down = Database("host=127.0.0.1 port=1 dbname=none", min_size=0, max_size=1, wait_seconds=0.3)
    async with gate(tmp_path) as (port, _):
        await down._pool.open(wait=False)
        database_seat.seat(down)
        try:
            assert await refused(port, letter(person), to=address_of(person)) == 451
        finally:
            database_seat.seat(house.database)
            await down.close()
        await send(port, letter(person, subject="Enfin"), to=address_of(person))
    await deliver(house)
    assert await subjects(person) == ["Enfin"]


async def test_certificates_of_the_trust_space(house, tmp_path):
    person = await make_person()
    to = address_of(person)
    ours, theirs, other = (
        certificate(tmp_path, one) for one in ("localhost", "mx.chu.mssante.invalid", "mx.b.invalid")
    )
    trusted = tmp_path / "ca.pem"
    trusted.write_bytes(theirs.path.read_bytes() + other.path.read_bytes())
    tls = {"certificate": ours.path, "key": ours.key, "ca_file": trusted}
    client = {"start_tls": True, "validate_certs": False}
    for known in (f'certificates = ["{theirs.sha256}"]', 'names = ["mx.chu.mssante.invalid"]'):
        async with gate(tmp_path, known=known, **tls) as (port, _):
            shown = {"client_cert": str(theirs.path), "client_key": str(theirs.key)}
            await send(port, letter(person, subject=known[:5]), to=to, **client, **shown)
            assert await refused(port, letter(person), to=to, start_tls=False) == 530
            assert await refused(port, letter(person), to=to, **client) == 550
            stranger = {"client_cert": str(other.path), "client_key": str(other.key)}
            assert await refused(port, letter(person), to=to, **client, **stranger) == 550
    await deliver(house)
    assert sorted(await subjects(person)) == ["certi", "names"]


async def test_what_is_set_aside_is_seen_and_tried_again(house, tmp_path, monkeypatch):
    """Nothing is lost in silence: a reader that fails, then a reader that is mended; and a space that opens later."""
    person, late = await make_person(), fresh_ins()
    late_address = f"{late.matricule.lower()}@{DOMAIN}"

    def broken(_):
        raise Invalid(UNREADABLE)

    with monkeypatch.context() as planted:
        planted.setattr(take_mail, "read_mail", broken)
        async with gate(tmp_path) as (port, _):
            await send(port, letter(person, subject="Gardé"), to=address_of(person))
            await send(port, letter(to=late_address, subject="En avance"), to=late_address)
        await deliver(house)
    assert await subjects(person) == []
    batch = Database(house.url("carnet_batch"), min_size=1, max_size=1)
    await batch.open()
    try:
        waiting = await quarantined(batch=batch, at=AT)
    finally:
        await batch.close()
    mine = next(one for one in waiting if one.space == person.space)
    assert (mine.reason, mine.sender_domain, mine.peer) == ("mail-unreadable", "chu.mssante.invalid", "chu")
    space = await open_space(actor=OPERATOR, ins=late, traits=make_traits(9001), email=None, active=True, at=AT)
    for one in waiting:
        if one.space in {person.space, None} and one.sender_domain == mine.sender_domain:
            await replay_mail(actor=OPERATOR, space=one.space, mail=one.mail, at=AT)
    await deliver(house)
    assert await subjects(person) == ["Gardé"]
    opened = Actor(kind=ActorKind.PERSON, identifier="x", name="", space=space, strong=True)
    page = await inbox(actor=opened, space=space, at=AT)
    assert [line.head.subject for line in page.lines] == ["En avance"]
    with pytest.raises(NotFound):
        await replay_mail(actor=OPERATOR, space=mine.space, mail=mine.mail, at=AT)


async def test_what_nobody_will_read_is_given_up_and_traced(house, monkeypatch):
    person, nobody = await make_person(), f"{fresh_ins().matricule.lower()}@{DOMAIN}"

    def broken(_):
        raise Invalid(UNREADABLE)

    with monkeypatch.context() as planted:
        planted.setattr(take_mail, "read_mail", broken)
        kept = [await hand_over(letter(person), to=one) for one in (address_of(person), nobody)]
        await deliver(house)
    for space, mail in zip((person.space, None), kept, strict=True):
        await drop_mail(actor=OPERATOR, space=space, mail=mail, at=AT)
        with pytest.raises(NotFound):
            await replay_mail(actor=OPERATOR, space=space, mail=mail, at=AT)
    with as_owner(house) as conn:
        left = conn.execute(
            "SELECT sealed FROM incoming_mail WHERE mail_id = ANY(%(kept)s) UNION ALL "
            "SELECT sealed FROM unclaimed_mail WHERE mail_id = ANY(%(kept)s)",
            {"kept": kept},
        ).fetchall()
    assert left == [(None,), (None,)]
    async with work(space=person.space, at=AT) as w:
        assert "drop-mail" in {one.act for one in await entries(w, filter_=Filter(), limit=50)}


HEEDED = "X-MSS-DEMANDES: genres=certificat; quota=3/mois\r\n"


@pytest.mark.parametrize("fault", [False, True], ids=["kept", "planted fault"])
async def test_a_mailbox_says_by_a_header_what_it_takes_whoever_lives_there(house, tmp_path, fault, monkeypatch):
    """Only itself, envelope and header alike; and as much for a number nobody has: what becomes of it tells nothing."""
    if fault:
        monkeypatch.setattr(heeding, "owned_mailbox", _anything)
    doctor, own = await make_professional(), f"{fresh_ins().matricule}@chu.mssante.invalid"
    feed = DirectoryFeed(mailboxes=(FeedMailbox(address=own, kind="PER", rpps=doctor.rpps),))
    await import_directory(actor=OPERATOR, feed=feed, at=AT)
    nobody = f"{fresh_ins().matricule}@{DOMAIN}"

    async def known():
        async with system_work(at=AT) as w:
            return (await rules_of(w, [own])).get(own)

    async with gate(tmp_path) as (port, _):
        await send(port, letter(sender=own, to=nobody, X_MSS_DEMANDES="genres=magie"), to=nobody, sender=own)
        assert await refused(port, HEEDED.encode() + letter(sender=own, to=nobody).as_bytes(), to=nobody) == 550
        assert await known() is None
        await send(port, HEEDED.encode() + letter(sender=own, to=nobody).as_bytes(), to=nobody, sender=own)
        told = await known()
        assert (told.rules.kinds, told.way) == ((RequestKind.CERTIFICATE,), SetBy.MAIL)
        await send(port, letter(sender=own, to=nobody, X_MSS_DEMANDES="aucune"), to=nobody, sender=own)
        assert await known() is None
        twice = HEEDED.encode() * 2 + letter(sender=own, to=nobody).as_bytes()
        assert await refused(port, twice, to=nobody, sender=own) == 550
        stranger = HEEDED.encode() + letter(sender=DOCTOR, to=nobody).as_bytes()
        if fault:
            with pytest.raises(aiosmtplib.SMTPException):
                await send(port, stranger, to=nobody)
        else:
            await send(port, stranger, to=nobody)  # not in the directory: the mail is taken, its header is not


async def _anything(_work, address):
    return OwnedMailbox(address=address, kind="PER", rpps=None, finess=None, label="")
