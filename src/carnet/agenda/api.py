"""The door of the agenda."""

from carnet.agenda.actions.call_due import call_agenda
from carnet.agenda.actions.take_out import cancel_appointment, delete_entry
from carnet.agenda.actions.write import add_entry, change_entry
from carnet.agenda.data import (
    LONGEST_ADDRESS,
    LONGEST_NOTE,
    LONGEST_PARTY,
    LONGEST_SPECIALITY,
    LONGEST_TITLE,
    MOST_REMINDERS,
    Agenda,
    Entry,
    Kind,
    Said,
    Status,
    Words,
)
from carnet.agenda.events import AgendaDue
from carnet.agenda.queries.copying import UNREADABLE, copy_agenda
from carnet.agenda.queries.due import note_told, still_due
from carnet.agenda.queries.reading import PAGE, next_statement, read_agenda, read_entry, to_next

__all__ = [
    "LONGEST_ADDRESS",
    "LONGEST_NOTE",
    "LONGEST_PARTY",
    "LONGEST_SPECIALITY",
    "LONGEST_TITLE",
    "MOST_REMINDERS",
    "PAGE",
    "UNREADABLE",
    "Agenda",
    "AgendaDue",
    "Entry",
    "Kind",
    "Said",
    "Status",
    "Words",
    "add_entry",
    "call_agenda",
    "cancel_appointment",
    "change_entry",
    "copy_agenda",
    "delete_entry",
    "next_statement",
    "note_told",
    "read_agenda",
    "read_entry",
    "still_due",
    "to_next",
]
