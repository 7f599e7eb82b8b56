"""Mail on the command line: what was set aside and why, tried again or given up; what the DNS must say of our key."""

import asyncio
import sys
from collections.abc import Callable
from uuid import UUID

import cyclopts

from carnet.config.settings import Settings


def add_mail_commands(app: cyclopts.App, settings: Callable[[], Settings]) -> None:
    """Add `carnet quarantine` to the command line."""
    quarantine = cyclopts.App(name="quarantine", help="Mail that waits for a decision: never what it says.")
    app.command(quarantine)

    @app.command(name="dkim")
    def dkim() -> None:
        """Print the DNS record that lets others verify what we sign (CARNET_MSS_DKIM_KEY)."""
        from carnet.config.messaging_settings import signer_of

        try:
            signer = signer_of(settings())
        except (OSError, TypeError, ValueError) as error:
            sys.stderr.write(f"{error}\n")
            raise SystemExit(1) from error
        if signer is None:
            sys.stderr.write("CARNET_MSS_DKIM_KEY is not set: nothing is signed here.\n")
            raise SystemExit(1)
        name, text = signer.record()
        pieces = " ".join(f'"{text[at : at + 250]}"' for at in range(0, len(text), 250))
        sys.stdout.write(f"{name}. IN TXT ( {pieces} )\n")

    @quarantine.command(name="list")
    def listing() -> None:
        """List mail set aside, with its reason, and mail for addresses nobody reads or between professionals."""
        from carnet.config.mail_quarantine import list_command

        asyncio.run(list_command(settings()))

    @quarantine.command(name="replay")
    def replay(*, mail: UUID, space: UUID | None = None) -> None:
        """Have one piece of mail tried again (without --space: of an address nobody read, or between professionals)."""
        from carnet.config.mail_quarantine import replay_command

        if not asyncio.run(replay_command(settings(), mail=mail, space=space)):
            raise SystemExit(1)

    @quarantine.command(name="drop")
    def drop(*, mail: UUID, space: UUID | None = None) -> None:
        """Give one piece of mail up for good; its trace stays (without --space: as for replay)."""
        from carnet.config.mail_quarantine import drop_command

        if not asyncio.run(drop_command(settings(), mail=mail, space=space)):
            raise SystemExit(1)
