"""The clock against the last time the house knows it ran: after a leap nobody is opened, told, and nothing erased.

Whatever runs unattended moves the mark a little; only somebody at the command line moves it far. Were the newest entry
of the journal asked instead, the first sign-in after the leap would make it right. By a clock that is late nothing is
due too early, but whoever is told by it has their six weeks cut short once it is mended: it is not believed either.
Ignored here: the first run of a house, which has nothing to compare with.
"""

from datetime import datetime, timedelta

from carnet.infra.db import Database, work
from carnet.journal.actions.record import record
from carnet.journal.data import Act
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow
from carnet.kernel.errors import Problem, Refused

LEAP = timedelta(days=7)
"""How far ahead of its last run a house believes the clock: a week of standing still, holidays included."""
LATE = timedelta(days=1)
"""How far behind its last run: machines of one house differ by seconds, a day is a clock that was lost."""

_KEEP = """
INSERT INTO house_clock AS known (at) VALUES (%(at)s)
ON CONFLICT (one) DO UPDATE SET at = greatest(known.at, excluded.at)
WHERE excluded.at BETWEEN known.at - %(late)s AND known.at + %(leap)s
RETURNING at
"""
_KNOWN = "SELECT at FROM house_clock"
_SET = """
INSERT INTO house_clock (at) VALUES (%(at)s) ON CONFLICT (one) DO UPDATE SET at = excluded.at
"""


async def keep_time(*, batch: Database, at: datetime) -> None:
    """Note that the house runs at `at`; raise Refused when that is `LEAP` after the last time it did, or `LATE` before.

    What begins a delay by its time asks as well as what a delay ends.
    """
    async with work(space=None, at=at, database_=batch) as w:
        if await w.row(_KEEP, {"at": at, "leap": LEAP, "late": LATE}) is None:
            known = await w.row(_KNOWN)
            raise Refused(_apart(at, known[0] if known else at))


async def confirm_time(*, actor: Actor, batch: Database, at: datetime) -> None:
    """The operator says that the clock is right: what is due by it is done again."""
    async with work(space=None, at=at, database_=batch) as w:
        known = await w.row(_KNOWN)
        await w.execute(_SET, {"at": at})
        details = {"known": known[0].isoformat()} if known else {}
        await record(w, Act.CONFIRM_CLOCK, allow(Ground.DUTY), actor=actor, details=details)


def _apart(at: datetime, known: datetime) -> Problem:
    now, last = (f"{one:%Y-%m-%d %H:%M} UTC" for one in (at, known))
    return Problem(
        code="clock-ahead" if at > known else "clock-behind",
        fr=f"L'horloge dit {now}, et la dernière marche connue est du {last} : rien n'a été ouvert, envoyé ni effacé. "
        "Si l'horloge est juste, dites-le : carnet campaign open --clock-is-right",
        en=f"The clock says {now}, and the house last ran on {last}: nothing was opened, sent or erased. "
        "If the clock is right, say so: carnet campaign open --clock-is-right",
    )
