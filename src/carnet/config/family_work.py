"""What the commands about representatives do, loaded when one of them runs."""

import asyncio
import sys
from collections.abc import Awaitable
from datetime import datetime
from uuid import UUID

from carnet.access.api import bar_representative, end_representative, record_guardian
from carnet.config.connect import connected
from carnet.config.operator import operator
from carnet.config.settings import Settings
from carnet.identity.api import Ins, parse_birth_date, parse_ins
from carnet.infra import clock
from carnet.kernel.errors import CarnetError, NotFound
from carnet.kernel.ids import SpaceId
from carnet.spaces.api import Delegate, find_space


async def record(
    settings: Settings, oid: str, person: str, who: tuple[str, str, str, str], measure: str, proof: str, last: datetime
) -> str:
    """Record a guardian; return what to say. who: matricule, birth name, given name and birth date of the guardian."""
    async with connected(settings, name="carnet-operator"):
        space, delegate = await _found(settings, person, oid), _delegate(settings, oid, who)
        made = await record_guardian(
            actor=operator(),
            space=space,
            guardian=delegate,
            measure=measure,
            proof=proof,
            ends_at=last,
            at=clock.now(),
        )
    return f"Recorded: {made.hex}.\n"


async def bar(settings: Settings, oid: str, person: str, who: tuple[str, str, str, str], proof: str) -> str:
    """Keep somebody from representing a person; return what to say. who: as for `record`."""
    async with connected(settings, name="carnet-operator"):
        space = await _found(settings, person, oid)
        barred = _delegate(settings, oid, who)
        made = await bar_representative(actor=operator(), space=space, barred=barred, proof=proof, at=clock.now())
    return f"Barred: {made.hex}.\n"


async def end(settings: Settings, oid: str, person: str, delegation: UUID) -> str:
    """End a representative's delegation; return what to say."""
    async with connected(settings, name="carnet-operator"):
        space = await _found(settings, person, oid)
        await end_representative(actor=operator(), space=space, delegation=delegation, at=clock.now())
    return "Ended.\n"


async def _found(settings: Settings, matricule: str, oid: str) -> SpaceId:
    space = await find_space(_ins(settings, matricule, oid))
    if space is None:
        raise NotFound
    return space


def _delegate(settings: Settings, oid: str, who: tuple[str, str, str, str]) -> Delegate:
    matricule, birth_name, given_name, born = who
    return Delegate(
        ins=_ins(settings, matricule, oid),
        birth_name=birth_name,
        given_name=given_name,
        birth_date=parse_birth_date(born),
        name=f"{given_name} {birth_name}",
    )


def _ins(settings: Settings, matricule: str, oid: str) -> Ins:
    return parse_ins(matricule=matricule, oid=oid, accepted_oids=settings.ins_oids)


def finish(work: Awaitable[str]) -> int:
    """Run the work, say how it ended, and return the exit status."""

    async def said() -> str:
        return await work

    try:
        sys.stdout.write(asyncio.run(said()))
    except CarnetError as error:
        words = " ".join(one.en for one in error.problems) or "Nobody here has this number, or nothing is there to end."
        sys.stderr.write(f"{words}\n")
        return 1
    return 0
