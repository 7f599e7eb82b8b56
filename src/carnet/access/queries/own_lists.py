"""What the person's access pages show beside the list: attending doctor, care teams, emergencies, disputes.

For whoever already decided that the person may see them: these read inside an open unit of work, and open what is
sealed with the space's keys.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from carnet.infra.db import Work
from carnet.infra.vault import SpaceKeys

# ## The attending doctor the person named, with their public name ##
_WHO = """
SELECT d.rpps, p.given_name || ' ' || p.family_name, d.declared_at
FROM attending_doctor d JOIN professional p USING (rpps) WHERE d.space_id = %s
"""


# ## Teams in force with their members; all may have left ##
_TEAMS = """
SELECT t.team_id, t.name_enc, t.recorded_at,
  coalesce(array_agg(m.member ORDER BY m.member) FILTER (WHERE m.member IS NOT NULL), '{}'),
  coalesce(array_agg(coalesce(p.given_name || ' ' || p.family_name, o.name) ORDER BY m.member)
           FILTER (WHERE m.member IS NOT NULL), '{}')
FROM care_team t LEFT JOIN care_team_member m USING (space_id, team_id)
LEFT JOIN professional p ON p.rpps = m.rpps LEFT JOIN care_organisation o ON o.finess = m.finess
WHERE t.space_id = %s AND t.ended_at IS NULL GROUP BY t.space_id, t.team_id, t.name_enc, t.recorded_at
ORDER BY t.recorded_at, t.team_id
"""
# ## Emergencies that were granted, newest first ##
_EMERGENCIES = """
SELECT e.emergency_id, e.mode, e.rpps, p.given_name || ' ' || p.family_name, p.profession, e.finess, e.granted_at,
  least(e.ends_at, e.ended_at), e.approved_by, e.reason_enc
FROM emergency_access e JOIN professional p USING (rpps)
WHERE e.space_id = %s AND e.granted_at IS NOT NULL ORDER BY e.granted_at DESC, e.emergency_id
"""
_DISPUTES = """
SELECT c.case_id, c.rpps, p.given_name || ' ' || p.family_name, c.opened_at, c.due_at, c.closed_at, c.outcome,
  c.statement_enc, c.by_delegate
FROM access_dispute c JOIN professional p USING (rpps) WHERE c.space_id = %s ORDER BY c.opened_at DESC, c.case_id
"""


class AttendingDoctor(msgspec.Struct, frozen=True):
    """The doctor told of emergencies beside the person (R1111-48 CSP)."""

    rpps: str
    name: str
    declared_at: datetime


class CareTeam(msgspec.Struct, frozen=True):
    """A team the person recorded. members: RPPS and FINESS numbers, beside their public names."""

    team: UUID
    name: str
    recorded_at: datetime
    members: tuple[str, ...]
    names: tuple[str, ...]


class EmergencyAccess(msgspec.Struct, frozen=True):
    """An emergency access as the person reads it, with the reason that was given."""

    emergency: UUID
    mode: str
    rpps: str
    name: str
    profession: str
    finess: str | None
    granted_at: datetime
    ends_at: datetime
    approved_by: str | None
    reason: str


class Dispute(msgspec.Struct, frozen=True):
    """An access the person does not know, and what became of the case. by_delegate: who represents them said so."""

    case: UUID
    rpps: str
    name: str
    opened_at: datetime
    due_at: datetime
    closed_at: datetime | None
    outcome: str | None
    statement: str | None
    by_delegate: bool = False


async def attending_doctor(w: Work) -> AttendingDoctor | None:
    """Return the attending doctor, None when the person named none."""
    row = await w.row(_WHO, (w.space_id,))
    return AttendingDoctor(*row) if row is not None else None


async def care_teams(w: Work, *, keys: SpaceKeys) -> list[CareTeam]:
    """Return the teams in force, oldest first."""
    found = []
    for team, sealed, recorded_at, members, names in await w.rows(_TEAMS, (w.space_id,)):
        name = keys.open(table="care_team", column="name_enc", row=team.hex, sealed=bytes(sealed)).decode()
        found.append(CareTeam(team, name, recorded_at, tuple(members), tuple(names)))
    return found


async def emergency_accesses(w: Work, *, keys: SpaceKeys) -> list[EmergencyAccess]:
    """Return every emergency access, newest first."""
    found = []
    for row in await w.rows(_EMERGENCIES, (w.space_id,)):
        plain = keys.open(table="emergency_access", column="reason_enc", row=row[0].hex, sealed=bytes(row[-1]))
        found.append(EmergencyAccess(*(*row[:-1], plain.decode())))
    return found


async def disputes(w: Work, *, keys: SpaceKeys) -> list[Dispute]:
    """Return the person's disputes, newest first."""
    found = []
    for row in await w.rows(_DISPUTES, (w.space_id,)):
        said, by_delegate = None, row[-1]
        if row[-2] is not None:
            sealed = bytes(row[-2])
            said = keys.open(table="access_dispute", column="statement_enc", row=row[0].hex, sealed=sealed).decode()
        found.append(Dispute(*(*row[:-2], said, by_delegate)))
    return found
