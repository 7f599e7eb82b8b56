"""In which order the documents of an archive go in, and what hides each from its first moment. Pure.

What hides one version hides them all, so that none is seen between two steps. A version goes in after the one it
replaces; an old one never stands as the current one because its successor could not come. One that an archive holds
twice, in two of its submission sets, is one document.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from carnet.kernel.errors import Problem

OUTDATED: Final = Problem(
    "no-longer-in-force",
    "Ce document n'était plus en vigueur, et l'archive ne contient pas celui qui l'a remplacé.",
    "This document was no longer in force, and the archive does not hold what replaced it.",
)
REPLACED_BY_REFUSED: Final = Problem(
    "newer-version-refused",
    "La version qui remplace ce document n'a pas pu être reprise.",
    "The version that replaces this document could not be carried over.",
)
ROUND: Final = Problem(
    "replaces-itself", "Ces documents se remplacent les uns les autres.", "These documents replace one another."
)
IN_FORCE: Final = frozenset({"", "Approved", "Archived"})


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """One document: its uniqueId, the one it replaces, what hides it, its availability, whether it can go in."""

    unique_id: str
    replaces: str | None = None
    codes: frozenset[str] = frozenset()
    status: str = ""
    refused: bool = False


class Going(msgspec.Struct, frozen=True):
    """A document that goes in. place: among the links; codes: of all its versions together; versioned: has others."""

    place: int
    codes: frozenset[str]
    versioned: bool


def in_order(links: Sequence[Link]) -> tuple[tuple[Going, ...], Mapping[int, Problem]]:
    """Return who goes in, older versions first, and why others do not; those refused before are in neither."""
    at = {one.unique_id: place for place, one in enumerate(links)}
    same = [at[one.unique_id] for one in links]
    parent = {same[place]: at[one.replaces] for place, one in enumerate(links) if one.replaces in at}
    generations = [_generation(document, parent) for document in same]
    places: dict[int, list[int]] = {}
    families: dict[int, set[int]] = {}
    for place, document in enumerate(same):
        places.setdefault(document, []).append(place)
        families.setdefault(_first(document, parent), set()).add(place)
    refused: dict[int, Problem] = {place: ROUND for place, depth in enumerate(generations) if depth is None}
    order = sorted((depth, place) for place, depth in enumerate(generations) if depth is not None)
    failed = {place for place, one in enumerate(links) if one.refused}
    children: dict[int, list[int]] = {}
    for child, older in parent.items():
        children.setdefault(older, []).append(child)
    for _, place in reversed(order):
        newer = children.get(same[place], [])
        if place in failed:
            continue
        if any(all(one in failed or one in refused for one in places[child]) for child in newer):
            refused[place] = REPLACED_BY_REFUSED
        elif not newer and links[place].status not in IN_FORCE:
            refused[place] = OUTDATED
    going = []
    for _, place in order:
        if place not in failed and place not in refused:
            family = families[_first(same[place], parent)]
            codes = frozenset().union(*(links[one].codes for one in family))
            going.append(Going(place, codes, len({same[one] for one in family}) > 1))
    return tuple(going), refused


def _generation(place: int, parent: Mapping[int, int]) -> int | None:
    """How many versions are before this one; None when they go round."""
    seen = {place}
    while place in parent:
        place = parent[place]
        if place in seen:
            return None
        seen.add(place)
    return len(seen) - 1


def _first(place: int, parent: Mapping[int, int]) -> int:
    """The first version of all; any of them when they go round."""
    seen = {place}
    while place in parent and parent[place] not in seen:
        place = parent[place]
        seen.add(place)
    return place
