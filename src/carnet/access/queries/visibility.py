"""The same decision as SQL: parameters applied before the query, so that what is hidden never leaves the database.

`visible_to` makes the parameters; `VISIBLE` is the predicate on table alias `d`; `READER` the CTE it reads. A
property test on random worlds proves that this and `rules.decide` agree. What hardly any space has (teams, emergencies,
restrictions, topics kept apart) is looked up only where its rights row says so.
"""

import functools
from datetime import date, datetime
from uuid import UUID

import msgspec

from carnet.access.own_data import sensitive_types, topics_json
from carnet.access.rules.decide import DELEGATES, stepped_up
from carnet.access.rules.matrix import HabilitationMatrix
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.ids import SpaceId
from carnet.kernel.legal_day import legal_day

# ## Pieces of `READER`, each of which some readers never need (`narrowing`) ##
THROUGH_SOFTWARE = """
(%(reader_client)s::text IS NULL
  OR EXISTS (SELECT FROM care_software s WHERE s.client_id = %(reader_client)s AND s.status = 'active'))
"""
HELD = """
LEFT JOIN LATERAL (
  SELECT g.withheld, coalesce(g.discreet_from <= %(at)s, false) AS discreet FROM delegation g
  WHERE g.space_id = a.space_id AND g.delegation_id = %(reader_delegation)s::uuid AND g.kind = %(reader_kind)s
    AND g.accepted_at IS NOT NULL AND g.ended_at IS NULL
    AND g.documents AND g.starts_at <= %(at)s AND g.ends_at > %(at)s) held ON true
"""
HEIRS = """
LEFT JOIN LATERAL (
  SELECT h.withheld AS kept_types FROM heirs_reading h
  WHERE a.state = 'DECEASED' AND h.space_id = a.space_id AND h.rpps = %(reader_rpps)s AND h.ended_at IS NULL
    AND h.ends_at > %(at)s ORDER BY h.ends_at DESC, h.request_id LIMIT 1) heirs ON true
"""
MINE = """
CROSS JOIN LATERAL (
  SELECT coalesce(bool_or(z.effect = 'block'), false) AS blocked,
    coalesce(bool_or(z.effect = 'permit'), false) AS permitted,
    coalesce(bool_or(z.effect = 'permit' AND z.is_administrator), false) AS administrator
  FROM authorisation z
  WHERE z.space_id = %(space)s AND z.ended_at IS NULL AND z.starts_at <= %(at)s
    AND (z.ends_at IS NULL OR z.ends_at > %(at)s)
    AND (z.rpps = %(reader_rpps)s OR z.finess = %(reader_finess)s OR z.shared_finess = %(reader_finess)s
      OR (a.teamed AND EXISTS (SELECT FROM care_team_member m WHERE m.space_id = z.space_id
          AND m.team_id IN (z.team_id, z.shared_team)
          AND (m.rpps = %(reader_rpps)s OR m.finess = %(reader_finess)s))))) mine
"""
# ## OFFSET 0: its answer is wanted twice, and looked for once ##
URGENT = """
CROSS JOIN LATERAL (
  SELECT a.emergency_until IS NOT NULL AND EXISTS (SELECT FROM emergency_access e
    WHERE e.space_id = a.space_id AND e.rpps = %(reader_rpps)s AND e.session = %(reader_session)s
      AND e.ended_at IS NULL AND e.granted_at <= %(at)s AND e.ends_at > %(at)s
      AND CASE e.mode WHEN 'bris_de_glace' THEN a.allow_bris_de_glace
                      WHEN 'centre_15' THEN a.allow_centre_15 ELSE false END) AS granted OFFSET 0) urgent
"""
# ## What the person's access list, switches and wishes say of this actor; one row, none without a space ##
READER = f"""
reader AS MATERIALIZED (
  SELECT
    (a.state IN ('OPEN', 'ACTIVE') OR heirs.kept_types IS NOT NULL) AND {THROUGH_SOFTWARE} AS open,
    mine.blocked,
    mine.permitted OR urgent.granted AS permitted,
    mine.administrator,
    urgent.granted AND a.allow_masked_in_emergency AND heirs.kept_types IS NULL AS lifted,
    heirs.kept_types IS NOT NULL AS for_heirs,
    heirs.kept_types,
    a.restricted,
    a.guarded,
    CASE WHEN a.guarded THEN ARRAY(
      SELECT jsonb_array_elements_text(%(reader_topics)s::jsonb -> chosen.topic)
      FROM unnest(a.safeguarded) AS chosen(topic)) END AS guarded_types,
    held.withheld,
    held.discreet
  FROM authz a {HELD} {HEIRS} {MINE} {URGENT}
  WHERE a.space_id = %(space)s
)
"""

