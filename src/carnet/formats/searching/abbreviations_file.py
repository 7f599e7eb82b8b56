"""The packaged table of abbreviations: public words, read once a process. Source: `data/abbreviations.md`."""

import csv
import functools
from pathlib import Path
from typing import Final

from carnet.formats.searching.question import Abbreviations, alike
from carnet.formats.searching.words import Stems

FILE: Final = Path(__file__).parent / "data" / "abbreviations.csv"


@functools.cache
def load_abbreviations() -> Abbreviations:
    """Return what says the same as what."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        rows = [[row["abbreviation"], *row["expansions"].split("|")] for row in csv.DictReader(lines, delimiter=";")]
    return alike(rows, stems=Stems())
