"""A message is taken by a real SMTP server, or comes back with the right kind of no: later, or never."""

import datetime as dt
import ipaddress
import ssl
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from carnet.infra.mail import Mail, MailRefused, Security
from carnet.kernel.errors import Unavailable
from factories.post import mute_server, post_office, transport_to

AT = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)


def mail(**changes):
    facts = {
        "to": "camille@exemple.test",
        "subject": "Du nouveau : été",
        "text": "Bonjour, été.\n",
        "html": "<p>été</p>",
        "language": "fr",
        "message_key": "k1",
    }
    return Mail(**{**facts, **changes})


async def test_a_message_arrives_whole_with_both_forms(tmp_path):
    async with post_office() as (post, port):
        await transport_to(port).send(mail(), at=AT)
    (message,) = post.messages
    assert post.recipients == ["camille@exemple.test"]
    assert message["From"] == "Carnet <ne-pas-repondre@carnet.test>"
    assert message["Message-ID"] == "<k1@carnet.test>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Subject"] == "Du nouveau : été"
    assert message["Content-Language"] == "fr"
    assert message["Date"].datetime == AT
    assert message.get_body(("plain",)).get_content().splitlines() == ["Bonjour, été."]
    assert message.get_body(("html",)).get_content().strip() == "<p>été</p>"


async def test_the_same_key_gives_the_same_message_id():
    async with post_office() as (post, port):
        transport = transport_to(port)
        await transport.send(mail(), at=AT)
        await transport.send(mail(), at=AT + dt.timedelta(hours=1))
        await transport.send(mail(message_key="k2"), at=AT)
    first, again, other = (message["Message-ID"] for message in post.messages)
    assert first == again != other


@pytest.mark.parametrize(
    ("mood", "error"),
    [
        ("later", Unavailable),
        ("dies", Unavailable),
        ("slow", Unavailable),
        ("never", MailRefused),
        ("full", MailRefused),
    ],
)
async def test_bad_days_of_the_server(mood, error):
    async with post_office() as (post, port):
        post.mood = mood
        begun = time.monotonic()
        with pytest.raises(error) as refusal:
            await transport_to(port, wait=1.0).send(mail(), at=AT)
        assert time.monotonic() - begun < 5
        assert "camille" not in str(refusal.value)
        assert refusal.value.__cause__ is None  # what the server said names the address
        post.mood = "good"
        await transport_to(port).send(mail(), at=AT)
    assert post.recipients[-1] == "camille@exemple.test"


async def test_nobody_there_and_nobody_speaking():
    async with post_office() as (_, port):
        pass
    with pytest.raises(Unavailable):
        await transport_to(port, wait=1.0).send(mail(), at=AT)
    async with mute_server() as port:
        begun = time.monotonic()
        with pytest.raises(Unavailable):
            await transport_to(port, wait=0.5).send(mail(), at=AT)
        assert time.monotonic() - begun < 3


@pytest.mark.parametrize(
    "address",
    [
        "",
        "camille",
        "@exemple.test",
        "camille@",
        "a@b@c",
        "a@exemple.test, b@exemple.test",
        "a@exemple.test\r\nBcc: b@exemple.test",
        "a@exemple.test\nX: y",
        "<a@exemple.test>",
        "alice@good.example<bob@evil.example>",
        "a" * 250 + "@x.fr",
        "a@exemple.test\x00",
    ],
)
async def test_what_is_not_one_address_is_refused_before_anything_leaves(address):
    async with post_office() as (post, port):
        with pytest.raises(MailRefused):
            await transport_to(port).send(mail(to=address), at=AT)
        assert post.raw == []


async def test_the_subject_cannot_start_another_header():
    with pytest.raises(ValueError, match="linefeed"):
        transport_to(1).message(mail(subject="a\r\nBcc: b@c.test"), at=AT)


def certificate(tmp_path, *, name="127.0.0.1"):
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "post.test")])
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(dt.datetime.now(dt.UTC) - dt.timedelta(days=1))
        .not_valid_after(dt.datetime.now(dt.UTC) + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(name))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = tmp_path / "cert.pem", tmp_path / "key.pem"
    public.write_bytes(built.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return context, public


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
async def test_protected_connections_prove_who_the_server_is(tmp_path, security):
    context, trust = certificate(tmp_path)
    async with post_office(tls_context=context, require_starttls=security is Security.STARTTLS) as (post, port):
        await transport_to(port, security=security, ca_file=trust).send(mail(), at=AT)
        assert len(post.raw) == 1
        with pytest.raises(Unavailable):
            await transport_to(port, security=security).send(mail(), at=AT)
        assert len(post.raw) == 1


async def test_starttls_is_never_skipped_when_the_server_does_not_offer_it():
    async with post_office() as (post, port):
        with pytest.raises((Unavailable, MailRefused)) as refusal:
            await transport_to(port, security=Security.STARTTLS).send(mail(), at=AT)
        assert post.raw == []
        assert isinstance(refusal.value, Unavailable)


def test_settings_do_not_show_their_password():
    transport = transport_to(1, username="u", password="secret-canary")
    assert "secret-canary" not in repr(transport._settings)
