"""The addresses of the authorisation server. Discovery says what the endpoint does, no more."""

from typing import Any

from litestar import Request, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Response

from carnet.identity.api import RelyingParty
from carnet.infra import clock
from carnet.infra.web.audience import Audience, open_to
from carnet.infra.web.failure_limits import FailureLimits
from carnet.interfaces.oauth.authorize import LAUNCH, authorize
from carnet.interfaces.oauth.client_assertion import ALGORITHMS
from carnet.interfaces.oauth.errors import OauthError
from carnet.interfaces.oauth.grants import AUTHORIZATION_CODE, CLIENT_CREDENTIALS, TOKEN_EXCHANGE, Grants
from carnet.interfaces.oauth.keys import TokenKeys
from carnet.interfaces.oauth.settings import OauthSettings
from carnet.interfaces.oauth.token_endpoint import RETRY_SECONDS, TokenEndpoint
from carnet.journeys.api import SessionMiddleware, WebDoor
from carnet.kernel.errors import Unavailable

_CACHED = {"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"}
_SCOPES = (
    "system/DocumentReference.cruds",
    "system/Binary.r",
    "system/List.rs",
    "system/Patient.rs",
    "system/PractitionerRole.s",
    "system/Organization.s",
    "system/HealthcareService.us",
    "user/DocumentReference.cruds",
    "user/Binary.r",
    "user/List.rs",
    "user/Patient.rs",
    "user/Consent.crs",
    "user/Communication.crs",
    "user/PractitionerRole.s",
    "user/Organization.s",
    "user/HealthcareService.us",
)


def oauth_routes(
    settings: OauthSettings, *, keys: TokenKeys, carers: RelyingParty | None, pages: WebDoor | None = None
) -> list[HTTPRouteHandler]:
    """Return the handlers of `/oauth/token`, `/oauth/jwks` and discovery. carers: Pro Santé Connect, for exchanges.

    pages: where professionals sign in; with it, `/oauth/authorize` answers launched software.
    """
    endpoint = TokenEndpoint(settings=settings, grants=Grants(settings=settings, keys=keys, carers=carers))
    exchange = carers is not None
    described = smart_configuration(settings, exchange=exchange, launch=pages is not None)

    @post("/oauth/token", status_code=200, **open_to(Audience.PUBLIC))
    async def token(request: Request[Any, Any, Any]) -> Response[Any]:
        return await endpoint.answer(request, at=clock.now())

    @get("/oauth/jwks", sync_to_thread=False, **open_to(Audience.PUBLIC))
    def jwks() -> Response[Any]:
        return Response(keys.public_set(), headers=_CACHED)

    addresses = ["/.well-known/smart-configuration", "/fhir/.well-known/smart-configuration"]

    @get(addresses, sync_to_thread=False, **open_to(Audience.PUBLIC))
    def configuration() -> Response[Any]:
        return Response(described, headers=_CACHED)

    if pages is None:
        return [token, jwks, configuration]

    failures = FailureLimits(burst=30)

    @get(
        "/oauth/authorize",
        middleware=[SessionMiddleware(pages)],
        exception_handlers={Unavailable: _unavailable},
        **open_to(Audience.PUBLIC),
    )
    async def authorization(request: Request[Any, Any, Any]) -> Response[Any]:
        return await authorize(request, settings=settings, failures=failures)

    return [token, jwks, configuration, authorization]


def _unavailable(_: Request[Any, Any, Any], __: Unavailable) -> Response[Any]:
    """The database or a key is away: told as OAuth tells it, also when the session could not be read."""
    return OauthError("temporarily_unavailable", retry_after=RETRY_SECONDS).response()


def smart_configuration(settings: OauthSettings, *, exchange: bool, launch: bool = False) -> dict[str, Any]:
    """Return the metadata of SMART App Launch 2.2 (§ conformance), with our own `fhir_base`."""
    launching = ["launch-ehr", "context-ehr-patient", "context-banner"] if launch else []
    extra = {"authorization_endpoint": settings.authorization_endpoint} if launch else {}
    return extra | {
        "issuer": settings.issuer,
        "fhir_base": settings.fhir_base,
        "jwks_uri": settings.jwks_uri,
        "token_endpoint": settings.token_endpoint,
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": sorted(ALGORITHMS),
        "grant_types_supported": [
            CLIENT_CREDENTIALS,
            *([TOKEN_EXCHANGE] if exchange else []),
            *([AUTHORIZATION_CODE] if launch else []),
        ],
        "response_types_supported": ["code"] if launch else [],
        "authorization_response_iss_parameter_supported": launch,
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": [*_SCOPES, *([LAUNCH] if launch else [])],
        "capabilities": ["client-confidential-asymmetric", "permission-v2", "permission-user", *launching],
    }
