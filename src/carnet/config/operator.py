"""What an operator does from the command line; each act is journalled under the operator's name."""

import contextlib
import getpass
import sys
from collections.abc import AsyncIterator
from typing import Any

import msgspec

from carnet.config.connect import connected, open_kek
from carnet.config.settings import Settings
from carnet.identity.api import (
    DirectoryFeed,
    import_directory,
    register_app,
    register_software,
    set_software_status,
)
from carnet.infra import clock
from carnet.infra.db.database import Database, patient_database
from carnet.infra.vault import FileKek
from carnet.interfaces.oauth.keys import rotate_token_keys
from carnet.journeys.api import (
    KeyFiles,
    collect_orphans,
    count_events,
    list_dead_letters,
    list_identity_flags,
    retire_key,
    retry_dead_letter,
    rotate_keys,
)
from carnet.kernel.actors import Actor, ActorKind


def operator() -> Actor:
    """Return who is at the command line."""
    name = getpass.getuser()
    return Actor(kind=ActorKind.OPERATOR, identifier=name, name=name, strong=True)


async def register_software_command(
    settings: Settings, *, client_id: str, name: str, finess: str, jwks: dict[str, Any], scopes: tuple[str, ...]
) -> None:
    """Register or update a software."""
    async with connected(settings, name="carnet-operator"):
        await register_software(
            actor=operator(), client_id=client_id, name=name, finess=finess, jwks=jwks, scopes=scopes, at=clock.now()
        )
    sys.stdout.write(f"{client_id} is registered.\n")


async def register_app_command(
    settings: Settings, *, client_id: str, launch_url: str, redirect_uris: tuple[str, ...]
) -> None:
    """Register or change the pages of a software."""
    async with connected(settings, name="carnet-operator"):
        await register_app(
            actor=operator(), client_id=client_id, launch_url=launch_url, redirect_uris=redirect_uris, at=clock.now()
        )
    sys.stdout.write(f"{client_id} can be launched.\n")


async def software_status_command(settings: Settings, *, client_id: str, active: bool) -> None:
    """Suspend or reinstate a software."""
    async with connected(settings, name="carnet-operator"):
        await set_software_status(actor=operator(), client_id=client_id, active=active, at=clock.now())
    sys.stdout.write(f"{client_id} is {'active' if active else 'suspended'}.\n")


async def import_directory_command(settings: Settings, feed: bytes) -> None:
    """Import a directory feed."""
    content = msgspec.json.decode(feed, type=DirectoryFeed)
    async with connected(settings, name="carnet-operator"):
        await import_directory(actor=operator(), feed=content, at=clock.now())
    sys.stdout.write(f"{len(content.organisations)} organisations, {len(content.professionals)} professionals.\n")


async def rotate_keys_command(settings: Settings) -> None:
    """Make a new key-encryption key, wrap everything with it, retire the older ones. Safe to interrupt and repeat."""
    kek, folder = open_kek(settings), settings.home / "keys"
    if isinstance(kek, FileKek):
        kek.promote(kek.add_key())
    async with connected(settings, name="carnet-operator"), batch_database(settings) as batch:
        files = KeyFiles(index=folder / "index.key", house=folder / "house.key")
        rotated = await rotate_keys(actor=operator(), batch=batch, files=files, at=clock.now())
    if (folder / "tokens.key").exists():
        rotate_token_keys(folder / "tokens.key", kek=kek)
    sys.stdout.write(f"{rotated}\nRestart web and worker, then retire the old key: carnet keys retire ID\n")


async def retire_key_command(settings: Settings, *, key: int) -> None:
    """Forget an old key-encryption key; refused while anything is still wrapped with it."""
    files = [path for path in (settings.home / "keys").glob("*.key") if path != settings.kek_file]
    async with connected(settings, name="carnet-operator"), batch_database(settings) as batch:
        await retire_key(actor=operator(), key=key, batch=batch, files=files, at=clock.now())
    sys.stdout.write(f"Key {key} is forgotten.\n")


async def collect_blobs_command(settings: Settings) -> None:
    """Remove the bytes of deposits that never finished."""
    async with connected(settings, name="carnet-operator"), batch_database(settings) as batch:
        collected = await collect_orphans(actor=operator(), batch=batch, at=clock.now())
    sys.stdout.write(f"{collected.intents} unfinished deposits ended, {collected.blobs} contents removed.\n")


async def dead_letters_command(settings: Settings, *, retry: int | None) -> None:
    """List events that could not be handled, or hand one over again."""
    async with connected(settings, name="carnet-operator"):
        at = clock.now()
        if retry is not None:
            await retry_dead_letter(actor=operator(), job=retry, at=at)
            sys.stdout.write(f"Event {retry} will be handled again.\n")
            return
        letters, counts = await list_dead_letters(at=at), await count_events(at=at)
    waiting, doing = counts.get("todo", 0), counts.get("doing", 0)
    sys.stdout.write(f"{waiting} events wait, {doing} are being handled, {counts.get('failed', 0)} were given up.\n")
    for one in letters:
        when = one.failed_at.isoformat(timespec="seconds") if one.failed_at else "-"
        sys.stdout.write(f"{one.job}\t{one.event}\t{one.attempts} attempts\t{when}\n")


async def flags_command(settings: Settings) -> None:
    """List deposits whose identity differed in a way that does not refuse them: ids and names of traits only."""
    async with connected(settings, name="carnet-operator"), batch_database(settings) as batch:
        found = await list_identity_flags(actor=operator(), batch=batch, at=clock.now())
    if not found.newest:
        sys.stdout.write("No document differs from its person's identity.\n")
    for trait, number in found.counts.items():
        sys.stdout.write(f"{trait}: {number} documents\n")
    for one in found.newest:
        received = one.received_at.isoformat(timespec="seconds")
        sys.stdout.write(f"{received}\t{one.document}\t{one.client_id or '-'}\t{', '.join(one.flags)}\n")


@contextlib.asynccontextmanager
async def batch_database(settings: Settings) -> AsyncIterator[Database]:
    """Open the database as carnet_batch, with patience."""
    async with patient_database(settings.batch_url) as batch:
        yield batch
