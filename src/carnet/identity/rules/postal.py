"""Are two postal addresses one place? Written as La Poste and as people write them, without case, accents and signs.

Pure, and never fuzzy: another number is another house. A *door* is a number in a way and its postcode, whoever lives
there and on whichever floor: what a directory shows. A *home* is everything written above the town: two flats of one
house are two homes when their lines say so. The town is left out: the postcode says it, and it is written in many ways.
A place without a number (a hamlet, a box) is no door: too many would share it. Source: NF Z 10-011 (abbreviations).
"""

from collections.abc import Sequence

from carnet.identity.rules.vigilance import words

_SHORT = {
    "allee": "all", "avenue": "av", "bis": "b", "boulevard": "bd", "batiment": "bat", "chemin": "che", "cours": "crs",
    "docteur": "dr", "escalier": "esc", "etage": "etg", "faubourg": "fg", "general": "gal", "impasse": "imp",
    "lotissement": "lot", "marechal": "mal", "passage": "pas", "place": "pl", "president": "pdt", "professeur": "pr",
    "quater": "q", "residence": "res", "route": "rte", "rue": "r", "saint": "st", "sainte": "ste", "square": "sq",
    "ter": "t", "appartement": "app", "appt": "app", "apt": "app",
}  # fmt: skip


def door(lines: Sequence[str], postcode: str) -> tuple[str, ...] | None:
    """Return the door of an address: postcode, number, way; None when no line begins with a number and a way."""
    numbered = [plain for plain in map(_plain, lines) if _is_way(plain)]
    return (postcode, *numbered[-1]) if numbered and postcode else None


def home(lines: Sequence[str], postcode: str) -> tuple[str, ...] | None:
    """Return all an address says but the town; None when it says nothing."""
    said = tuple(word for line in lines for word in _plain(line))
    return (postcode, *said) if said and postcode else None


def _plain(line: str) -> tuple[str, ...]:
    return tuple(_SHORT.get(word, word) for word in words(line))


def _is_way(said: Sequence[str]) -> bool:
    """A number and a way; "3e étage" is a number that every house has."""
    return bool(said[1:]) and said[0][0].isdigit() and not _digits(said[1:]) and "etg" not in said[:3]


def _digits(said: Sequence[str]) -> bool:
    return all(word[0].isdigit() for word in said)
