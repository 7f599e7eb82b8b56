"""A result is held until somebody explains it: for some days, with a reason; the person knows that it waits.

While it is held it carries INVISIBLE_PATIENT, on all its versions: the person opened none. One that came invisible
after others were in sight is held alone (decision 0188). The person sees that a result will be explained, before which
date and by whom, and may ask for it now: whoever holds it is told at once, and it is shown after 48 hours
at the latest (a setting), never after the date promised. Once for each document: whoever could hold it again and again
would never have to explain it, and its end is told once. Sources: L1111-2 (information given in an individual talk),
L1111-7 CSP (access on one's own demand, at the earliest after 48 hours of reflection); decision 0030.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from carnet.access.api import Look, Need, is_kept_apart, look_in
from carnet.infra import randomness
from carnet.infra.db import Work, work
from carnet.infra.installation import current
from carnet.infra.jobs.outbox import publish
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Decision, Reason, refuse
from carnet.kernel.errors import Conflict, Invalid, NotFound, Problem
from carnet.kernel.ids import SpaceId
from carnet.records.actions.confidentiality import Relabelling, lock_versions
from carnet.records.data import DocumentEntry
from carnet.records.events import ResultAsked, ResultHeld
from carnet.records.queries.reading import facts_of


class HoldReason(StrEnum):
    """Why a result waits before its person sees it."""

    TO_ANNOUNCE = "to-announce"
    TO_EXPLAIN = "to-explain"
    TO_CONFIRM = "to-confirm"


BAD_DAYS = Problem(
    code="hold-days",
    fr="Un résultat peut être retenu de 1 jour au maximum autorisé.",
    en="A result may be held from 1 day to the longest allowed.",
    path="days",
)
ALREADY_HELD = Problem(
    code="already-held",
    fr="Ce résultat est ou a déjà été retenu : il ne peut l'être qu'une fois.",
    en="This result is or was held already: it can be held only once.",
    path="document",
)
ALREADY_SEEN = Problem(
    code="already-seen",
    fr="La personne a déjà ouvert ce document : il ne peut plus être retenu.",
    en="The person already opened this document: it can no longer be held.",
    path="document",
)
_SEEN = """
SELECT 1 FROM document_reading r JOIN account a USING (account_id)
WHERE r.space_id = %(space)s AND r.document_id = ANY(%(documents)s) AND a.space_id = %(space)s
"""
_HELD = "SELECT 1 FROM document_hold WHERE space_id = %(space)s AND logical_id = %(logical)s"
_HOUSE = "SELECT name FROM care_organisation WHERE finess = %s"
_HOLD = """
INSERT INTO document_hold (space_id, hold_id, logical_id, reason, held_by, held_by_name, finess, opened_at, until,
  due_at)
VALUES (%(space)s, %(id)s, %(logical)s, %(reason)s, %(by)s, %(name)s, %(finess)s, %(at)s, %(until)s, %(until)s)
"""
_ASK = """
UPDATE document_hold SET asked_at = %(at)s, due_at = least(until, %(due_at)s)
WHERE space_id = %(space)s AND hold_id = %(id)s AND released_at IS NULL AND asked_at IS NULL AND NOT ({apart})
RETURNING held_by, due_at
"""
_WAIT_AFTER_ALL = """
UPDATE document_hold SET asked_at = NULL, due_at = until
WHERE space_id = %(space)s AND hold_id = %(id)s AND released_at IS NULL AND asked_at IS NOT NULL
  AND NOT ({apart})
RETURNING held_by, due_at
"""


async def hold_document(
    *, actor: Actor, space: SpaceId, document: UUID, days: int, reason: HoldReason, at: datetime
) -> UUID:
    """Hold a result for `days`; return the id of the hold. By the organisation it came from only.

    Raises NotFound (absent, another's), Refused (masked: the codes exclude each other; not the current version),
    Invalid (days; already opened by the person), Conflict (held before).
    """
    if not 1 <= days <= current().limits.access.hold_days:
        raise Invalid(BAD_DAYS)
    hold = randomness.uuid4()
    async with work(space=space, at=at) as w:
        seen, versions = await lock_versions(w, actor=actor, document=document)
        asked = next((entry for entry in versions if entry.document_id == document), None)
        decision = _decide(seen, asked)
        await record(w, Act.HOLD_DOCUMENT, decision, actor=actor, on=(document,) if asked else ())
        if decision.allowed and asked is not None:
            held = [entry for entry in versions if entry.invisible_patient >= asked.invisible_patient]
            await _check(w, held)
            relabelling = Relabelling(w, seen.opened_keys)
            for entry in held:
                await relabelling.put(entry, masque_ps=False, invisible_patient=True)
            until = at + timedelta(days=days)
            await _keep(w, actor, hold, asked.logical_id, reason, until)
            await publish(w, ResultHeld(space=space, hold=hold, at=at))
    if decision.reason in {Reason.CODES_EXCLUDE_EACH_OTHER, Reason.NOT_CURRENT}:
        decision.raise_if_refused()
    if not decision.allowed:
        raise NotFound
    return hold


async def ask_result(*, actor: Actor, space: SpaceId, hold: UUID, wanted: bool = True, at: datetime) -> datetime:
    """The person asks to see a held result now, or would rather wait after all; return when it is shown at the latest.

    Raises NotFound (no such hold this session may be told of, already asked), Refused (not the person).
    """
    due_at = at + timedelta(hours=current().limits.access.asked_hours)
    async with work(space=space, at=at) as w:
        decision = (await look_in(w, actor=actor)).decide(Need.OWN_RULES)
        await record(w, Act.ASK_RESULT, decision, actor=actor, details={"wanted": wanted})
        row = None
        if decision.allowed:
            apart = is_kept_apart(actor, "document_hold.logical_id", at=at)
            statement = (_ASK if wanted else _WAIT_AFTER_ALL).format(apart=apart.sql)
            params = {"space": space, "id": hold, "at": at, "due_at": due_at} | dict(apart.params or {})
            row = await w.row(statement, params)
            if row is None:
                raise NotFound
            if wanted:
                await publish(w, ResultAsked(space=space, hold=hold, held_by=row[0], due_at=row[1]))
    decision.raise_if_refused()
    return row[1] if row is not None else due_at


def _decide(seen: Look, asked: DocumentEntry | None) -> Decision:
    if asked is None:
        decision = seen.decide(Need.HOLD)
        return refuse(Reason.HIDDEN) if decision.allowed else decision
    decision = seen.decide(Need.HOLD, facts_of(asked))
    return refuse(Reason.CODES_EXCLUDE_EACH_OTHER) if decision.allowed and asked.masque_ps else decision


async def _check(w: Work, versions: list[DocumentEntry]) -> None:
    params = {"space": w.space_id, "documents": [entry.document_id for entry in versions]}
    if await w.row(_SEEN, params) is not None:
        raise Invalid(ALREADY_SEEN)
    if await w.row(_HELD, {"space": w.space_id, "logical": versions[0].logical_id}) is not None:
        raise Conflict(ALREADY_HELD)


async def _keep(w: Work, actor: Actor, hold: UUID, logical: UUID, reason: HoldReason, until: datetime) -> None:
    """By whom: the professional, or the organisation whose software acts."""
    house = await w.row(_HOUSE, (actor.organisation,))
    name = actor.name if actor.rpps is not None or house is None else house[0]
    values = {
        "space": w.space_id,
        "id": hold,
        "logical": logical,
        "reason": reason,
        "by": actor.identifier,
        "name": name,
        "finess": actor.organisation,
        "at": w.at,
        "until": until,
    }
    await w.execute(_HOLD, values)
