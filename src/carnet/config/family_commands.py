"""What the desk does about representatives from the command line: record a guardian upon a document, end one."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import cyclopts

from carnet.access.api import end_representative, record_guardian
from carnet.config.connect import connected
from carnet.config.operator import operator
from carnet.config.settings import Settings
from carnet.identity.api import Ins, parse_birth_date, parse_ins
from carnet.infra import clock
from carnet.kernel.errors import CarnetError, NotFound
from carnet.kernel.ids import SpaceId
from carnet.spaces.api import Delegate, find_space

OID_NIR = "1.2.250.1.213.1.4.8"
PARIS = ZoneInfo("Europe/Paris")


def add_family_commands(app: cyclopts.App, settings: Callable[[], Settings]) -> None:
    """Add the commands to `app`. settings: reads the settings, when a command needs them."""
    family = cyclopts.App(name="family", help="Guardians and representatives: recorded and ended upon a document.")
    app.command(family)

    @family.command(name="record-guardian")
    def record(
        *,
        person: str,
        guardian: str,
        birth_name: str,
        given_name: str,
        born: str,
        measure: str,
        proof: str,
        until: date,
        oid: str = OID_NIR,
    ) -> None:
        """Let a guardian act for a protected adult until a day (included).

        --person, --guardian: matricules; --birth-name, --given-name, --born: of the guardian; --measure: tutelle,
        curatelle (looks, changes nothing) or habilitation; --proof: which document was seen; --oid: authority of
        both numbers.
        """
        last = datetime.combine(until + timedelta(days=1), time(), PARIS)
        who = (guardian, birth_name, given_name, born)
        raise SystemExit(_run(_record(settings(), oid, person, who, measure, proof, last)))

    @family.command(name="end-representative")
    def end(*, person: str, delegation: UUID, oid: str = OID_NIR) -> None:
        """End the delegation of a representative upon a decision that was shown. --delegation: named in the journal."""
        raise SystemExit(_run(_end(settings(), oid, person, delegation)))


async def _record(
    settings: Settings, oid: str, person: str, who: tuple[str, str, str, str], measure: str, proof: str, last: datetime
) -> str:
    matricule, birth_name, given_name, born = who
    async with connected(settings, name="carnet-operator"):
        space, ins = await _found(settings, person, oid), _ins(settings, matricule, oid)
        delegate = Delegate(
            ins=ins,
            birth_name=birth_name,
            given_name=given_name,
            birth_date=parse_birth_date(born),
            name=f"{given_name} {birth_name}",
        )
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


async def _end(settings: Settings, oid: str, person: str, delegation: UUID) -> str:
    async with connected(settings, name="carnet-operator"):
        space = await _found(settings, person, oid)
        await end_representative(actor=operator(), space=space, delegation=delegation, at=clock.now())
    return "Ended.\n"


async def _found(settings: Settings, matricule: str, oid: str) -> SpaceId:
    space = await find_space(_ins(settings, matricule, oid))
    if space is None:
        raise NotFound
    return space


def _ins(settings: Settings, matricule: str, oid: str) -> Ins:
    return parse_ins(matricule=matricule, oid=oid, accepted_oids=settings.ins_oids)


def _run(work: Awaitable[str]) -> int:
    async def said() -> str:
        return await work

    try:
        sys.stdout.write(asyncio.run(said()))
    except CarnetError as error:
        words = " ".join(one.en for one in error.problems) or "Nobody here has this number, or nothing is there to end."
        sys.stderr.write(f"{words}\n")
        return 1
    return 0
