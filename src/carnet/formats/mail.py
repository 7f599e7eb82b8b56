"""One e-mail as data: read by `mail_reading`, a program with limits, and taken back only in the shape written here.

Whatever goes wrong there (an exception, a limit, a forbidden system call) is `Invalid`: whoever asked puts the message
in quarantine. Deliberately ignored: whether anything in it is true.
"""

import subprocess
import sys
from pathlib import Path
from typing import Final, Literal

import msgspec

from carnet.formats import mail_reading
from carnet.kernel.errors import Invalid, Problem, TooLarge

PATIENCE: Final = 30.0
_PROGRAM: Final = Path(mail_reading.__file__)
TOO_SLOW: Final = Problem(
    "mail-too-slow", "Ce message demande trop de travail pour être lu.", "This message takes too much work to read."
)
TOO_COMPLEX: Final = Problem(
    "mail-too-complex", "Ce message est fait de trop de morceaux.", "This message is made of too many parts."
)
UNREADABLE: Final = Problem("mail-unreadable", "Ce message ne peut pas être lu.", "This message cannot be read.")


class MailPerson(msgspec.Struct, frozen=True):
    """A mailbox as written in a header."""

    address: str
    name: str


class MailFile(msgspec.Struct, frozen=True):
    """A file beside a message. media_type: as declared, only ever a claim."""

    name: str
    media_type: str
    content: bytes


class MailReport(msgspec.Struct, frozen=True):
    """A machine's report on another message. fields: lower-case names of RFC 3464 or RFC 8098."""

    kind: Literal["delivery-status", "disposition-notification"]
    fields: dict[str, str]


class ReadMail(msgspec.Struct, frozen=True, kw_only=True):
    """A message taken apart. mss: headers of the trust space by lower-case name; shortened: the text went on;
    originals: Message-IDs of messages
    it encloses or returns;
    notes: `signed`, `encrypted`, `tnef`, `calendar`, `malformed`; confined: whether the kernel watched the reader.
    """

    sender: tuple[MailPerson, ...]
    to: tuple[MailPerson, ...]
    cc: tuple[MailPerson, ...]
    subject: str
    date: str
    message_id: tuple[str, ...]
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    receipt_to: tuple[MailPerson, ...]
    automatic: bool
    mss: dict[str, str]
    text: str
    shortened: bool
    attachments: tuple[MailFile, ...]
    report: MailReport | None
    originals: tuple[str, ...]
    notes: tuple[str, ...]
    confined: bool


_decoder: Final = msgspec.json.Decoder(ReadMail)


def read_mail(data: bytes) -> ReadMail:
    """Take a message (RFC 5322, MIME) apart. Blocks up to half a minute: call it from a thread.

    Raises Invalid (`mail-unreadable`, `mail-too-complex`) or TooLarge (`mail-too-slow`) and nothing else.
    """
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and file, no argument, no shell
            [sys.executable, "-I", str(_PROGRAM)],
            input=data,
            capture_output=True,
            timeout=PATIENCE,
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise TooLarge(TOO_SLOW) from None
    if done.returncode == mail_reading.TOO_COMPLEX:
        raise Invalid(TOO_COMPLEX)
    if done.returncode:
        raise Invalid(UNREADABLE)
    try:
        return _decoder.decode(done.stdout)
    except msgspec.DecodeError:
        raise Invalid(UNREADABLE) from None
