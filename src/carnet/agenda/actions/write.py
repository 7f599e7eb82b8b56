"""An entry is added to the agenda, or changed: by its person, or by who acts for them and may."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from carnet.access.api import Look, Need, look_in
from carnet.agenda.data import MOST_REMINDERS, Entry, Kind, Said
from carnet.agenda.errors import FULL_DAY
from carnet.agenda.queries.holding import hold
from carnet.agenda.queries.opening import seal_words
from carnet.agenda.queries.shown import SHOWN, shown_to
from carnet.agenda.rules.entries import Written, check_said
from carnet.infra.db import Work, work
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Reason, refuse
from carnet.kernel.errors import Invalid, NotFound
from carnet.kernel.ids import SpaceId
from carnet.spaces.api import zone_in

ADD: Final = {Kind.APPOINTMENT: Act.ADD_APPOINTMENT, Kind.REMINDER: Act.ADD_REMINDER}
CHANGE: Final = {Kind.APPOINTMENT: Act.CHANGE_APPOINTMENT, Kind.REMINDER: Act.CHANGE_REMINDER}
# ## Sent twice by one form, it is written once ##
_ADD: Final = """
INSERT INTO agenda_entry (space_id, entry_id, kind, starts_at, zone, status, words_enc, by_delegation, recorded_at,
  changed_at, due_at, told_at)
VALUES (%(space)s, %(entry)s, %(kind)s, %(starts_at)s, %(zone)s, %(status)s, %(words)s, %(by)s, %(at)s, %(at)s,
  %(due_at)s, %(told_at)s)
ON CONFLICT (space_id, entry_id) DO NOTHING
"""
# ## What its person says in other words is theirs since then, whoever wrote it before (`queries.shown`) ##
_CHANGE: Final = """
UPDATE agenda_entry SET starts_at = %(starts_at)s, zone = %(zone)s, status = %(status)s, words_enc = %(words)s,
  changed_at = %(at)s, due_at = %(due_at)s,
  told_at = CASE WHEN due_at = %(due_at)s THEN told_at ELSE %(told_at)s END,
  by_delegation = CASE WHEN %(theirs)s THEN NULL ELSE by_delegation END,
  recorded_at = CASE WHEN %(theirs)s THEN %(at)s ELSE recorded_at END
WHERE space_id = %(space)s AND entry_id = %(entry)s
"""
# ## Of those the writer knows of: a full day must tell nobody of what is kept from them ##
_THAT_DAY: Final = f"""
SELECT count(*) FROM agenda_entry e
WHERE e.space_id = %(space)s AND e.kind = 'reminder' AND e.starts_at = %(starts_at)s AND e.entry_id <> %(entry)s
  AND {SHOWN}
"""


async def add_entry(*, actor: Actor, space: SpaceId, entry: UUID, said: Said, at: datetime) -> None:
    """Add an entry under an id its form brought, so that sending it twice is harmless. Raises Invalid, Refused."""
    async with work(space=space, at=at) as w:
        seen = await look_in(w, actor=actor, changing=True)
        decision = seen.decide(Need.WRITE_AGENDA)
        if decision.allowed:
            await w.execute(_ADD, await _row(w, seen, entry, said))
        await record(w, ADD[said.kind], decision, actor=actor)
    decision.raise_if_refused()


async def change_entry(*, actor: Actor, space: SpaceId, entry: UUID, said: Said, at: datetime) -> None:
    """Write an entry anew; an appointment that was cancelled is on again. Raises Invalid, Refused, NotFound."""
    async with work(space=space, at=at) as w:
        seen = await look_in(w, actor=actor, changing=True)
        decision = seen.decide(Need.WRITE_AGENDA)
        there = await hold(w, actor=actor, entry=entry, keys=seen.opened_keys) if decision.allowed else None
        found = there if there is not None and there.kind is said.kind else None
        if found is not None:
            await w.execute(_CHANGE, await _row(w, seen, entry, said, before=found))
        told = decision if found or not decision.allowed else refuse(Reason.HIDDEN)
        await record(w, CHANGE[said.kind], told, actor=actor)
    decision.raise_if_refused()
    if found is None:
        raise NotFound


async def _row(w: Work, seen: Look, entry: UUID, said: Said, *, before: Entry | None = None) -> dict[str, Any]:
    """Return the parameters of a checked entry. What its day was past when it was written is told to nobody who wrote.

    before: the entry it replaces, whose clock it keeps.
    """
    zone = before.zone if before is not None else await zone_in(w, keys=seen.opened_keys)
    written = check_said(said, zone=zone, at=w.at)
    await _refuse_a_full_day(w, seen.actor, written, entry)
    mine = seen.actor.space == w.space_id
    known = mine and written.due_at <= w.at
    return {
        "space": w.space_id,
        "entry": entry,
        "kind": str(written.kind),
        "starts_at": written.starts_at,
        "zone": zone,
        "status": "booked" if written.kind is Kind.APPOINTMENT else None,
        "words": seal_words(written.words, entry=entry, keys=seen.opened_keys),
        "by": seen.actor.delegation,
        "at": w.at,
        "due_at": written.due_at,
        "told_at": w.at if known else None,
        "theirs": mine and before is not None and written.words != before.words,
    }


async def _refuse_a_full_day(w: Work, actor: Actor, written: Written, entry: UUID) -> None:
    params = shown_to(actor, space=w.space_id, at=w.at) | {"starts_at": written.starts_at, "entry": entry}
    if written.kind is Kind.REMINDER and (row := await w.row(_THAT_DAY, params)) and row[0] >= MOST_REMINDERS:
        raise Invalid(FULL_DAY)
