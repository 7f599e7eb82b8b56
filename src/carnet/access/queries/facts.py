"""What is known of this space, and of this actor in it? One statement, so that it can travel with others."""

import functools
from typing import Any
from uuid import UUID

import msgspec

from carnet.access.data import NO_SPACE, Authorisation, Delegation, Emergency, HeirsReading, Restriction, SpaceFacts
from carnet.access.own_data import guarded_types, sensitive_types
from carnet.infra.db.work import Statement
from carnet.kernel.actors import Actor
from carnet.kernel.ids import SpaceId
from carnet.spaces.api import KEYSET_BESIDE, KEYSET_COLUMNS

# ## A line about this professional: named, their organisation, or a care team of theirs; needs `a` and `z` ##
IN_MY_TEAM = """
(a.teamed AND EXISTS (SELECT FROM care_team_member m WHERE m.space_id = z.space_id
  AND m.team_id IN (z.team_id, z.shared_team) AND (m.rpps = %(rpps)s OR m.finess = %(finess)s)))
"""
# ## What hardly any space has, all at once, and only where the rights row says there is any ##
_MORE = """
CASE WHEN a.emergency_until IS NOT NULL OR a.teamed OR a.restricted OR a.guarded THEN json_build_object(
  'emergency', (SELECT json_build_object('mode', e.mode, 'granted_at', e.granted_at, 'ends_at', e.ends_at)
    FROM emergency_access e WHERE e.space_id = a.space_id AND e.rpps = %(rpps)s AND e.session = %(session)s
      AND e.granted_at IS NOT NULL AND e.ended_at IS NULL),
  'teams', coalesce((SELECT json_agg(DISTINCT m.team_id) FROM care_team_member m
    WHERE m.space_id = a.space_id AND (m.rpps = %(rpps)s OR m.finess = %(finess)s)), '[]'),
  'restrictions', coalesce((SELECT json_agg(json_build_object('restriction_id', r.restriction_id, 'effect', r.effect,
      'starts_at', r.starts_at, 'ends_at', r.ends_at, 'logical_id', r.logical_id, 'category', r.category,
      'received_from', r.received_from, 'everyone', r.everyone, 'rpps', r.rpps, 'professions', r.professions,
      'finess', r.finess, 'by_delegate', r.by_delegate))
    FROM access_restriction r WHERE a.restricted AND r.space_id = a.space_id AND r.ended_at IS NULL), '[]'),
  'topics', a.safeguarded,
  'marked', coalesce((SELECT json_agg(g.logical_id) FROM safeguarded_document g
    WHERE a.guarded AND g.space_id = a.space_id), '[]'))::text END
"""
# ## What a representative or carer rests on; nothing is looked up for anybody else ##
_HELD = """
CASE WHEN %(delegation)s::uuid IS NOT NULL THEN (SELECT json_build_object('kind', g.kind, 'basis', g.basis,
    'starts_at', g.starts_at, 'ends_at', g.ends_at, 'withheld', g.withheld, 'messages', g.messages,
    'documents', g.documents, 'agenda', g.agenda,
    'discreet_from', g.discreet_from, 'looks_only_from', g.looks_only_from)::text
  FROM delegation g WHERE g.space_id = a.space_id AND g.delegation_id = %(delegation)s::uuid
    AND g.accepted_at IS NOT NULL AND g.ended_at IS NULL) END
"""
# ## What a physician reads on for an heir; nothing is looked up while the person lives ##
_HEIRS = """
CASE WHEN a.state = 'DECEASED' THEN (SELECT json_build_object('ends_at', h.ends_at, 'withheld', h.withheld,
    'capacity', h.capacity, 'motive', h.motive)::text
  FROM heirs_reading h WHERE h.space_id = a.space_id AND h.rpps = %(rpps)s AND h.ended_at IS NULL
  ORDER BY h.ends_at DESC, h.request_id LIMIT 1) END
"""
# ## The lines about this professional ##
_LINES = f"""
(SELECT json_agg(json_build_object(
       'authorisation_id', z.authorisation_id, 'effect', z.effect, 'rpps', z.rpps, 'finess', z.finess,
       'origin', z.origin, 'starts_at', z.starts_at, 'ends_at', z.ends_at, 'ended_at', z.ended_at,
       'is_administrator', z.is_administrator, 'team', z.team_id, 'shared_finess', z.shared_finess,
       'shared_team', z.shared_team, 'secret', z.secret, 'by_delegate', z.by_delegate,
       'first_used_at', CASE WHEN z.rpps = %(rpps)s THEN z.first_used_at ELSE (
          SELECT u.first_used_at FROM authorisation_use u WHERE u.space_id = z.space_id
            AND u.authorisation_id = z.authorisation_id AND u.rpps = %(rpps)s) END))::text
   FROM authorisation z
   WHERE z.space_id = a.space_id AND z.ended_at IS NULL
     AND (z.rpps = %(rpps)s OR z.finess = %(finess)s OR z.shared_finess = %(finess)s OR {IN_MY_TEAM}))
"""
_ACTIVE = "(SELECT s.status = 'active' FROM care_software s WHERE s.client_id = %(client)s)"
# ## State, rights epoch, switches, this actor's lines, the state of the software and the wrapped keyset, one row ##
_FACTS = f"""
SELECT a.state, a.epoch, a.masked_by_default,
  {_LINES} AS lines,
  {_ACTIVE} AS software_active,
  a.allow_bris_de_glace, a.allow_centre_15, a.allow_masked_in_emergency, a.strong_consent, {_MORE} AS more,
  {_HELD} AS held, {_HEIRS} AS heirs,
  {KEYSET_COLUMNS}
FROM authz a {KEYSET_BESIDE} WHERE a.space_id = %(space)s
"""
_LOCKS = {None: "", "SHARE": " FOR SHARE OF a", "UPDATE": " FOR UPDATE OF a"}
KEYSET_FROM = 12
"""Where the keyset's columns begin in the row."""


