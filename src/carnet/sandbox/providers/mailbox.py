"""A mailbox that swallows everything: an SMTP server on loopback whose messages only ever reach a folder.

Messages are kept as the bytes received (RFC 5322), one file each, named so that sorting by name sorts by time.
Nothing is ever relayed. Ignores authentication and TLS: it listens on loopback only.
"""

import email
import email.policy
import re
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import msgspec
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from carnet.infra import clock, randomness

KEPT = 500
_NAME = re.compile(r"[0-9TZ]{8,32}-[A-Za-z0-9_-]{4,24}")


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """One message received. `received`: UTC. `text`: the plain part, empty when there is none; ins: `X-MSS-INS`."""

    id: str
    received: datetime
    sender: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    attachments: tuple[str, ...]
    message_id: str = ""
    ins: str = ""


class Mailbox:
    """A folder of messages; the newest KEPT are kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._last = datetime.min.replace(tzinfo=UTC)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def keep(self, envelope: Envelope) -> str:
        """Store one message as received; returns its id."""
        # one name sorts after the other even when the clock stands still or goes back
        self._last = max(clock.now(), self._last + timedelta(microseconds=1))
        name = f"{self._last:%Y%m%dT%H%M%S%fZ}-{randomness.token_urlsafe(6)}"
        content = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode()
        recipients = ", ".join(envelope.rcpt_tos)
        head = f"X-Sandbox-From: {envelope.mail_from or ''}\r\nX-Sandbox-To: {recipients}\r\n"
        (self.folder / f"{name}.eml").write_bytes(head.encode() + raw)
        for old in self._files()[KEPT:]:
            old.unlink(missing_ok=True)
        return name

    def search(self, search: str = "") -> tuple[Mail, ...]:
        """Newest first; `search` keeps those whose recipient or subject contains every word."""
        words = search.casefold().split()
        mails = (_read(path) for path in self._files())
        return tuple(m for m in mails if all(w in f"{m.recipients} {m.subject}".casefold() for w in words))

    def get(self, mail_id: str) -> Mail | None:
        """One message; None when the id is unknown or is no id at all."""
        path = self.folder / f"{mail_id}.eml"
        return _read(path) if _NAME.fullmatch(mail_id) and path.is_file() else None

    def clear(self) -> None:
        """Forget every message."""
        for path in self._files():
            path.unlink(missing_ok=True)

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("*.eml"), reverse=True)


class _Handler:
    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802, ARG002  # aiosmtpd's names
        return f"250 Kept as {self.mailbox.keep(envelope)}"


def smtp_sink(mailbox: Mailbox, *, host: str = "127.0.0.1", port: int) -> Controller:
    """The SMTP server, not started: call `.start()` and `.stop()` (it runs in its own thread)."""
    settings: dict[str, Any] = {"hostname": host, "port": port, "data_size_limit": 30 * 1024 * 1024}
    return Controller(_Handler(mailbox), ident="Carnet sandbox", **settings)


def _read(path: Path) -> Mail:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain", "html"))
    return Mail(
        id=path.stem,
        received=datetime.strptime(path.stem.split("-")[0], "%Y%m%dT%H%M%S%fZ").replace(tzinfo=UTC),
        sender=str(message.get("From", message.get("X-Sandbox-From", ""))),
        recipients=tuple(a.strip() for a in str(message.get("X-Sandbox-To", "")).split(",") if a.strip()),
        subject=str(message.get("Subject", "")),
        text=str(body.get_content()) if body is not None else "",
        attachments=tuple(part.get_filename() or part.get_content_type() for part in message.iter_attachments()),
        message_id=str(message.get("Message-ID", "")),
        ins=str(message.get("X-MSS-INS", "")),
    )
