"""The addresses of the authorisation server. Discovery says what the endpoint does, no more."""

from typing import Any

from litestar import Request, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Response

from carnet.identity.api import RelyingParty
from carnet.infra import clock
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.oauth.client_assertion import ALGORITHMS
from carnet.interfaces.oauth.grants import CLIENT_CREDENTIALS, TOKEN_EXCHANGE, Grants
from carnet.interfaces.oauth.keys import TokenKeys
from carnet.interfaces.oauth.settings import OauthSettings
from carnet.interfaces.oauth.token_endpoint import TokenEndpoint

_CACHED = {"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"}
_SCOPES = (
    "system/DocumentReference.cruds",
    "system/Binary.r",
    "system/List.rs",
    "system/Patient.rs",
    "user/DocumentReference.cruds",
    "user/Binary.r",
    "user/List.rs",
    "user/Patient.rs",
    "user/Consent.crs",
)


def oauth_routes(settings: OauthSettings, *, keys: TokenKeys, carers: RelyingParty | None) -> list[HTTPRouteHandler]:
    """Return the handlers of `/oauth/token`, `/oauth/jwks` and discovery. carers: Pro Santé Connect, for exchanges."""
    endpoint = TokenEndpoint(settings=settings, grants=Grants(settings=settings, keys=keys, carers=carers))
    described = smart_configuration(settings, exchange=carers is not None)

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

    return [token, jwks, configuration]


def smart_configuration(settings: OauthSettings, *, exchange: bool) -> dict[str, Any]:
    """Return the metadata of SMART App Launch 2.2 (§ conformance), with our own `fhir_base`."""
    return {
        "issuer": settings.issuer,
        "fhir_base": settings.fhir_base,
        "jwks_uri": settings.jwks_uri,
        "token_endpoint": settings.token_endpoint,
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": sorted(ALGORITHMS),
        "grant_types_supported": [CLIENT_CREDENTIALS, *([TOKEN_EXCHANGE] if exchange else [])],
        "response_types_supported": [],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": list(_SCOPES),
        "capabilities": ["client-confidential-asymmetric", "permission-v2", "permission-user"],
    }
