"""The person records a care team: professionals and organisations they recognise as such (L1110-12, 2° CSP).

A team lets nobody in by itself: it is authorised as a whole, or inherits a consent one of its members recorded.
"""

from datetime import datetime
from uuid import UUID

from carnet.access.actions.change_list import NOT_IN_DIRECTORY, AccessList, Grantee, NewLine
from carnet.access.data import Effect, Need
from carnet.access.events import AccessChanged
from carnet.infra import randomness
from carnet.infra.db import Work, work
from carnet.infra.jobs.outbox import publish
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Decision
from carnet.kernel.errors import Invalid, NotFound, Problem
from carnet.kernel.ids import SpaceId

LONGEST, MOST = 80, 50
BAD_NAME = Problem(
    code="team-name",
    fr="Donnez un nom à cette équipe (80 caractères au plus).",
    en="Give this team a name (at most 80 characters).",
    path="name",
)
BAD_MEMBERS = Problem(
    code="team-members", fr="Choisissez de 1 à 50 membres.", en="Choose 1 to 50 members.", path="members"
)
_TEAM = """
INSERT INTO care_team (space_id, team_id, name_enc, recorded_at) VALUES (%(space)s, %(team)s, %(name)s, %(at)s)
"""
_MEMBER = """
INSERT INTO care_team_member (space_id, team_id, rpps, finess, added_at)
SELECT %(space)s, %(team)s, p.rpps, o.finess, %(at)s
FROM (VALUES (%(rpps)s::text, %(finess)s::text)) asked (rpps, finess)
LEFT JOIN professional p ON p.rpps = asked.rpps AND p.status = 'active'
LEFT JOIN care_organisation o ON o.finess = asked.finess
WHERE num_nonnulls(p.rpps, o.finess) = 1
"""
_TEAMED = "UPDATE authz SET teamed = true, epoch = epoch + 1 WHERE space_id = %s"
_END = """
UPDATE care_team SET ended_at = %(at)s WHERE space_id = %(space)s AND team_id = %(team)s AND ended_at IS NULL
"""
_NO_MEMBERS = "DELETE FROM care_team_member WHERE space_id = %(space)s AND team_id = %(team)s"
_NO_LINES = """
UPDATE authorisation SET ended_at = %(at)s WHERE space_id = %(space)s AND team_id = %(team)s AND ended_at IS NULL
"""


async def record_team(
    *, actor: Actor, space: SpaceId, name: str, members: tuple[Grantee, ...], let_in: bool = False, at: datetime
) -> UUID:
    """Record a team of professionals and organisations of the directory; return its id. Raises Invalid, Refused.

    let_in: authorise it as well, until the person ends it.
    """
    label = " ".join(name.split())
    if not label or len(label) > LONGEST:
        raise Invalid(BAD_NAME)
    if not 1 <= len(members) <= MOST:
        raise Invalid(BAD_MEMBERS)
    team = randomness.uuid4()
    async with work(space=space, at=at) as w:
        lines = AccessList(w, actor=actor)
        seen, decision = await lines.weigh(Need.OWN_RULES)
        await record(w, Act.RECORD_TEAM, decision, actor=actor, details={"members": [one.said for one in members]})
        if decision.allowed:
            sealed = seen.opened_keys.seal(table="care_team", column="name_enc", row=team.hex, plaintext=label.encode())
            await w.execute(_TEAM, {"space": space, "team": team, "name": sealed, "at": at})
            await _add(w, team, members)
            await w.execute(_TEAMED, (space,))
            await publish(w, AccessChanged(space=space, effect="team"))
            if let_in:
                await _let_in(w, lines, decision, actor=actor, team=team)
    decision.raise_if_refused()
    return team


async def end_team(*, actor: Actor, space: SpaceId, team: UUID, at: datetime) -> None:
    """End a team and whatever let it in. Raises NotFound, Refused."""
    async with work(space=space, at=at) as w:
        lines = AccessList(w, actor=actor)
        _, decision = await lines.weigh(Need.OWN_RULES)
        await record(w, Act.END_TEAM, decision, actor=actor)
        if decision.allowed:
            params = {"space": space, "team": team, "at": at}
            if not await w.execute(_END, params):
                raise NotFound
            await w.execute(_NO_LINES, params)
            await w.execute(_NO_MEMBERS, params)
            await lines.bump()
            await publish(w, AccessChanged(space=space, effect="end-team"))
    decision.raise_if_refused()


async def _let_in(w: Work, lines: AccessList, decision: Decision, *, actor: Actor, team: UUID) -> None:
    """As `authorise` does, in the transaction that records the team: never a team that was asked in and is not."""
    details = {"grantee": team.hex, "administrator": False}
    await record(w, Act.AUTHORISE, decision, actor=actor, details=details)
    await lines.add(NewLine(effect=Effect.PERMIT, grantee=Grantee(team=team), origin="person"))
    await publish(w, AccessChanged(space=w.space_id, effect="permit"))


async def _add(w: Work, team: UUID, members: tuple[Grantee, ...]) -> None:
    for one in sorted(set(members), key=lambda member: member.said or ""):
        params = {"space": w.space_id, "team": team, "rpps": one.rpps, "finess": one.finess, "at": w.at}
        if not await w.execute(_MEMBER, params):
            raise Invalid(NOT_IN_DIRECTORY)
