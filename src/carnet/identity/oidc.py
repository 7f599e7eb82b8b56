"""Carnet as a relying party of an OpenID provider: FranceConnect for persons, Pro Santé Connect for professionals.

Code flow with PKCE, state, nonce; the id token and signed userinfo are believed only after their signature, issuer,
audience and times were. It ignores who the claims designate (`claims`, directory, spaces) and where attempts and
sessions are kept. Sources: OpenID Connect Core 1.0 §3.1, Discovery 1.0, RP-Initiated Logout 1.0, RFC 7636, RFC 9207.
"""

import base64
import hashlib
import hmac
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec

from carnet.identity.outside import Outside
from carnet.infra.signed_tokens import SKEW, Claims, TokenRefused, VerificationKeys, check_times, read_header, verify
from carnet.kernel.errors import Problem

ALGORITHMS = frozenset({"ES256", "ES384", "ES512", "PS256", "PS384", "RS256", "RS384"})
KEPT_SECONDS = 3600.0
REFRESH_SECONDS = 10.0
_ACCESS_TYPES = frozenset({"", "JWT", "at+jwt"})
_MAX_SUBJECT = 255
_SAID_TWICE = ("SubjectNameID", "SubjectOrganizationID", "SubjectRole")


class ProviderSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One provider as its registration with us says it.

    issuer: exactly as in its tokens. acr_values: levels that count as strong, best known first; all are asked for.
    signed_userinfo: whether unsigned claims about the person are refused (FranceConnect signs them). audiences: what an
    access token presented for exchange may be for (`aud`). seconds: patience for one exchange.
    """

    name: str
    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str
    post_logout_redirect_uri: str
    scopes: tuple[str, ...]
    acr_values: tuple[str, ...]
    signed_userinfo: bool = False
    audiences: frozenset[str] = frozenset()
    seconds: float = 5.0

    def __repr__(self) -> str:
        return f"ProviderSettings(name={self.name!r}, issuer={self.issuer!r})"


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What one login proved. strong: whether its level is among those asked. authenticated_at: None when not told."""

    issuer: str
    subject: str
    strong: bool
    acr: str
    authenticated_at: datetime | None
    claims: Claims
    id_token: str

    def __repr__(self) -> str:
        return f"Proof(issuer={self.issuer!r}, <hidden>)"


class _Metadata(msgspec.Struct, frozen=True, kw_only=True):
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None = None
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


