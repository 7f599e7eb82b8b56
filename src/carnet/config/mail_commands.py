"""Mail on the command line: see what was set aside and why, have it tried again, give it up."""

import asyncio
from collections.abc import Callable
from uuid import UUID

import cyclopts

from carnet.config.settings import Settings


def add_mail_commands(app: cyclopts.App, settings: Callable[[], Settings]) -> None:
    """Add `carnet quarantine` to the command line."""
    quarantine = cyclopts.App(name="quarantine", help="Mail that waits for a decision: never what it says.")
    app.command(quarantine)

    @quarantine.command(name="list")
    def listing() -> None:
        """List mail set aside, with its reason, and mail for addresses nobody reads."""
        from carnet.config.mail_quarantine import list_command  # noqa: PLC0415 - each command loads only what it needs

        asyncio.run(list_command(settings()))

    @quarantine.command(name="replay")
    def replay(*, mail: UUID, space: UUID | None = None) -> None:
        """Have one piece of mail tried again (without --space: mail of an address nobody read)."""
        from carnet.config.mail_quarantine import replay_command  # noqa: PLC0415

        if not asyncio.run(replay_command(settings(), mail=mail, space=space)):
            raise SystemExit(1)

    @quarantine.command(name="drop")
    def drop(*, mail: UUID, space: UUID | None = None) -> None:
        """Give one piece of mail up for good; its trace stays (without --space: mail of an address nobody read)."""
        from carnet.config.mail_quarantine import drop_command  # noqa: PLC0415

        if not asyncio.run(drop_command(settings(), mail=mail, space=space)):
            raise SystemExit(1)
