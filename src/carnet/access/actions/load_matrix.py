"""Replacing the matrix is a change of data, and it is in the journal: which one decides, since when, from what sources.

Everyone hears of what it changes without a row for each: the changes are dated in the table itself, and every page that
announces them reads them there (`HabilitationMatrix.announced`).
"""

from datetime import datetime

from carnet.access.gate import current_matrix
from carnet.infra.db import system_work
from carnet.journal.api import Act, Trace, append
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow

_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('carnet.matrix_version'))"
_LAST = "SELECT version FROM matrix_version ORDER BY loaded_at DESC LIMIT 1"
_ADD = "INSERT INTO matrix_version (loaded_at, version, cells) VALUES (%(at)s, %(version)s, %(cells)s)"


async def note_matrix(*, actor: Actor, at: datetime) -> bool:
    """Journal the matrix this process decides with when it is not the one that decided last; return whether it was not.

    Called before the process answers anybody. Processes that start together leave one trace.
    """
    matrix = current_matrix()
    sources = dict(sorted(matrix.sources().items()))
    async with system_work(at=at) as w:
        await w.execute(_ONE_AT_A_TIME)
        last = await w.row(_LAST)
        if last is not None and last[0] == matrix.version:
            return False
        await w.execute(_ADD, {"at": at, "version": matrix.version, "cells": sum(sources.values())})
        details = {"version": matrix.version, "before": last[0] if last else None, "cells": sources}
        allowed = allow(Ground.DUTY)
        await append(w, Trace(act=Act.LOAD_MATRIX, actor=actor, decision=allowed, at=at, space=None, details=details))
    return True