class _More(msgspec.Struct, frozen=True):
    """The rare part, as the statement sends it."""

    emergency: Emergency | None
    teams: tuple[UUID, ...]
    restrictions: tuple[Restriction, ...]
    topics: tuple[str, ...]
    marked: frozenset[UUID]


_lines = msgspec.json.Decoder(tuple[Authorisation, ...])
_more = msgspec.json.Decoder(_More)
_held = msgspec.json.Decoder(Delegation)
_heirs = msgspec.json.Decoder(HeirsReading)
_NOTHING = _More(emergency=None, teams=(), restrictions=(), topics=(), marked=frozenset())


def facts_statement(actor: Actor, *, space: SpaceId, lock: str | None = None) -> Statement:
    """Return the statement that reads facts and keyset; `lock` ("SHARE", "UPDATE"): hold the rights row on."""
    return Statement(
        _about(
            professional=actor.rpps is not None,
            listed=actor.rpps is not None or actor.organisation is not None,
            software=actor.client_id is not None,
            delegate=actor.delegation is not None,
        )
        + _LOCKS[lock],
        {
            "space": space,
            "rpps": actor.rpps,
            "finess": actor.organisation,
            "client": actor.client_id,
            "session": actor.session,
            "delegation": actor.delegation,
        },
    )


@functools.cache
def _about(*, professional: bool, listed: bool, software: bool, delegate: bool) -> str:
    """Return the statement for this kind of actor: what has nothing to look for is not looked for (decision 0249).

    professional: has a number of their own; listed: or of an organisation, which lines may name.
    """
    never = {_LINES: listed, _ACTIVE: software, _HELD: delegate, _HEIRS: professional}
    sql = _FACTS
    for piece, wanted in never.items():
        sql = sql if wanted else sql.replace(piece, "NULL")
    return sql


def to_facts(row: tuple[Any, ...] | None, *, actor: Actor, space: SpaceId) -> SpaceFacts:
    """Return the facts of `row`; a space that is not there is a closed one."""
    if row is None:
        return SpaceFacts(space=space, state=NO_SPACE, epoch=0)
    state, epoch, masked_by_default, lines, active, glass, centre, masked, strong, rare, held, heirs = row[:KEYSET_FROM]
    more = _more.decode(rare) if rare else _NOTHING
    return SpaceFacts(
        space=space,
        state=state,
        epoch=epoch,
        masked_by_default=masked_by_default,
        authorisations=_lines.decode(lines) if lines else (),
        software_active=bool(active) if actor.client_id is not None else None,
        allow_bris_de_glace=glass,
        allow_centre_15=centre,
        allow_masked_in_emergency=masked,
        strong_consent=strong,
        emergency=more.emergency,
        teams=more.teams,
        restrictions=more.restrictions,
        guarded_topics=frozenset(more.topics),
        guarded_types=guarded_types(more.topics),
        guarded_documents=more.marked,
        delegation=_held.decode(held) if held else None,
        sensitive_types=sensitive_types() if held else frozenset(),
        heirs=_heirs.decode(heirs) if heirs else None,
    )
