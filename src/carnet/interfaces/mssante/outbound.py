"""Mail leaves: handed over to the relay (our Postfix, or an operator), and what came of it told to messaging.

One connection a message, bounded waits. Temporary trouble (no answer, 4xx) waits with its destination; a refusal (5xx)
is told to the person; but a relay that wants nothing of us at all (no word about this letter: at the greeting,
for want of a certificate or a right) is the operator's affair: the letter waits, and the log says so. One that refuses
a letter that way and takes another for the same place afterwards wants nothing of this letter: its sender, mostly.
"""

import asyncio
import ssl
from datetime import datetime
from pathlib import Path

import aiosmtplib
import msgspec
import structlog

from carnet.infra import clock
from carnet.infra.telemetry import RELAY_REFUSALS
from carnet.interfaces.mssante.signing import Signer
from carnet.kernel.ids import SpaceId
from carnet.messaging.api import (
    GATEWAY,
    REFUSES_US,
    ColleagueMailLeaving,
    MailLeaving,
    OutgoingLetter,
    ReceiptDue,
    next_colleague_mail,
    next_letter,
    next_receipt,
    note_colleague_mail,
    note_refused,
    note_sent,
    note_trouble,
    put_off_receipt,
)

_log = structlog.get_logger()
PERMANENT = 500
NOT_US = frozenset({530, 534, 535, 538})
"""TLS, a certificate or a name is wanted of us (RFC 4954 §6, RFC 3207 §4)."""
NO_RIGHT = 554
TOO_LARGE = 552
SILENT = "silent"
CLOSING = "421"
"""The operator serves nobody now (RFC 5321 §3.8): as good as silence."""
AWAY = frozenset({SILENT, CLOSING})
"""It answers nobody."""
WHOLE = AWAY | {REFUSES_US}
"""Not about this letter: whatever goes there waits."""


class Relay(msgspec.Struct, frozen=True, kw_only=True):
    """Where mail is handed over. tls: STARTTLS is required; certificate, key: ours, shown to it; ca_file: whom we
    trust; wait: seconds for one message in all. signer: None leaves signing to the relay.
    """

    host: str
    port: int
    tls: bool = False
    ca_file: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    wait: float = 60.0
    signer: Signer | None = None

    def context(self) -> ssl.SSLContext | None:
        """Return how TLS is spoken, None for a relay on this machine."""
        if not self.tls:
            return None
        context = ssl.create_default_context(cafile=self.ca_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.certificate is not None:
            context.load_cert_chain(self.certificate, self.key)
        return context


class Postman:
    """Hears that mail is to leave; built by `config` with the relay's settings."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._tls = relay.context()
        self._took: dict[str, datetime] = {}

    async def letter(self, event: MailLeaving, /, *, at: datetime) -> None:
        """Hand one message to the relay for one recipient; raises only when the house itself is in trouble."""
        space, message, number = SpaceId(event.space), event.message, event.number
        letter = await next_letter(actor=GATEWAY, space=space, message=message, number=number, at=at)
        if letter is None:
            return
        code, lasting = await self._hand_over(letter)
        if code == REFUSES_US and self._took_another(letter):
            code, lasting = str(NO_RIGHT), True
        if code is None:
            self._took[letter.destination] = at
            await note_sent(actor=GATEWAY, space=space, message=message, number=number, at=at)
        elif lasting:
            await note_refused(actor=GATEWAY, space=space, message=message, number=number, code=code, at=at)
        else:
            await note_trouble(
                actor=GATEWAY, space=space, message=message, number=number, code=code, silent=code in WHOLE, at=at
            )

    def _took_another(self, letter: OutgoingLetter) -> bool:
        """Whether the relay took something for the same place since it refused this."""
        took = self._took.get(letter.destination)
        return took is not None and letter.refused_at is not None and letter.refused_at < took

    async def receipt(self, event: ReceiptDue, /, *, at: datetime) -> None:
        """Tell a sender who asked that their message was opened; one refused for good is given up."""
        receipt = await next_receipt(space=SpaceId(event.space), message=event.message, at=at)
        if receipt is not None:
            code, lasting = await self._hand_over(receipt)
            if code is not None and not lasting:
                await put_off_receipt(event, at=at)

    async def colleague(self, event: ColleagueMailLeaving, /, *, at: datetime) -> None:
        """Hand on one professional's message to another, or tell its sender that it did not arrive."""
        letter = await next_colleague_mail(mail=event.mail, at=at)
        if letter is None:
            return
        code, lasting = await self._hand_over(letter)
        silent = code in AWAY  # what a relay has against somebody else's sender keeps nobody's mail waiting
        await note_colleague_mail(actor=GATEWAY, mail=event.mail, code=code, lasting=lasting, silent=silent, at=at)

    async def _hand_over(self, letter: OutgoingLetter) -> tuple[str | None, bool]:
        """Return (None, _) when it was taken, else the code of why not and whether that is for good."""
        relay = self._relay
        raw = relay.signer.sign(letter.raw, at=clock.now()) if relay.signer and letter.ours else letter.raw
        try:
            async with asyncio.timeout(relay.wait):
                smtp = aiosmtplib.SMTP(
                    hostname=relay.host,
                    port=relay.port,
                    local_hostname="localhost",
                    timeout=relay.wait,
                    start_tls=relay.tls,
                    tls_context=self._tls,
                )
                async with smtp:
                    await smtp.sendmail(letter.sender, [letter.recipient], raw)
        except aiosmtplib.SMTPRecipientsRefused as error:
            worst = max(error.recipients, key=lambda one: one.code)
            return _told(worst.code, worst.message)
        except (aiosmtplib.SMTPConnectResponseError, aiosmtplib.SMTPHeloError, aiosmtplib.SMTPSenderRefused) as error:
            if error.code < PERMANENT or error.code == TOO_LARGE:
                return _told(error.code, error.message)
            return _refuses_us(error.code)
        except aiosmtplib.SMTPDataError as error:  # of what it holds, never of us: a virus is 554 5.7 too
            return str(error.code), error.code >= PERMANENT
        except aiosmtplib.SMTPResponseException as error:
            return _told(error.code, error.message)
        except (aiosmtplib.SMTPException, TimeoutError, OSError):
            return SILENT, False
        return None, False


def _told(code: int, said: str) -> tuple[str, bool]:
    """Return what a reply means for one letter."""
    if code in NOT_US or (code == NO_RIGHT and said.startswith("5.7.")):
        return _refuses_us(code)
    return str(code), code >= PERMANENT


def _refuses_us(code: int) -> tuple[str, bool]:
    """Tell the operator that nothing leaves. It is said at every attempt: what waits is tried again for two days."""
    _log.error("mss-relay-refuses-us", code=code)
    RELAY_REFUSALS.inc()
    return REFUSES_US, False
