"""Mail comes in: SMTP with the operators of the trust space. It speaks mail; what happens to it is messaging's affair.

Named steps, each answering at once: who is there (certificate), may they write for that domain (MAIL), is it one of our
addresses and within the sender's budget (RCPT; behind a front, DATA), can the message be read in one way only and do
envelope and header agree (DATA), is it durable (250). An address that exists and one that does not get the same answers
(threats T29).
Professionals write to one another the same way, once the message names the patient it is about: `X-MSS-INS`.
"""

import asyncio
import signal
import ssl
from pathlib import Path
from typing import Any, Final

import msgspec
import structlog
from aiosmtpd.smtp import SMTP, Envelope, Session

from carnet.infra import clock
from carnet.interfaces.mssante.checking import Rejected, Seen, check_header, check_lines, take_certificate
from carnet.interfaces.mssante.peers import Peer, Peers, certificate_names
from carnet.interfaces.mssante.speaking import Crowd, Speaker
from carnet.kernel.errors import Unavailable
from carnet.messaging.api import (
    GATEWAY,
    BudgetSpent,
    accept_colleague_mail,
    accept_mail,
    heed_header,
    matricule_named,
    matricule_of,
    reaches_colleague,
    read_address,
    spend_budget,
)
from carnet.messaging.api import Envelope as Mail

MOST_RECIPIENTS: Final = 50
_log = structlog.get_logger()
_STRANGER: Final = "550 5.7.1 Not an operator of the trust space"
_NOT_FOR_YOU: Final = "550 5.7.1 You do not write for this domain"
_NOT_OURS: Final = "550 5.7.1 Not an address of ours"
_ABOUT_NOBODY: Final = "550 5.6.0 Between professionals, X-MSS-INS names the patient"
_NOBODY: Final = "<>"
"""How aiosmtpd says that a report has no sender."""
_LATER: Final = "451 4.3.0 Cannot be kept now, please try again"


class Gateway(msgspec.Struct, frozen=True, kw_only=True):
    """Where it listens and whom it trusts. certificate, key, ca_file: PEM; without a certificate there is no TLS, and
    only peers known by their address are let in. domain: of the persons' addresses; most_bytes: of one message.
    """

    host: str
    port: int
    domain: str
    most_bytes: int
    peers: Path | None
    certificate: Path | None = None
    key: Path | None = None
    ca_file: Path | None = None

    def context(self) -> ssl.SSLContext | None:
        """Return how TLS is spoken: certificates are asked for, checked against the authorities given."""
        if self.certificate is None:
            return None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=self.ca_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self.certificate, self.key)
        context.verify_mode = ssl.CERT_OPTIONAL
        return context


