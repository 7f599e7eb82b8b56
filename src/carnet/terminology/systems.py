"""One code system, many spellings: CDA writes an OID, FHIR a URI, and some senders `urn:oid:`.

Inside Carnet a system is always its OID, or its nomenclature's short name for the few that have no OID in our sources.
"""

from collections.abc import Mapping
from functools import cache, lru_cache
from types import MappingProxyType

from carnet.terminology.tables import rows

_URN_OID = "urn:oid:"
_SHORT = 128
"""Longer than the name of any system: what strangers write is remembered up to this, a bounded number of times."""


@cache
def _uri_of_oid() -> Mapping[str, str]:
    known: dict[str, str] = {}
    for row in rows("code_systems"):
        known.setdefault(row["oid"], row["uri"])
    return MappingProxyType(known)


@cache
def _oid_of_uri() -> Mapping[str, str]:
    return MappingProxyType({row["uri"]: row["oid"] for row in rows("code_systems")})


def oid_of(system: str) -> str | None:
    """Return the OID of a system written as URI, `urn:oid:…` or OID; None when we do not know that URI."""
    return _remembered(system) if len(system) <= _SHORT else _oid_of(system)


def _oid_of(system: str) -> str | None:
    bare = system.strip().removeprefix(_URN_OID)
    if bare != system.strip() or bare in _uri_of_oid():
        return bare
    if bare and all(part.isdigit() for part in bare.split(".")):
        return bare
    return _oid_of_uri().get(bare)


_remembered = lru_cache(maxsize=1024)(_oid_of)


def system_uri(oid: str) -> str:
    """Return the URI FHIR wants for a system: its canonical URI when there is one, else `urn:oid:…` (FHIR R4 §2.24)."""
    bare = oid.strip().removeprefix(_URN_OID)
    return _uri_of_oid().get(bare, _URN_OID + bare)
