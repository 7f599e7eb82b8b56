"""The table of commands is light: the web server says where its metrics go before anything that counts is loaded."""

import errno
import os
import subprocess
import sys

import pytest

from carnet.config.campaign_work import finish
from carnet.config.cli import app


def test_the_commands_alone_load_nothing_that_counts_or_connects():
    look = "import sys, carnet.config.cli; print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert "cyclopts" in said.stdout.split()
    assert not {"prometheus_client", "psycopg", "litestar"} & set(said.stdout.split())


@pytest.mark.parametrize("command", ["import", "import-dmp", "bounces"])
def test_a_file_that_is_not_there_is_told_in_words(capsys, monkeypatch, command):
    """And is no campaign that ended well, of nobody."""
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit) as ended:
        app(["campaign", command, "/nowhere"])
    told = capsys.readouterr()
    assert (ended.value.code, "does not exist" in told.out + told.err) == (2, True), told


def test_a_full_disk_is_told_in_words(capsys):
    async def full():
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/lettres/lot.pdf")

    assert finish(full()) == 1
    assert capsys.readouterr().err.startswith(f"/lettres/lot.pdf: {os.strerror(errno.ENOSPC)}. What was done before")


def test_no_database_is_told_in_words(tmp_path):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CARNET_")}
    asked = [sys.executable, "-m", "carnet", "dead-letters"]
    said = subprocess.run(
        asked, env=environment | {"CARNET_HOME": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert (said.returncode, "Traceback" in said.stderr) == (1, False), said.stderr
    assert "Is the house running?" in said.stderr
