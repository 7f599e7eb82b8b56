"""The matrix in force, arranged for people. Public law: nobody's data, so nothing is traced."""

import itertools
from datetime import date
from functools import lru_cache

from carnet.access.api import HabilitationMatrix
from carnet.design.vocabulary import CATEGORIES
from carnet.interfaces.portal.presenters.matrix import GROUPS, ChangeFacts, MatrixFacts, TypeFacts
from carnet.terminology.api import DocumentType, document_types

RECONSTRUCTED = "R"


@lru_cache(maxsize=8)
def matrix_facts(matrix: HabilitationMatrix, *, language: str, day: date) -> MatrixFacts:
    """Return every kind of document the matrix speaks of, with the groups that may read it on `day`."""
    groups = {name: codes[0] for name, codes in matrix.groups().items()}
    columns = tuple(sorted(groups, key=lambda name: list(GROUPS).index(name) if name in GROUPS else len(GROUPS)))
    kinds, guessed, cells = [], 0, 0
    for kind in sorted(document_types(), key=_rank):
        found = {name: matrix.cell(profession=code, type_code=kind.code, at=day) for name, code in groups.items()}
        known = {name: cell for name, cell in found.items() if cell is not None}
        if known:
            readers = frozenset(name for name, cell in known.items() if cell.consult)
            kinds.append(TypeFacts(kind.category, kind.plain(language), readers))
            guessed += sum(cell.source == RECONSTRUCTED for cell in known.values())
            cells += len(known)
    names = {kind.code: kind.plain(language) for kind in document_types()}
    return MatrixFacts(
        day=day,
        groups=columns,
        types=tuple(kinds),
        reconstructed=guessed,
        cells=cells,
        changes=tuple(
            ChangeFacts(day=one.day, opened=_grouped(one.opened, names), closed=_grouped(one.closed, names))
            for one in matrix.changes
        ),
    )


def _grouped(pairs: tuple[tuple[str, str], ...], names: dict[str, str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple(
        (group, tuple(names.get(code, code) for _, code in found))
        for group, found in itertools.groupby(pairs, key=lambda pair: pair[0])
    )


def _rank(kind: DocumentType) -> tuple[int, str]:
    shelves = list(CATEGORIES)
    return shelves.index(kind.category) if kind.category in shelves else len(shelves), kind.plain("fr")
