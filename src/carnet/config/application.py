"""The web application: doors, their authentication, limits and headers, put together once."""

import contextlib
import gc
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

from litestar import Litestar
from litestar.exceptions import HTTPException

from carnet.access.api import note_matrix
from carnet.config.connect import connected
from carnet.config.doors import door_routes
from carnet.config.settings import Settings, read_settings
from carnet.config.static import static
from carnet.config.unknown_address import on_unknown_address
from carnet.infra import clock
from carnet.infra.telemetry import configure_logging
from carnet.infra.web.audience import declared_routes
from carnet.infra.web.envelope import App, Envelope, Limits, page_policy
from carnet.infra.web.health import healthz, readyz
from carnet.infra.web.lean_route import LeanApp
from carnet.infra.web.streams import stopped_by_signals
from carnet.interfaces.portal.news import OPEN
from carnet.kernel.actors import Actor, ActorKind

_STARTING = Actor(kind=ActorKind.SYSTEM, identifier="web-start", name="Carnet", strong=True)

LETTER_BODY = 6_000_000
"""What the desk may send with a scanned letter; the letter itself is refused above 5 MB."""


def create_litestar(settings: Settings) -> Litestar:
    """Return the Litestar application. Raises UndeclaredRouteError when a route does not say who may use it."""

    @contextlib.asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        async with connected(settings, name="carnet-web"):
            await note_matrix(actor=_STARTING, at=clock.now())
            with stopped_by_signals(OPEN):
                yield

    app = LeanApp(
        route_handlers=[healthz, readyz, static, *door_routes(settings)],
        lifespan=[lifespan],
        exception_handlers={HTTPException: on_unknown_address},
        openapi_config=None,
        logging_config=None,
        request_max_body_size=None,
        debug=False,
    )
    list(declared_routes(app))
    return app


def create_served_app() -> App:
    """Return what the web server loads: the application, and nothing of it looked through for garbage again.

    A full collection of all that was imported and put together stops a process for a tenth of a second.
    """
    app = create_app()
    gc.collect()
    gc.freeze()
    return app


def create_app(settings: Settings | None = None) -> App:
    """Return the ASGI application in its envelope."""
    settings = settings or read_settings()
    configure_logging(settings.log_level)
    return Envelope(_asgi(create_litestar(settings)), limits=limits_of(settings))


def limits_of(settings: Settings) -> Limits:
    """Return what bodies may weigh: FHIR carries documents in base64, the portal carries uploads."""
    # the FHIR door refuses by itself, in its own words, what exceeds a document in base64; this is the outer wall
    fhir = settings.software_document_bytes * 4
    upload = settings.person_document_bytes * 6
    messages = settings.mss_attachment_bytes * 6
    providers = (settings.franceconnect_issuer, settings.psc_issuer, settings.proconnect_issuer)
    targets = tuple(sorted({_origin(issuer) for issuer in providers if issuer}))
    bodies = {
        "/fhir": fhir,
        "/documents/ajouter": upload,
        "/messages/": messages,
        "/pro/": fhir,
        "/guichet/contact/": LETTER_BODY,
    }
    return Limits(
        body=64 * 1024,
        bodies=bodies,
        policy=page_policy(targets),
    )


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _asgi(app: Any) -> App:
    checked: App = app
    return checked
