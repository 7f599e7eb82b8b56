"""What every change of the access list needs: hold the rights row, know the directory, add and end lines.

Whatever changes rights takes the space's `authz` row FOR UPDATE and adds one to its epoch: once acknowledged, no read
that begins later can still rest on the old state (DESIGN §4). The acts that use it leave the traces.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from carnet.access.data import Effect, Need
from carnet.access.gate import Look, look_in
from carnet.infra import randomness
from carnet.infra.db import Work
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Decision
from carnet.kernel.errors import Invalid, Problem

NOT_IN_DIRECTORY = Problem(
    code="not-in-directory",
    fr="Cette personne ou structure n'est pas dans l'annuaire de santé.",
    en="This person or organisation is not in the health directory.",
    path="grantee",
)
BLOCKED_FIRST = Problem(
    code="blocked-first",
    fr="Ce destinataire est bloqué. Débloquez-le d'abord.",
    en="This grantee is blocked. Unblock them first.",
    path="grantee",
)
BAD_END = Problem(
    code="end-in-the-past",
    fr="La date de fin doit être à venir.",
    en="The end date must be in the future.",
    path="ends_at",
)
NOT_A_DOCTOR = Problem(
    code="not-a-doctor",
    fr="Seul un médecin peut être désigné administrateur ou médecin traitant.",
    en="Only a doctor may be chosen as administrator or attending doctor.",
    path="grantee",
)
DOCTOR = "10"

_BUMP = "UPDATE authz SET epoch = epoch + 1 WHERE space_id = %s"
_KNOWN = """
SELECT EXISTS (SELECT FROM professional WHERE rpps = %(rpps)s AND status = 'active')
    OR EXISTS (SELECT FROM care_organisation WHERE finess = %(finess)s)
    OR EXISTS (SELECT FROM care_team WHERE space_id = %(space)s AND team_id = %(team)s AND ended_at IS NULL)
"""
# ## A line whose end has passed makes room for a new one, with its own beginning and first access ##
_LAPSED = """
UPDATE authorisation SET ended_at = ends_at
WHERE space_id = %(space)s AND ended_at IS NULL AND ends_at <= %(at)s AND effect = %(effect)s
  AND (rpps = %(rpps)s OR finess = %(finess)s OR team_id = %(team)s)
"""
# ## The person's own line stands as they wrote it; a consent may only lengthen or widen another consent ##
_ADD = """
INSERT INTO authorisation AS z (space_id, authorisation_id, effect, rpps, finess, team_id, origin, recorded_by,
  starts_at, ends_at, is_administrator, shared_finess, shared_team)
VALUES (%(space)s, %(id)s, %(effect)s, %(rpps)s, %(finess)s, %(team)s, %(origin)s, %(by)s, %(starts_at)s, %(ends_at)s,
  %(administrator)s, %(shared_finess)s, %(shared_team)s)
ON CONFLICT (space_id, effect, coalesce(rpps, ''), coalesce(finess, ''), coalesce(team_id::text, ''))
  WHERE ended_at IS NULL
DO UPDATE SET
  ends_at = CASE WHEN excluded.origin = 'person' THEN excluded.ends_at
                 WHEN z.ends_at IS NULL OR excluded.ends_at IS NULL THEN NULL
                 ELSE greatest(z.ends_at, excluded.ends_at) END,
  starts_at = least(z.starts_at, excluded.starts_at),
  origin = excluded.origin,
  is_administrator = excluded.is_administrator,
  shared_finess = CASE WHEN excluded.origin = 'person' THEN NULL
                       ELSE coalesce(excluded.shared_finess, z.shared_finess) END,
  shared_team = CASE WHEN excluded.origin = 'person' THEN NULL
                     ELSE coalesce(excluded.shared_team, z.shared_team) END
WHERE excluded.origin = 'person' OR z.origin = 'professional'
"""
_END = """
UPDATE authorisation SET ended_at = %(at)s
WHERE space_id = %(space)s AND ended_at IS NULL AND effect = %(effect)s
  AND (rpps = %(rpps)s OR finess = %(finess)s)
"""
_BLOCKED = """
SELECT 1 FROM authorisation WHERE space_id = %(space)s AND effect = 'block' AND ended_at IS NULL
  AND (rpps = %(rpps)s OR finess = %(finess)s)
"""
_IS_DOCTOR = "SELECT 1 FROM professional WHERE rpps = %s AND profession = %s AND status = 'active'"


class Grantee(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a line names: exactly one of a professional, an organisation, a care team the person recorded."""

    rpps: str | None = None
    finess: str | None = None
    team: UUID | None = None

    @property
    def said(self) -> str | None:
        """What the journal says of it."""
        return self.rpps or self.finess or (self.team.hex if self.team else None)


class NewLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line about to be added. starts_at: None for now."""

    effect: Effect
    grantee: Grantee
    origin: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    administrator: bool = False
    shared_finess: str | None = None
    shared_team: UUID | None = None


class AccessList:
    """The access list of one space, held in an open transaction to be changed by `actor`."""

    def __init__(self, w: Work, *, actor: Actor) -> None:
        self._w = w
        self._actor = actor

    async def weigh(self, need: Need) -> tuple[Look, Decision]:
        """Read the facts, holding the rights row for a change, and decide."""
        seen = await look_in(self._w, actor=self._actor, changing=True)
        return seen, seen.decide(need)

    async def bump(self) -> None:
        """Add one to the epoch: rights changed."""
        await self._w.execute(_BUMP, (self._w.space_id,))

    async def is_blocked(self, grantee: Grantee) -> bool:
        """Tell whether a block names the grantee."""
        return await self._w.row(_BLOCKED, self._named(grantee)) is not None

    async def add(self, line: NewLine) -> UUID:
        """Add a line; raise Invalid when its end is past or the grantee not in the directory."""
        w, named = self._w, self._named(line.grantee)
        if line.ends_at is not None and line.ends_at <= max(w.at, line.starts_at or w.at):
            raise Invalid(BAD_END)
        known = await w.row(_KNOWN, named)
        if known is None or not known[0]:
            raise Invalid(NOT_IN_DIRECTORY)
        await w.execute(_LAPSED, named | {"at": w.at, "effect": line.effect})
        added = randomness.uuid4()
        values = {
            "id": added,
            "effect": line.effect,
            "origin": line.origin,
            "by": self._actor.identifier,
            "starts_at": line.starts_at or w.at,
            "ends_at": line.ends_at,
            "administrator": line.administrator,
            "shared_finess": line.shared_finess,
            "shared_team": line.shared_team,
        }
        await w.execute(_ADD, named | values)
        return added

    async def end_permits(self, grantee: Grantee) -> None:
        """End what lets the grantee in by name, a consent they recorded for their team included."""
        await self._w.execute(_END, self._named(grantee) | {"at": self._w.at, "effect": Effect.PERMIT})

    async def check_doctor(self, rpps: str | None) -> None:
        """Raise Invalid unless `rpps` is a doctor in the directory."""
        if rpps is None or await self._w.row(_IS_DOCTOR, (rpps, DOCTOR)) is None:
            raise Invalid(NOT_A_DOCTOR)

    def _named(self, grantee: Grantee) -> dict[str, Any]:
        return {"space": self._w.space_id, "rpps": grantee.rpps, "finess": grantee.finess, "team": grantee.team}
