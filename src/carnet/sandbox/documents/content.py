"""What documents say, before any format: blocks of text, results, vaccines. Words are French, as on the wire."""

from datetime import date
from typing import Literal

import msgspec


class Paragraph(msgspec.Struct, frozen=True):
    """A paragraph; `strong` for what must not be missed."""

    text: str
    strong: bool = False


class Bullets(msgspec.Struct, frozen=True):
    """A list."""

    items: tuple[str, ...]


class Grid(msgspec.Struct, frozen=True):
    """A table: headers, rows of as many cells, an optional caption."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""


Block = Paragraph | Bullets | Grid


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A titled part. code, display: LOINC; templates: CDA template ids (empty outside a template)."""

    title: str
    blocks: tuple[Block, ...]
    code: str = ""
    display: str = ""
    templates: tuple[str, ...] = ()
    sections: "tuple[Section, ...]" = ()


class Analyte(msgspec.Struct, frozen=True, kw_only=True):
    """A biological analysis. unit: as printed; ucum: as coded; low, high: usual range (None: open)."""

    loinc: str
    label: str
    unit: str = ""
    ucum: str = ""
    low: float | None = None
    high: float | None = None
    decimals: int = 0
    expected: str = ""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """A value found: a number, or words for what has no unit. before: the last known value, to print beside it."""

    analyte: Analyte
    value: float | str
    before: float | str | None = None

    @property
    def flag(self) -> Literal["L", "H", "N", "A"]:
        """HL7 interpretation: low, high, normal, or abnormal for words other than the expected ones."""
        if isinstance(self.value, str):
            return "A" if self.analyte.expected and self.value != self.analyte.expected else "N"
        if self.analyte.low is not None and self.value < self.analyte.low:
            return "L"
        if self.analyte.high is not None and self.value > self.analyte.high:
            return "H"
        return "N"


class Chapter(msgspec.Struct, frozen=True, kw_only=True):
    """Part of a biology report: LOINC code and display of the chapter, results, a comment of the biologist."""

    code: str
    title: str
    results: tuple[Result, ...]
    comment: str = ""


class VaccineProduct(msgspec.Struct, frozen=True, kw_only=True):
    """A vaccine of the public medicines database: CIS code, ATC class, what it protects against."""

    cis: str
    name: str
    atc: str
    atc_label: str
    against: str


class VaccineGiven(msgspec.Struct, frozen=True, kw_only=True):
    """One injection. rank: 1, 2, 3… ; site: SNOMED CT code and words."""

    product: VaccineProduct
    day: date
    lot: str
    rank: int
    booster: bool = False
    site: tuple[str, str] = ("16217701000119102", "deltoïde gauche")


def french_number(value: float, decimals: int = 0) -> str:
    """With a decimal comma."""
    return f"{value:.{decimals}f}".replace(".", ",")
