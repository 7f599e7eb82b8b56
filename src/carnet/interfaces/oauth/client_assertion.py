"""Proof of a care software by `private_key_jwt`: its own signature over a short-lived, single-use assertion.

Keys are those registered with us, never ones the assertion names. Whoever signed with a registered key is told what is
wrong with what they signed; whoever did not gets one sentence, whether the software exists or not. Sources: SMART
Backend Services (§ authenticating to the token endpoint), RFC 7523 §3, RFC 8725.
"""

import base64
from datetime import datetime, timedelta
from typing import Any

import msgspec

from carnet.identity.api import CareSoftware, software, spend_assertion
from carnet.infra.db import system_work
from carnet.infra.signed_tokens import TokenRefused, VerificationKeys, check_times, read_header, verify
from carnet.kernel.actors import Actor, ActorKind

ALGORITHMS = frozenset({"ES384", "RS384"})
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST = timedelta(minutes=5)
UNPROVED = (
    "No key registered for this software verifies the client assertion: a JWT signed with ES384 or RS384, "
    "the kid of a registered key in its header, the client id as iss and sub."
)
_PROVED = {
    "expired": "The assertion has expired.",
    "not-yet": "The assertion comes from the future: look at iat, nbf and the clock.",
    "lives-too-long": "The assertion lives too long: exp at most five minutes after iat.",
    "subject": "iss and sub must both be the client id.",
    "audience": "aud must be the address of the token endpoint.",
    "jti": "jti is required, at most 256 characters.",
    "suspended": "This software is suspended.",
    "replayed": "This assertion was used before: each needs a jti of its own.",
}
_MAX_JTI = 256
_MAX_CLIENT_ID = 128


class ClientRefused(Exception):
    """The assertion proves nothing. client: the software when it is a known one, for the security journal; proved:
    its signature was good, so that the sender may be told what else is wrong.
    """

    def __init__(self, why: str, client: CareSoftware | None = None, *, proved: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.client = client
        self.told = _PROVED.get(why, "A time of the assertion cannot be read.") if proved else UNPROVED


def claimed_client(assertion: str) -> str:
    """Return the client id an assertion claims, not verified; raises ClientRefused when it has no readable one."""
    try:
        read_header(assertion)
        body = assertion.split(".")[1]
        claims: dict[str, Any] = msgspec.json.decode(
            base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)), type=dict[str, Any]
        )
    except (TokenRefused, ValueError, msgspec.MsgspecError):
        raise ClientRefused("malformed") from None
    issuer = claims.get("iss")
    if not isinstance(issuer, str) or not 0 < len(issuer) <= _MAX_CLIENT_ID or "\x00" in issuer:
        raise ClientRefused("issuer")
    return issuer


async def authenticate(assertion: str, *, client_id: str, token_endpoint: str, at: datetime) -> CareSoftware:
    """Return the active software behind `assertion`, which is spent. Raises ClientRefused or Unavailable."""
    async with system_work(at=at) as w:
        client = await software(w, client_id)
    if client is None:
        raise ClientRefused("unknown-client")
    try:
        claims = verify(assertion, keys=VerificationKeys(client.jwks), algorithms=ALGORITHMS)
    except TokenRefused as refusal:
        raise ClientRefused(refusal.why, client) from refusal
    try:
        expires_at = check_times(claims, at=at, longest=LONGEST)
    except TokenRefused as refusal:
        raise ClientRefused(refusal.why, client, proved=True) from refusal
    if claims.get("iss") != client_id or claims.get("sub") != client_id:
        raise ClientRefused("subject", client, proved=True)
    if claims.get("aud") not in (token_endpoint, [token_endpoint]):
        raise ClientRefused("audience", client, proved=True)
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= _MAX_JTI or "\x00" in jti:
        raise ClientRefused("jti", client, proved=True)
    if client.status != "active":
        raise ClientRefused("suspended", client, proved=True)
    if not await spend_assertion(actor=software_actor(client), jti=jti, expires_at=expires_at, at=at):
        raise ClientRefused("replayed", client, proved=True)
    return client


def software_actor(client: CareSoftware) -> Actor:
    """Return a software acting for itself, in its organisation."""
    return Actor(
        kind=ActorKind.SOFTWARE,
        identifier=client.client_id,
        name=client.name,
        organisation=client.finess,
        organisation_name=client.organisation_name,
        client_id=client.client_id,
        client_name=client.name,
        strong=True,
    )
