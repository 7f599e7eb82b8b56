"""What is e-mailed in the sandbox stays in the sandbox and can be read there."""

import datetime as dt
import socket
from email.message import EmailMessage

import aiosmtplib
import pytest
from aiosmtpd.smtp import Envelope

from carnet.infra import clock
from carnet.sandbox.providers.mailbox import Mailbox, smtp_sink


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def sink(settings, port):
    controller = smtp_sink(Mailbox(settings.home / "mail"), port=port)
    controller.start()
    yield controller
    controller.stop()


def letter(subject="Un nouveau document vous attend", to="nour@courriel.example"):
    message = EmailMessage()
    message["From"] = "ne-pas-repondre@carnet.example"
    message["To"] = to
    message["Subject"] = subject
    message.set_content("Bonjour,\n\nConnectez-vous pour le lire. <b>été</b>\n")
    return message


async def test_a_message_sent_by_smtp_is_listed_and_shown(client, sink, port):
    await aiosmtplib.send(letter(), hostname="127.0.0.1", port=port)
    await aiosmtplib.send(letter("Seconde"), hostname="127.0.0.1", port=port, recipients=["copie@courriel.example"])
    mails = client.get("/mail.json").json()
    assert [mail["subject"] for mail in mails] == ["Seconde", "Un nouveau document vous attend"]
    assert mails[1]["recipients"] == ["nour@courriel.example"]
    assert "Connectez-vous" in mails[1]["text"]
    assert "Un nouveau document" in client.get("/mail").text
    page = client.get(f"/mail/{mails[1]['id']}")
    assert "&lt;b&gt;été&lt;/b&gt;" in page.text
    assert client.get("/mail.json", params={"q": "copie"}).json()[0]["subject"] == "Seconde"


def test_messages_stand_in_the_order_they_came_whatever_the_clock(tmp_path):
    mailbox, at = Mailbox(tmp_path), dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    for number in range(12):
        with clock.frozen(at - dt.timedelta(seconds=number // 6)):  # it stands still, then goes back
            mailbox.keep(enveloped(f"n{number}"))
    assert [mail.subject for mail in mailbox.search()] == [f"n{number}" for number in reversed(range(12))]


def enveloped(subject) -> Envelope:
    """One message as the server hands it over."""
    envelope = Envelope()
    envelope.content, envelope.rcpt_tos = letter(subject).as_bytes(), ["nour@courriel.example"]
    return envelope


async def test_messages_survive_a_restart_and_can_be_forgotten(client, sink, port, settings):
    await aiosmtplib.send(letter(), hostname="127.0.0.1", port=port)
    assert len(Mailbox(settings.home / "mail").search()) == 1
    assert client.delete("/mail.json").status_code == 204
    assert client.get("/mail.json").json() == []


@pytest.mark.parametrize("mail_id", ["..%2f..%2fkeys%2ffranceconnect", "inconnu", "20260101T000000000000Z-abcdefgh"])
def test_an_id_that_is_none_opens_nothing(client, mail_id):
    assert client.get(f"/mail/{mail_id}").status_code == 404