# ## Does the person keep document `d` from this professional? ##
_RESTRICTED = """
EXISTS (SELECT FROM access_restriction r
  WHERE r.space_id = d.space_id AND r.ended_at IS NULL AND r.starts_at <= %(at)s
    AND (r.ends_at IS NULL OR r.ends_at > %(at)s)
    AND (r.logical_id IS NULL OR r.logical_id = d.logical_id)
    AND (r.category IS NULL OR r.category = d.category)
    AND (r.received_from IS NULL OR d.received_at >= r.received_from)
    AND (r.effect = 'hide') = (r.everyone OR coalesce(%(reader_rpps)s = ANY(r.rpps), false)
      OR coalesce(%(reader_profession)s = ANY(r.professions), false)
      OR coalesce(%(reader_finess)s = ANY(r.finess), false))
    AND (NOT reader.lifted OR %(reader_rpps)s = ANY(r.rpps)))
"""
# ## Is document `d` kept out of the simple session? ##
_GUARDED = """
(d.type_code = ANY(reader.guarded_types) OR EXISTS (SELECT FROM safeguarded_document g
   WHERE g.space_id = d.space_id AND g.logical_id = d.logical_id))
"""
# ## Of the dead, an heir's physician is shown nothing that was kept from anybody ##
_FOR_HEIRS = f"""
(NOT d.masque_ps AND NOT d.invisible_patient AND NOT d.invisible_representants
  AND d.type_code <> ALL(reader.kept_types) AND (NOT reader.guarded OR NOT {_GUARDED}))
"""
# ## May a reader of this side know that document `d` exists, in a space that is open to them? ##
SIDES = {
    "person": f"""d.space_id = %(reader_space)s::uuid AND NOT d.invisible_patient
    AND (NOT reader.guarded OR %(reader_stepped_up)s::boolean OR NOT {_GUARDED})""",
    "professional": f"""(%(reader_space)s::uuid IS NULL OR d.space_id = %(reader_space)s::uuid)
    AND (reader.permitted OR reader.for_heirs) AND NOT reader.blocked
    AND d.status <> 'deleted' AND d.type_code = ANY(%(reader_types)s::text[])
    AND (NOT reader.for_heirs OR {_FOR_HEIRS})
    AND (NOT reader.for_heirs AND (coalesce(d.author_rpps = %(reader_rpps)s, false)
        OR coalesce(d.author_finess = %(reader_finess)s, false))
      OR ((NOT d.masque_ps OR reader.administrator OR reader.lifted)
        AND (NOT reader.restricted OR NOT {_RESTRICTED})))""",
    "delegate": f"""d.space_id = %(reader_space)s::uuid AND NOT d.invisible_patient
    AND NOT d.invisible_representants AND (NOT reader.guarded OR NOT {_GUARDED})
    AND coalesce(d.category <> ALL(reader.withheld), false)
    AND NOT (reader.discreet AND d.type_code = ANY(%(reader_sensitive)s::text[]))""",
}
_CASES = "\n  ".join(f"WHEN '{side}' THEN {condition}" for side, condition in SIDES.items())
# ## May the reader know that document `d` exists? ##
VISIBLE = f"""
(reader.open AND CASE %(reader_side)s
  {_CASES}
  ELSE false END)
"""


GUARDED_SIDES = frozenset({"person", "delegate", "professional"})


class VisibleTo(msgspec.Struct, frozen=True, kw_only=True):
    """Who is looking, as SQL parameters. side: "person", "delegate", "professional" or "nobody".

    own: the only space they see into (the person's own; the one a representative or carer acts for; the one a
    professional's software was launched for, None without a launch). client: the software looked through, which must be
    active. session: what an emergency is bound to. stepped_up: a fresh second proof lasts. kind, delegation: what a
    representative or carer is, and the row they rest on.
    """

    side: str
    own: SpaceId | None = None
    types: tuple[str, ...] = ()
    rpps: str | None = None
    finess: str | None = None
    client: str | None = None
    profession: str | None = None
    session: str | None = None
    stepped_up: bool = False
    kind: str | None = None
    delegation: UUID | None = None

    def params(self) -> dict[str, object]:
        """Return the parameters `READER` and `VISIBLE` take (besides `space` and `at`)."""
        return {
            "reader_side": self.side,
            "reader_types": _array(self.types),
            "reader_rpps": self.rpps,
            "reader_finess": self.finess,
            "reader_space": self.own,
            "reader_client": self.client,
            "reader_profession": self.profession,
            "reader_session": self.session,
            "reader_stepped_up": self.stepped_up,
            "reader_kind": self.kind,
            "reader_delegation": self.delegation,
            "reader_sensitive": _array(_sensitive() if self.side == "delegate" else ()),
            "reader_topics": topics_json() if self.side in GUARDED_SIDES else "{}",
        }


@functools.lru_cache(maxsize=256)
def _array(types: tuple[str, ...]) -> str:
    """Return the array as PostgreSQL writes it: a hundred codes a request are too many to adapt one by one."""
    return "{" + ",".join(f'"{code}"' for code in types) + "}"


@functools.cache
def _sensitive() -> tuple[str, ...]:
    return tuple(sorted(sensitive_types()))


@functools.lru_cache(maxsize=256)
def _types(matrix: HabilitationMatrix, profession: str, day: date) -> tuple[str, ...]:
    return tuple(sorted(matrix.types_for(profession=profession, at=day)))


def visible_to(actor: Actor, *, matrix: HabilitationMatrix, at: datetime) -> VisibleTo:
    """Return what `actor` may look through; anyone but persons and strongly known professionals is nobody."""
    if not actor.strong:
        return VisibleTo(side="nobody")
    if actor.kind is ActorKind.PERSON:
        return VisibleTo(side="person", own=actor.space, client=actor.client_id, stepped_up=stepped_up(actor, at=at))
    if actor.kind in DELEGATES:
        return VisibleTo(
            side="delegate",
            own=actor.acts_for,
            client=actor.client_id,
            kind=str(actor.kind),
            delegation=actor.delegation,
        )
    if actor.kind is ActorKind.PROFESSIONAL and actor.profession is not None:
        return VisibleTo(
            side="professional",
            types=_types(matrix, actor.profession, legal_day(at)),
            own=actor.acts_for,
            rpps=actor.rpps,
            finess=actor.organisation,
            client=actor.client_id,
            profession=actor.profession,
            session=actor.session,
        )
    return VisibleTo(side="nobody")
