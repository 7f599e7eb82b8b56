"""A professional records that the person was informed and agrees; in the strong mode with a code the person made.

The care team inherits one informed consent (L1110-12, R1111-46 CSP; Conseil d'État 15-10-2025, 490409); outside a team
it holds for the consultation and lapses. The team is the professional's organisation, or a team the person recorded.
"""

import hmac
from datetime import datetime, timedelta
from uuid import UUID

from carnet.access.actions.change_list import AccessList, Grantee, NewLine
from carnet.access.data import ConsentScope, Effect, Need
from carnet.access.events import ConsentRecorded
from carnet.access.gate import Look
from carnet.infra.db import Work, work
from carnet.infra.installation import current
from carnet.infra.jobs.outbox import publish
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Decision, Reason, refuse
from carnet.kernel.ids import SpaceId

PURPOSE = "consent-code"

# ## One more try at the code in force; none is left after the last ##
_TRY = """
UPDATE consent_code SET tries = tries + 1
WHERE space_id = %(space)s AND used_at IS NULL AND expires_at > %(at)s AND tries < %(most)s
RETURNING code_id, digest
"""
_IN_FORCE = """
SELECT authorisation_id FROM authorisation
WHERE space_id = %(space)s AND rpps = %(rpps)s AND effect = 'permit' AND ended_at IS NULL
"""
_USED = "UPDATE consent_code SET used_at = %(at)s WHERE space_id = %(space)s AND code_id = %(id)s"


async def record_consent(
    *,
    actor: Actor,
    space: SpaceId,
    ends_at: datetime | None = None,
    scope: ConsentScope | None = None,
    code: str | None = None,
    at: datetime,
) -> UUID:
    """A professional records, by an explicit act, that the person was informed and agrees. Refused when blocked.

    scope: how far it reaches; by default their care team when they act in one, else this consultation, which lapses
    after the setting whatever `ends_at` says. code: what the person showed, asked for in the strong mode (reasons
    CODE_NEEDED, CODE_WRONG; a wrong one counts as a try). The person is told at once (threats T04). A line of the
    person's own stands as it is. Returns the id of the line in force. Source: R1111-46 CSP; mes.md P2, P16.
    """
    row = None
    async with work(space=space, at=at) as w:
        lines = AccessList(w, actor=actor)
        seen, decision = await lines.weigh(Need.RECORD_CONSENT)
        if decision.allowed and seen.facts.strong_consent:
            decision = await _with_code(w, seen, decision, code)
        wanted = scope or (ConsentScope.TEAM if actor.organisation or seen.facts.teams else ConsentScope.CONSULTATION)
        await record(w, Act.RECORD_CONSENT, decision, actor=actor, details={"scope": str(wanted)})
        if decision.allowed:
            await lines.bump()
            await lines.add(_line(actor, wanted, seen.facts.teams, ends_at, at))
            await publish(w, ConsentRecorded(space=space, rpps=actor.identifier, at=at))
            row = await w.row(_IN_FORCE, {"space": space, "rpps": actor.rpps})
    decision.raise_if_refused()
    if row is None:
        raise RuntimeError("a consent without its line")
    recorded: UUID = row[0]
    return recorded


def _line(
    actor: Actor, scope: ConsentScope, teams: tuple[UUID, ...], ends_at: datetime | None, at: datetime
) -> NewLine:
    grantee = Grantee(rpps=actor.rpps)
    if scope is ConsentScope.TEAM and (actor.organisation or teams):
        return NewLine(
            effect=Effect.PERMIT,
            grantee=grantee,
            origin="professional",
            ends_at=ends_at,
            shared_finess=actor.organisation,
            shared_team=min(teams, default=None),
        )
    lapses = at + timedelta(hours=current().limits.access.consultation_hours)
    return NewLine(effect=Effect.PERMIT, grantee=grantee, origin="professional", ends_at=min(ends_at or lapses, lapses))


async def _with_code(w: Work, seen: Look, decision: Decision, code: str | None) -> Decision:
    """The tries are counted even when the answer is no: the refusal is committed with them."""
    if not code:
        return refuse(Reason.CODE_NEEDED)
    limits = current().limits.access
    row = await w.row(_TRY, {"space": w.space_id, "at": w.at, "most": limits.code_tries})
    given = seen.opened_keys.digest(code.replace(" ", "").encode(), purpose=PURPOSE)
    if row is None or not hmac.compare_digest(bytes(row[1]), given):
        return refuse(Reason.CODE_WRONG)
    await w.execute(_USED, {"at": w.at, "space": w.space_id, "id": row[0]})
    return decision
