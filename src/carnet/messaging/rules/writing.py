"""What a person may write, and to whom it goes. Pure. Sources: mes.md M2, M4, M6, M7."""

from collections.abc import Mapping
from typing import Final

from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.errors import Invalid, Problem, TooLarge
from carnet.messaging import errors
from carnet.messaging.data import Address, Letter, Writing
from carnet.messaging.rules.letters import LONGEST_SUBJECT, LONGEST_TEXT

MOST_RECIPIENTS: Final = 20


def check_writing(writing: Writing, *, most_bytes: int, most_files: int) -> None:
    """Raise Invalid with every problem of the form at once."""
    problems: list[Problem] = []  # in the order of the form
    if writing.answers is None and not writing.to:
        problems.append(errors.NO_RECIPIENT)
    if writing.answers is None and not writing.subject.strip():
        problems.append(errors.NO_SUBJECT)
    if len(writing.subject) > LONGEST_SUBJECT:
        problems.append(errors.SUBJECT_LONG)
    if not writing.text.strip() and not writing.files:
        problems.append(errors.NO_TEXT)
    if len(writing.text) > LONGEST_TEXT:
        problems.append(errors.TOO_LONG)
    if len(writing.files) > most_files:
        problems.append(errors.TOO_MANY)
    if problems:
        raise Invalid(*problems)
    if sum(len(one.content) for one in writing.files) > most_bytes:
        raise TooLarge(errors.TOO_MUCH)


def recipients_of(
    writing: Writing, latest: Letter | None, *, contacts: Mapping[str, Address], own: Address
) -> tuple[tuple[Address, ...], tuple[Address, ...]]:
    """Return (to, cc). latest: the professional's message answered, None when nothing is.

    A new message goes to contacts only; an answer to whoever wrote last, or to everybody they wrote to. Other persons
    are left out: they do not write to one another. Raises Invalid.
    """
    if writing.answers is not None and latest is None:
        raise Invalid(errors.NOT_A_CONTACT)
    if latest is not None:
        others = (*latest.to, *latest.cc) if writing.to_all else ()
        cc = [one for one in others if one.domain != own.domain and one.address != latest.sender.address]
        unique = {one.address: one for one in cc}
        return (latest.sender,), tuple(unique.values())[: MOST_RECIPIENTS - 1]
    wanted = dict.fromkeys(one.strip().lower() for one in writing.to)
    if not wanted or len(wanted) > MOST_RECIPIENTS or any(one not in contacts for one in wanted):
        raise Invalid(errors.NOT_A_CONTACT)
    return tuple(contacts[one] for one in wanted), ()


def signature_of(actor: Actor, person: str) -> str:
    """Return the automatic line of whoever writes for the person, in French as all mail of the trust space; "" for
    the person themselves. Source: mes.md §3.8, 6.
    """
    roles = {ActorKind.CARER: "aidant", ActorKind.REPRESENTATIVE: "représentant légal"}
    role = roles.get(actor.kind)
    return f"Message écrit par {actor.name}, {role} de {person}" if role else ""
