"""Commands about search inside documents: can scans be read on this machine, and who has no words yet?"""

import asyncio
import sys
from collections.abc import Callable

import cyclopts

from carnet.config.settings import Settings


def add_text_commands(app: cyclopts.App, settings: Callable[[], Settings]) -> None:
    """Add the commands to `app`. settings: reads the settings, when a command needs them."""

    @app.command
    def texts(*, take: bool = False) -> None:
        """Say how many documents can be searched inside; --take has the words of the others taken out."""
        asyncio.run(_texts(settings(), take=take))


async def _texts(settings: Settings, *, take: bool) -> None:
    from carnet.config.connect import connected
    from carnet.config.operator import batch_database, operator
    from carnet.formats.recognition import PACKAGES
    from carnet.infra import clock
    from carnet.records.api import want_texts

    async with connected(settings, name="carnet-operator"), batch_database(settings) as batch:
        found = await want_texts(actor=operator(), batch=batch, take=take, at=clock.now())
    if found.able:
        sys.stdout.write("Scans are read here: tesseract with French is installed.\n")
    else:
        sys.stdout.write(f"Scans are NOT read here: install {PACKAGES} on the worker's machine, then --take.\n")
    for state, count in found.states.items():
        sys.stdout.write(f"{state}: {count} documents\n")
    if take:
        sys.stdout.write(f"{found.wanted} documents are handed to the worker.\n")
