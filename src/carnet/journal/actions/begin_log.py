"""After a restore the old log cannot go on: every entry there is waits again, to be sealed in a log with another name.

What is in the old log was sealed in a database that is gone; its places say nothing of the new one. Done by the owner,
while no sequencer runs, in one transaction. It ignores files: the old log's folder is put aside by hand and stays
published, so that exports made before go on being provable (docs/journal-format.md §9).
"""

from datetime import datetime

from carnet.infra.db.database import Database
from carnet.infra.db.work import work
from carnet.journal.actions.record import record
from carnet.journal.data import Act
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow
from carnet.kernel.errors import Conflict, Problem

SAME_LOG = Problem(
    code="log-known",
    fr="Ce registre a déjà scellé des lignes : donnez un nouveau nom (CARNET_JOURNAL_ORIGIN).",
    en="This log has sealed entries already: give a new name (CARNET_JOURNAL_ORIGIN).",
)
# entries first, as whoever writes one does: taken later, each would wait for the other
_ALONE = "LOCK TABLE journal_entry, journal_log, journal_leaf, journal_pending IN ACCESS EXCLUSIVE MODE"
_KNOWN = "SELECT 1 FROM journal_log WHERE origin = %(origin)s AND size > 0"
# ## Where entries lay in the old log is forgotten; every one waits. The owner is bound by row security otherwise ##
_FORGET = (
    "ALTER TABLE journal_leaf DISABLE TRIGGER append_only_truncate",
    "TRUNCATE journal_leaf",
    "ALTER TABLE journal_leaf ENABLE TRIGGER append_only_truncate",
    "ALTER TABLE journal_entry NO FORCE ROW LEVEL SECURITY",
    "ALTER TABLE journal_pending NO FORCE ROW LEVEL SECURITY",
)
_WAIT = "INSERT INTO journal_pending (space_id, seq) SELECT space_id, seq FROM journal_entry ON CONFLICT DO NOTHING"
_BOUND_AGAIN = (
    "ALTER TABLE journal_entry FORCE ROW LEVEL SECURITY",
    "ALTER TABLE journal_pending FORCE ROW LEVEL SECURITY",
)


async def begin_log(*, actor: Actor, owner: Database, origin: str, at: datetime) -> int:
    """Have every entry sealed anew in the log `origin`; return how many wait. owner: the database as its owner.

    Raises Conflict when that log holds entries: sealed there again, they would look replayed.
    """
    async with work(space=None, at=at, database_=owner) as w:
        await w.execute(_ALONE)
        if await w.row(_KNOWN, {"origin": origin}) is not None:
            raise Conflict(SAME_LOG)
        for statement in _FORGET:
            await w.execute(statement)
        waiting = await w.execute(_WAIT)
        for statement in _BOUND_AGAIN:
            await w.execute(statement)
        details = {"origin": origin, "waiting": waiting}
        await record(w, Act.BEGIN_LOG, allow(Ground.DUTY), actor=actor, details=details)
    return waiting
