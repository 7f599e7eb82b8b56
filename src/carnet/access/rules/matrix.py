"""The regulatory matrix: which profession may consult which type of document, on which day.

Pure, and nothing but the matrix: authorisations, masking and modes are decided elsewhere, and it says nothing about
depositing. Unknown profession, unknown type or a day before the first rule: no.
Source: CSP R1111-46; arrêté of 26 October 2023 (see `access/data/habilitations.md` for what is known of its annex).
"""

import hashlib
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from types import MappingProxyType

import msgspec

ANNOUNCED_BEFORE = timedelta(days=30)
ANNOUNCED_AFTER = timedelta(days=60)


class Habilitation(msgspec.Struct, frozen=True):
    """One cell of the matrix.

    profession_group: column of the published table (MED, IDE…). profession_code: JDV_J65 code. consult: may read.
    source: S reported, R reconstructed, L local override. effective_from: first day the cell holds.
    """

    profession_group: str
    profession_code: str
    type_code: str
    consult: bool
    source: str
    effective_from: date


class MatrixChange(msgspec.Struct, frozen=True, kw_only=True):
    """What begins on one day. opened, closed: pairs of profession_group and typeCode, each once, in order."""

    day: date
    opened: tuple[tuple[str, str], ...]
    closed: tuple[tuple[str, str], ...]


class HabilitationMatrix:
    """Every cell, arranged so that a decision is one look-up. Immutable once built."""

    def __init__(self, rows: Iterable[Habilitation]) -> None:
        ordered = sorted(rows, key=lambda row: (row.profession_code, row.type_code, row.effective_from))
        self._cells: Mapping[tuple[str, str], tuple[Habilitation, ...]] = _cells(ordered)
        self._groups: Mapping[str, tuple[str, ...]] = _groups(ordered)
        self._timelines = {code: _timeline(ordered, code) for code in {row.profession_code for row in ordered}}
        self.changes = _changes(self._cells)
        self.version = hashlib.sha256(msgspec.json.encode(ordered)).hexdigest()[:16]

    def may_consult(self, *, profession: str, type_code: str, at: date) -> bool:
        """Tell whether a profession (JDV_J65 code) may consult a type (typeCode) on a day. Unknown pair: False.

        The cell that counts is the one with the latest `effective_from` not after `at`.
        """
        return type_code in self.types_for(profession=profession, at=at)

    def types_for(self, *, profession: str, at: date) -> frozenset[str]:
        """Return every typeCode a profession may consult on a day; empty for an unknown profession."""
        days, allowed = self._timelines.get(profession, ((), ()))
        position = bisect_right(days, at)
        return allowed[position - 1] if position else frozenset()

    def cell(self, *, profession: str, type_code: str, at: date) -> Habilitation | None:
        """Return the cell in force for a pair on a day, with its source; None when no rule speaks of it."""
        history = self._cells.get((profession, type_code), ())
        return next((row for row in reversed(history) if row.effective_from <= at), None)

    def types_of(self, profession: str) -> tuple[str, ...]:
        """Return every typeCode some rule speaks of for a profession, in order."""
        return tuple(type_code for code, type_code in self._cells if code == profession)

    def announced(self, *, on: date) -> MatrixChange | None:
        """Return the change everyone is to hear of on a day: from a month before it begins to two months after."""
        near = [one for one in self.changes if one.day - ANNOUNCED_BEFORE <= on < one.day + ANNOUNCED_AFTER]
        return near[0] if near else None

    def sources(self) -> Mapping[str, int]:
        """Return how many cells come from each source."""
        return Counter(row.source for history in self._cells.values() for row in history)

    def knows(self, profession: str) -> bool:
        """Tell whether the matrix has any rule for a profession code."""
        return profession in self._timelines

    def groups(self) -> Mapping[str, tuple[str, ...]]:
        """Return the profession codes of each column of the published table."""
        return self._groups


def _cells(ordered: list[Habilitation]) -> Mapping[tuple[str, str], tuple[Habilitation, ...]]:
    cells: dict[tuple[str, str], tuple[Habilitation, ...]] = {}
    for row in ordered:
        before = cells.get((row.profession_code, row.type_code), ())
        if before and before[-1].effective_from == row.effective_from:
            message = f"two rules on one day: {row.profession_code} {row.type_code} {row.effective_from}"
            raise ValueError(message)
        cells[row.profession_code, row.type_code] = (*before, row)
    return MappingProxyType(cells)


def _groups(ordered: list[Habilitation]) -> Mapping[str, tuple[str, ...]]:
    groups: dict[str, set[str]] = {}
    for row in ordered:
        groups.setdefault(row.profession_group, set()).add(row.profession_code)
    return MappingProxyType({name: tuple(sorted(codes)) for name, codes in sorted(groups.items())})


def _timeline(ordered: list[Habilitation], profession: str) -> tuple[tuple[date, ...], tuple[frozenset[str], ...]]:
    """Return the days on which a profession's rights change and what it may consult from each."""
    mine = [row for row in ordered if row.profession_code == profession]
    days = tuple(sorted({row.effective_from for row in mine}))
    allowed: list[frozenset[str]] = []
    current: set[str] = set()
    for day in days:
        for row in mine:
            if row.effective_from == day:
                (current.add if row.consult else current.discard)(row.type_code)
        allowed.append(frozenset(current))
    return days, tuple(allowed)


def _changes(cells: Mapping[tuple[str, str], tuple[Habilitation, ...]]) -> tuple[MatrixChange, ...]:
    """Return what each day after the table's first one opens and closes, newest first."""
    first = min((history[0].effective_from for history in cells.values()), default=None)
    opened: dict[date, set[tuple[str, str]]] = {}
    closed: dict[date, set[tuple[str, str]]] = {}
    for history in cells.values():
        before = False
        for row in history:
            if row.consult != before and row.effective_from != first:
                kept = opened if row.consult else closed
                kept.setdefault(row.effective_from, set()).add((row.profession_group, row.type_code))
            before = row.consult
    return tuple(
        MatrixChange(day=day, opened=tuple(sorted(opened.get(day, ()))), closed=tuple(sorted(closed.get(day, ()))))
        for day in sorted({*opened, *closed}, reverse=True)
    )
