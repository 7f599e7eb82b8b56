"""Commands about spaces that are left: suspended, lifted, a death; what is due; what a restored backup brought back."""

import asyncio
import sys
from collections.abc import Callable
from typing import Literal

import cyclopts

from carnet.config.settings import Settings
from carnet.kernel.errors import CarnetError, Refused
from carnet.kernel.legal_day import legal_day

Step = Literal["suspend", "lift", "death"]


def add_leaving_commands(app: cyclopts.App, settings: Callable[[], Settings]) -> None:
    """Add the commands to `app`. settings: reads the settings, when a command needs them."""
    spaces = cyclopts.App(name="space", help="One space: suspend it, lift the suspension, note a death.")
    erasures = cyclopts.App(name="erasures", help="Closings and erasures that are due; those a backup undid.")
    app.command(spaces)
    app.command(erasures)

    @spaces.command
    def suspend(matricule: str, *, motive: Literal["fraud", "malfunction"]) -> None:
        """Suspend the space of this INS; it closes after CARNET_SUSPENSION_DAYS unless its holder objects."""
        raise SystemExit(asyncio.run(_step(settings(), "suspend", matricule, motive)))

    @spaces.command
    def lift(matricule: str) -> None:
        """Lift the suspension: the holder objected, or the incident is solved."""
        raise SystemExit(asyncio.run(_step(settings(), "lift", matricule, "")))

    @spaces.command
    def death(matricule: str) -> None:
        """Note the death of the holder: nobody signs in any more, the archive begins."""
        raise SystemExit(asyncio.run(_step(settings(), "death", matricule, "")))

    @erasures.command(name="run")
    def run_() -> None:
        """Close and erase what is due now (the worker does it every hour)."""
        raise SystemExit(asyncio.run(_due(settings())))

    @erasures.command
    def repeat() -> None:
        """After a restore: erase again what was erased since the backup. Before web and worker are started."""
        raise SystemExit(asyncio.run(_repeat(settings())))


async def _step(settings: Settings, step: Step, matricule: str, motive: str) -> int:
    from carnet.config.connect import connected
    from carnet.config.operator import operator
    from carnet.infra import clock
    from carnet.journeys.api import lift_suspension, record_death, space_of_matricule, suspend_space
    from carnet.spaces.api import Motive

    async with connected(settings, name="carnet-operator"):
        at, actor = clock.now(), operator()
        try:
            space = await space_of_matricule(matricule)
            if step == "suspend":
                life = await suspend_space(actor=actor, space=space, motive=Motive(motive), at=at)
            elif step == "lift":
                life = await lift_suspension(actor=actor, space=space, at=at)
            else:
                life = await record_death(actor=actor, space=space, at=at)
        except CarnetError as refused:
            sys.stderr.write("".join(f"{one.en}\n" for one in refused.problems) or "There is no such space.\n")
            return 1
    follows = f"; {life.due_event} on {legal_day(life.due_at)}" if life.due_at else ""
    sys.stdout.write(f"{life.state}{follows}\n")
    return 0


async def _due(settings: Settings) -> int:
    from carnet.config.connect import connected
    from carnet.config.operator import batch_database, operator
    from carnet.config.wiring import erasure_list
    from carnet.infra import clock
    from carnet.journal.api import keep_time
    from carnet.journeys.api import carry_out_due

    at = clock.now()
    async with connected(settings, name="carnet-operator"), batch_database(settings) as batch:
        try:
            await keep_time(batch=batch, at=at)
        except Refused as refused:
            sys.stderr.write(f"{refused.problems[0].en}\n")
            return 1
        done = await carry_out_due(actor=operator(), batch=batch, listed=erasure_list(settings), at=at)
    sys.stdout.write("".join(f"{event}: {number}\n" for event, number in done.items()) or "Nothing is due.\n")
    return 0


async def _repeat(settings: Settings) -> int:
    from carnet.config.connect import connected
    from carnet.config.operator import batch_database, operator
    from carnet.config.wiring import erasure_list
    from carnet.infra import clock
    from carnet.journeys.api import repeat_erasures

    async with connected(settings, name="carnet-operator"), batch_database(settings) as batch:
        again = await repeat_erasures(actor=operator(), batch=batch, listed=erasure_list(settings), at=clock.now())
    sys.stdout.write(f"{again} spaces were erased again.\n")
    return 0
