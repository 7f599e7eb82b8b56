"""Is this message one a person may get? Pure.

Envelope and header were compared by the gateway; here they are compared again on what the confined reader found, so
that two readings of one header cannot disagree unnoticed (threats T37).
"""

import re
from collections.abc import Mapping
from typing import Final

from carnet.formats.mail import MailPerson, ReadMail
from carnet.kernel.errors import Invalid, Problem
from carnet.messaging.data import Address, Envelope, Letter
from carnet.messaging.rules.addresses import read_address
from carnet.messaging.rules.letters import LONGEST_TEXT, said_subject, shortened

FINISHED: Final = "fin"
MOST_RECIPIENTS: Final = 100
MOST_CODES: Final = 20
_CODE: Final = re.compile(r"(?<![\w-])[A-Za-z0-9][\w-]{1,39}(?![\w-])", re.ASCII)
NO_ONE_SENDER: Final = Problem(
    "mail-sender", "Ce message n'a pas un seul expéditeur.", "This message does not have exactly one sender."
)
OTHER_SENDER: Final = Problem(
    "mail-sender-disagrees",
    "L'expéditeur écrit dans ce message n'est pas celui qui l'a remis.",
    "The sender written in this message is not the one who handed it over.",
)
BETWEEN_PERSONS: Final = Problem(
    "mail-between-persons",
    "Les personnes ne s'écrivent pas entre elles par cette messagerie.",
    "Persons do not write to one another here.",
)


def judge(envelope: Envelope, read: ReadMail, *, domain: str) -> Address:
    """Return who sent it. Raises Invalid: quarantine, with the problem's code as its reason."""
    if len(read.sender) != 1:
        raise Invalid(NO_ONE_SENDER)
    sender = read_address(read.sender[0].address, name=read.sender[0].name)
    if sender is None:
        raise Invalid(NO_ONE_SENDER)
    if sender.domain == domain.lower():
        raise Invalid(BETWEEN_PERSONS)
    claimed = envelope.sender.rpartition("@")[2].lower()
    if claimed and claimed != sender.domain:
        raise Invalid(OTHER_SENDER)
    if not claimed and read.report is None:
        raise Invalid(NO_ONE_SENDER)
    return sender


def letter_of(read: ReadMail, *, sender: Address) -> Letter:
    """Return what the message says, bounded."""
    notes = set(read.notes) | ({"shortened"} if read.shortened or len(read.text) > LONGEST_TEXT * 10 else set())
    return Letter(
        sender=sender,
        to=_mailboxes(read.to),
        cc=_mailboxes(read.cc),
        subject=shortened(said_subject(read.subject)),
        text=read.text[: LONGEST_TEXT * 10],
        message_id=read.message_id[0] if read.message_id else "",
        in_reply_to=read.in_reply_to[0] if read.in_reply_to else "",
        references=read.references,
        ends=read.mss.get("x-mss-mes", "").strip().lower() == FINISHED,
        wants_receipt=bool(read.receipt_to) and not read.automatic,
        notes=tuple(sorted(notes)),
        codes=codes_of(read.mss),
    )


def codes_of(mss: Mapping[str, str]) -> tuple[str, ...]:
    """Return the types of clinical documents that `X-MSS-CODECDA` names (mes.md M10), as codes and nothing else."""
    found = _CODE.findall(mss.get("x-mss-codecda", ""))
    return tuple(dict.fromkeys(found))[:MOST_CODES]


def _mailboxes(people: tuple[MailPerson, ...]) -> tuple[Address, ...]:
    found = [read_address(one.address, name=one.name) for one in people]
    return tuple(one for one in found if one is not None)[:MOST_RECIPIENTS]
