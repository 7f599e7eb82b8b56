"""The person's finer wishes: one document, a category, what comes from now on, or everything; from whom, until when.

Finer than any national system: a wish hides from those it names, or shows only to them. It is applied after the
confidentiality codes, to every version of a document, in `decide` and in the SQL. Whoever represents the person writes
them too, until the age from which the child keeps things from them; what the child wished is the child's (0135).
"""

from datetime import datetime
from uuid import UUID

import msgspec

from carnet.access.actions.change_list import BAD_END, NOT_IN_DIRECTORY, AccessList
from carnet.access.data import Need, RestrictionEffect
from carnet.access.events import AccessChanged
from carnet.access.gate import current_matrix, reader
from carnet.access.queries.kept_apart import is_kept_apart
from carnet.access.queries.visibility import READER, VISIBLE
from carnet.access.rules.decide import DELEGATES
from carnet.infra import randomness
from carnet.infra.db import Work, work
from carnet.infra.jobs.outbox import publish
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.errors import Invalid, NotFound, Problem
from carnet.kernel.ids import SpaceId
from carnet.terminology.api import category

MOST = 20
BAD_WISH = Problem(
    code="restriction",
    fr="Dites pour qui, et pour un document, une catégorie ou tout ce qui arrivera (20 destinataires au plus).",
    en="Say for whom, and for one document, one category or everything to come (at most 20 recipients).",
    path="wish",
)
# ## The logical document of one the person may know of ##
_LOGICAL = f"""
WITH {READER} SELECT d.logical_id FROM document d, reader
WHERE d.space_id = %(space)s AND d.document_id = %(document)s AND {VISIBLE}
"""
_KNOWN = """
SELECT (SELECT count(*) FROM professional WHERE rpps = ANY(%(rpps)s))
     + (SELECT count(*) FROM care_organisation WHERE finess = ANY(%(finess)s))
"""
_ADD = """
INSERT INTO access_restriction (space_id, restriction_id, effect, logical_id, category, received_from, everyone, rpps,
  professions, finess, starts_at, ends_at, recorded_by,
  by_delegate)
VALUES (%(space)s, %(id)s, %(effect)s, %(logical)s, %(category)s, %(received_from)s, %(everyone)s, %(rpps)s,
  %(professions)s, %(finess)s, %(starts_at)s, %(ends_at)s, %(by)s,
  %(by_delegate)s)
"""
_END = """
UPDATE access_restriction SET ended_at = %(at)s
WHERE space_id = %(space)s AND restriction_id = %(id)s AND ended_at IS NULL
  AND (by_delegate OR NOT %(delegate)s) AND NOT ({apart})
"""
_FLAG = """
UPDATE authz SET epoch = epoch + 1, restricted = EXISTS (
  SELECT FROM access_restriction r WHERE r.space_id = authz.space_id AND r.ended_at IS NULL) WHERE space_id = %s
"""


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What the person asks. Covers `document`, or `category`, or what comes from now on (`to_come`), or everything.

    Names professionals (RPPS), professions (JDV_J65) and organisations (FINESS), or everyone (to hide only).
    starts_at: None for now; ends_at: None for good.
    """

    effect: RestrictionEffect
    document: UUID | None = None
    category: str | None = None
    to_come: bool = False
    everyone: bool = False
    rpps: tuple[str, ...] = ()
    professions: tuple[str, ...] = ()
    finess: tuple[str, ...] = ()
    starts_at: datetime | None = None
    ends_at: datetime | None = None


async def restrict(*, actor: Actor, space: SpaceId, wish: Wish, at: datetime) -> UUID:
    """Store a wish and return its id. Raises Invalid, NotFound (a document they do not know of), Refused."""
    _check(wish, at)
    restriction = randomness.uuid4()
    async with work(space=space, at=at) as w:
        _, decision = await AccessList(w, actor=actor).weigh(Need.MANAGE_ACCESS)
        details = {"effect": str(wish.effect), "category": wish.category, "to_come": wish.to_come}
        on = (wish.document,) if wish.document else ()
        await record(w, Act.RESTRICT, decision, actor=actor, on=on, details=details)
        if decision.allowed:
            await _add(w, actor, restriction, wish)
            await w.execute(_FLAG, (space,))
            await publish(w, AccessChanged(space=space, effect="restrict"))
    decision.raise_if_refused()
    return restriction


async def end_restriction(*, actor: Actor, space: SpaceId, restriction: UUID, at: datetime) -> None:
    """Lift a wish. Raises NotFound when there is none in force that this session may be told of, Refused."""
    async with work(space=space, at=at) as w:
        _, decision = await AccessList(w, actor=actor).weigh(Need.MANAGE_ACCESS)
        await record(w, Act.END_RESTRICTION, decision, actor=actor)
        if decision.allowed:
            apart = is_kept_apart(actor, "access_restriction.logical_id", at=at)
            named = {"space": space, "id": restriction, "at": at, "delegate": actor.kind in DELEGATES}
            params = named | dict(apart.params or {})
            if not await w.execute(_END.format(apart=apart.sql), params):
                raise NotFound
            await w.execute(_FLAG, (space,))
            await publish(w, AccessChanged(space=space, effect="end-restriction"))
    decision.raise_if_refused()


def _check(wish: Wish, at: datetime) -> None:
    named = len(wish.rpps) + len(wish.professions) + len(wish.finess)
    covered = (wish.document is not None) + (wish.category is not None) + wish.to_come
    if wish.everyone is (named > 0) or named > MOST or covered > 1:
        raise Invalid(BAD_WISH)
    if wish.everyone and wish.effect is RestrictionEffect.ONLY:
        raise Invalid(BAD_WISH)
    if wish.category is not None and category(wish.category) is None:
        raise Invalid(BAD_WISH)
    if not all(current_matrix().knows(code) for code in wish.professions):
        raise Invalid(BAD_WISH)
    if wish.ends_at is not None and wish.ends_at <= max(at, wish.starts_at or at):
        raise Invalid(BAD_END)


async def _add(w: Work, actor: Actor, restriction: UUID, wish: Wish) -> None:
    named = {"rpps": sorted(set(wish.rpps)), "finess": sorted(set(wish.finess))}
    known = await w.row(_KNOWN, named)
    if known is None or known[0] != len(named["rpps"]) + len(named["finess"]):
        raise Invalid(NOT_IN_DIRECTORY)
    values = {
        "space": w.space_id,
        "id": restriction,
        "effect": wish.effect,
        "logical": await _logical(w, actor, wish.document) if wish.document else None,
        "category": wish.category,
        "received_from": w.at if wish.to_come else None,
        "everyone": wish.everyone,
        "professions": sorted(set(wish.professions)),
        "starts_at": wish.starts_at or w.at,
        "ends_at": wish.ends_at,
        "by": actor.identifier,
        "by_delegate": actor.kind in DELEGATES,
    }
    await w.execute(_ADD, named | values)


async def _logical(w: Work, actor: Actor, document: UUID) -> UUID:
    params = reader(actor, at=w.at).params() | {"space": w.space_id, "at": w.at, "document": document}
    row = await w.row(_LOGICAL, params)
    if row is None:
        raise NotFound
    return UUID(str(row[0]))
