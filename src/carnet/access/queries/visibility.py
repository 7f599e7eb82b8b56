"""The same decision as SQL: parameters applied before the query, so that what is hidden never leaves the database.

`visible_to` makes the parameters; `VISIBLE` is the predicate on table alias `d`; `READER` the CTE it reads. A
property test on random worlds proves that this and `rules.decide` agree. Emergency modes get their parameter here
later.
"""

import functools
from datetime import date, datetime

import msgspec

from carnet.access.rules.matrix import HabilitationMatrix
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.ids import SpaceId

# ## What the person's access list says of this actor; one row ##
READER = """
reader AS MATERIALIZED (
  SELECT
    EXISTS (SELECT FROM authz a WHERE a.space_id = %(space)s AND a.state IN ('OPEN', 'ACTIVE'))
      AND (%(reader_client)s::text IS NULL
           OR EXISTS (SELECT FROM care_software s
                      WHERE s.client_id = %(reader_client)s AND s.status = 'active')) AS open,
    coalesce(bool_or(z.effect = 'block'), false) AS blocked,
    coalesce(bool_or(z.effect = 'permit'), false) AS permitted,
    coalesce(bool_or(z.effect = 'permit' AND z.is_administrator), false) AS administrator
  FROM authorisation z
  WHERE z.space_id = %(space)s AND z.ended_at IS NULL AND z.starts_at <= %(at)s
    AND (z.ends_at IS NULL OR z.ends_at > %(at)s)
    AND (z.rpps = %(reader_rpps)s OR z.finess = %(reader_finess)s)
)
"""

# ## May the reader know that document `d` exists? ##
VISIBLE = """
(reader.open AND CASE %(reader_side)s
  WHEN 'person' THEN d.space_id = %(reader_space)s::uuid AND NOT d.invisible_patient
  WHEN 'professional' THEN reader.permitted AND NOT reader.blocked
    AND d.status <> 'deleted' AND d.type_code = ANY(%(reader_types)s::text[])
    AND (NOT d.masque_ps OR reader.administrator
         OR d.author_rpps = %(reader_rpps)s OR d.author_finess = %(reader_finess)s)
  ELSE false END)
"""


class VisibleTo(msgspec.Struct, frozen=True, kw_only=True):
    """Who is looking, as SQL parameters. side: "person", "professional" or "nobody".

    own: the person's own space, the only one they see into. client: the software looked through, which must be active.
    """

    side: str
    own: SpaceId | None = None
    types: tuple[str, ...] = ()
    rpps: str | None = None
    finess: str | None = None
    client: str | None = None

    def params(self) -> dict[str, object]:
        """Return the parameters `READER` and `VISIBLE` take (besides `space` and `at`)."""
        return {
            "reader_side": self.side,
            "reader_types": _array(self.types),
            "reader_rpps": self.rpps,
            "reader_finess": self.finess,
            "reader_space": self.own,
            "reader_client": self.client,
        }


@functools.lru_cache(maxsize=256)
def _array(types: tuple[str, ...]) -> str:
    """Return the array as PostgreSQL writes it: a hundred codes a request are too many to adapt one by one."""
    return "{" + ",".join(f'"{code}"' for code in types) + "}"


@functools.lru_cache(maxsize=256)
def _types(matrix: HabilitationMatrix, profession: str, day: date) -> tuple[str, ...]:
    return tuple(sorted(matrix.types_for(profession=profession, at=day)))


def visible_to(actor: Actor, *, matrix: HabilitationMatrix, at: datetime) -> VisibleTo:
    """Return what `actor` may look through; anyone but persons and strongly known professionals is nobody."""
    if not actor.strong:
        return VisibleTo(side="nobody")
    if actor.kind is ActorKind.PERSON:
        return VisibleTo(side="person", own=actor.space, client=actor.client_id)
    if actor.kind is ActorKind.PROFESSIONAL and actor.profession is not None:
        types = _types(matrix, actor.profession, at.date())
        return VisibleTo(
            side="professional", types=types, rpps=actor.rpps, finess=actor.organisation, client=actor.client_id
        )
    return VisibleTo(side="nobody")
