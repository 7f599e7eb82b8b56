"""One PostgreSQL for many short test sessions, one after another: each has a database of its own on it.

Nothing of the product is imported before a server is asked for: who tries mutants imports this before there is one.
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql

GIVEN = "CARNET_TEST_POSTGRES"
"""Where the sessions find its address."""


def database_of(process: int, number: object) -> str:
    """Return the name of a database of a test process."""
    return f"carnet_{process}_{number}"


@contextlib.contextmanager
def one_server() -> Iterator[None]:
    """Start the server, say where it is, and throw it away at the end."""
    from carnet.infra.db.embedded import EmbeddedServer

    folder = Path(tempfile.mkdtemp(prefix="carnet-mutants-", dir="/tmp"))
    folder.chmod(0o755)
    server = EmbeddedServer(folder / "pg")
    os.environ[GIVEN] = server.superuser_url
    try:
        yield
    finally:
        del os.environ[GIVEN]
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def drop_databases(process: int) -> None:
    """Forget what a process left on the server, if there is one."""
    if GIVEN not in os.environ:
        return
    like = database_of(process, "%").replace("_", r"\_")
    with psycopg.connect(os.environ[GIVEN], autocommit=True) as connection:
        for (name,) in connection.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", (like,)).fetchall():
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
