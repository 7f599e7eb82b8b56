"""The door of the journal."""

from carnet.journal.actions.begin_log import begin_log
from carnet.journal.actions.keep_time import confirm_time, keep_time
from carnet.journal.actions.oversight import close_alert, look_for_misuse, open_alerts
from carnet.journal.actions.record import acknowledge, append, record, record_alone, record_durably, to_row
from carnet.journal.data import Act, JournalEntry, Trace
from carnet.journal.log.alarms import Alarms, read_alarms
from carnet.journal.log.monitor import Monitor, Trusted
from carnet.journal.log.parties import SignerLine, WitnessAt
from carnet.journal.log.reading import open_log
from carnet.journal.log.sequencer import Place, keep_sequencing, sequencer_of
from carnet.journal.log.signer import Signer, serve_socket, serve_standard
from carnet.journal.log.statement import StatementKey, seat_statement_key, statement_key
from carnet.journal.log.tiles import WIDTH, read_tile, tile_path
from carnet.journal.log.view import PROGRAM, LogView, published_log, seat_log
from carnet.journal.log.witness import Witness, witness_server
from carnet.journal.queries.audit import audit
from carnet.journal.queries.entries import (
    Filter,
    entries,
    entries_statement,
    professionals_seen,
    single_documents_statement,
    to_entries,
)
from carnet.journal.queries.proof import (
    SealedEntry,
    announced_entries,
    told_entries,
    told_key,
    waiting_entries,
    written,
)
from carnet.journal.receipts import ReceiptBook, seat_receipts
from carnet.journal.rules.misuse import EXPLAINED
from carnet.journal.rules.notes import NoteError, VerifierKey
from carnet.journal.verify_journal import main as verify_journal

__all__ = [
    "EXPLAINED",
    "PROGRAM",
    "WIDTH",
    "Act",
    "Alarms",
    "Filter",
    "JournalEntry",
    "LogView",
    "Monitor",
    "NoteError",
    "Place",
    "ReceiptBook",
    "SealedEntry",
    "Signer",
    "SignerLine",
    "StatementKey",
    "Trace",
    "Trusted",
    "VerifierKey",
    "Witness",
    "WitnessAt",
    "acknowledge",
    "announced_entries",
    "append",
    "audit",
    "begin_log",
    "close_alert",
    "confirm_time",
    "entries",
    "entries_statement",
    "keep_sequencing",
    "keep_time",
    "look_for_misuse",
    "open_alerts",
    "open_log",
    "professionals_seen",
    "published_log",
    "read_alarms",
    "read_tile",
    "record",
    "record_alone",
    "record_durably",
    "seat_log",
    "seat_receipts",
    "seat_statement_key",
    "sequencer_of",
    "serve_socket",
    "serve_standard",
    "single_documents_statement",
    "statement_key",
    "tile_path",
    "to_entries",
    "to_row",
    "told_entries",
    "told_key",
    "verify_journal",
    "waiting_entries",
    "witness_server",
    "written",
]
