"""Which lines of the person's access list are about this professional, and what they amount to. Pure.

A line names a professional, an organisation or a recorded care team; a consent recorded by a member is inherited by
the rest of the care team (CSP L1110-12, R1111-46; Conseil d'État, 15 October 2025, 490409).
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from carnet.access.data import Authorisation, Effect, SpaceFacts
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground


class Standing(msgspec.Struct, frozen=True):
    """What the list says of one professional now. permits: the lines that let them in."""

    blocked: bool
    permits: tuple[Authorisation, ...]

    @property
    def administrator(self) -> bool:
        """Whether a line makes them the person's administrator (mes.md P5)."""
        return any(line.is_administrator for line in self.permits)

    @property
    def never_came(self) -> bool:
        """Whether this would be their first access under any of the lines."""
        return all(line.first_used_at is None for line in self.permits)


def standing(actor: Actor, facts: SpaceFacts, *, at: datetime) -> Standing:
    """Return what the person's list says of `actor` at `at`. A block is only ever about the one it names."""
    mine = [line for line in facts.authorisations if line.in_force(at) and names(line, actor, facts)]
    return Standing(
        blocked=any(line.effect is Effect.BLOCK for line in mine),
        permits=tuple(line for line in mine if line.effect is Effect.PERMIT),
    )


def names(line: Authorisation, actor: Actor, facts: SpaceFacts) -> bool:
    """True when `line` is about this professional, the organisation they act for, or a care team of theirs."""
    if line.rpps is not None and line.rpps == actor.rpps:
        return True
    houses = {line.finess, line.shared_finess} - {None}
    teams = {line.team, line.shared_team} - {None}
    return actor.organisation in houses or not teams.isdisjoint(facts.teams)


def ground_of(permits: Iterable[Authorisation], actor: Actor) -> Ground:
    """Return on what a permitted access rests: a line that names them, their organisation, or their care team."""
    lines = tuple(permits)
    if any(line.rpps == actor.rpps for line in lines):
        return Ground.AUTHORISED_PROFESSIONAL
    if any(line.finess is not None for line in lines):
        return Ground.AUTHORISED_ORGANISATION
    return Ground.CARE_TEAM
