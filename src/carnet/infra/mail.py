"""E-mail leaves here: one message to one person through the operator's SMTP server, with bounded waits.

It decides nothing and knows no patient. Errors never name the address: they end in logs. Receiving mail (MSSanté) is
another door and comes with a later issue.
"""

import asyncio
import ssl
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from enum import StrEnum
from pathlib import Path

import aiosmtplib
import msgspec

from carnet.kernel.errors import CarnetError, Problem, Unavailable

_PERMANENT = 500
_MAX_ADDRESS = 254
MAIL_DOWN = Problem(
    code="mail-unavailable",
    fr="Le serveur de courrier ne répond pas ou refuse pour l'instant.",
    en="The mail server does not answer, or refuses for now.",
)
MAIL_REFUSED = Problem(
    code="mail-refused",
    fr="Ce message ne peut pas être remis à cette adresse.",
    en="This message cannot be delivered to this address.",
)


class MailRefused(CarnetError):
    """The address is unusable or the server refused for good (5xx): sending again cannot help."""


class Security(StrEnum):
    """How the connection is protected. NONE is for a server on this machine."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


class MailSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where mail goes. sender: the address people see; wait: seconds for one message in all; ca_file: extra trust."""

    host: str
    port: int
    sender: str
    sender_name: str = "Carnet"
    security: Security = Security.STARTTLS
    username: str | None = None
    password: str | None = None
    ca_file: Path | None = None
    wait: float = 15.0

    def __repr__(self) -> str:
        return f"MailSettings({self.host}:{self.port}, {self.security})"


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """One message. message_key: same key, same Message-ID, so that a message sent twice is recognised as one."""

    to: str
    subject: str
    text: str
    html: str
    language: str
    message_key: str


class MailTransport:
    """Sends through one SMTP server, a connection a message: volumes are small and nothing stays half open."""

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings
        self._tls = None if settings.security is Security.NONE else _trust(settings.ca_file)

    async def send(self, mail: Mail, *, at: datetime) -> None:
        """Hand `mail` to the server; returns once it took responsibility for it.

        Raises MailRefused (never again) or Unavailable (later).
        """
        message = self.message(mail, at=at)
        try:
            async with asyncio.timeout(self._settings.wait):
                await self._hand_over(message, mail.to)
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _refusal(max(one.code for one in error.recipients)) from None
        except (aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPDataError) as error:
            raise _refusal(error.code) from None
        except aiosmtplib.SMTPNotSupported:
            raise MailRefused(MAIL_REFUSED) from None
        except (aiosmtplib.SMTPException, TimeoutError, OSError, ValueError):
            # also a sender or password the server does not like: the operator's to mend, so nothing is given up
            raise Unavailable(MAIL_DOWN) from None

    def message(self, mail: Mail, *, at: datetime) -> EmailMessage:
        """Return `mail` as it travels. Raises MailRefused when the address is not one."""
        settings = self._settings
        message = EmailMessage()
        message["From"] = Address(display_name=settings.sender_name, addr_spec=settings.sender)
        message["To"] = _address(mail.to)
        message["Subject"] = mail.subject
        message["Date"] = format_datetime(at)
        message["Message-ID"] = f"<{mail.message_key}@{settings.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        message.set_content(mail.text)
        message.add_alternative(mail.html, subtype="html")
        message["Content-Language"] = mail.language  # after the content: setting that clears content headers
        return message

    async def _hand_over(self, message: EmailMessage, to: str) -> None:
        settings = self._settings
        await aiosmtplib.send(
            message,
            sender=settings.sender,
            recipients=[to],
            hostname=settings.host,
            port=settings.port,
            local_hostname="localhost",
            timeout=settings.wait,
            use_tls=settings.security is Security.TLS,
            start_tls=settings.security is Security.STARTTLS,
            tls_context=self._tls,
            username=settings.username,
            password=settings.password,
        )


def _refusal(code: int) -> CarnetError:
    return MailRefused(MAIL_REFUSED) if code >= _PERMANENT else Unavailable(MAIL_DOWN)


def _trust(ca_file: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _address(text: str) -> Address:
    """Return `text` as one address; nothing in it may start another header or another recipient."""
    plain = len(text) <= _MAX_ADDRESS and text.isprintable() and not set(text) & set(' ,;:<>()[]\\"')
    if not plain or text.count("@") != 1:
        raise MailRefused(MAIL_REFUSED)
    try:
        return Address(addr_spec=text)
    except (ValueError, MessageError, IndexError):
        raise MailRefused(MAIL_REFUSED) from None
