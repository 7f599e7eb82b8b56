"""The one reader of signed tokens (JWS compact, RFC 7515): id tokens, access tokens, client assertions.

joserfc does the cryptography; this adds what a verifier must not leave to taste: a fixed list of algorithms, a key
chosen by us (never by the token), one canonical spelling of every token. It ignores what the claims mean, encrypted
tokens and detached payloads. Sources: RFC 8725 (best current practices), RFC 7515 §4.1 (headers that name keys), §10.
"""

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, Key, RSAKey

from carnet.kernel.errors import Problem, Unauthenticated

MAX_TOKEN = 16 * 1024
MIN_RSA_BITS = 2048
_MIN_MODULUS = 342  # characters of 2048 bits in base64url: shorter keys are not even read (joserfc warns about them)
SKEW = timedelta(seconds=60)
_SEGMENTS = 3
_KEY_NAMING_HEADERS = frozenset({"jku", "jwk", "x5u", "x5c", "crit", "b64", "zip", "enc", "epk"})
_KEY_ERRORS = (JoseError, ValueError, TypeError, KeyError, AttributeError)
_FITTING = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}
_PROBLEM = Problem("invalid-token", "Ce jeton n'est pas valable.", "This token is not valid.")

Claims = dict[str, Any]


class TokenRefused(Unauthenticated):
    """A token that must not be believed. `why` is for logs and the security journal, never for the sender."""

    def __init__(self, why: str) -> None:
        super().__init__(_PROBLEM)
        self.why = why


class VerificationKeys:
    """The public keys of one signer, by kid. Symmetric and unreadable keys of a set are left out."""

    def __init__(self, jwks: Mapping[str, Any]) -> None:
        """Take a JWK set (RFC 7517 §5); a set without usable keys refuses every token."""
        self._keys: dict[str, Key] = {}
        listed = jwks.get("keys")
        for given in listed if isinstance(listed, list) else []:
            key = _public_key(given)
            if key is not None and isinstance(given.get("kid"), str):
                self._keys.setdefault(given["kid"], key)

    def __contains__(self, kid: object) -> bool:
        return kid in self._keys

    def can_verify(self, algorithms: frozenset[str]) -> bool:
        """Tell whether any key fits one of `algorithms` (ES256, ES384, ES512; RS… and PS… for RSA keys)."""
        fitting = {_FITTING.get(key.curve_name, "") if isinstance(key, ECKey) else "RSA" for key in self._keys.values()}
        wanted = {alg if alg.startswith("ES") else "RSA" for alg in algorithms}
        return bool(fitting & wanted)

    def find(self, kid: str, *, alg: str) -> Key:
        """Return the key `kid`, usable to verify `alg`; raises TokenRefused."""
        key = self._keys.get(kid)
        if key is None:
            raise TokenRefused("unknown-kid")
        if key.alg not in {None, alg} or key.get("use") not in {None, "sig"}:
            raise TokenRefused("key-not-for-this")
        return key


def read_header(token: str) -> Claims:
    """Return the header of `token`, not verified; raises TokenRefused when it is no canonical compact JWS."""
    if len(token) > MAX_TOKEN:
        raise TokenRefused("too-long")
    parts = token.split(".")
    if len(parts) != _SEGMENTS or not all(parts):
        raise TokenRefused("not-a-jws")
    try:
        decoded = [_canonical(part) for part in parts]
        header = msgspec.json.decode(decoded[0], type=dict[str, Any])
    except (ValueError, binascii.Error, msgspec.MsgspecError):
        raise TokenRefused("malformed") from None
    if _KEY_NAMING_HEADERS & header.keys():
        raise TokenRefused("header-names-a-key")
    return header


def verify(
    token: str, *, keys: VerificationKeys, algorithms: frozenset[str], types: frozenset[str] = frozenset({"", "JWT"})
) -> Claims:
    """Return the claims of `token` when one of `keys` signed it; raises TokenRefused.

    algorithms: the only ones believed; never put "none" or an HMAC there. types: accepted `typ` values, "" when absent.
    Times are not checked here: see `check_times`.
    """
    header = read_header(token)
    alg, kid, typ = header.get("alg"), header.get("kid"), header.get("typ", "")
    if not isinstance(alg, str) or alg not in algorithms:
        raise TokenRefused("algorithm")
    if not isinstance(kid, str):
        raise TokenRefused("no-kid")
    if not isinstance(typ, str) or typ.removeprefix("application/").casefold() not in {one.casefold() for one in types}:
        raise TokenRefused("type")
    key = keys.find(kid, alg=alg)
    try:
        return dict(jwt.decode(token, key, algorithms=[alg]).claims)
    except _KEY_ERRORS:
        raise TokenRefused("signature") from None


def check_times(claims: Claims, *, at: datetime, longest: timedelta | None = None) -> datetime:
    """Return when the token expires; raises TokenRefused when it has, or pretends to come from the future.

    exp is required and not forgiven; iat and nbf may be up to SKEW ahead of us. longest: how far exp may lie from iat,
    or from now when there is no iat.
    """
    exp, iat, nbf = _moment(claims, "exp"), _moment(claims, "iat"), _moment(claims, "nbf")
    now = at.timestamp()
    if exp is None or exp <= now:
        raise TokenRefused("expired")
    for early in (iat, nbf):
        if early is not None and early > now + SKEW.total_seconds():
            raise TokenRefused("not-yet")
    if longest is not None and exp - (now if iat is None else iat) > longest.total_seconds():
        raise TokenRefused("lives-too-long")
    return datetime.fromtimestamp(exp, tz=at.tzinfo)


def _moment(claims: Claims, name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 2**36:
        raise TokenRefused(f"{name}-malformed")
    return float(value)


def _canonical(segment: str) -> bytes:
    """Decode base64url strictly: two spellings of one token would be two tokens for a cache or a replay store."""
    decoded = base64.b64decode(segment + "=" * (-len(segment) % 4), altchars=b"-_", validate=True)
    if base64.urlsafe_b64encode(decoded).rstrip(b"=") != segment.encode():
        raise ValueError("not canonical")
    return decoded


def _public_key(given: Any) -> Key | None:
    if not isinstance(given, dict) or given.get("kty") not in {"EC", "RSA"}:
        return None
    if given["kty"] == "RSA" and len(str(given.get("n", ""))) < _MIN_MODULUS:
        return None
    try:
        key = JWKRegistry.import_key(given)
    except _KEY_ERRORS:
        return None
    if isinstance(key, RSAKey):
        return key if key.raw_value.key_size >= MIN_RSA_BITS else None
    return key if isinstance(key, ECKey) else None
