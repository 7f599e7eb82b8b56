"""Why an entry cannot be written, in words a person understands. Paths are the fields of `Said` and `Words`."""

from typing import Final

from carnet.agenda.data import (
    LONGEST_ADDRESS,
    LONGEST_NOTE,
    LONGEST_PARTY,
    LONGEST_SPECIALITY,
    LONGEST_TITLE,
    MOST_REMINDERS,
)
from carnet.kernel.errors import Problem

NO_PARTY: Final = Problem(
    "agenda-party",
    "Écrivez avec qui, ou dans quel établissement.",
    "Write who with, or at which practice or hospital.",
    "party",
)
NO_TITLE: Final = Problem(
    "agenda-title", "Écrivez ce dont vous voulez vous souvenir.", "Write what to remember.", "title"
)
BAD_DAY: Final = Problem("agenda-day", "Choisissez une date.", "Choose a date.", "day")
FAR_DAY: Final = Problem(
    "agenda-far", "Cette date est trop loin : vérifiez l'année.", "This date is too far: check the year.", "day"
)
PAST_DAY: Final = Problem(
    "agenda-past", "Choisissez aujourd'hui ou un jour à venir.", "Choose today or a day to come.", "day"
)
BAD_HOUR: Final = Problem("agenda-hour", "Choisissez une heure.", "Choose a time.", "hour")
SKIPPED_HOUR: Final = Problem(
    "agenda-skipped",
    "Cette heure n'existe pas ce jour-là : les horloges avancent.",
    "This time does not exist on that day: the clocks go forward.",
    "hour",
)
FULL_DAY: Final = Problem(
    "agenda-full",
    f"Il y a déjà {MOST_REMINDERS} rappels ce jour-là.",
    f"There are already {MOST_REMINDERS} reminders on that day.",
    "day",
)
LONGEST: Final = {
    "title": LONGEST_TITLE,
    "party": LONGEST_PARTY,
    "speciality": LONGEST_SPECIALITY,
    "address": LONGEST_ADDRESS,
    "note": LONGEST_NOTE,
}


def too_long(field: str) -> Problem:
    """Return what is said of a text that is too long."""
    most = LONGEST[field]
    return Problem("agenda-long", f"Pas plus de {most} caractères.", f"No more than {most} characters.", field)
