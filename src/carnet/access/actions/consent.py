"""A professional records that the person was informed and agrees; in the strong mode with a code the person made.

The care team inherits one informed consent (L1110-12, R1111-46 CSP; Conseil d'État 15-10-2025, 490409); outside a team
it holds for the consultation and lapses. The team is the professional's organisation, or a team the person recorded.
"""

import hmac
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from carnet.access.actions.change_list import AccessList, Grantee, NewLine
from carnet.access.data import ConsentScope, Effect, Need
from carnet.access.events import ConsentRecorded
from carnet.access.gate import Look, trace_in
from carnet.infra.db import Work, work
from carnet.infra.installation import current
from carnet.infra.jobs.outbox import publish
from carnet.journal.api import Act
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Decision, Reason, refuse
from carnet.kernel.errors import Invalid, Problem
from carnet.kernel.ids import SpaceId
from carnet.spaces.api import is_minor, view_in

PURPOSE = "consent-code"
NOT_THEIR_TEAM = Problem(
    code="not-their-team",
    fr="Vous n'êtes pas de cette équipe de soins.",
    en="You are not of this care team.",
    path="team",
)
NOT_A_MINOR = Problem(
    code="not-a-minor",
    fr="Seul un mineur peut demander que ses représentants n'en sachent rien.",
    en="Only a minor may ask that their representatives be told nothing.",
)
# ## One more try at the code in force; none is left after the last ##
_TRY = """
UPDATE consent_code SET tries = tries + 1
WHERE space_id = %(space)s AND used_at IS NULL AND expires_at > %(at)s AND tries < %(most)s
RETURNING code_id, digest
"""
_USED = "UPDATE consent_code SET used_at = %(at)s WHERE space_id = %(space)s AND code_id = %(id)s"


async def record_consent(
    *,
    actor: Actor,
    space: SpaceId,
    ends_at: datetime | None = None,
    scope: ConsentScope | None = None,
    team: UUID | None = None,
    code: str | None = None,
    secret: bool = False,
    at: datetime,
) -> UUID:
    """A professional records, by an explicit act, that the person was informed and agrees. Refused when blocked.

    scope: how far it reaches; by default their care team when they act in one, else this consultation, which lapses
    after the setting whatever `ends_at` says. team: which of the teams the person recorded inherits it (Invalid for one
    they are not of); of several and none named, none does. code: what the person showed, asked for in the strong mode
    (reasons CODE_NEEDED, CODE_WRONG; a wrong one counts as a try). The person is told at once (threats T04). A line of
    the person's own stands as it is. secret: a minor asks that who acts for them be told nothing of it (L1111-5 CSP);
    it reaches this professional only, and an adult has none to ask for (Invalid); one recorded while it lasts goes on
    with it. Returns the id of the line in force. Source: R1111-46 CSP; mes.md P2, P16.
    """
    recorded: UUID | None = None
    async with work(space=space, at=at) as w:
        lines = AccessList(w, actor=actor)
        seen, decision = await lines.weigh(Need.RECORD_CONSENT)
        if decision.allowed and seen.facts.strong_consent:
            decision = await _with_code(w, seen, decision, code)
        kept = secret or seen.facts.has_secret_consent(actor.rpps, at)
        scope = ConsentScope.CONSULTATION if kept else scope or ConsentScope.TEAM
        line = _line(actor, scope, _inheriting(team, seen.facts.teams), ends_at, at)
        await trace_in(w, seen, Act.RECORD_CONSENT, decision, details={"scope": str(line.scope)})
        if decision.allowed:
            if team is not None and team not in seen.facts.teams:
                raise Invalid(NOT_THEIR_TEAM)
            if secret:
                await _check_minor(w)
            await lines.bump()
            recorded = await lines.add(msgspec.structs.replace(line, secret=kept))
            await publish(w, ConsentRecorded(space=space, rpps=actor.identifier, at=at))
    decision.raise_if_refused()
    if recorded is None:
        raise RuntimeError("a consent without its line")
    return recorded


async def _check_minor(w: Work) -> None:
    born = (await view_in(w)).person.traits.birth_date
    if not is_minor(born, majority_age=current().limits.family.majority_age, at=w.at):
        raise Invalid(NOT_A_MINOR)


def _inheriting(named: UUID | None, teams: tuple[UUID, ...]) -> UUID | None:
    """Which of the teams inherits it: the one named, or the only one there is."""
    return named or (teams[0] if len(teams) == 1 else None)


def _line(actor: Actor, scope: ConsentScope, team: UUID | None, ends_at: datetime | None, at: datetime) -> NewLine:
    """A consent nobody could inherit is one for the consultation, whatever was asked."""
    line = NewLine(effect=Effect.PERMIT, grantee=Grantee(rpps=actor.rpps), origin="professional", ends_at=ends_at)
    if scope is ConsentScope.TEAM and (actor.organisation or team):
        return msgspec.structs.replace(line, shared_finess=actor.organisation, shared_team=team)
    lapses = at + timedelta(hours=current().limits.access.consultation_hours)
    return msgspec.structs.replace(line, ends_at=min(ends_at or lapses, lapses))


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