class Door:
    """What aiosmtpd asks at each command."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._peers = Peers(gateway.peers)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, session: Session, envelope: Envelope, address: str | None, options: list[str]
    ) -> str:
        """Let in operators, for their own domains; an empty sender is a report's."""
        peer = self._peer(session)
        if peer is None:
            return _STRANGER
        if address and address != _NOBODY:
            read = read_address(address)
            if read is None:
                return "553 5.1.7 Not a mailbox"
            if not (peer.front or peer.speaks_for(read.domain)):
                return _NOT_FOR_YOU
        envelope.mail_from = address or _NOBODY  # aiosmtpd takes an empty one for none
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take addresses of persons and of the trust space, whether anybody lives there or not, within the budget."""
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        peer = self._peer(session)
        if peer is None:
            return _STRANGER
        try:
            if not self._person(address) and not await reaches_colleague(address, at=clock.now()):
                return _NOT_OURS
            if not peer.front:  # behind one, who writes is known with the message: nobody spends another's
                await _spend(envelope, peer)
        except Rejected as refused:
            return refused.reply
        except Unavailable:
            return _LATER
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        """Refuse what can be read in two ways; say 250 once every recipient's copy is durable."""
        peer = self._peer(session)
        content = envelope.content
        if peer is None or not isinstance(content, bytes):
            return _STRANGER
        writer = peer
        try:
            check_lines(content)
            if peer.front:
                writer, content = self._behind(content)
            seen = self._judged(writer, _sender(envelope), content)
            if peer.front:
                for _ in envelope.rcpt_tos:
                    await _spend(envelope, writer)
            await self._keep(envelope, writer, seen, content)
        except Rejected as refused:
            _log.info("mss-refused", peer=writer.name, reply=refused.reply)
            return refused.reply
        except Unavailable:
            return _LATER
        return "250 2.0.0 Kept"

    async def _keep(self, envelope: Envelope, peer: Peer, seen: Seen, content: bytes) -> None:
        """Heed what the message says of its sender, then keep a copy for each recipient.

        Raises Rejected when one is a professional and no patient is named, Unavailable.
        """
        sender, about = _sender(envelope), matricule_named(seen.ins) or ""
        recipients = tuple(dict.fromkeys(one.lower() for one in envelope.rcpt_tos))
        if not about and not all(map(self._person, recipients)):
            raise Rejected(_ABOUT_NOBODY)
        if seen.demands is not None:
            now = clock.now()
            await heed_header(actor=GATEWAY, sender=sender, header_from=seen.sender, line=seen.demands, at=now)
        for recipient in recipients:
            mail = Mail(peer=peer.name, sender=sender, recipient=recipient, raw=content)
            if self._person(recipient):
                await accept_mail(actor=GATEWAY, envelope=mail, at=clock.now())
            else:
                await accept_colleague_mail(envelope=msgspec.structs.replace(mail, about=about), at=clock.now())

    def _person(self, address: str) -> bool:
        return matricule_of(address, domain=self._gateway.domain) is not None

    async def handle_exception(self, error: Exception) -> str:
        """Answer a fault of ours: the peer tries again, and is told nothing of it."""
        _log.error("mss-fault", kind=type(error).__name__)
        return _LATER

    def welcome(self, address: str) -> bool:
        """Whether somebody is known by this address alone."""
        return self._peers.find(address=address, digest=None) is not None

    def _judged(self, peer: Peer, sender: str, content: bytes) -> Seen:
        """Return who the header says wrote this. Raises Rejected unless certificate, envelope and header agree."""
        seen = check_header(content)
        if not peer.speaks_for(seen.domain) or sender not in {"", seen.sender}:
            raise Rejected("550 5.7.1 From and envelope do not agree")
        if seen.domain == self._gateway.domain.lower():
            raise Rejected(_NOT_FOR_YOU)
        return seen

    def _behind(self, content: bytes) -> tuple[Peer, bytes]:
        """Return whose message our own mail server hands on, and the message as they sent it. Raises Rejected."""
        digest, content = take_certificate(content)
        peer = self._peers.find(address="", digest=digest)
        if peer is None or peer.front:
            raise Rejected(_STRANGER)
        return peer, content

    def _peer(self, session: Session) -> Peer | None:
        digest, names = certificate_names(session.ssl or {})
        address = session.peer[0] if isinstance(session.peer, tuple) else ""
        return self._peers.find(address=address, digest=digest, names=names)


def _sender(envelope: Envelope) -> str:
    """Return MAIL FROM in lower case, empty for a report."""
    sender = (envelope.mail_from or "").lower()
    return "" if sender == _NOBODY else sender


async def _spend(envelope: Envelope, peer: Peer) -> None:
    """Count one more person addressed. Raises Rejected when the sender addressed too many, Unavailable."""
    try:
        await spend_budget(sender=_sender(envelope) or f"<>@{peer.name}", at=clock.now())
    except BudgetSpent:
        raise Rejected("451 4.7.1 Too many persons addressed in an hour") from None


async def listen(gateway: Gateway) -> asyncio.Server:
    """Start listening; the caller closes the server."""
    door, context = Door(gateway), gateway.context()
    loop = asyncio.get_running_loop()
    crowd = Crowd(door.welcome)

    def speak() -> SMTP:
        told: dict[str, Any] = {"tls_context": context, "require_starttls": context is not None}
        return Speaker(
            door,
            crowd=crowd,
            hostname=gateway.domain,
            ident="Carnet",
            data_size_limit=gateway.most_bytes,
            enable_SMTPUTF8=True,
            timeout=120,
            command_call_limit={"*": 200, "NOOP": 50},
            loop=loop,
            **told,
        )

    return await loop.create_server(speak, gateway.host, gateway.port, backlog=512)


async def serve_until_stopped(gateway: Gateway) -> None:
    """Listen until SIGTERM or SIGINT. What was acknowledged is durable already; what was not, the peer sends again."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, stop.set)
    server = await listen(gateway)
    await stop.wait()
    server.close()
