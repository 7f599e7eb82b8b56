"""Why would this professional see, or not see, each document? The decision itself, asked for somebody else. Pure."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

import msgspec

from carnet.access.data import DocumentFacts, Need, SpaceFacts
from carnet.access.rules.decide import decide
from carnet.access.rules.matrix import Habilitation, HabilitationMatrix
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Decision


class Viewer(msgspec.Struct, frozen=True, kw_only=True):
    """The professional somebody wonders about: RPPS, profession (JDV_J65), organisation (FINESS)."""

    rpps: str
    profession: str
    organisation: str | None = None
    session: str | None = None

    def actor(self) -> Actor:
        """As an actor, strongly known, for asking only."""
        return Actor(
            kind=ActorKind.PROFESSIONAL,
            identifier=self.rpps,
            name="",
            profession=self.profession,
            organisation=self.organisation,
            session=self.session,
            strong=True,
        )


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """One document and what the decision says of it. `decision.reason` or `decision.ground` is why."""

    document_id: UUID
    decision: Decision


class MatrixProvenance(msgspec.Struct, frozen=True, kw_only=True):
    """Where the matrix comes from: cells in force by source (S reported, R reconstructed, L local), since when."""

    version: str
    cells: int
    by_source: dict[str, int]
    latest: date | None


def explain(
    *,
    facts: SpaceFacts,
    documents: Iterable[DocumentFacts],
    viewer: Viewer,
    matrix: HabilitationMatrix,
    at: datetime,
) -> tuple[Explained, ...]:
    """Return the decision for each document, as it would be if the viewer asked at `at`. facts: read for the viewer."""
    actor = viewer.actor()
    return tuple(
        Explained(
            document_id=one.document_id,
            decision=decide(actor, Need.READ, facts, matrix=matrix, at=at, document=one),
        )
        for one in documents
    )


def matrix_rows(
    matrix: HabilitationMatrix,
    *,
    at: date,
    groups: Iterable[str] = (),
    types: Iterable[str] = (),
    consult: bool | None = None,
) -> tuple[Habilitation, ...]:
    """Return the cells in force on a day, one a group and type, in order. Empty filters keep everything."""
    wanted_groups, wanted_types = frozenset(groups), frozenset(types)
    found = []
    for group, codes in matrix.groups().items():
        if wanted_groups and group not in wanted_groups:
            continue
        for type_code in matrix.types_of(codes[0]):
            cell = matrix.cell(profession=codes[0], type_code=type_code, at=at)
            if cell is None or (wanted_types and type_code not in wanted_types):
                continue
            if consult is None or cell.consult is consult:
                found.append(cell)
    return tuple(found)


def matrix_provenance(matrix: HabilitationMatrix, *, at: date) -> MatrixProvenance:
    """Return how many cells in force rest on which source."""
    rows = matrix_rows(matrix, at=at)
    by_source: dict[str, int] = {}
    for row in rows:
        by_source[row.source] = by_source.get(row.source, 0) + 1
    latest = max((row.effective_from for row in rows), default=None)
    return MatrixProvenance(version=matrix.version, cells=len(rows), by_source=by_source, latest=latest)
