"""Ordered plain-SQL migrations, run by yoyo as the owner; safe to run twice and by two processes at once.

yoyo keeps its own bookkeeping tables in the schema `public` and takes a lock while it works. `lock_timeout` makes a
migration that waits behind live traffic give up instead of queueing every request behind itself.

What would hold a large table for hours has a second form in `migrations/gradual`, of the same effect: steps that are
transactions of their own and may be run again, by slices of the spaces where rows change, with indexes built beside
the traffic. `gradual` takes it where there is one (docs/operations.md, decision 0186). What servers of before still
need stays until `finish` runs `migrations/after`, once all of them are restarted (decision 0236).
"""

from pathlib import Path
from typing import LiteralString
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from uuid import UUID

import psycopg
from yoyo import get_backend, read_migrations

LOCK_TIMEOUT_MS = 5_000
SLICE = 2_000
"""Spaces whose rows one transaction of a gradual migration changes: a fraction of a second."""
FOLDER = Path(__file__).parent / "migrations"
_STEP, _BY_SPACE = "-- step\n", "-- step by space\n"
# ## The next spaces; the index of numbers names them all and no row security narrows it ##
_SPACES = "SELECT space_id FROM carnet.ins_index WHERE space_id > %s ORDER BY space_id LIMIT %s"


def migrate(owner_url: str, *, gradual: bool = False) -> list[str]:
    """Apply what is missing as the owner; return the ids applied (empty when up to date)."""
    backend = get_backend(_yoyo_url(owner_url))
    names = []
    try:
        with backend.lock():
            for migration in backend.to_apply(read_migrations(str(FOLDER))):
                beside = FOLDER / "gradual" / f"{migration.id}.sql"
                if gradual and beside.exists():
                    _go_through(owner_url, beside.read_text())
                    backend.mark_migrations([migration])
                else:
                    backend.apply_one(migration)
                names.append(migration.id)
    finally:
        backend.connection.close()
    return names


def finish(owner_url: str) -> list[str]:
    """Take away what only servers of before needed; return the migrations finished. Safe to run again.

    Only once no server of before runs. Raises psycopg.errors.LockNotAvailable: run it again.
    """
    finished = []
    for file in sorted((FOLDER / "after").glob("*.sql")):
        _go_through(owner_url, file.read_text())
        finished.append(file.stem)
    return finished


def _go_through(owner_url: str, text: str) -> None:
    """Run the steps of a gradual migration, each for itself; stopped anywhere, they may all be run again."""
    with psycopg.connect(owner_url, autocommit=True) as connection:
        for by_space, step in _steps(text):
            # an index built beside the traffic waits for transactions, and nobody waits for it
            patience = 0 if "CONCURRENTLY" in step else LOCK_TIMEOUT_MS
            connection.execute("SELECT set_config('lock_timeout', %s, false)", (str(patience),))
            if by_space:
                _by_slices(connection, step)
            else:
                connection.execute(step)


def _by_slices(connection: psycopg.Connection, step: LiteralString) -> None:
    after = UUID(int=0)
    while spaces := [row[0] for row in connection.execute(_SPACES, (after, SLICE)).fetchall()]:
        connection.execute(step, {"spaces": spaces})
        after = spaces[-1]


def _steps(text: str) -> list[tuple[bool, LiteralString]]:
    """Cut a gradual migration into its steps, and say which go by slices of the spaces. The files are ours."""
    parts = text.replace(_BY_SPACE, f"{_STEP}{_BY_SPACE}").split(_STEP)
    steps = [part for part in parts if part.strip()]
    return [(step.startswith(_BY_SPACE), step) for step in steps]


def _yoyo_url(url: str) -> str:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    query["options"] = f"-c lock_timeout={LOCK_TIMEOUT_MS} -c search_path=public"
    return urlunsplit(("postgresql+psycopg", parts.netloc, parts.path, urlencode(query), ""))
