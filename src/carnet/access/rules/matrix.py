"""The regulatory matrix: which profession may consult which type of document, on which day.

Pure, and nothing but the matrix: authorisations, masking and modes are decided elsewhere, and it says nothing about
depositing. Unknown profession, unknown type or a day before the first rule: no.
Source: CSP R1111-46; arrêté of 26 October 2023 (see `access/data/habilitations.md` for what is known of its annex).
"""

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType

import msgspec


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


class HabilitationMatrix:
    """Every cell, arranged so that a decision is one look-up. Immutable once built."""

    def __init__(self, rows: Iterable[Habilitation]) -> None:
        ordered = sorted(rows, key=lambda row: (row.profession_code, row.type_code, row.effective_from))
        self._cells: Mapping[tuple[str, str], tuple[Habilitation, ...]] = _cells(ordered)
        self._groups: Mapping[str, tuple[str, ...]] = _groups(ordered)
        self._timelines = {code: _timeline(ordered, code) for code in {row.profession_code for row in ordered}}
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
