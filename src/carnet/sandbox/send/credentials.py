"""Tokens of a care software: SMART Backend Services, `private_key_jwt` signed ES384.

Source: SMART App Launch 2, "Client authentication: asymmetric" and "Backend Services".
"""

import asyncio
from datetime import timedelta

import httpx
import msgspec
from joserfc import jwt
from joserfc.jwk import ECKey

from carnet.infra import clock, randomness

ALGORITHM = "ES384"
ASSERTION_SECONDS = 240
MARGIN_SECONDS = 20
SCOPE = "system/DocumentReference.cruds"


class TokenRefused(Exception):  # shown to people as it is
    """The token endpoint said no, in its own words."""


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """A registered software: its id, its private key, where it asks for tokens."""

    client_id: str
    key: ECKey
    token_endpoint: str
    scope: str = SCOPE


class TokenPurse:
    """Keeps one access token and asks for the next one in time."""

    def __init__(self, http: httpx.AsyncClient, client: Client) -> None:
        self._http = http
        self._client = client
        self._asking = asyncio.Lock()
        self._token = ""
        self._until = clock.now()

    async def token(self, *, refused: str = "") -> str:
        """A token that is still good; `refused` is one the server just turned down. Raises TokenRefused."""
        async with self._asking:
            if not self._token or self._token == refused or clock.now() >= self._until:
                await self._ask()
            return self._token

    async def _ask(self) -> None:
        answer = await self._http.post(
            self._client.token_endpoint,
            data={
                "grant_type": "client_credentials",
                "scope": self._client.scope,
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion": self._assertion(),
            },
        )
        if answer.status_code != httpx.codes.OK:
            raise TokenRefused(f"{answer.status_code} {answer.text[:300]}")
        granted = answer.json()
        self._token = granted["access_token"]
        lasting = int(granted.get("expires_in", 60)) - MARGIN_SECONDS
        self._until = clock.now() + timedelta(seconds=lasting)

    def _assertion(self) -> str:
        now = int(clock.now().timestamp())
        claims = {
            "iss": self._client.client_id,
            "sub": self._client.client_id,
            "aud": self._client.token_endpoint,
            "iat": now,
            "exp": now + ASSERTION_SECONDS,
            "jti": randomness.token_urlsafe(24),
        }
        header = {"alg": ALGORITHM, "kid": self._client.key.kid}
        return jwt.encode(header, claims, self._client.key, algorithms=[ALGORITHM])
