"""What an operator does from the command line; each act is journalled under the operator's name."""

import getpass
import sys
from pathlib import Path
from typing import Any

import msgspec

from carnet.config.connect import connected
from carnet.config.settings import Settings
from carnet.identity.api import DirectoryFeed, import_directory, register_software, set_software_status
from carnet.infra import clock
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


async def software_status_command(settings: Settings, *, client_id: str, active: bool) -> None:
    """Suspend or reinstate a software."""
    async with connected(settings, name="carnet-operator"):
        await set_software_status(actor=operator(), client_id=client_id, active=active, at=clock.now())
    sys.stdout.write(f"{client_id} is {'active' if active else 'suspended'}.\n")


async def import_directory_command(settings: Settings, feed: Path) -> None:
    """Import a directory feed."""
    content = msgspec.json.decode(feed.read_bytes(), type=DirectoryFeed)
    async with connected(settings, name="carnet-operator"):
        await import_directory(actor=operator(), feed=content, at=clock.now())
    sys.stdout.write(f"{len(content.organisations)} organisations, {len(content.professionals)} professionals.\n")
