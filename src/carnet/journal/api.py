"""The door of the journal."""

from carnet.journal.actions.record import acknowledge, append, record, record_durably, to_row
from carnet.journal.data import Act, JournalEntry, Trace
from carnet.journal.log.alarms import Alarms, read_alarms
from carnet.journal.log.monitor import Monitor, Trusted
from carnet.journal.log.parties import SignerLine, WitnessAt
from carnet.journal.log.reading import open_log
from carnet.journal.log.sequencer import Place, sequencer_of
from carnet.journal.log.signer import Signer, serve_socket, serve_standard
from carnet.journal.log.tiles import read_tile
from carnet.journal.log.witness import Witness, witness_server
from carnet.journal.queries.entries import Filter, entries, entries_statement, to_entries
from carnet.journal.receipts import ReceiptBook, seat_receipts
from carnet.journal.rules.notes import NoteError, VerifierKey

__all__ = [
    "Act",
    "Alarms",
    "Filter",
    "JournalEntry",
    "Monitor",
    "NoteError",
    "Place",
    "ReceiptBook",
    "Signer",
    "SignerLine",
    "Trace",
    "Trusted",
    "VerifierKey",
    "Witness",
    "WitnessAt",
    "acknowledge",
    "append",
    "entries",
    "entries_statement",
    "open_log",
    "read_alarms",
    "read_tile",
    "record",
    "record_durably",
    "seat_receipts",
    "sequencer_of",
    "serve_socket",
    "serve_standard",
    "to_entries",
    "to_row",
    "witness_server",
]
