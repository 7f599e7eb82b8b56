"""What a contact could not finish, left open for the desk: why, until when, and how it may end.

Pure. Reasons and ends are short lists, never words of an agent: nothing about anybody's health can be written down.
The delays are the house's choice, for the law names none. Source: mes.md §1.2 R15 (3422).
"""

from datetime import timedelta
from enum import StrEnum
from typing import Final

from carnet.kernel.errors import Problem
from carnet.spaces.rules.desk import Asker, Script, offered
from carnet.spaces.rules.lifecycle import State

NO_SCRIPT = Problem("ticket-script", "Choisissez la démarche à reprendre.", "Choose what is to be done.", "demarche")
NO_REASON = Problem("ticket-reason", "Choisissez ce qui manque.", "Choose what is missing.", "raison")
NO_END = Problem("ticket-end", "Choisissez pourquoi vous la closez.", "Choose why you close it.", "cloture")
NOT_DUE = Problem(
    "ticket-not-due",
    "L'échéance n'est pas passée : la personne peut encore revenir.",
    "It is not past its date: the person may still come back.",
)


class Missing(StrEnum):
    """Why a contact could not be finished."""

    PROOF = "proof"
    CALL_BACK = "call-back"
    LETTER = "letter"
    OUTAGE = "outage"
    QUESTION = "question"


class TicketEnd(StrEnum):
    """How a ticket ends. DONE: by the act itself. NOT_RETURNED: past its date, without the person."""

    DONE = "done"
    WITHDRAWN = "withdrawn"
    NOT_POSSIBLE = "not-possible"
    NOT_RETURNED = "not-returned"


DUE_AFTER: Final[dict[Missing, timedelta]] = {
    Missing.PROOF: timedelta(days=30),
    Missing.CALL_BACK: timedelta(days=7),
    Missing.LETTER: timedelta(days=14),
    Missing.OUTAGE: timedelta(days=1),
    Missing.QUESTION: timedelta(days=7),
}
"""Within what time each is to be done, or to be closed."""
IN_CONTACT: Final = (TicketEnd.WITHDRAWN, TicketEnd.NOT_POSSIBLE)
"""The ends an agent may choose in contact with the person."""
_UNTOLD: Final[dict[Asker, frozenset[Script]]] = {
    Asker.PERSON: frozenset(),
    Asker.REPRESENTATIVE: frozenset({Script.DISPUTE}),
    Asker.HEIR: frozenset(Script),
}
_NOT_LEFT: Final = frozenset({Script.SCREEN, Script.HEIRS, Script.MISTAKEN_DEATH, Script.GUARDIANSHIP})


def left_open(state: State | None) -> tuple[Script, ...]:
    """Return the scripts that may be left for later: not following pages; heirs, the mistakenly dead and
    guardians have requests of their own.
    """
    return tuple(one for one in offered(state) if one not in _NOT_LEFT)


def told_to(asker: Asker) -> tuple[Script, ...]:
    """Return what left open whoever asks may hear of, whoever left it: heirs of nothing, who represents the person of
    no contest, for it may be the person's own, which those who act for them are not told of (decision 0207).
    """
    return tuple(one for one in Script if one not in _UNTOLD[asker])
