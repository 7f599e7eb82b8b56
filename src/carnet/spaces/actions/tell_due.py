"""Tell people where the calendar says so: départements whose first day has come, each within its quota of the day.

Safe to run at any hour, as often as one likes and from several folders at once: what was told today is counted in the
database. A mail server that does not answer is not asked again for each département: letters go on, e-mails wait for
the next run. Ignored here: how somebody is told (inform), and who runs it (the worker, or the operator by `carnet
campaign notify`).
"""

from collections.abc import Collection
from datetime import date, datetime

import msgspec

from carnet.infra.db import Database, work
from carnet.kernel.actors import Actor
from carnet.kernel.errors import Conflict, Problem
from carnet.spaces.actions.inform import Telling, Told, inform
from carnet.spaces.letter_files import alone, settle
from carnet.spaces.queries.campaign import informed_today, is_anybody_to_tell
from carnet.spaces.rules.waves import come

EVERYBODY = 1_000_000
ELSEWHERE = Problem(
    code="notify-running",
    fr="Un autre envoi informe les mêmes personnes en ce moment : attendez qu'il soit fini.",
    en="Another run is telling the same people: wait for that to end.",
)


async def tell_due(
    *,
    actor: Actor,
    batch: Database,
    telling: Telling,
    begins: date,
    only: Collection[str] | None = None,
    most: int = EVERYBODY,
    at: datetime,
) -> dict[str, Told]:
    """Tell up to `most` people; return what was done, by département. begins: the first day of the campaign.

    only: these départements of those whose day has come. One where another run is telling people is left to that run,
    and the others go on. Raises Conflict (another run in this folder, or in every département with somebody to tell).
    """
    telling.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with alone(telling.folder):  # letters of a run that died get their name, whoever is still to be told
        await settle(telling.folder, batch, at)
    done: dict[str, Told] = {}
    for turn in come(begins, at):
        one, left = turn.departement, most - sum(told.people for told in done.values())
        if only is not None and one not in only:
            continue
        async with work(space=None, at=at, database_=batch) as w:
            room = turn.people_a_day - await informed_today(w, departement=one)
            waiting = await is_anybody_to_tell(w, departement=one)
        if min(room, left) > 0 and waiting:
            done[one] = await inform(
                actor=actor,
                batch=batch,
                departement=one,
                telling=telling,
                most=left,
                a_day=turn.people_a_day,
                at=at,
            )
            if done[one].halted:
                telling = msgspec.structs.replace(telling, transport=None)
    if done and all(told.elsewhere and not told.people for told in done.values()):
        raise Conflict(ELSEWHERE)
    return done
