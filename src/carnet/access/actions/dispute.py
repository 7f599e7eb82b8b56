"""« Je ne connais pas cet accès »: one tap opens a case with a deadline, and keeps the professional out meanwhile.

The access is suspended at once, as a block the person may lift (decision 0030): a wrong suspension costs one question
at the next visit, a wrong access cannot be taken back. The desk follows the case without seeing content: a number, a
professional, a date. What the person wrote is sealed with the space's key and not for the desk.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from carnet.access.actions.change_list import AccessList, Grantee, NewLine
from carnet.access.data import Effect, Need
from carnet.access.events import AccessChanged, AccessDisputed
from carnet.access.gate import Look
from carnet.access.rules.decide import DELEGATES
from carnet.infra import randomness
from carnet.infra.db import Work, work
from carnet.infra.installation import current
from carnet.infra.jobs.outbox import publish
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.errors import Invalid, NotFound, Problem
from carnet.kernel.ids import SpaceId

LONGEST = 1000
TOO_LONG = Problem(
    code="statement-too-long",
    fr="Votre message ne peut pas dépasser 1 000 caractères.",
    en="Your message cannot be longer than 1,000 characters.",
    path="statement",
)
# ## Somebody who is let in, came in, or could have: only then is there an access to dispute. Of who came by a minor's
# secret consent alone, who represents them hears what they hear of anybody who never came ##
_CAME = """
SELECT EXISTS (SELECT FROM authorisation z WHERE z.space_id = %(space)s AND z.rpps = %(rpps)s AND z.effect = 'permit'
                 AND NOT (z.secret AND %(delegate)s))
    OR EXISTS (SELECT FROM authorisation_use u WHERE u.space_id = %(space)s AND u.rpps = %(rpps)s)
    OR EXISTS (SELECT FROM emergency_access e WHERE e.space_id = %(space)s AND e.rpps = %(rpps)s)
"""
_OPEN = """
SELECT case_id FROM access_dispute
WHERE space_id = %(space)s AND rpps = %(rpps)s AND by_delegate = %(delegate)s AND closed_at IS NULL
"""
_ADD = """
INSERT INTO access_dispute (space_id, case_id, rpps, by_delegate, statement_enc, opened_at, due_at)
VALUES (%(space)s, %(case)s, %(rpps)s, %(delegate)s, %(statement)s, %(at)s, %(due_at)s)
"""
_CASE = """
INSERT INTO review_case (case_id, kind, place, rpps, opened_at, due_at)
VALUES (%(case)s, 'dispute', %(place)s, %(rpps)s, %(at)s, %(due_at)s)
"""


async def dispute_access(
    *, actor: Actor, space: SpaceId, rpps: str, statement: str | None = None, at: datetime
) -> UUID:
    """Open a case about a professional's access and suspend it; return the case. Again: the case already open.

    statement: at most 1,000 characters, sealed. Raises NotFound (this professional never had access), Invalid, Refused.
    """
    said = (statement or "").strip()
    if len(said) > LONGEST:
        raise Invalid(TOO_LONG)
    case = randomness.uuid4()
    async with work(space=space, at=at) as w:
        lines = AccessList(w, actor=actor)
        seen, decision = await lines.weigh(Need.MANAGE_ACCESS)
        await record(w, Act.DISPUTE_ACCESS, decision, actor=actor, details={"grantee": rpps})
        if decision.allowed:
            named = {"space": space, "rpps": rpps, "delegate": actor.kind in DELEGATES}
            came = await w.row(_CAME, named)
            if came is None or not came[0]:
                raise NotFound
            already = await w.row(_OPEN, named)
            if already is None:
                await _keep(w, seen, case, named, said)
            else:  # they may have been let in again since: it is one case, and another suspension
                case = UUID(str(already[0]))
            await lines.bump()
            await lines.shut_out(Grantee(rpps=rpps))
            await lines.add(NewLine(effect=Effect.BLOCK, grantee=Grantee(rpps=rpps), origin="person"))
            await publish(w, AccessChanged(space=space, effect="block"))
    decision.raise_if_refused()
    return case


async def _keep(w: Work, seen: Look, case: UUID, named: dict[str, Any], said: str) -> None:
    due_at = w.at + timedelta(days=current().limits.access.dispute_days)
    sealed = None
    if said:
        sealed = seen.opened_keys.seal(
            table="access_dispute", column="statement_enc", row=case.hex, plaintext=said.encode()
        )
    params = named | {"case": case, "at": w.at, "due_at": due_at}
    await w.execute(_ADD, params | {"statement": sealed})
    await w.execute(_CASE, params | {"place": w.space_id.hex})
    await publish(w, AccessDisputed(space=w.space_id, case=case, due_at=due_at))
