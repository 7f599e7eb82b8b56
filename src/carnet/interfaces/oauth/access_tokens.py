"""Access tokens: made here, read here, and by nobody else.

A token says who acts (a software, or a professional through a software) and what it may ask for; whether the software
is still allowed is read from the database at every use. It ignores refresh tokens (there are none) and DPoP.
"""

import hashlib
from collections import OrderedDict
from datetime import datetime
from typing import Any

import msgspec

from carnet.infra import randomness
from carnet.infra.signed_tokens import Claims, TokenRefused, check_times, read_header, verify
from carnet.interfaces.oauth.keys import ALGORITHM, TYPE, TokenKeys
from carnet.interfaces.oauth.settings import OauthSettings
from carnet.kernel.actors import Actor, ActorKind

_CACHED = 4096
_ACTOR = "actor"


def issue(actor: Actor, *, scopes: frozenset[str], settings: OauthSettings, keys: TokenKeys, at: datetime) -> str:
    """Return a token for `actor`, good for `settings.token_life` (RFC 9068; RFC 8693 §4.1 for `act`).

    `sid`: the session the token belongs to, which its successors share; an emergency access is bound to it.
    """
    now = int(at.timestamp())
    jti = randomness.token_urlsafe(16)
    claims: Claims = {
        "iss": settings.issuer,
        "aud": settings.fhir_base,
        "sub": actor.identifier,
        "client_id": actor.client_id,
        "iat": now,
        "exp": now + int(settings.token_life.total_seconds()),
        "jti": jti,
        "sid": actor.session or jti,
        "scope": " ".join(sorted(scopes)),
        _ACTOR: {
            "kind": str(actor.kind),
            "name": actor.name,
            "profession": actor.profession,
            "organisation": actor.organisation,
            "organisation_name": actor.organisation_name,
            "client_name": actor.client_name,
            "regulation": actor.regulation,
            "acts_for": actor.acts_for.hex if actor.acts_for else None,
        },
    }
    if actor.kind is ActorKind.PROFESSIONAL:
        claims["act"] = {"sub": actor.client_id}
    return keys.sign(claims)


class _Read(msgspec.Struct, frozen=True):
    actor: Actor
    until: datetime


class TokenReader:
    """Verifies access tokens; one that was verified is recognised by its digest until it expires (bounded memory)."""

    def __init__(self, *, settings: OauthSettings, keys: TokenKeys, capacity: int = _CACHED) -> None:
        self._settings = settings
        self._keys = keys
        self._capacity = capacity
        self._known: OrderedDict[bytes, _Read] = OrderedDict()

    def read(self, token: str, *, at: datetime) -> Actor:
        """Return the actor of `token`. Raises TokenRefused."""
        place = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        known = self._known.get(place)
        if known is not None:
            if known.until > at:
                return known.actor
            del self._known[place]
        read = self._verify(token, at)
        self._known[place] = read
        while len(self._known) > self._capacity:
            self._known.popitem(last=False)
        return read.actor

    def _verify(self, token: str, at: datetime) -> _Read:
        kid = read_header(token).get("kid")
        keys = self._keys.verifiers(kid if isinstance(kid, str) else "")
        claims = verify(token, keys=keys, algorithms=frozenset({ALGORITHM}), types=frozenset({TYPE}))
        if claims.get("iss") != self._settings.issuer or claims.get("aud") != self._settings.fhir_base:
            raise TokenRefused("audience")
        until = check_times(claims, at=at, longest=self._settings.token_life)
        return _Read(actor_of(claims), until)


def actor_of(claims: Claims) -> Actor:
    """Return the actor a verified token names; raises TokenRefused when it names none."""
    about: dict[str, Any] = claims.get(_ACTOR) or {}
    try:
        return msgspec.convert(
            {
                **about,
                "identifier": claims["sub"],
                "client_id": claims["client_id"],
                "session": claims["sid"],
                "scopes": str(claims["scope"]).split(),
                "strong": True,
            },
            type=Actor,
        )
    except (KeyError, TypeError, msgspec.ValidationError):
        raise TokenRefused("claims") from None
