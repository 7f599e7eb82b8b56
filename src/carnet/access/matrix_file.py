"""Reads the packaged matrix, once per process. A local table of the same shape may be given instead."""

import csv
from functools import cache
from importlib.resources import files
from pathlib import Path

import msgspec

from carnet.access.rules.matrix import Habilitation, HabilitationMatrix


@cache
def load_matrix(path: Path | None = None) -> HabilitationMatrix:
    """Return the matrix of `path`, by default the packaged `habilitations.csv`.

    Raises ValueError (msgspec.ValidationError is one) on a malformed table: better no start than wrong rights.
    """
    packaged = files("carnet.access").joinpath("data", "habilitations.csv")
    text = path.read_text(encoding="utf-8") if path else packaged.read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return HabilitationMatrix(msgspec.convert(row, Habilitation, strict=False) for row in rows)
