"""Commands about those who work at the desk: who is an agent, who no longer is."""

import asyncio
import sys
from collections.abc import Callable

import cyclopts

from carnet.config.settings import Settings
from carnet.kernel.errors import CarnetError


def add_agent_commands(app: cyclopts.App, settings: Callable[[], Settings]) -> None:
    """Add the commands to `app`. settings: reads the settings, when a command needs them."""
    agents = cyclopts.App(name="agents", help="Agents of the desk and pilots: add, end, list.")
    app.command(agents)

    @agents.command
    def add(*, reference: str, email: str, name: str, desk: str, departement: str = "", pilot: bool = False) -> None:
        """Make somebody an agent of the desk; --pilot: of the indicators instead.

        --reference: what journals name them by (S-1042); --email: their address at ProConnect; --desk: what people
        are told they are ("Service d'aide 3422"); --departement: of a desk overseas ("974"), whose days are counted
        there.
        """
        kind = "pilot" if pilot else "agent"
        told = {"reference": reference, "email": email, "name": name, "desk": desk, "departement": departement}
        raise SystemExit(asyncio.run(_add(settings(), kind, **told)))

    @agents.command
    def end(reference: str) -> None:
        """End an agent's duty: they are signed out at their next request."""
        raise SystemExit(asyncio.run(_end(settings(), reference)))

    @agents.command(name="list")
    def list_() -> None:
        """List everybody on duty."""
        raise SystemExit(asyncio.run(_list(settings())))


async def _add(settings: Settings, kind: str, **told: str) -> int:
    from carnet.config.connect import connected
    from carnet.config.operator import batch_database, operator
    from carnet.identity.api import add_agent
    from carnet.infra import clock

    async with connected(settings, name="carnet-operator"), batch_database(settings) as batch:
        try:
            await add_agent(actor=operator(), batch=batch, kind=kind, at=clock.now(), **told)
        except CarnetError as refused:
            sys.stderr.write("".join(f"{one.en}\n" for one in refused.problems))
            return 1
    sys.stdout.write(f"{told['reference']} is on duty.\n")
    return 0


async def _end(settings: Settings, reference: str) -> int:
    from carnet.config.connect import connected
    from carnet.config.operator import batch_database, operator
    from carnet.identity.api import end_agent
    from carnet.infra import clock

    async with connected(settings, name="carnet-operator"), batch_database(settings) as batch:
        try:
            await end_agent(actor=operator(), batch=batch, reference=reference, at=clock.now())
        except CarnetError:
            sys.stderr.write(f"Nobody on duty has the reference {reference}.\n")
            return 1
    sys.stdout.write(f"{reference} is off duty.\n")
    return 0


async def _list(settings: Settings) -> int:
    from carnet.config.connect import connected
    from carnet.identity.api import agents_on_duty

    async with connected(settings, name="carnet-operator"):
        for one in await agents_on_duty():
            sys.stdout.write("\t".join(one) + "\n")
    return 0
