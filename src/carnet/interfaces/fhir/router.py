"""The door itself: every interaction as a route, every refusal as an OperationOutcome.

Who the caller is comes in `request.state.actor`, put there by middleware the composition root chooses; this door
verifies no token and imports none of its siblings.
"""

import functools
import traceback
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from litestar import Request, Response, Router
from litestar.exceptions import HTTPException, NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp, Method, Middleware

from carnet import __version__
from carnet.infra import clock
from carnet.infra.telemetry import log
from carnet.infra.web.audience import Audience, open_to
from carnet.infra.web.gated import open_through_gate
from carnet.infra.web.lean_route import LeanRoute
from carnet.interfaces.fhir import reply
from carnet.interfaces.fhir.capability import capability_statement
from carnet.interfaces.fhir.errors import InteractionUnknown, Malformed
from carnet.interfaces.fhir.interaction import AnyRequest, Interaction, Site
from carnet.interfaces.fhir.interactions import (
    delete_document,
    find_communications,
    find_consents,
    find_documents,
    find_lists,
    find_mailboxes,
    find_patient,
    mailbox_rules,
    patch_document,
    provide_bundle,
    read_document,
    read_list,
    record_consent,
    retrieve,
    simplified_publish,
    write_communication,
)
from carnet.interfaces.fhir.negotiation import check_acceptable, language_of
from carnet.interfaces.fhir.operations import (
    approve_emergency,
    block,
    end_emergency,
    launch,
    open_emergency,
    set_confidentiality,
    waiting_emergencies,
)
from carnet.interfaces.fhir.outcome import (
    FHIR_JSON,
    UNEXPECTED,
    UNKNOWN_ADDRESS,
    Answer,
    answer_to,
    is_about_nobody,
    operation_outcome,
)
from carnet.interfaces.fhir.probing import nobody_there
from carnet.interfaces.fhir.search.space import forget
from carnet.kernel.errors import CarnetError, NotFound, Problem

INTERACTIONS: Final[tuple[Interaction, ...]] = (
    provide_bundle.INTERACTION,
    simplified_publish.INTERACTION,
    *find_documents.SEARCHES,
    read_document.INTERACTION,
    delete_document.INTERACTION,
    patch_document.INTERACTION,
    set_confidentiality.INTERACTION,
    retrieve.INTERACTION,
    *find_lists.SEARCHES,
    read_list.INTERACTION,
    *find_patient.SEARCHES,
    record_consent.INTERACTION,
    *find_consents.SEARCHES,
    find_consents.READ,
    write_communication.INTERACTION,
    *find_communications.SEARCHES,
    find_communications.READ,
    *find_mailboxes.INTERACTIONS,
    *mailbox_rules.INTERACTIONS,
    open_emergency.INTERACTION,
    end_emergency.INTERACTION,
    waiting_emergencies.INTERACTION,
    launch.INTERACTION,
    approve_emergency.INTERACTION,
    block.INTERACTION,
)
_METHODS: Final[tuple[Method, ...]] = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")


def fhir_router(*, base: str, middleware: Sequence[Middleware] = ()) -> Router:
    """Return the door, mounted at `/fhir`. base: its public address; middleware: sets `request.state.actor`."""
    site = Site(base=base.rstrip("/"))
    handlers = [_handler(one, site) for one in (*INTERACTIONS, metadata_interaction(site))]
    return Router(
        path="/fhir",
        route_handlers=[*_refusals(), *handlers],
        middleware=list(middleware),
        exception_handlers={CarnetError: _refused, HTTPException: _http, Exception: _unexpected},
        include_in_schema=False,
        request_max_body_size=None,
    )


def metadata_interaction(site: Site) -> Interaction:
    """Return the interaction `capabilities`, its answer made once."""
    statement = msgspec.json.encode(capability_statement(INTERACTIONS, site=site, version=__version__))

    async def answer(request: AnyRequest, _: Site) -> ASGIApp:
        check_acceptable(request)
        return reply.fhir(statement, headers=((b"cache-control", b"public, max-age=300"),))

    return Interaction(
        code="capabilities",
        path="/metadata",
        methods=("GET",),
        answer=answer,
        audience=(Audience.PUBLIC,),
        gated=False,
        documentation="CapabilityStatement.",
    )


