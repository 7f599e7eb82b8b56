"""The table of commands is light: the web server says where its metrics go before anything that counts is loaded."""

import subprocess
import sys


def test_the_commands_alone_load_nothing_that_counts_or_connects():
    look = "import sys, carnet.config.cli; print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert "cyclopts" in said.stdout.split()
    assert not {"prometheus_client", "psycopg", "litestar"} & set(said.stdout.split())
