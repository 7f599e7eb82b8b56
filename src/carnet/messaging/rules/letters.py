"""What is said about a message: its excerpt, the people of a conversation, which words answer which. Pure."""

import re
from collections.abc import Iterable
from typing import Final

from carnet.messaging.data import Address, Head, Letter

LONGEST_SUBJECT: Final = 150
LONGEST_TEXT: Final = 20_000
EXCERPT: Final = 140
MOST_PEOPLE: Final = 20
_ANSWER: Final = re.compile(r"^\s*(?:(?:re|r\u00e9|tr|fwd?|aw|sv)\s*(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE)
_MARKED: Final = re.compile(r"^((?:\s*\w{2,3}\s*:)*\s*)XDM/1\.0/DDM\s*\+?\s*", re.IGNORECASE)
_QUOTED: Final = re.compile(r"^(?:>.*|-{2,}\s*(?:original message|message d'origine).*)$", re.IGNORECASE | re.MULTILINE)


def said_subject(subject: str) -> str:
    """Return a subject without the mark of mail that holds an archive (ITI TF-2 §3.32.4.1.3)."""
    return _MARKED.sub(r"\1", subject).strip()


def shortened(subject: str) -> str:
    """Return a subject as long as one may be; that something is missing is seen."""
    return subject if len(subject) <= LONGEST_SUBJECT else f"{subject[: LONGEST_SUBJECT - 1].rstrip()}…"


def bare_subject(subject: str) -> str:
    """Return a subject without the marks of answers and forwards."""
    return _ANSWER.sub("", subject).strip()


def excerpt(text: str) -> str:
    """Return the first words of a message, quoted lines left out."""
    said = " ".join(_QUOTED.sub("", text).split())
    return said if len(said) <= EXCERPT else said[:EXCERPT].rsplit(" ", 1)[0] + "…"


def professionals(letter: Letter, *, domain: str) -> tuple[Address, ...]:
    """Return everybody in a message but persons, its sender first."""
    everybody = (letter.sender, *letter.to, *letter.cc)
    return _once(one for one in everybody if one.domain != domain.lower())


def head_of(letter: Letter, *, attachments: bool, domain: str, before: Head | None = None) -> Head:
    """Return what the inbox shows once `letter` is the latest of its conversation; `before`: what it showed."""
    known = before.people if before else ()
    people = _once((*professionals(letter, domain=domain), *known))[:MOST_PEOPLE]
    return Head(
        subject=before.subject if before else shortened(bare_subject(letter.subject)),
        people=people,
        excerpt=excerpt(letter.text),
        attachments=attachments or bool(before and before.attachments),
        mine=letter.sender.domain == domain.lower(),
    )


def _once(people: Iterable[Address]) -> tuple[Address, ...]:
    found: dict[str, Address] = {}
    for one in people:
        if one.address not in found or (one.name and not found[one.address].name):
            found[one.address] = one
    return tuple(found.values())
