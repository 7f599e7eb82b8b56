"""The desk on the command line: which emergencies and disputes are to be reviewed, until when; and how they ended.

A case is a number, a professional and dates: no content and no patient. Each look and each closing is journalled under
the name of who did it.
"""

import asyncio
import sys
from collections.abc import Callable
from uuid import UUID

import cyclopts

from carnet.config.settings import Settings


def add_cases_commands(app: cyclopts.App, settings: Callable[[], Settings]) -> None:
    """Add the commands to `app`. settings: reads the settings, when a command needs them."""
    cases = cyclopts.App(name="cases", help="Emergencies and disputed accesses to review. No content, no patient.")
    app.command(cases)

    @cases.command(name="list")
    def list_() -> None:
        """List the open cases, the most urgent first."""
        asyncio.run(list_command(settings()))

    @cases.command
    def close(case: UUID, *, outcome: str) -> None:
        """Close a case. --outcome: justified or unjustified (the review), recognised or withdrawn (the person)."""
        raise SystemExit(0 if asyncio.run(close_command(settings(), case=case, outcome=outcome)) else 1)


async def list_command(settings: Settings) -> None:
    """List the open cases, the most urgent first."""
    from carnet.access.api import list_cases
    from carnet.config.connect import connected
    from carnet.config.operator import operator
    from carnet.infra import clock

    at = clock.now()
    async with connected(settings, name="carnet-operator"):
        found = await list_cases(actor=operator(), at=at)
    for one in found:
        due = one.due_at.isoformat(timespec="seconds") + (" LATE" if one.is_late(at) else "")
        sys.stdout.write(f"{one.case}\t{one.kind}\t{one.rpps}\t{one.name}\t{one.finess or '-'}\tdue {due}\n")
    sys.stdout.write(f"{len(found)} open cases.\n")


async def close_command(settings: Settings, *, case: UUID, outcome: str) -> bool:
    """Close a case; return whether it was open and the outcome is one."""
    from carnet.access.api import Outcome, close_case
    from carnet.config.connect import connected
    from carnet.config.operator import operator
    from carnet.infra import clock
    from carnet.kernel.errors import NotFound

    known = {str(one): one for one in Outcome}
    if outcome not in known:
        sys.stderr.write(f"--outcome is one of {', '.join(known)}.\n")
        return False
    async with connected(settings, name="carnet-operator"):
        try:
            await close_case(actor=operator(), case=case, outcome=known[outcome], at=clock.now())
        except NotFound:
            sys.stdout.write("There is no such open case.\n")
            return False
    sys.stdout.write("Closed.\n")
    return True
