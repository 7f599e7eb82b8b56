"""A message as it travels: RFC 5322 with CR LF, the headers of the trust space (mes.md §3.8), files beside the text.

Nothing written by a person can start another header: `EmailMessage` refuses line ends, addresses are strict.
"""

import hashlib
from datetime import datetime
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Final
from uuid import UUID

from carnet.formats.xdm_metadata import SaidAuthor
from carnet.formats.xdm_writing import MARK, NAME
from carnet.messaging.data import Address, Beside, Letter
from carnet.messaging.rules.medium import medium_of

FINISHED: Final = "FIN"
_IDENTIFIERS: Final = frozenset({"in-reply-to", "references"})


class _Wire(EmailPolicy):
    """How SMTP wants it. Identifiers are never encoded, however long: an encoded one answers nothing (RFC 2047 §5)."""

    def fold_binary(self, name: str, value: str) -> bytes:
        """Return one header field as it travels."""
        if name.lower() in _IDENTIFIERS:
            folded = "\r\n ".join(value.split())
            return f"{name}: {folded}\r\n".encode("ascii")
        return super().fold_binary(name, value)


SMTP: Final = _Wire(linesep="\r\n")


def compose(
    letter: Letter,
    files: tuple[Beside, ...],
    *,
    software: str,
    at: datetime,
    recipient: Address,
    author: SaidAuthor | None = None,
) -> bytes:
    """Return the message for the wire, the same for the same arguments. recipient: whose copy, for nothing but checks;
    author: the professional who sends, None for a person. Clinical documents leave in one IHE_XDM.ZIP.

    The INS stands in the person's address already; `X-MSS-INS: O` says so. Between professionals it is the INS itself.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = _header(letter.sender)
    message["To"] = tuple(_header(one) for one in letter.to) or (_header(recipient),)
    if letter.cc:
        message["Cc"] = tuple(_header(one) for one in letter.cc)
    medium = medium_of(files, letter, author=author, at=at)
    message["Subject"] = f"{MARK}+{letter.subject}" if medium else letter.subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = letter.message_id
    if letter.in_reply_to:
        message["In-Reply-To"] = letter.in_reply_to
        message["References"] = " ".join((*letter.references, letter.in_reply_to))
    message["X-MSS-INS"] = letter.about or "O"
    if letter.ends:
        message["X-MSS-MES"] = FINISHED
    if letter.asks:
        message["X-MSS-DEMANDE"] = letter.asks
    if letter.codes:
        message["X-MSS-CODECDA"] = ", ".join(letter.codes)
    if software:
        message["X-MSS-NIL"] = software
    text = f"{letter.text}\n\n-- \n{letter.signature}\n" if letter.signature else f"{letter.text}\n"
    message.set_content(text, cte="quoted-printable")
    if medium:
        message.add_attachment(medium, maintype="application", subtype="zip", filename=NAME)
    for one in files:
        if one.said is None:
            kind, _, subkind = one.media_type.partition("/")
            name = " ".join(one.name.split())
            message.add_attachment(one.content, maintype=kind, subtype=subkind or "octet-stream", filename=name)
    return _equal_each_time(message)


def receipt(*, sender: Address, to: Address, subject: str, original: str, message_id: str, at: datetime) -> bytes:
    """Return a read receipt (RFC 8098) for the message `original`. It quotes nothing of what was said."""
    message = EmailMessage(policy=SMTP)
    message["From"] = _header(sender)
    message["To"] = _header(to)
    message["Subject"] = f"Lu : {subject}"
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id
    message["In-Reply-To"] = original
    message["References"] = original
    message["Auto-Submitted"] = "auto-replied"
    said = EmailMessage(policy=SMTP)
    said.set_content("Votre message a été ouvert par son destinataire.\n", cte="quoted-printable")
    status = EmailMessage(policy=SMTP)
    status["Content-Type"] = "message/disposition-notification"
    status.set_payload(
        f"Reporting-UA: carnet\r\nFinal-Recipient: rfc822;{sender.address}\r\nOriginal-Message-ID: {original}\r\n"
        "Disposition: manual-action/MDN-sent-automatically; displayed\r\n"
    )
    message.make_mixed()
    message.attach(said)
    message.attach(status)
    message.set_type("multipart/report")
    message.set_param("report-type", "disposition-notification")
    return _equal_each_time(message)


def undelivered(
    *, reporter: Address, to: Address, recipient: str, original: str, mail: UUID, code: str, at: datetime
) -> bytes:
    """Return a report (RFC 3464) that a professional's message did not reach another one. It quotes nothing.

    original: the message's own name, "" when it could not be read; mail: ours for it, so that each has its report.
    """
    domain = reporter.domain
    message = EmailMessage(policy=SMTP)
    message["From"] = _header(reporter)
    message["To"] = _header(to)
    message["Subject"] = "Message non remis / Undelivered message"
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<non-remis-{mail.hex}@{domain}>"
    if original:
        message["In-Reply-To"] = message["References"] = original
    message["Auto-Submitted"] = "auto-replied"
    said = EmailMessage(policy=SMTP)
    said.set_content(
        f"Votre message à {recipient} n'a pas pu être remis (code {code}).\n"
        f"Your message to {recipient} could not be delivered (code {code}).\n",
        cte="quoted-printable",
    )
    status = EmailMessage(policy=SMTP)
    status["Content-Type"] = "message/delivery-status"
    blocks = (
        {"Reporting-MTA": f"dns; {domain}"},
        {"Final-Recipient": f"rfc822; {recipient}", "Action": "failed", "Status": "5.0.0"},
    )
    status.set_payload([_block(one) for one in blocks])
    message.make_mixed()
    message.attach(said)
    message.attach(status)
    message.set_type("multipart/report")
    message.set_param("report-type", "delivery-status")
    return _equal_each_time(message)


def _equal_each_time(message: EmailMessage) -> bytes:
    """Return the bytes of a message; a boundary by chance would make another one of each attempt."""
    if message.is_multipart():
        message.set_boundary(f"=_{hashlib.sha256(message['Message-ID'].encode()).hexdigest()[:32]}")
    return message.as_bytes()


def _block(fields: dict[str, str]) -> EmailMessage:
    """Return fields of a report as the library writes them: a message of nothing but a header."""
    block = EmailMessage(policy=SMTP)
    for name, value in fields.items():
        block[name] = value
    return block


def _header(one: Address) -> HeaderAddress:
    local, _, host = one.address.rpartition("@")
    return HeaderAddress(display_name=one.name, username=local, domain=host)