class RelyingParty:
    """Our side of one provider. Metadata and keys are kept for an hour; an unknown key id makes keys be read again."""

    def __init__(self, settings: ProviderSettings) -> None:
        self.settings = settings
        self._outside = Outside(down=_down(settings.name), seconds=settings.seconds)
        self._metadata: tuple[float, _Metadata] | None = None
        self._keys: tuple[float, VerificationKeys] | None = None

    async def authorization_url(self, *, state: str, nonce: str, verifier: str, fresh: bool = False) -> str:
        """Return where to send the browser. fresh: the person must prove again who they are (step-up)."""
        wanted = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": self.settings.redirect_uri,
            "scope": " ".join(self.settings.scopes),
            "state": state,
            "nonce": nonce,
            "acr_values": " ".join(self.settings.acr_values),
            "code_challenge": challenge_of(verifier),
            "code_challenge_method": "S256",
        }
        if fresh:
            wanted |= {"prompt": "login", "max_age": "0"}
        endpoint = (await self._discover()).authorization_endpoint
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(wanted)}"

    async def redeem(
        self, *, code: str, verifier: str, nonce: str, at: datetime, fresh_since: datetime | None = None
    ) -> Proof:
        """Exchange `code` for a proof. Raises TokenRefused (forged, stale, not ours) or Unavailable.

        fresh_since: refuse a login older than this, as `max_age=0` asked for.
        """
        tokens = await self._exchange(code, verifier)
        identity = await self._verified(tokens["id_token"], at=at)
        self._check_audience(identity)
        if not isinstance(identity.get("nonce"), str) or not hmac.compare_digest(
            identity["nonce"].encode(), nonce.encode()
        ):
            raise TokenRefused("nonce")
        authenticated_at = _authenticated_at(identity)
        if fresh_since is not None and (authenticated_at is None or authenticated_at < fresh_since - SKEW):
            raise TokenRefused("not-fresh")
        claims = await self._userinfo(tokens["access_token"], subject=_subject(identity), at=at)
        acr = identity.get("acr", claims.get("acr"))
        return Proof(
            issuer=self.settings.issuer,
            subject=_subject(identity),
            strong=acr in self.settings.acr_values,
            acr=str(acr),
            authenticated_at=authenticated_at,
            claims=claims,
            id_token=tokens["id_token"],
        )

    async def read_access_token(self, token: str, *, at: datetime) -> Proof:
        """Return whom an access token of this provider is about (RFC 8693). Raises TokenRefused or Unavailable.

        Its signature, issuer, times and audience are ours to check; that it still lives, the provider's userinfo says.
        """
        claims = await self._verified(token, at=at, types=_ACCESS_TYPES)
        if claims.get("token_use", "access") != "access" or claims.get("typ", "Bearer") != "Bearer":
            raise TokenRefused("not-an-access-token")
        given = claims.get("aud")
        audience = given if isinstance(given, list) else [given]
        if not self.settings.audiences & {one for one in audience if isinstance(one, str)}:
            raise TokenRefused("audience")
        about = await self._userinfo(token, subject=_subject(claims), at=at)
        if any(claims[name] != about.get(name) for name in _SAID_TWICE if name in claims):
            raise TokenRefused("claims-disagree")
        acr = claims.get("acr", about.get("acr"))
        return Proof(
            issuer=self.settings.issuer,
            subject=_subject(claims),
            strong=acr in self.settings.acr_values,
            acr=str(acr),
            authenticated_at=_authenticated_at(claims),
            claims=about,
            id_token="",
        )

    async def logout_url(self, *, id_token: str, state: str) -> str | None:
        """Return where to send the browser so that the provider signs out too; None when it has no such page."""
        endpoint = (await self._discover()).end_session_endpoint
        if endpoint is None:
            return None
        wanted = {"id_token_hint": id_token, "post_logout_redirect_uri": self.settings.post_logout_redirect_uri}
        wanted |= {"client_id": self.settings.client_id, "state": state}
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(wanted)}"

    async def close(self) -> None:
        """Close the connections."""
        await self._outside.close()

    async def _exchange(self, code: str, verifier: str) -> dict[str, str]:
        metadata = await self._discover()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.settings.redirect_uri,
            "code_verifier": verifier,
        }
        credentials = (self.settings.client_id, self.settings.client_secret)
        by_form = "client_secret_post" in metadata.token_endpoint_auth_methods_supported
        if by_form:
            form |= {"client_id": credentials[0], "client_secret": credentials[1]}
        answer = await self._outside.post_form(metadata.token_endpoint, form, auth=None if by_form else credentials)
        try:
            tokens = answer.json()
        except ValueError:
            raise self._outside.unavailable() from None
        if answer.status != 200 or not isinstance(tokens, dict):  # noqa: PLR2004 - HTTP OK
            raise TokenRefused("code-refused")
        wanted = {name: tokens.get(name) for name in ("access_token", "id_token")}
        if not all(isinstance(value, str) and value for value in wanted.values()):
            raise TokenRefused("tokens-missing")
        return {name: str(value) for name, value in wanted.items()}

    async def _userinfo(self, access_token: str, *, subject: str, at: datetime) -> Claims:
        metadata = await self._discover()
        accept = "application/jwt" if self.settings.signed_userinfo else "application/json"
        headers = {"Authorization": f"Bearer {access_token}", "Accept": accept}
        answer = await self._outside.get(metadata.userinfo_endpoint, headers=headers)
        if answer.status != 200:  # noqa: PLR2004 - HTTP OK
            raise TokenRefused("userinfo-refused")
        if answer.media_type == "application/jwt":
            claims = await self._verified(answer.body.decode("ascii", "replace").strip(), at=at, timed=False)
            if "aud" in claims:
                self._check_audience(claims)
        elif self.settings.signed_userinfo:
            raise TokenRefused("userinfo-not-signed")
        else:
            claims = _object(answer.json)
        if claims.get("sub") != subject:
            raise TokenRefused("another-subject")
        return claims

    async def _verified(
        self,
        token: str,
        *,
        at: datetime,
        types: frozenset[str] = frozenset({"", "JWT"}),
        timed: bool = True,
    ) -> Claims:
        kid = read_header(token).get("kid")
        claims = verify(token, keys=await self._keys_for(kid), algorithms=ALGORITHMS, types=types)
        if claims.get("iss") != self.settings.issuer:
            raise TokenRefused("issuer")
        if timed or "exp" in claims:
            check_times(claims, at=at)
        return claims

    def _check_audience(self, claims: Claims) -> None:
        if claims.get("aud") not in (self.settings.client_id, [self.settings.client_id]):
            raise TokenRefused("audience")
        if claims.get("azp", self.settings.client_id) != self.settings.client_id:
            raise TokenRefused("authorised-party")

    async def _discover(self) -> _Metadata:
        kept = self._metadata
        if kept is not None and time.monotonic() - kept[0] < KEPT_SECONDS:
            return kept[1]
        answer = await self._outside.get(f"{self.settings.issuer}/.well-known/openid-configuration")
        try:
            metadata = msgspec.json.decode(answer.body, type=_Metadata)
        except msgspec.DecodeError:
            raise self._outside.unavailable() from None
        if metadata.issuer != self.settings.issuer or not _as_safe_as(self.settings.issuer, metadata):
            raise self._outside.unavailable()
        self._metadata = (time.monotonic(), metadata)
        return metadata

    async def _keys_for(self, kid: Any) -> VerificationKeys:
        kept, now = self._keys, time.monotonic()
        if kept is not None:
            age = now - kept[0]
            if age < REFRESH_SECONDS or (kid in kept[1] and age < KEPT_SECONDS):
                return kept[1]
        answer = await self._outside.get((await self._discover()).jwks_uri)
        if answer.status != 200:  # noqa: PLR2004 - HTTP OK
            raise self._outside.unavailable()
        keys = VerificationKeys(_object(answer.json))
        self._keys = (now, keys)
        return keys


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a PKCE verifier (RFC 7636 §4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _object(read: Any) -> Claims:
    try:
        content = read()
    except ValueError:
        raise TokenRefused("not-json") from None
    if not isinstance(content, dict):
        raise TokenRefused("not-an-object")
    return content


def _subject(claims: Claims) -> str:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _MAX_SUBJECT:
        raise TokenRefused("subject")
    return subject


def _authenticated_at(claims: Claims) -> datetime | None:
    moment = claims.get("auth_time")
    if moment is None:
        return None
    if isinstance(moment, bool) or not isinstance(moment, int) or not 0 < moment < 2**36:
        raise TokenRefused("auth-time")
    return datetime.fromtimestamp(moment, tz=UTC)


def _as_safe_as(issuer: str, metadata: _Metadata) -> bool:
    """Tell whether every endpoint is https, or the issuer itself is not (loopback, simulators)."""
    pages = (metadata.authorization_endpoint, metadata.end_session_endpoint or metadata.authorization_endpoint)
    endpoints = (*pages, metadata.token_endpoint, metadata.userinfo_endpoint, metadata.jwks_uri)
    return urlsplit(issuer).scheme == "http" or all(urlsplit(one).scheme == "https" for one in endpoints)


def _down(name: str) -> Problem:
    return Problem(
        code="provider-down",
        fr=f"{name} ne répond pas. Réessayez dans quelques minutes : votre espace n'a pas changé.",
        en=f"{name} does not answer. Please try again in a few minutes: your space has not changed.",
    )
