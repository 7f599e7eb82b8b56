"""What is known of this space, and of this actor in it? One statement, so that it can travel with others."""

from typing import Any

import msgspec

from carnet.access.data import Authorisation, SpaceFacts
from carnet.infra.db.work import Statement
from carnet.kernel.actors import Actor
from carnet.kernel.ids import SpaceId
from carnet.spaces.api import KEYSET_BESIDE, KEYSET_COLUMNS

# ## State, rights epoch, this actor's lines, the state of the software and the wrapped keyset, one row ##
_FACTS = f"""
SELECT a.state, a.epoch, a.masked_by_default,
  (SELECT json_agg(json_build_object(
       'authorisation_id', z.authorisation_id, 'effect', z.effect, 'rpps', z.rpps, 'finess', z.finess,
       'origin', z.origin, 'starts_at', z.starts_at, 'ends_at', z.ends_at, 'ended_at', z.ended_at,
       'is_administrator', z.is_administrator, 'first_used_at', z.first_used_at))::text
   FROM authorisation z
   WHERE z.space_id = a.space_id AND z.ended_at IS NULL
     AND (z.rpps = %(rpps)s OR z.finess = %(finess)s)) AS lines,
  (SELECT s.status = 'active' FROM care_software s WHERE s.client_id = %(client)s) AS software_active,
  {KEYSET_COLUMNS}
FROM authz a {KEYSET_BESIDE} WHERE a.space_id = %(space)s
"""  # noqa: S608 - fixed fragments
_LOCKED = _FACTS + " FOR SHARE OF a"


_lines = msgspec.json.Decoder(tuple[Authorisation, ...])
KEYSET_FROM = 5
"""Where the keyset's columns begin in the row."""


def facts_statement(actor: Actor, *, space: SpaceId, lock: bool = False) -> Statement:
    """Return the statement that reads facts and keyset; `lock` holds rights still until the transaction ends."""
    return Statement(
        _LOCKED if lock else _FACTS,
        {
            "space": space,
            "rpps": actor.rpps,
            "finess": actor.organisation,
            "client": actor.client_id,
        },
    )


def to_facts(row: tuple[Any, ...] | None, *, actor: Actor, space: SpaceId) -> SpaceFacts:
    """Return the facts of `row`; a space that is not there is a closed one."""
    if row is None:
        return SpaceFacts(space=space, state="NONE", epoch=0)
    state, epoch, masked_by_default, lines, active = row[:KEYSET_FROM]
    return SpaceFacts(
        space=space,
        state=state,
        epoch=epoch,
        masked_by_default=masked_by_default,
        authorisations=_lines.decode(lines) if lines else (),
        software_active=bool(active) if actor.client_id is not None else None,
    )
