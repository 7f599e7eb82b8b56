"""The embedded PostgreSQL: survives restarts and crashes; two Carnets on one folder is said clearly."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest

from carnet.infra.db.embedded import EmbeddedServer
from carnet.infra.db.migrate import migrate
from carnet.infra.folder_lock import AlreadyRunningError, FolderLock

CHILD = """
import sys, time, warnings
warnings.simplefilter("ignore")
from pathlib import Path
from carnet.infra.db.embedded import EmbeddedServer
server = EmbeddedServer(Path(sys.argv[1]))
print(server._server.get_pid(), flush=True)
time.sleep(60)
"""


@pytest.fixture
def folder():
    with tempfile.TemporaryDirectory(prefix="carnet-pg-", dir="/tmp", ignore_cleanup_errors=True) as made:
        Path(made).chmod(0o755)
        yield Path(made)


def test_what_was_committed_is_there_after_a_stop_and_after_a_crash(folder):
    server = EmbeddedServer(folder / "pg")
    server.ensure_database()
    applied = migrate(server.url(role="carnet_owner"))
    assert applied
    assert migrate(server.url(role="carnet_owner")) == []
    with psycopg.connect(server.superuser_url, autocommit=True) as conn:
        conn.execute("CREATE TABLE kept (n int)")
        conn.execute("INSERT INTO kept VALUES (1)")
    server.stop()

    environment = os.environ | {"PYTHONPATH": "src"}
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(folder / "pg")], stdout=subprocess.PIPE, env=environment, text=True
    )
    postmaster = int(child.stdout.readline())
    os.kill(postmaster, signal.SIGKILL)
    child.kill()
    child.wait()
    child.stdout.close()

    server = EmbeddedServer(folder / "pg")
    with psycopg.connect(server.superuser_url) as conn:
        assert conn.execute("SELECT n FROM kept").fetchall() == [(1,)]
    server.stop()


def test_a_second_start_on_the_same_folder_says_so(folder):
    lock = FolderLock(folder)
    with pytest.raises(AlreadyRunningError, match=rf"already running on .* \(process {os.getpid()}\)"):
        FolderLock(folder)
    lock.release()
    FolderLock(folder).release()
