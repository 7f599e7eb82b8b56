"""What a token may do, in SMART v2 words: context/Resource.letters.

Scopes narrow, they never grant: the decision on a space is made elsewhere, by facts. Launch scopes, search parameters
in scopes (`?category=`) and patient context are not offered: a scope that uses them is not understood, so not granted.
Source: HL7 SMART App Launch 2.2, scopes and launch context.
"""

import functools
import re
from collections.abc import Iterable
from enum import StrEnum

import msgspec

LETTERS = "cruds"
ANY = "*"
_SCOPE = re.compile(r"(system|user)/(\*|[A-Z][A-Za-z]{1,40})\.([a-z]+|\*)")
_VERSION_1 = {"read": "rs", "write": "cud", "*": LETTERS}


class ScopeContext(StrEnum):
    """On whose behalf the software acts: its own (`system`) or a professional's (`user`)."""

    SYSTEM = "system"
    USER = "user"


class Scope(msgspec.Struct, frozen=True, order=True):
    """One scope: letters are a non-empty subset of c, r, u, d, s in that order."""

    context: ScopeContext
    resource: str
    letters: str

    def __str__(self) -> str:
        return f"{self.context}/{self.resource}.{self.letters}"


@functools.lru_cache(maxsize=1024)
def parse_scope(text: str) -> Scope | None:
    """Return the scope written as `text` (SMART v2, or v1's read, write and *), or None when it is not one of ours."""
    match = _SCOPE.fullmatch(text)
    if match is None:
        return None
    context, resource, written = match.groups()
    letters = _VERSION_1.get(written, written)
    if not letters or "".join(letter for letter in LETTERS if letter in letters) != letters:
        return None
    return Scope(ScopeContext(context), resource, letters)


def grant(*, requested: Iterable[str] | None, registered: Iterable[str], context: ScopeContext) -> frozenset[str]:
    """Return requested ∩ registered for one context, as text. None requested: everything registered for it."""
    allowed = [scope for scope in map(parse_scope, registered) if scope and scope.context is context]
    if requested is None:
        return frozenset(map(str, allowed))
    wanted = [scope for scope in map(parse_scope, requested) if scope and scope.context is context]
    shared = (_intersection(one, other) for one in wanted for other in allowed)
    return frozenset(str(scope) for scope in shared if scope)


def asks_too_widely(requested: Iterable[str], *, registered: Iterable[str]) -> bool:
    """Tell whether a wildcard is asked for that no registered scope holds whole: it is refused, never narrowed.

    A named scope that is too wide is narrowed, as SMART lets a server do; `*` from a software that was registered for
    named resources is a mistake or a probe, and is answered as one.
    """
    held = [scope for scope in map(parse_scope, registered) if scope]
    for text in requested:
        if ANY not in text:
            continue
        wanted = parse_scope(text)
        if wanted is None or not any(_holds(one, wanted) for one in held):
            return True
    return False


def scope_allows(scopes: Iterable[str], *, resource: str, letter: str) -> bool:
    """Tell whether any of `scopes` (as granted) covers `letter` (c, r, u, d or s) on `resource`."""
    granted = (scope for scope in map(parse_scope, scopes) if scope)
    return any(scope.resource in {ANY, resource} and letter in scope.letters for scope in granted)


def _holds(wide: Scope, narrow: Scope) -> bool:
    same = wide.context is narrow.context and wide.resource in {ANY, narrow.resource}
    return same and set(narrow.letters) <= set(wide.letters)


def _intersection(one: Scope, other: Scope) -> Scope | None:
    if one.resource not in {ANY, other.resource} and other.resource != ANY:
        return None
    resource = other.resource if one.resource == ANY else one.resource
    letters = "".join(letter for letter in one.letters if letter in other.letters)
    return Scope(one.context, resource, letters) if letters else None
