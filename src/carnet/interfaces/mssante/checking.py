"""The first look at a message, byte by byte, before anybody says yes: is there one way only to read it?

No parser here, on purpose: the header is only split into lines, and one From with one mailbox must stand in it that
agrees with the envelope. What is allowed is what every honest mail program writes (threats T37; RFC 5321 §2.3.8, RFC
5322 §2.1.1 and §3.6). Each refusal has its SMTP reply: the peer's operator reads it, never the person.
"""

import re
from typing import Final

import msgspec

MOST_HEADER: Final = 256_000
MOST_FIELDS: Final = 500
LONGEST_LINE: Final = 998
ONCE: Final = (
    *("from", "sender", "to", "cc", "bcc", "subject", "date", "message-id", "in-reply-to", "references", "reply-to"),
    *("mime-version", "content-type", "content-transfer-encoding", "content-disposition", "x-mss-mes", "x-mss-ins"),
    "x-mss-demandes",
)
_FIELD: Final = re.compile(rb"([!-9;-~]+):(.*)", re.DOTALL)
_NAMED: Final = re.compile(rb"x-carnet-certificate[ \t]*:[ \t]*((?:[0-9a-f]{2}:?){32})\r\n", re.IGNORECASE)
_NAMES: Final = re.compile(rb"^x-carnet-certificate[ \t]*:", re.IGNORECASE | re.MULTILINE)
_ADDRESS: Final = rb"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+"
_MAILBOX: Final = re.compile(
    rb"\s*(?:(?:\"(?:[^\"\\\r\n]|\\[^\r\n])*\"|[^<>@,;:()\"\\\r\n])*<(?P<angled>" + _ADDRESS + rb")>|(?P<plain>"
    + _ADDRESS + rb")(?:[ \t]+\([^<>@,;:()\"\\\r\n]*\))?)\s*"
)  # fmt: skip


class Rejected(Exception):
    """It is not taken; `reply` is what SMTP says: 5xx for good, 4xx for now."""

    def __init__(self, reply: str) -> None:
        super().__init__(reply)
        self.reply = reply


class Seen(msgspec.Struct, frozen=True):
    """What the first look found. sender: the one mailbox of From, in lower case; demands: `X-MSS-DEMANDES`, raw; ins:
    `X-MSS-INS`, raw.
    """

    sender: str
    demands: str | None = None
    ins: str = ""

    @property
    def domain(self) -> str:
        """Where the sender lives."""
        return self.sender.rpartition("@")[2]


def check_lines(raw: bytes) -> None:
    """Raise Rejected unless every line ends in CR LF, is short enough and holds no NUL."""
    if _odd(raw) or not raw.endswith(b"\r\n"):
        raise Rejected("550 5.6.0 Bare CR, bare LF or NUL in the message")
    end = -1
    while end < len(raw) - 1:  # from the last end of a line within reach to the next: a step a thousand octets
        end = raw.rfind(b"\n", end + 1, end + 1 + LONGEST_LINE + len(b"\r\n"))
        if end < 0:
            raise Rejected("500 5.6.0 A line is longer than 998 octets")


def check_header(raw: bytes) -> Seen:
    """Return who the header says wrote this. Raises Rejected unless it can be read in one way only."""
    head = raw.partition(b"\r\n\r\n")[0]
    if len(head) > MOST_HEADER:
        raise Rejected("552 5.3.4 The header is too large")
    fields = _fields(head)
    names = [name for name, _ in fields]
    for once in ONCE:
        if names.count(once) > 1:
            raise Rejected(f"550 5.6.0 More than one {once.title()}")
    sender = next((value for name, value in fields if name == "from"), None)
    if sender is None:
        raise Rejected("550 5.6.0 No From")
    found = _MAILBOX.fullmatch(sender)
    if found is None:
        raise Rejected("550 5.6.0 From must be exactly one mailbox")
    said = {name: value.decode("latin-1") for name, value in fields if name in {"x-mss-demandes", "x-mss-ins"}}
    mailbox = (found["angled"] or found["plain"]).decode("ascii").lower()
    return Seen(mailbox, said.get("x-mss-demandes"), said.get("x-mss-ins", ""))


def take_certificate(raw: bytes) -> tuple[str, bytes]:
    """Return whose certificate our own mail server saw (SHA-256, hexadecimal), and the message without that field.

    That server writes it above everything it received and above its own trace: anywhere else, or twice, it is a lie.
    """
    named = _NAMED.match(raw)
    if named is None or len(_NAMES.findall(raw.partition(b"\r\n\r\n")[0])) != 1:
        raise Rejected("550 5.7.1 Not an operator of the trust space")
    return named[1].decode("ascii").replace(":", "").lower(), raw[named.end() :]


def _odd(raw: bytes) -> bool:
    """Return whether a CR or LF stands alone, or there is a NUL: counted, as searching takes a hundred times that."""
    ends = raw.count(b"\r\n")
    return raw.count(b"\r") != ends or raw.count(b"\n") != ends or b"\x00" in raw


def _fields(head: bytes) -> list[tuple[str, bytes]]:
    """Return the fields of a header, unfolded, names in lower case."""
    fields: list[tuple[str, bytes]] = []
    for line in head.split(b"\r\n"):
        if line[:1] in {b" ", b"\t"}:
            if not fields or not line.strip():
                raise Rejected("550 5.6.0 A folded line folds nothing")
            name, value = fields[-1]
            fields[-1] = (name, value + b" " + line.strip())
            continue
        found = _FIELD.fullmatch(line)
        if found is None:
            raise Rejected("550 5.6.0 A line of the header is not a field")
        fields.append((found[1].decode("ascii").lower(), found[2]))
        if len(fields) > MOST_FIELDS:
            raise Rejected("552 5.3.4 Too many fields")
    return fields
