"""Keys, assertions and requests, made without the product's help: what a care software or an attacker sends."""

import base64
import json
import uuid
import warnings
from datetime import datetime

from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, RSAKey

from carnet.infra import clock

TOKEN_ENDPOINT = "https://carnet.test/oauth/token"
FHIR_BASE = "https://carnet.test/fhir"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def ec_key(curve: str = "P-384", kid: str = "k1") -> ECKey:
    return ECKey.generate_key(curve, {"kid": kid, "use": "sig"}, private=True)


def rsa_key(bits: int = 2048, kid: str = "k2") -> RSAKey:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)  # short keys are made on purpose
        return RSAKey.generate_key(bits, {"kid": kid, "use": "sig"}, private=True)


def public(*keys) -> dict:
    return {"keys": [dict(key.as_dict(private=False)) for key in keys]}


def segment(value) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def claims_for(client_id: str, *, at: datetime | None = None, **changes) -> dict:
    """Good claims of an assertion; a change of None takes the claim away."""
    now = int((at or clock.now()).timestamp())
    good = {
        "iss": client_id,
        "sub": client_id,
        "aud": TOKEN_ENDPOINT,
        "iat": now,
        "exp": now + 240,
        "jti": str(uuid.uuid4()),
    }
    return {name: value for name, value in (good | changes).items() if value is not None}


def assertion(key, client_id: str, *, alg: str = "ES384", header: dict | None = None, at=None, **changes) -> str:
    """A client assertion signed by `key`; `header` changes its header, other arguments its claims."""
    head = {"alg": alg, "kid": key.kid, "typ": "JWT"} | (header or {})
    head = {name: value for name, value in head.items() if value is not None}
    return jwt.encode(head, claims_for(client_id, at=at, **changes), key, algorithms=[alg], default_type=None)


def form(signed: str, **changes) -> dict:
    """The form of a client_credentials request."""
    good = {
        "grant_type": "client_credentials",
        "scope": "system/DocumentReference.rs",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": signed,
    }
    return {name: value for name, value in (good | changes).items() if value is not None}


async def ask(authority, fields):
    """Send a form to the token endpoint."""
    return await authority.client.post("/oauth/token", data=fields)


async def token_of(authority, care, **changes) -> str:
    """An access token of a registered software."""
    answer = await ask(authority, form(assertion(care.ec, care.client_id), **changes))
    assert answer.status_code == 200, answer.text
    return answer.json()["access_token"]


async def use(authority, token, path="/fhir/Patient"):
    """Knock at a door with a token."""
    return await authority.client.get(path, headers={"Authorization": f"Bearer {token}"})
