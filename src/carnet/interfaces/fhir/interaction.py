"""What an interaction of this door is: its route, who may use it, and the line it gets in the CapabilityStatement."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from litestar import Request
from litestar.types import ASGIApp, Method

from carnet.infra.web.audience import Audience

AnyRequest = Request[Any, Any, Any]
READERS = (Audience.PROFESSIONAL, Audience.SOFTWARE)


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """Where this door is reached: the public FHIR base, without a trailing slash."""

    base: str

    def url(self, relative: str) -> str:
        """Return the absolute address of something below the base."""
        return f"{self.base}/{relative}"


Answer = Callable[[AnyRequest, Site], Awaitable[ASGIApp]]


class Interaction(msgspec.Struct, frozen=True, kw_only=True):
    """One interaction. code: http://hl7.org/fhir/restful-interaction; resource: None for those of the whole system.

    operation: name of an operation (code "operation"), without its `$`.
    gated: its every path asks the access gate or deposits, so that the bearer check needs no query of its own.
    """

    code: str
    path: str
    methods: tuple[Method, ...]
    answer: Answer
    documentation: str
    resource: str | None = None
    operation: str = ""
    audience: tuple[Audience, ...] = READERS
    gated: bool = True


def searches(
    resource: str,
    *,
    answer: Answer,
    documentation: str,
    audience: tuple[Audience, ...] = READERS,
    gated: bool = True,
) -> tuple[Interaction, Interaction]:
    """Return the two ways to search a resource: by GET, and by POST to `_search` (FHIR R4 http.html#search)."""
    by_get = Interaction(
        code="search-type",
        path=f"/{resource}",
        methods=("GET",),
        answer=answer,
        documentation=documentation,
        resource=resource,
        audience=audience,
        gated=gated,
    )
    return by_get, msgspec.structs.replace(by_get, path=f"/{resource}/_search", methods=("POST",))
