"""Commands of the verifiable journal: the programs that make it, and those that check it."""

import asyncio
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Annotated, Literal
from uuid import UUID

import cyclopts

from carnet.config.settings import Settings

PORT = 8700


def add_journal_commands(app: cyclopts.App, settings: Callable[[], Settings]) -> None:
    """Add the commands to `app`. settings: reads the settings, when a command needs them."""
    _add_checks(app, settings)
    _add_misuse(app, settings)

    @app.command
    def sequencer() -> None:
        """Seal what was committed, twice a second (CARNET_DATABASE_SEQUENCER_URL must be set). One a house."""
        from carnet.config.journal_log import sequence_until_stopped

        asyncio.run(sequence_until_stopped(settings()))

    @app.command
    def signer(*, folder: Path, origin: str, socket: Path | None = None) -> None:
        """Sign trees of the log ORIGIN that only grow: on --socket, or on standard input and output."""
        from carnet.infra.folder_lock import FolderLock
        from carnet.journal.api import Signer, serve_socket, serve_standard

        held = FolderLock(folder)  # two of them on one memory could sign two histories
        one = Signer.of(folder, origin)
        sys.stderr.write(f"{one.public}\n")
        if socket is not None:
            serve_socket(one, socket)
        else:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # ends with its parent's pipe, not with Ctrl-C
            serve_standard(one)
        held.release()

    @app.command
    def witness(
        *, folder: Path, name: str, log: list[str], port: int = PORT, host: str = "127.0.0.1", accept_new: bool = False
    ) -> None:
        """Cosign logs that only grow (C2SP tlog-witness). --log: their verifier keys; --accept-new: begin a new one."""
        from carnet.infra.folder_lock import FolderLock
        from carnet.journal.api import VerifierKey, Witness, witness_server

        held = FolderLock(folder)  # two of them on one memory could cosign two histories
        keys = [VerifierKey.parse(one) for one in log]
        one = Witness.of(folder, name=name, logs=keys, accept_new=accept_new)
        server = witness_server(one, host=host, port=port)

        def stop(_number: int, _frame: FrameType | None) -> None:
            threading.Thread(target=server.shutdown).start()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        sys.stderr.write(f"{one.public}\n")
        server.serve_forever(poll_interval=0.2)
        server.server_close()
        held.release()

    @app.command
    def monitor(*, key: str, log: str = "", once: bool = False) -> None:
        """Follow the public log (--log: address or folder; --key: the log's verifier key) and this house's receipts."""
        from carnet.config.journal_log import house_monitor, log_folder, monitor_until_stopped

        known = settings()
        one = house_monitor(known, log_key=key, where=log or str(log_folder(known)))
        raise SystemExit(asyncio.run(monitor_until_stopped(known, one, once=once)))


def _add_checks(app: cyclopts.App, settings: Callable[[], Settings]) -> None:
    @app.command(name="verify-journal")
    def verify(*arguments: Annotated[str, cyclopts.Parameter(allow_leading_hyphen=True)]) -> None:
        """Check a journal a person downloaded, offline: FILE [--keys FILE] [--earlier FILE] [--log ADDRESS]."""
        from carnet.journal.api import verify_journal

        raise SystemExit(verify_journal(list(arguments)))

    @app.command(name="journal-alarms")
    def alarms() -> None:
        """List what sequencer and monitor found wrong; exit 1 when there is anything."""
        from carnet.config.journal_log import journal_folder
        from carnet.journal.api import read_alarms

        home = journal_folder(settings())
        found = [one for part in ("private", "monitor") for one in read_alarms(home / part / "alarms")]
        for one in found:
            sys.stdout.write(f"{one.at}\t{one.by}\t{one.kind}\t{one.where}\n")
        raise SystemExit(1 if found else 0)

    @app.command(name="audit-journal")
    def audit() -> None:
        """Compare every journal row with the public log; name what was changed after it was sealed."""
        from carnet.config.journal_log import audit_command

        raise SystemExit(asyncio.run(audit_command(settings())))

    @app.command(name="begin-log")
    def begin() -> None:
        """After a restore: have every entry sealed anew, in a log of another name (docs/journal-format.md §9)."""
        from carnet.config.journal_log import begin_log_command
        from carnet.config.operator import operator
        from carnet.kernel.errors import Conflict

        try:
            asyncio.run(begin_log_command(settings(), actor=operator()))
        except Conflict as error:
            raise SystemExit(error.problems[0].en) from error


def _add_misuse(app: cyclopts.App, settings: Callable[[], Settings]) -> None:
    misuse = cyclopts.App(
        name="misuse", help="Signs of misuse in the journal: look, list, close (CARNET_DATABASE_OVERSIGHT_URL)."
    )
    app.command(misuse)

    @misuse.command
    def look(*, days: int = 31) -> None:
        """Apply the misuse rules to the last days (the longest of them looks back a month) and queue what is new."""
        from carnet.config.misuse_commands import look_command

        asyncio.run(look_command(settings(), days=days))

    @misuse.command(name="list")
    def list_open() -> None:
        """List open alerts with the rows that made them."""
        from carnet.config.misuse_commands import list_command

        asyncio.run(list_command(settings()))

    @misuse.command
    def close(alert: UUID, *, outcome: Literal["justified", "misuse", "mistaken"]) -> None:
        """Close an alert."""
        from carnet.config.misuse_commands import close_command

        raise SystemExit(0 if asyncio.run(close_command(settings(), alert=alert, outcome=outcome)) else 1)
