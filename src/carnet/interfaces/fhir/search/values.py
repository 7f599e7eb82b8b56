"""Values of search parameters: tokens, dates and names. Source: FHIR R4 §3.1.1.4 (types, prefixes, escapes)."""

import re
import unicodedata
from datetime import datetime, timedelta
from typing import Final

import msgspec

from carnet.interfaces.fhir.errors import Malformed, malformed
from carnet.interfaces.fhir.resources.elements import bad_date, read_moment
from carnet.kernel.errors import Problem, Unsupported
from carnet.kernel.legal_day import PARIS

IMPOSSIBLE: Final = ""
"""A code no document has: a search for something that cannot be found still asks for the right to search."""

_PREFIXED: Final = re.compile(r"(eq|ne|gt|lt|ge|le|sa|eb|ap)?(\d.*)", re.DOTALL)
_SEPARATOR: Final = re.compile(r"(?<!\\),")
_UNITS: Final = {4: "year", 7: "month", 10: "day"}
_MOST: Final = 100


class Token(msgspec.Struct, frozen=True):
    """`system|code`; system None when not given, "" when explicitly none."""

    system: str | None
    code: str


class Range(msgspec.Struct, frozen=True):
    """Half-open [start, end); None: unbounded."""

    start: datetime | None = None
    end: datetime | None = None

    def also(self, other: "Range") -> "Range":
        """Return what both allow."""
        starts = [one for one in (self.start, other.start) if one]
        ends = [one for one in (self.end, other.end) if one]
        return Range(max(starts, default=None), min(ends, default=None))


def split(text: str, *, name: str) -> list[str]:
    """Return the alternatives of a value, separated by commas unless escaped. Malformed when empty or too many."""
    parts = [re.sub(r"\\([,|$\\])", r"\1", one).strip() for one in _SEPARATOR.split(text)]
    if not all(parts) or len(parts) > _MOST:
        raise bad_value(name)
    return parts


def tokens(text: str, *, name: str) -> list[Token]:
    """Return the alternatives of a token parameter. A system alone (`system|`) is not supported."""
    found = []
    for part in split(text, name=name):
        system, mark, code = part.rpartition("|")
        if not code:
            raise Unsupported(Problem("token-without-code", "Un code est attendu.", "A code is expected.", name))
        found.append(Token(system if mark else None, code))
    return found


def date_range(text: str, *, name: str) -> Range:
    """Return what a date value allows: the whole day, month or year it names, or one side of it (§3.1.1.4.5)."""
    match = _PREFIXED.fullmatch(text.strip())
    if match is None:
        raise bad_date(name)
    prefix, written = match.group(1) or "eq", match.group(2).replace(" ", "+")
    if prefix in {"ne", "ap"}:
        raise Unsupported(
            Problem("date-prefix", "Ce préfixe n'est pas pris en charge.", "This prefix is not supported.", name)
        )
    start = read_moment(written, path=name)
    try:
        end = _end(start, written)
    except (ValueError, OverflowError):  # the last day there is has no following one
        raise bad_date(name) from None
    return {
        "eq": Range(start, end),
        "ge": Range(start, None),
        "gt": Range(end, None),
        "sa": Range(end, None),
        "lt": Range(None, start),
        "eb": Range(None, start),
        "le": Range(None, end),
    }[prefix]


def _end(start: datetime, written: str) -> datetime:
    """Return the first instant after what was written, as finely as it was written; days are French ones."""
    unit = _UNITS.get(len(written))
    if unit is None:
        return start + timedelta(seconds=1 if "." not in written else 0.001)
    local = start.astimezone(PARIS)
    if unit == "day":
        following = (local.date() + timedelta(days=1)).timetuple()[:3]
    elif unit == "month":
        following = (local.year + local.month // 12, local.month % 12 + 1, 1)
    else:
        following = (local.year + 1, 1, 1)
    return datetime(*following, tzinfo=PARIS).astimezone(start.tzinfo)


def plain(text: str) -> str:
    """Return a name without case and accents."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return "".join(one for one in decomposed if not unicodedata.combining(one)).strip()


def bad_value(name: str) -> Malformed:
    """Return the refusal of a value that cannot be read."""
    return malformed("parameter-malformed", "Cette valeur n'est pas lisible.", "This value cannot be read.", name)
