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
    parts = [
        b'{"fullUrl":%s,"resource":%s,"search":{"mode":"match"}}' % (_encode(site.url(address)), resource)
        for address, resource in entries
    ]
    if warnings:
        outcome = operation_outcome(warnings, language=language, code="not-supported", severity="warning")
        parts.append(b'{"resource":%s,"search":{"mode":"outcome"}}' % outcome)
    head = [b'{"resourceType":"Bundle","type":"searchset"']
    if total is not None:
        head.append(b'"total":%d' % total)
    linked = [{"relation": relation, "url": site.url(address)} for relation, address in links]
    head.append(b'"link":%s' % _encode(linked))
    if parts:
        head.append(b'"entry":[%s]' % b",".join(parts))
    return b",".join(head) + b"}"
