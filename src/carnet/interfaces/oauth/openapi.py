"""The token endpoint and its discovery in the words of OpenAPI 3.1."""

from typing import Any, Final

from carnet.interfaces.oauth.client_assertion import ASSERTION_TYPE
from carnet.interfaces.oauth.grants import AUTHORIZATION_CODE, CLIENT_CREDENTIALS, TOKEN_EXCHANGE

Json = dict[str, Any]
_JSON: Final = "application/json"
_REFUSALS: Final = {
    400: "The form or the grant is not acceptable.",
    401: "The software did not prove who it is.",
    408: "The client was too slow.",
    413: "Too large.",
    429: "Too many failed proofs; come back after `Retry-After` seconds.",
    503: "It cannot be answered now; come back after `Retry-After` seconds.",
}


def oauth_paths() -> dict[str, Json]:
    """Return the path items of the authorisation server."""
    discovery = _get("SMART configuration (SMART App Launch 2.2).", "smart_configuration")
    return {
        "/oauth/token": {"post": _token()},
        "/oauth/authorize": {"get": _authorize()},
        "/oauth/jwks": {"get": _get("Public keys of access tokens (RFC 7517).", "jwks")},
        "/.well-known/smart-configuration": {"get": discovery},
        "/fhir/.well-known/smart-configuration": {"get": discovery | {"operationId": "fhir_smart_configuration"}},
    }


def _token() -> Json:
    fields = {
        "grant_type": {"type": "string", "enum": [CLIENT_CREDENTIALS, TOKEN_EXCHANGE, AUTHORIZATION_CODE]},
        "client_assertion_type": {"const": ASSERTION_TYPE},
        "client_assertion": {"type": "string"},
        "scope": {"type": "string"},
        "subject_token": {"type": "string"},
        "subject_token_type": {"type": "string"},
        "code": {"type": "string"},
        "redirect_uri": {"type": "string"},
        "code_verifier": {"type": "string"},
    }
    form = {"type": "object", "properties": fields, "required": ["grant_type", "client_assertion"]}
    return {
        "operationId": "token",
        "summary": "An access token: SMART Backend Services, or the exchange of a professional's token (RFC 8693).",
        "tags": ["OAuth"],
        "security": [],
        "requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": form}}},
        "responses": {
            "200": _answer("A short-lived access token."),
            **{str(status): _answer(said) for status, said in _REFUSALS.items()},
        },
    }


def _authorize() -> Json:
    fields = {
        "response_type": "code",
        "client_id": "",
        "redirect_uri": "",
        "scope": "",
        "state": "",
        "aud": "",
        "launch": "",
        "code_challenge": "",
        "code_challenge_method": "S256",
    }
    return {
        "operationId": "authorize",
        "summary": "SMART EHR launch: a code for the patient the care software named, by redirection.",
        "tags": ["OAuth"],
        "security": [],
        "parameters": [
            {"name": name, "in": "query", "schema": {"const": value} if value else {"type": "string"}}
            for name, value in fields.items()
        ],
        "responses": {
            "303": {"description": "To signing in, or back to the software with a code or an error."},
            "400": _answer("The software or its address is not known: redirected nowhere."),
            "503": _answer(_REFUSALS[503]),
        },
    }


def _get(summary: str, name: str) -> Json:
    return {
        "operationId": name,
        "summary": summary,
        "tags": ["OAuth"],
        "security": [],
        "responses": {"200": _answer("As described."), "503": _answer(_REFUSALS[503])},
    }


def _answer(description: str) -> Json:
    return {"description": description, "content": {_JSON: {"schema": {"type": "object"}}}}
