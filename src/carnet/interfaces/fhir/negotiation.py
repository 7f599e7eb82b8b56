"""What a client wants back: which language, which format, how strict about parameters, how much of what it created.

Source: FHIR R4 §3.1.0.1.9 to §3.1.0.1.11 (content types, _format, Prefer), RFC 9110 §12.5, RFC 7240.
"""

from typing import Any, Final

from litestar import Request

from carnet.interfaces.fhir.errors import NotAcceptable
from carnet.kernel.errors import Problem

_JSON: Final = frozenset(
    {"*/*", "application/*", "application/fhir+json", "application/json", "text/json", "json", "text/*", "text/html"}
)


def language_of(request: Request[Any, Any, Any]) -> str:
    """Return "en" when the client prefers English to French, else "fr"."""
    best, language = 0.0, "fr"
    for part in request.headers.get("accept-language", "").split(","):
        tag, _, weight = part.replace(" ", "").replace("\t", "").lower().partition(";q=")
        known = tag[:2]
        try:
            quality = float(weight) if weight else 1.0
        except ValueError:
            continue
        if known in {"fr", "en"} and quality > best:
            best, language = quality, known
    return language


def check_acceptable(request: Request[Any, Any, Any]) -> None:
    """Refuse a client that wants anything but JSON. Raises NotAcceptable."""
    chosen = _format(request) or request.headers.get("accept") or "*/*"
    offered = {part.partition(";")[0].strip().lower() for part in chosen.split(",")}
    if not offered & _JSON:
        raise NotAcceptable(
            Problem(
                "not-acceptable",
                "Seul le JSON FHIR est servi (application/fhir+json).",
                "Only FHIR JSON is served (application/fhir+json).",
                "_format",
            )
        )


def wants_fhir(request: Request[Any, Any, Any]) -> bool:
    """Tell whether a Binary is asked for as a resource rather than as its bytes (FHIR R4 §2.41, "Serving Binary")."""
    accept = request.headers.get("accept", "").lower()
    return "fhir+json" in accept or (_format(request) or "").endswith("json")


def _format(request: Request[Any, Any, Any]) -> str | None:
    """Return `_format`; the address is only taken apart when it can hold one.

    The `+` of `application/fhir+json`, which nearly everybody writes as it is, reads as a space.
    """
    query: bytes = request.scope["query_string"]
    found = request.query_params.get("_format") if b"format" in query or b"%" in query else None
    return found.replace(" ", "+") if found else None


def preference(request: Request[Any, Any, Any], name: str) -> str | None:
    """Return one preference of the `Prefer` headers ("handling", "return"), lower case, or None."""
    for header in request.headers.getall("prefer", []):
        for part in header.replace(";", ",").split(","):
            key, _, value = part.strip().partition("=")
            if key.strip().lower() == name:
                return value.strip().strip('"').lower()
    return None
