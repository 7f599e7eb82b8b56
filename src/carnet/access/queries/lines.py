"""Who has been let in or kept out of this space? With the names the directory gives them."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec

from carnet.access.data import Authorisation, Effect, SpaceFacts
from carnet.access.rules.decide import DELEGATES
from carnet.infra.db import Work
from carnet.infra.db.work import Rows, Statement
from carnet.kernel.actors import Actor
from carnet.kernel.ids import SpaceId


class AccessLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the access list as a person reads it. kind: "professional", "organisation" or "team".

    A team's name is sealed: see `teams`. shared: a consent their care team inherits. secret: of a minor, not for
    those who act for them (`lines_known_to`). by_delegate: one of those wrote it; side_noted: False for a line of
    before that was noted, which counts as theirs and may be the person's (decision 0231).
    """

    authorisation_id: UUID
    effect: str
    kind: str
    identifier: str
    name: str
    profession: str | None
    town: str | None
    origin: str
    is_administrator: bool
    starts_at: datetime
    ends_at: datetime | None
    first_used_at: datetime | None
    shared: bool = False
    secret: bool = False
    by_delegate: bool = False
    side_noted: bool = True


# ## Lines in force, newest first, with the grantee's public name ##
_LINES = """
SELECT z.authorisation_id, z.effect,
       CASE WHEN z.team_id IS NOT NULL THEN 'team' WHEN z.rpps IS NULL THEN 'organisation' ELSE 'professional' END,
       coalesce(z.rpps, z.finess, z.team_id::text), coalesce(p.given_name || ' ' || p.family_name, o.name, ''),
       p.profession, coalesce(p.town, o.town), z.origin, z.is_administrator, z.starts_at, z.ends_at, z.first_used_at,
       num_nonnulls(z.shared_finess, z.shared_team) > 0, z.secret, z.by_delegate, z.side_noted
FROM authorisation z
LEFT JOIN professional p ON p.rpps = z.rpps
LEFT JOIN care_organisation o ON o.finess = z.finess
WHERE z.space_id = %(space)s AND z.ended_at IS NULL AND (z.ends_at IS NULL OR z.ends_at > %(at)s)
ORDER BY z.starts_at DESC, z.authorisation_id
"""


def lines_statement(space: SpaceId, *, at: datetime) -> Statement:
    """Return the statement of `access_lines`, for pages that send several at once; `to_lines` reads its rows."""
    return Statement(_LINES, {"space": space, "at": at})


def to_lines(rows: Rows) -> list[AccessLine]:
    """Return the lines of the rows of `lines_statement`."""
    names = AccessLine.__struct_fields__
    return [AccessLine(**dict(zip(names, row, strict=True))) for row in rows]


def lines_known_to(actor: Actor, lines: Iterable[AccessLine]) -> list[AccessLine]:
    """Return the lines this actor may be told of: a minor's secret ones, and whom the person keeps out themselves, are
    for nobody who acts for them.
    """
    return [line for line in lines if actor.kind not in DELEGATES or _told(line)]


def _told(line: AccessLine | Authorisation) -> bool:
    own_block = line.effect == Effect.BLOCK and line.origin == "person" and not line.by_delegate
    return not (line.secret or own_block)


def known_facts(actor: Actor, facts: SpaceFacts) -> SpaceFacts:
    """Return facts as this actor may be told of them: for who acts for the person, no secret consent, and no block or
    wish the person wrote themselves.
    """
    if actor.kind not in DELEGATES:
        return facts
    return msgspec.structs.replace(
        facts,
        authorisations=tuple(line for line in facts.authorisations if _told(line)),
        restrictions=tuple(one for one in facts.restrictions if one.by_delegate),
    )


async def access_lines(work: Work) -> list[AccessLine]:
    """Return every line in force."""
    statement = lines_statement(work.space_id, at=work.at)
    return to_lines(await work.rows(statement.sql, statement.params))
