"""What every change of the access list needs: hold the rights row, know the directory, add and end lines.

Whatever changes rights takes the space's `authz` row FOR UPDATE and adds one to its epoch: once acknowledged, no read
that begins later can still rest on the old state (DESIGN §4). The acts that use it leave the traces.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from carnet.access.data import ConsentScope, Effect, Mode, Need
from carnet.access.gate import Look, look_in
from carnet.access.rules.decide import DELEGATES
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
SECRET_FIRST = Problem(
    code="secret-first",
    fr="Une consultation gardée secrète est en cours avec ce professionnel, et vos représentants verraient cette "
    "autorisation. Attendez la fin de la consultation, ou mettez-y fin d'abord.",
    en="A consultation kept secret is under way with this professional, and your representatives would see this "
    "authorisation. Wait until the consultation is over, or end it first.",
    path="grantee",
)
OWN_ACCESS = Problem(
    code="own-access",
    fr="Vous ne pouvez bloquer ni vous-même, ni l'établissement pour lequel vous consultez ce dossier.",
    en="You cannot block yourself, or the organisation you consult this record for.",
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

# ## Waits for whoever changes these rights now; what is read after it is read as they left it ##
_HOLD = "SELECT FROM authz WHERE space_id = %s FOR UPDATE"
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
# ## What the person writes takes the place of the consents recorded by whom they name ##
_NO_CONSENTS = """
UPDATE authorisation SET ended_at = %(at)s WHERE space_id = %(space)s AND rpps = %(rpps)s AND ended_at IS NULL
  AND effect = 'permit' AND origin = 'professional' AND num_nonnulls(shared_finess, shared_team) > 0
"""
_OWN_LINE = """
SELECT authorisation_id, ends_at FROM authorisation
WHERE space_id = %(space)s AND rpps = %(rpps)s AND effect = 'permit' AND origin = 'person' AND ended_at IS NULL
"""
# ## A consent lengthens one of the same reach; the person's line is as they wrote it, not in force before they said ##
_ADD = """
INSERT INTO authorisation AS z (space_id, authorisation_id, effect, rpps, finess, team_id, origin, recorded_by,
  by_delegate, starts_at, ends_at, is_administrator, shared_finess, shared_team, secret)
VALUES (%(space)s, %(id)s, %(effect)s, %(rpps)s, %(finess)s, %(team)s, %(origin)s, %(by)s, %(delegate)s,
  %(starts_at)s, %(ends_at)s, %(administrator)s, %(shared_finess)s, %(shared_team)s, %(secret)s)
ON CONFLICT (space_id, effect, coalesce(rpps, ''), coalesce(finess, ''), coalesce(team_id::text, ''),
  coalesce(shared_finess, ''), coalesce(shared_team::text, ''), secret, (effect = 'block' AND by_delegate))
WHERE ended_at IS NULL
DO UPDATE SET
  ends_at = CASE WHEN excluded.origin = 'person' THEN excluded.ends_at
                 WHEN z.ends_at IS NULL OR excluded.ends_at IS NULL THEN NULL
                 ELSE greatest(z.ends_at, excluded.ends_at) END,
  starts_at = CASE WHEN excluded.starts_at > %(at)s THEN excluded.starts_at
                   ELSE least(z.starts_at, excluded.starts_at) END,
  origin = excluded.origin,
  is_administrator = excluded.is_administrator
RETURNING z.authorisation_id
"""
# ## What lets them in by name, and what an organisation inherits: unblocked, nobody comes in by an old consent ##
_END_PERMITS = """
UPDATE authorisation SET ended_at = %(at)s WHERE space_id = %(space)s AND ended_at IS NULL AND effect = 'permit'
  AND (rpps = %(rpps)s OR finess = %(finess)s OR shared_finess = %(finess)s)
"""
_LEAVE_TEAMS = "DELETE FROM care_team_member WHERE space_id = %(space)s AND (rpps = %(rpps)s OR finess = %(finess)s)"
# ## Begun or only asked for: the person's word ends it, and taking it back does not begin it again ##
_END_EMERGENCIES = """
UPDATE emergency_access SET ended_at = %(at)s WHERE space_id = %(space)s AND ended_at IS NULL
  AND (rpps = %(rpps)s OR finess = %(finess)s OR mode = ANY(%(modes)s::text[]))
"""
_BLOCKED = """
SELECT 1 FROM authorisation WHERE space_id = %(space)s AND effect = 'block' AND ended_at IS NULL
  AND (rpps = %(rpps)s OR finess = %(finess)s) AND NOT (%(delegate)s AND origin = 'person' AND NOT by_delegate)
