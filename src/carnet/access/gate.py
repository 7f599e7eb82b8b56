"""The first half of every entrance: read the facts, the keys and whatever else is asked, in one round trip.

The second half is the trace: nothing read here may leave before `journal` says it is durable.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from carnet.access.data import NO_SPACE, DocumentFacts, Mode, Need, SpaceFacts
from carnet.access.matrix_file import load_matrix
from carnet.access.queries.facts import KEYSET_FROM, facts_statement, to_facts
from carnet.access.queries.narrowing import narrowed
from carnet.access.queries.visibility import VisibleTo, visible_to
from carnet.access.rules.decide import decide
from carnet.access.rules.emergency import mode_in_force
from carnet.access.rules.matrix import HabilitationMatrix
from carnet.infra.db import Work, rows_in_one_trip
from carnet.infra.db.work import Statement
from carnet.infra.vault import SpaceKeys
from carnet.journal.api import Act, Trace, append
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Decision, Reason, refuse
from carnet.kernel.ids import SpaceId
from carnet.spaces.api import open_keys

_seated: list[HabilitationMatrix] = []


def seat_matrix(path: Path | None) -> None:
    """Decide with the table at `path` from now on; None: the packaged one. Raises ValueError when it is malformed."""
    _seated[:] = [load_matrix(path)]


def current_matrix() -> HabilitationMatrix:
    """Return the matrix this process decides with: seated at its start, a data file, never code."""
    return _seated[0] if _seated else load_matrix()


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What one round trip brought back. `keys` is None when the space does not exist or was erased."""

    actor: Actor
    at: datetime
    facts: SpaceFacts
    keys: SpaceKeys | None
    rows: list[list[tuple[Any, ...]]]

    def decide(self, need: Need, document: DocumentFacts | None = None) -> Decision:
        """Return the decision on these facts."""
        return decide(self.actor, need, self.facts, matrix=current_matrix(), at=self.at, document=document)

    def decide_on_entering(self) -> Decision:
        """Return whether this actor may come into the space at all: to look at documents, or at the agenda only."""
        listing = self.decide(Need.LIST)
        return self.decide(Need.READ_AGENDA) if listing.reason is Reason.BEYOND_DELEGATION else listing

    def decide_for_child(self) -> Decision:
        """Return whether this representative may close the space, open it again or leave it to the other.

        Whatever its state: parents who manage its access while it is open, until the age from which the child keeps
        things from them; from then on it is the child's own word, and a guardian's adult has theirs.
        """
        if self.actor.kind is not ActorKind.REPRESENTATIVE:
            return refuse(Reason.NOT_A_READER)
        if self.facts.delegation is not None and self.facts.delegation.basis != "parental":
            return refuse(Reason.BEYOND_DELEGATION)
        as_open = msgspec.structs.replace(self.facts, state="ACTIVE")
        return decide(self.actor, Need.MANAGE_ACCESS, as_open, matrix=current_matrix(), at=self.at)

    @property
    def mode(self) -> Mode:
        """The mode this session is in, for the banner."""
        return mode_in_force(self.facts, at=self.at)

    @property
    def mode_ends_at(self) -> datetime | None:
        """When the emergency in force ends; None in the normal mode."""
        granted = self.facts.emergency
        return granted.ends_at if granted is not None and self.mode is not Mode.NORMAL else None

    @property
    def opened_keys(self) -> SpaceKeys:
        """The keys of a space already decided to be open."""
        if self.keys is None:
            raise RuntimeError("an open space without keys")
        return self.keys


def reader(actor: Actor, *, at: datetime) -> VisibleTo:
    """Return what `actor` may look through, with the current matrix."""
    return visible_to(actor, matrix=current_matrix(), at=at)


async def trace_in(
    work: Work, seen: Look, act: Act, decision: Decision, *, details: Mapping[str, object] | None = None
) -> None:
    """Leave the trace of what was asked of a space: one that is not there has no journal, and gets none."""
    space = None if seen.facts.state == NO_SPACE else work.space_id
    one = Trace(act=act, actor=seen.actor, decision=decision, at=work.at, space=space, details=dict(details or {}))
    await append(work, one)


async def look(*, actor: Actor, space: SpaceId, at: datetime, statements: Sequence[Statement] = ()) -> Look:
    """Read facts and keys of `space` together with `statements`: one transaction, one round trip, nothing locked."""
    rows = await rows_in_one_trip([facts_statement(actor, space=space), *map(narrowed, statements)], space=space)
    return await _to_look(rows, actor=actor, space=space, at=at)


async def look_in(work: Work, *, actor: Actor, changing: bool = False) -> Look:
    """The same inside an open transaction, holding rights still until it ends.

    changing: the rights themselves are about to change: nobody else may hold them meanwhile.
    """
    statement = facts_statement(actor, space=work.space_id, lock="UPDATE" if changing else "SHARE")
    rows = await work.rows(statement.sql, statement.params)
    return await _to_look([rows], actor=actor, space=work.space_id, at=work.at)


async def _to_look(rows: list[list[tuple[Any, ...]]], *, actor: Actor, space: SpaceId, at: datetime) -> Look:
    row = rows[0][0] if rows[0] else None
    facts = to_facts(row, actor=actor, space=space)
    keys = await open_keys([row[KEYSET_FROM:]], space=space) if row else None
    return Look(actor=actor, at=at, facts=facts, keys=keys, rows=rows[1:])
