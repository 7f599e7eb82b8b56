"""A page of results as a searchset, made by joining bytes: stored resources are never parsed again.

Source: FHIR R4 §3.1.1.5 (Bundle of type searchset), §3.1.1.3.1 (outcome entries).
"""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from carnet.interfaces.fhir.interaction import Site
from carnet.interfaces.fhir.outcome import operation_outcome
from carnet.kernel.errors import Problem

_encode: Final = msgspec.json.encode
_MATCH: Final = b',"search":{"mode":"match"}}'


def searchset(
    entries: Iterable[tuple[str, bytes]],
    *,
    site: Site,
    links: Sequence[tuple[str, str]],
    total: int | None,
    warnings: Sequence[Problem] = (),
    language: str = "fr",
) -> bytes:
    """Return the Bundle. entries: (address below the base, resource as JSON bytes); links: (relation, address)."""
    linked = [{"relation": relation, "url": site.url(address)} for relation, address in links]
    counted = b"" if total is None else b'"total":%d,' % total
    pieces = [b'{"resourceType":"Bundle","type":"searchset",%s"link":%s' % (counted, _encode(linked))]
    begin = b',"entry":['
    for address, resource in entries:
        pieces += (begin, b'{"fullUrl":', _encode(site.url(address)), b',"resource":', resource, _MATCH)
        begin = b","
    if warnings:
        outcome = operation_outcome(warnings, language=language, code="not-supported", severity="warning")
        pieces += (begin, b'{"resource":', outcome, b',"search":{"mode":"outcome"}}')
        begin = b","
    pieces.append(b"}" if begin != b"," else b"]}")
    return b"".join(pieces)
