"""The programs of the verifiable journal, put together from the settings: sequencer, signer, witnesses, monitor."""

import asyncio
import functools
import signal
import sys
from pathlib import Path
from urllib.parse import urlsplit

from carnet.config.settings import Settings, SettingsError
from carnet.infra import clock
from carnet.infra.db.database import Database, patient_database
from carnet.infra.telemetry import configure_logging
from carnet.journal.api import (
    Alarms,
    LogView,
    Monitor,
    NoteError,
    Place,
    Signer,
    SignerLine,
    Trusted,
    VerifierKey,
    Witness,
    WitnessAt,
    audit,
    begin_log,
    keep_sequencing,
    open_log,
)
from carnet.kernel.actors import Actor
from carnet.kernel.errors import Unavailable

SANDBOX_WITNESSES = 2
LOOK_SECONDS = 2.0


def log_origin(settings: Settings) -> str:
    """Return the name of this house's log."""
    return settings.journal_origin or f"{urlsplit(settings.base_url).netloc}/journal"


def journal_folder(settings: Settings) -> Path:
    """Return the folder of everything the log needs on disk."""
    return settings.home / "journal"


def log_folder(settings: Settings) -> Path:
    """Return the folder that is published."""
    return journal_folder(settings) / "log"


def receipts_folder(settings: Settings) -> Path:
    """Return where processes note what they committed."""
    return journal_folder(settings) / "receipts"


def place_of(settings: Settings) -> Place:
    """Return where the log lives and who witnesses it. Raises SettingsError."""
    witnesses = witnesses_of(settings.journal_witnesses)
    quorum = int(settings.journal_quorum) if settings.journal_quorum else (len(witnesses) // 2 + 1 if witnesses else 0)
    if quorum > len(witnesses):
        raise SettingsError("CARNET_JOURNAL_QUORUM: asks for more witnesses than there are")
    return Place(
        origin=log_origin(settings),
        public=log_folder(settings),
        private=journal_folder(settings) / "private",
        witnesses=witnesses,
        quorum=quorum,
    )


def witnesses_of(text: str) -> tuple[WitnessAt, ...]:
    """Return the witnesses written as `KEY ADDRESS, KEY ADDRESS`. Raises SettingsError."""
    found = []
    for pair in filter(None, (part.strip() for part in text.split(","))):
        key, _, url = pair.partition(" ")
        try:
            found.append(WitnessAt(VerifierKey.parse(key), url.strip().rstrip("/")))
        except NoteError as error:
            raise SettingsError("CARNET_JOURNAL_WITNESSES: must be `KEY ADDRESS` pairs, separated by commas") from error
        if not found[-1].url.startswith(("http://", "https://")):
            raise SettingsError("CARNET_JOURNAL_WITNESSES: each key needs the address of its witness")
    return tuple(found)


async def sequence_until_stopped(settings: Settings) -> None:
    """Run the sequencer until SIGTERM or SIGINT; finish the round that was begun."""
    configure_logging(settings.log_level)
    stop = _stop_event()
    database = Database(
        settings.sequencer_url or "", min_size=1, max_size=2, statement_timeout=60_000, application="carnet-sequencer"
    )
    while not stop.is_set():
        try:
            await database.open()
        except Unavailable:
            continue
        break
    try:
        place, open_signer = place_of(settings), functools.partial(_signer, settings)
        await keep_sequencing(place, database=database, open_signer=open_signer, stop=stop)
    finally:
        await database.close()


async def monitor_until_stopped(settings: Settings, monitor: Monitor, *, once: bool) -> int:
    """Look every few seconds until stopped; with `once`, once. Return 1 when something was found wrong."""
    configure_logging(settings.log_level)
    stop = _stop_event()
    while True:
        fine = monitor.check()
        if once:
            return 0 if fine else 1
        try:
            await asyncio.wait_for(stop.wait(), LOOK_SECONDS)
        except TimeoutError:
            continue
        return 1 if monitor.alarms.raised else 0


async def audit_command(settings: Settings) -> int:
    """Compare every journal row with the public log and say what differs. Return 1 when something does."""
    log, found = LogView(log_folder(settings)), 0
    async with patient_database(settings.sequencer_url) as database:
        async for one in audit(database, log=log, at=clock.now()):
            found += 1
            sys.stdout.write(f"{one.kind}\t{one.where}\n")
    sys.stdout.write(f"{found} differences from the log of {log.size} entries.\n")
    return 1 if found else 0


async def begin_log_command(settings: Settings, *, actor: Actor) -> None:
    """Have every entry sealed anew in the log the settings name. Raises Conflict when it is not new."""
    owner = Database(settings.owner_url or "", min_size=1, max_size=1, statement_timeout=24 * 3_600_000)
    await owner.open()
    try:
        waiting = await begin_log(actor=actor, owner=owner, origin=log_origin(settings), at=clock.now())
    finally:
        await owner.close()
    sys.stdout.write(f"{waiting} entries wait to be sealed in {log_origin(settings)}.\n")


def house_monitor(settings: Settings, *, log_key: str, where: str) -> Monitor:
    """Return the operator's own monitor: it also reads the receipts of this machine's processes."""
    place = place_of(settings)
    keys = tuple(one.key for one in place.witnesses)
    trusted = Trusted(log=VerifierKey.parse(log_key), witnesses=keys, quorum=place.quorum)
    folder = journal_folder(settings)
    return Monitor(
        source=open_log(where),
        trusted=trusted,
        state=folder / "monitor",
        alarms=Alarms(folder / "monitor" / "alarms", by="monitor"),
        receipts=receipts_folder(settings),
    )


def prepare_sandbox_log(settings: Settings) -> tuple[str, dict[str, str]]:
    """Make the keys of the sandbox's signer and witnesses on first use; return the log's key and the settings."""
    origin = log_origin(settings)
    key = Signer.of(journal_folder(settings) / "signer", origin).public
    pairs = []
    for number in range(1, SANDBOX_WITNESSES + 1):
        witness = Witness.of(witness_folder(settings, number), name=f"witness-{number}.invalid", logs=[key])
        pairs.append(f"{witness.public} http://127.0.0.1:{witness_port(settings, number)}")
    return str(key), {"CARNET_JOURNAL_ORIGIN": origin, "CARNET_JOURNAL_WITNESSES": ", ".join(pairs)}


def witness_folder(settings: Settings, number: int) -> Path:
    """Return the folder of a sandbox witness: key and memory, apart from the house's own."""
    return settings.home / "sandbox" / f"witness-{number}"


def witness_port(settings: Settings, number: int) -> int:
    """Return where a sandbox witness answers: after the simulators, the mailbox and one to spare."""
    return settings.port + 3 + number


async def _signer(settings: Settings) -> SignerLine:
    if settings.journal_signer:
        return await SignerLine.to_socket(Path(settings.journal_signer))
    folder = journal_folder(settings) / "signer"
    command = [sys.executable, "-m", "carnet", "signer", "--folder", str(folder), "--origin", log_origin(settings)]
    return await SignerLine.to_child(command)


def _stop_event() -> asyncio.Event:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, stop.set)
    return stop