def _handler(interaction: Interaction, site: Site) -> HTTPRouteHandler:
    async def handle(request: Request[Any, Any, Any]) -> ASGIApp:
        try:
            return await interaction.answer(request, site)
        except CarnetError as error:
            if is_about_nobody(error):
                await forget()
                nobody_there(request.scope["state"]["actor"], at=clock.now())
            return reply.failure(answer_to(error, language=language_of(request)))

    named = interaction.operation or interaction.code
    handle.__name__ = f"{named}_{interaction.resource or 'system'}".replace("-", "_")
    declared = (open_through_gate if interaction.gated else open_to)(*interaction.audience)
    return LeanRoute(path=interaction.path, http_method=list(interaction.methods), status_code=200, **declared)(handle)


def _refusals() -> list[HTTPRouteHandler]:
    """Return routes for what is not offered: known addresses by other methods, and every other address below /fhir.

    And what is offered where, as OPTIONS asks, before the rest: where it is not there first, the framework writes one
    of the first route of an address alone.
    """
    offered: dict[str, set[str]] = {"/metadata": {"GET"}}
    for one in INTERACTIONS:
        offered.setdefault(one.path, set()).update(one.methods)
    found = []
    for path, methods in offered.items():
        left = [method for method in _METHODS if method not in methods]
        allow = ", ".join(sorted({*methods, "OPTIONS"}))
        found.append(_offer(path, allow))
        found.append(_refusal(path, left, functools.partial(_not_offered, allow=allow)))
    # the framework looks no further than the first part of an address it knows: each known one needs its own end
    known = sorted({one.resource for one in INTERACTIONS if one.resource})
    ends = ["/{rest:path}", *(f"/{name}/{{id:str}}/{{rest:path}}" for name in known)]
    ends += [f"/{name}" for name in known if f"/{name}" not in offered]
    ends += [f"/{name}/{{id:str}}" for name in known if f"/{name}/{{id:str}}" not in offered]
    return found + [_refusal(path, [*_METHODS, "OPTIONS"], _nothing_there) for path in ends]


def _refusal(path: str, methods: list[Method], answer: Any) -> HTTPRouteHandler:
    async def handle(request: Request[Any, Any, Any]) -> ASGIApp:
        return reply.failure(answer(language_of(request)))

    return HTTPRouteHandler(path=path, http_method=methods, status_code=200, **open_to(Audience.PUBLIC))(handle)


def _offer(path: str, allow: str) -> HTTPRouteHandler:
    async def handle() -> ASGIApp:
        return reply.nothing(204, headers=((b"allow", allow.encode()),))

    return HTTPRouteHandler(path=path, http_method="OPTIONS", status_code=200, **open_to(Audience.PUBLIC))(handle)


def _not_offered(language: str, *, allow: str) -> Answer:
    problem = Problem(
        "interaction-not-offered",
        "Cette interaction n'est pas proposée à cette adresse.",
        "This interaction is not offered at this address.",
    )
    refusal = answer_to(InteractionUnknown(problem), language=language)
    return msgspec.structs.replace(refusal, headers={"Allow": allow})


def _nothing_there(language: str) -> Answer:
    return answer_to(NotFound(UNKNOWN_ADDRESS), language=language)


def _refused(request: Request[Any, Any, Any], error: CarnetError) -> Response[bytes]:
    return _response(answer_to(error, language=language_of(request)))


def _http(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """What the framework itself refuses before a handler runs."""
    language = language_of(request)
    if isinstance(error, NotFoundException):
        return _response(_nothing_there(language))
    problem = Problem("request-malformed", "Cette requête n'est pas lisible.", "This request cannot be read.")
    return _response(answer_to(Malformed(problem), language=language))


def _unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """A mistake of ours: logged by place and kind, never by message (a message may hold what somebody sent)."""
    where = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)[-6:]]
    log.error("unexpected", kind=type(error).__name__, where=where)
    body = operation_outcome((UNEXPECTED,), language=language_of(request), code="exception", severity="fatal")
    return _response(Answer(500, body, {}))


def _response(answer: Answer) -> Response[bytes]:
    return Response(answer.body, status_code=answer.status, media_type=FHIR_JSON, headers=answer.headers)
