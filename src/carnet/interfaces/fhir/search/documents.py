"""A search of documents turned into a query on columns and filters on opened texts. ITI-67, IHE MHD 4.2 §2:3.67.4.1.2.

Parameters that repeat must all hold; values separated by commas may any of them hold.
"""

import functools
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

import msgspec

from carnet.interfaces.fhir.resources.people import FINESS_SYSTEMS, RPPS_SYSTEMS, finess_of, rpps_of
from carnet.interfaces.fhir.search.cursor import DocumentPage
from carnet.interfaces.fhir.search.parameters import SORTS
from carnet.interfaces.fhir.search.reading import Asked, count_of
from carnet.interfaces.fhir.search.values import IMPOSSIBLE, Range, Token, bad_value, date_range, plain, split, tokens
from carnet.kernel.ids import SpaceId, parse_routable
from carnet.records.api import (
    MAX_COUNT,
    Author,
    DocumentEntry,
    DocumentMetadata,
    DocumentQuery,
    Matching,
    ResourceEntry,
    labels_of,
)
from carnet.terminology import api as terminology
from carnet.terminology.api import ValueSet

_CODES: Final = {
    "type": ("types", ValueSet.TYPE),
    "category": ("classes", ValueSet.CLASS),
    "facility": ("facilities", ValueSet.FACILITY),
    "setting": ("settings", ValueSet.SETTING),
    "format": ("formats", ValueSet.FORMAT),
}
_RANGES: Final = {"date": "received", "creation": "date", "period": "period", "_lastUpdated": "changed"}
_STATUSES: Final = {"current": "current", "superseded": "superseded", "entered-in-error": "deleted"}
_NOWHERE: Final = UUID(int=0)
_URI: Final = "urn:ietf:rfc:3986"


def page_of(asked: Asked, *, space: SpaceId) -> DocumentPage:
    """Return the first page of the search. Raises Malformed or Unsupported."""
    filters: dict[str, Any] = {"count": max(count_of(asked, most=MAX_COUNT), 1), "order": _order(asked)}
    for name, (field, value_set) in _CODES.items():
        _narrow(filters, field, asked, name, functools.partial(_code, value_set=value_set))
    _narrow(filters, "statuses", asked, "status", lambda token: _STATUSES.get(token.code, IMPOSSIBLE))
    _narrow(filters, "author_ids", asked, "author.identifier", _author)
    _narrow(filters, "ids", asked, "_id", lambda token: _own(token, space))
    for name, field in _RANGES.items():
        allowed = Range()
        for text in asked.values.get(name, []):
            allowed = allowed.also(date_range(text, name=name))
        filters |= {f"{field}_from": allowed.start, f"{field}_to": allowed.end}
    return DocumentPage(
        space=space,
        query=DocumentQuery(**filters),
        families=_names(asked, "author.family"),
        givens=_names(asked, "author.given"),
        identifiers=_identifiers(asked),
        labels=tuple(
            tuple(t.code for t in tokens(text, name="security-label"))
            for text in asked.values.get("security-label", [])
        ),
    )


def matching_of(page: DocumentPage) -> Matching | None:
    """Return the filter on opened texts, None when no parameter needs one."""
    if not (page.families or page.givens or page.identifiers or page.labels):
        return None

    def matches(entry: DocumentEntry, metadata: DocumentMetadata) -> bool:
        labels = labels_of(entry.codes, level=metadata.level)
        identifiers = {metadata.unique_id, *metadata.identifiers}
        return (
            all(labels & set(one) for one in page.labels)
            and all(identifiers & set(one) for one in page.identifiers)
            and all(_any_author(metadata, one, "family_name") for one in page.families)
            and all(_any_author(metadata, one, "given_name") for one in page.givens)
        )

    return matches


def _any_author(metadata: DocumentMetadata, beginnings: tuple[str, ...], field: str) -> bool:
    return any(name.startswith(beginnings) for author in metadata.authors for name in _said(author, field))


def _said(author: Author, field: str) -> list[str]:
    """Return what can begin such a name; of one written in one piece, nobody knows which word is which."""
    if author.family_name and not author.given_name:
        whole = plain(author.family_name)
        return [whole, *whole.split()]
    name = getattr(author, field)
    return [plain(name)] if name else []


def _narrow(filters: dict[str, Any], field: str, asked: Asked, name: str, value_of: Callable[[Token], Any]) -> None:
    """Keep what every repetition of a parameter allows; what none allows is a value no document has."""
    for text in asked.values.get(name, []):
        allowed = {value_of(token) for token in tokens(text, name=name)}
        held = set(filters[field]) if field in filters else allowed
        filters[field] = tuple(sorted(held & allowed)) or (_NOWHERE if field == "ids" else IMPOSSIBLE,)


def _code(token: Token, *, value_set: ValueSet) -> str:
    """Return a code as the column holds it; a known code asked for under another system is nobody's."""
    if not token.system:
        return token.code
    own = [one for one in terminology.values(value_set) if one.code == token.code]
    if own and not any(terminology.oid_of(token.system) == one.system for one in own):
        return IMPOSSIBLE
    return token.code


def _author(token: Token) -> str:
    system = token.system
    if system in FINESS_SYSTEMS:
        return finess_of(token.code) or IMPOSSIBLE
    if system in RPPS_SYSTEMS:
        return rpps_of(token.code) or IMPOSSIBLE
    return IMPOSSIBLE if system else rpps_of(token.code) or finess_of(token.code) or IMPOSSIBLE


def _own(token: Token, space: SpaceId) -> UUID:
    parsed = parse_routable(token.code)
    return parsed[1] if parsed is not None and parsed[0] == space else _NOWHERE


def _names(asked: Asked, name: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(plain(part) for part in split(text, name=name)) for text in asked.values.get(name, []))


def _identifiers(asked: Asked) -> tuple[tuple[str, ...], ...]:
    """Our identifiers are URIs (`urn:ietf:rfc:3986`); under another system there are none."""
    found = []
    for text in asked.values.get("identifier", []):
        given = tokens(text, name="identifier")
        found.append(tuple(one.code if one.system in {None, "", _URI} else IMPOSSIBLE for one in given))
    return tuple(found)


def _order(asked: Asked) -> str:
    text = asked.one("_sort")
    if text is None:
        return "-date"
    if text not in SORTS:
        raise bad_value("_sort")
    return SORTS[text]


def only_space_of_ids(asked: Asked) -> SpaceId | None:
    """Return the space of the ids asked for, when the search names ids and nobody."""
    parsed = [parse_routable(token.code) for text in asked.values.get("_id", []) for token in tokens(text, name="_id")]
    spaces = {one[0] if one else SpaceId(_NOWHERE) for one in parsed}
    return next(iter(spaces)) if len(spaces) == 1 else None


def at_place(page: DocumentPage, entry: DocumentEntry | ResourceEntry) -> DocumentPage:
    """Return the page that follows `entry`."""
    query = msgspec.structs.replace(page.query, after=page.query.place_of(entry))
    return msgspec.structs.replace(page, query=query)
