"""The door of the journal."""

from carnet.journal.actions.record import acknowledge, append, record, record_durably, to_row
from carnet.journal.data import Act, JournalEntry, Trace
from carnet.journal.queries.entries import Filter, entries, entries_statement, to_entries

__all__ = [
    "Act",
    "Filter",
    "JournalEntry",
    "Trace",
    "acknowledge",
    "append",
    "entries",
    "entries_statement",
    "record",
    "record_durably",
    "to_entries",
    "to_row",
]
