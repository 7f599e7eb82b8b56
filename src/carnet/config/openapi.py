"""The doors that programs use, as one OpenAPI 3.1 document: FHIR, tokens, health. Served, and kept in `docs`."""

import json
from typing import Any

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from carnet import __version__
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.fhir.interaction import Site
from carnet.interfaces.fhir.openapi import fhir_components, fhir_paths
from carnet.interfaces.fhir.router import INTERACTIONS, metadata_interaction
from carnet.interfaces.oauth.openapi import oauth_paths

Json = dict[str, Any]
ADDRESS = "/fhir/openapi.json"
EXAMPLE = "https://carnet.example"


def openapi_document(base_url: str) -> Json:
    """Return the document. base_url: public address of the site, without a trailing slash."""
    metadata = metadata_interaction(Site(base=f"{base_url}/fhir"))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Carnet",
            "version": __version__,
            "summary": "Documents of a person's health space, for care software.",
            "description": "FHIR R4 and IHE MHD over HTTP. See also `/fhir/metadata` and the examples of the README.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": base_url}],
        "paths": {**fhir_paths([*INTERACTIONS, metadata]), **oauth_paths(), **_health(), ADDRESS: {"get": _itself()}},
        "components": fhir_components(),
    }


def openapi_page() -> str:
    """Return docs/openapi.json, with an example base address."""
    return json.dumps(openapi_document(EXAMPLE), ensure_ascii=False, indent=2) + "\n"


def openapi_route(base_url: str) -> HTTPRouteHandler:
    """Return the route that serves the document."""
    body = msgspec.json.encode(openapi_document(base_url))

    @get(ADDRESS, sync_to_thread=False, **open_to(Audience.PUBLIC))
    def openapi() -> Response[bytes]:
        return Response(body, media_type="application/json", headers={"Cache-Control": "public, max-age=300"})

    return openapi


def _health() -> dict[str, Json]:
    return {
        "/healthz": {"get": _plain("Whether the process answers.", "healthz", {"200": "It does."})},
        "/readyz": {"get": _plain("Whether it can serve.", "readyz", {"200": "It can.", "503": "Not now, and why."})},
    }


def _plain(summary: str, name: str, answers: dict[str, str]) -> Json:
    told = {
        status: {"description": said, "content": {"text/plain": {"schema": {"type": "string"}}}}
        for status, said in answers.items()
    }
    return {"operationId": name, "summary": summary, "tags": ["Health"], "security": [], "responses": told}


def _itself() -> Json:
    answer = {"description": "OpenAPI 3.1.", "content": {"application/json": {"schema": {"type": "object"}}}}
    return {
        "operationId": "openapi",
        "summary": "This document.",
        "tags": ["System"],
        "security": [],
        "responses": {"200": answer},
    }