"""
# ## Is all that lets them in what a minor's representatives must not know of? ##
_ONLY_SECRETLY = """
SELECT coalesce(bool_and(secret), false) FROM authorisation
WHERE space_id = %(space)s AND rpps = %(rpps)s AND effect = 'permit' AND ended_at IS NULL
  AND coalesce(ends_at, 'infinity') > %(at)s
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
    secret: bool = False

    @property
    def scope(self) -> ConsentScope:
        """How far a consent reaches."""
        shared = self.shared_finess is not None or self.shared_team is not None
        return ConsentScope.TEAM if shared else ConsentScope.CONSULTATION


class AccessList:
    """The access list of one space, held in an open transaction to be changed by `actor`."""

    def __init__(self, w: Work, *, actor: Actor) -> None:
        self._w = w
        self._actor = actor
        self._side = {"delegate": actor.kind in DELEGATES}

    async def weigh(self, need: Need) -> tuple[Look, Decision]:
        """Hold the rights row for a change, read the facts as the last change left them, and decide."""
        await self._w.execute(_HOLD, (self._w.space_id,))
        seen = await look_in(self._w, actor=self._actor, changing=True)
        return seen, seen.decide(need)

    async def bump(self) -> None:
        """Add one to the epoch: rights changed."""
        await self._w.execute(_BUMP, (self._w.space_id,))

    async def is_blocked(self, grantee: Grantee) -> bool:
        """Tell whether a block names the grantee that this actor may be told of (`lines_known_to`)."""
        return await self._w.row(_BLOCKED, self._named(grantee) | self._side) is not None

    async def is_only_secret(self, grantee: Grantee) -> bool:
        """Tell whether a minor's secret consent is all that lets the grantee in by name."""
        row = await self._w.row(_ONLY_SECRETLY, self._named(grantee) | {"at": self._w.at})
        return row is not None and bool(row[0])

    async def add(self, line: NewLine) -> UUID:
        """Add a line and return the one in force; raise Invalid when its end is past or the grantee not listed.

        A line of the person's own about a professional stands as they wrote it: no consent lengthens or widens it. A
        minor's secret consent stands beside every other line, and no longer than their own: another that went, came or
        took its place would tell of it.
        """
        w, named = self._w, self._named(line.grantee)
        if line.ends_at is not None and line.ends_at <= max(w.at, line.starts_at or w.at):
            raise Invalid(BAD_END)
        known = await w.row(_KNOWN, named)
        if known is None or not known[0]:
            raise Invalid(NOT_IN_DIRECTORY)
        await w.execute(_LAPSED, named | {"at": w.at, "effect": line.effect})
        consent = line.effect is Effect.PERMIT and line.origin == "professional"
        if consent and (own := await w.row(_OWN_LINE, named)) is not None:
            if not line.secret:
                return UUID(str(own[0]))
            line = msgspec.structs.replace(line, ends_at=min(filter(None, (line.ends_at, own[1])), default=None))
        if line.effect is Effect.PERMIT and not consent:
            await w.execute(_NO_CONSENTS, named | {"at": w.at})
        values = {
            "at": w.at,
            "id": randomness.uuid4(),
            "effect": line.effect,
            "origin": line.origin,
            "by": self._actor.identifier,
            "starts_at": line.starts_at or w.at,
            "ends_at": line.ends_at,
            "administrator": line.administrator,
            "shared_finess": line.shared_finess,
            "shared_team": line.shared_team,
            "secret": line.secret,
            **self._side,
        }
        (added,) = await w.rows(_ADD, named | values)
        return UUID(str(added[0]))

    async def shut_out(self, grantee: Grantee) -> None:
        """End whatever lets the grantee in: lines, consents recorded for their team, teams, an emergency under way."""
        named = self._named(grantee) | {"at": self._w.at}
        for sql in (_END_PERMITS, _LEAVE_TEAMS):
            await self._w.execute(sql, named)
        await self.end_emergencies(grantee=grantee)

    async def end_emergencies(self, *, grantee: Grantee | None = None, modes: Iterable[Mode] = ()) -> None:
        """End the emergencies, granted or asked for, of a grantee, or of these modes."""
        params = self._named(grantee or Grantee()) | {"at": self._w.at, "modes": [str(mode) for mode in modes]}
        await self._w.execute(_END_EMERGENCIES, params)

    async def check_doctor(self, rpps: str | None) -> None:
        """Raise Invalid unless `rpps` is a doctor in the directory."""
        if rpps is None or await self._w.row(_IS_DOCTOR, (rpps, DOCTOR)) is None:
            raise Invalid(NOT_A_DOCTOR)

    def _named(self, grantee: Grantee) -> dict[str, Any]:
        return {"space": self._w.space_id, "rpps": grantee.rpps, "finess": grantee.finess, "team": grantee.team}
