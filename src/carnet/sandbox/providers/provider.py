"""An OpenID provider as plain logic: requests, codes, tokens, sessions. Doors are in `openid_routes`.

Follows OpenID Connect Core 1.0 (code flow), RFC 7636 (PKCE) and RFC 6749 §4.3 (the direct grant, which no real
provider of identity offers: programs need it, and it exists in this sandbox only). Everything but the signing key
lives in memory: a restart logs everybody out.
"""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from carnet.infra import clock, randomness
from carnet.sandbox.population.data import SANDBOX_PASSWORD
from carnet.sandbox.providers.personas import Persona
from carnet.sandbox.providers.settings import ProviderSettings, RelyingParty

ALGORITHM = "ES256"


class OpenIdError(Exception):
    """A refusal in OAuth words (RFC 6749 §4.1.2.1 and §5.2)."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


class UntrustedError(OpenIdError):
    """The client or its redirect address is not registered: nobody must be sent there."""


class AuthorizeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a relying party asks for, once checked."""

    client_id: str
    redirect_uri: str
    scope: str
    state: str
    nonce: str
    acr: str
    code_challenge: str | None
    prompt: frozenset[str]
    max_age: int | None
    login_hint: str
    received: datetime


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """Someone is logged in at the provider since `at`."""

    persona: str
    at: datetime


class _Code(msgspec.Struct, frozen=True, kw_only=True):
    request: AuthorizeRequest
    login: Login
    expires: datetime


class OpenIdProvider:
    """One provider with its personas. Not for more than one process: its memory is its own."""

    def __init__(
        self, *, settings: ProviderSettings, personas: tuple[Persona, ...], key: ECKey, acr_values: tuple[str, ...]
    ) -> None:
        self.settings = settings
        self.personas = personas
        self.key = key
        self.acr_values = acr_values
        self._by_login = {persona.login: persona for persona in personas}
        self._requests: dict[str, AuthorizeRequest] = {}
        self._codes: dict[str, _Code] = {}
        self._sessions: dict[str, Login] = {}
        self._pairwise_key = hashlib.sha256(str(key.as_dict(private=True)["d"]).encode()).digest()

    # -- the person's side --------------------------------------------------------------------------------

    def check(self, query: dict[str, str]) -> AuthorizeRequest:
        """Read an authorization request. UntrustedError until the redirect address is known good, then OpenIdError."""
        client = self._client(query.get("client_id", ""))
        redirect_uri = query.get("redirect_uri", "")
        if redirect_uri not in client.redirect_uris:
            raise UntrustedError("invalid_request", "redirect_uri is not registered for this client")
        if query.get("response_type") != "code":
            raise OpenIdError("unsupported_response_type", "only the code flow is offered")
        if "openid" not in query.get("scope", "").split():
            raise OpenIdError("invalid_scope", "scope must contain openid")
        for needed in ("state", "nonce"):
            if not query.get(needed):
                raise OpenIdError("invalid_request", f"{needed} is required")
        return AuthorizeRequest(
            client_id=client.client_id,
            redirect_uri=redirect_uri,
            scope=query["scope"],
            state=query["state"],
            nonce=query["nonce"],
            acr=self._acr(query.get("acr_values", "")),
            code_challenge=_challenge(client, query),
            prompt=frozenset(query.get("prompt", "").split()),
            max_age=_max_age(query.get("max_age")),
            login_hint=query.get("login_hint", ""),
            received=clock.now(),
        )

    def remember(self, request: AuthorizeRequest) -> str:
        """Keep a request while the person chooses; returns its handle."""
        self._forget_old()
        handle = randomness.token_urlsafe(24)
        self._requests[handle] = request
        return handle

    def pending(self, handle: str) -> AuthorizeRequest:
        """The request behind a handle. OpenIdError when it is unknown or older than ten minutes."""
        self._forget_old()
        if handle not in self._requests:
            raise UntrustedError(
                "invalid_request", "this login page has expired: start again from the site you came from"
            )
        return self._requests[handle]

    def usable_session(self, request: AuthorizeRequest, session: str) -> Login | None:
        """The login that may be continued: none after `prompt=login`, nor when older than `max_age` seconds."""
        login = self._sessions.get(session)
        if login is None or "login" in request.prompt:
            return None
        allowed = timedelta(
            seconds=min(self.settings.session_seconds, request.max_age or self.settings.session_seconds)
        )
        if request.max_age == 0 or clock.now() - login.at > allowed:
            return None
        return login

    def log_in(self, persona: str) -> tuple[str, Login]:
        """Open a session for a persona, authenticated now. KeyError when there is no such persona."""
        login = Login(persona=self._by_login[persona].login, at=clock.now())
        session = randomness.token_urlsafe(24)
        self._sessions[session] = login
        return session, login

    def log_out(self, session: str) -> None:
        """Close a session; closing one that is gone does nothing."""
        self._sessions.pop(session, None)

    def issue_code(self, handle: str, login: Login) -> tuple[AuthorizeRequest, str]:
        """A single-use code for a pending request, which ends there."""
        request = self.pending(handle)
        del self._requests[handle]
        code = randomness.token_urlsafe(32)
        expires = clock.now() + timedelta(seconds=self.settings.code_seconds)
        self._codes[code] = _Code(request=request, login=login, expires=expires)
        return request, code

    # -- the program's side -------------------------------------------------------------------------------

    def redeem(self, client: RelyingParty, form: dict[str, str]) -> dict[str, Any]:
        """Exchange a code for tokens (OpenID Connect Core §3.1.3). A code works once, even when the rest is wrong."""
        kept = self._codes.pop(form.get("code", ""), None)
        if kept is None or kept.expires < clock.now() or kept.request.client_id != client.client_id:
            raise OpenIdError("invalid_grant", "the code is unknown, used, expired or another client's")
        if form.get("redirect_uri") != kept.request.redirect_uri:
            raise OpenIdError("invalid_grant", "redirect_uri differs from the one the code was given to")
        if kept.request.code_challenge and not _proves(form.get("code_verifier", ""), kept.request.code_challenge):
            raise OpenIdError("invalid_grant", "code_verifier does not match code_challenge")
        return self._tokens(
            client, login=kept.login, scope=kept.request.scope, acr=kept.request.acr, nonce=kept.request.nonce
        )

    def direct(self, client: RelyingParty, form: dict[str, str]) -> dict[str, Any]:
        """Tokens against a persona's login and the sandbox password."""
        if not client.direct_grant:
            raise OpenIdError("unauthorized_client", "this client may not use the password grant")
        persona = self._by_login.get(form.get("username", ""))
        if persona is None or not hmac.compare_digest(form.get("password", "").encode(), SANDBOX_PASSWORD.encode()):
            raise OpenIdError("invalid_grant", "unknown persona or wrong password")
        login = Login(persona=persona.login, at=clock.now())
        return self._tokens(
            client,
            login=login,
            scope=form.get("scope", "openid"),
            acr=self._acr(form.get("acr_values", "")),
            nonce=None,
        )

    def authenticate(self, client_id: str, secret: str) -> RelyingParty:
        """The client behind its id and secret (none for a public client). OpenIdError `invalid_client` otherwise."""
        client = self._client(client_id)
        if client.secret is not None and not hmac.compare_digest(client.secret.encode(), secret.encode()):
            raise OpenIdError("invalid_client", "wrong client secret")
        return client

    def userinfo(self, token: str) -> dict[str, Any]:
        """Who an access token is about. OpenIdError `invalid_token` when it is forged, expired or not ours."""
        claims = self._verified(token)
        if claims.get("token_use") != "access":
            raise OpenIdError("invalid_token", "not an access token")
        persona = self._by_login.get(str(claims.get("login")))
        if persona is None:
            raise OpenIdError("invalid_token", "the persona is gone")
        return {"sub": claims["sub"], "acr": claims["acr"], **persona.claims}

    def hinted_client(self, id_token: str) -> str | None:
        """The client an id_token_hint was issued to, None when it is not ours (its expiry does not matter)."""
        try:
            claims = jwt.decode(id_token, self.key, algorithms=[ALGORITHM]).claims
        except (JoseError, ValueError):
            return None
        return str(claims.get("aud")) if claims.get("iss") == self.settings.issuer else None

    def may_return_to(self, uri: str) -> bool:
        """True when some client registered this address for the end of a logout."""
        return any(uri in client.post_logout_redirect_uris for client in self.settings.clients)

    def persona(self, login: str) -> Persona:
        """By login. KeyError when unknown."""
        return self._by_login[login]

    def subject(self, persona: Persona, client_id: str) -> str:
        """What a client sees as `sub`: pairwise at FranceConnect, the same for all at Pro Santé Connect."""
        if persona.fixed_sub:
            return persona.fixed_sub
        return hmac.new(self._pairwise_key, f"{client_id}\0{persona.login}".encode(), "sha256").hexdigest() + "v1"

    def sign(self, claims: dict[str, Any]) -> str:
        """A compact JWS of these claims under the provider's key."""
        return jwt.encode({"alg": ALGORITHM, "kid": self.key.kid}, claims, self.key, algorithms=[ALGORITHM])

    # -- inside -------------------------------------------------------------------------------------------

    def _tokens(self, client: RelyingParty, *, login: Login, scope: str, acr: str, nonce: str | None) -> dict[str, Any]:
        persona = self._by_login[login.persona]
        now = int(clock.now().timestamp())
        shared = {
            "iss": self.settings.issuer,
            "sub": self.subject(persona, client.client_id),
            "iat": now,
            "exp": now + self.settings.token_seconds,
            "auth_time": int(login.at.timestamp()),
            "acr": acr,
            "jti": randomness.token_urlsafe(16),
        }
        access = self.sign(
            shared
            | persona.token_claims
            | {
                "aud": self.settings.audience,
                "azp": client.client_id,
                "client_id": client.client_id,
                "scope": scope,
                "token_use": "access",
                "login": persona.login,
            }
        )
        identity = shared | {"aud": client.client_id, "amr": ["pwd"], "at_hash": _half_hash(access)}
        if nonce is not None:
            identity["nonce"] = nonce
        return {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": self.settings.token_seconds,
            "scope": scope,
            "id_token": self.sign(identity),
        }

    def _verified(self, token: str) -> dict[str, Any]:
        try:
            claims = jwt.decode(token, self.key, algorithms=[ALGORITHM]).claims
        except (JoseError, ValueError) as error:
            raise OpenIdError("invalid_token", "not a token of this provider") from error
        if claims.get("iss") != self.settings.issuer or int(claims.get("exp", 0)) <= clock.now().timestamp():
            raise OpenIdError("invalid_token", "expired, or another issuer's")
        return dict(claims)

    def _client(self, client_id: str) -> RelyingParty:
        for client in self.settings.clients:
            if client.client_id == client_id:
                return client
        raise UntrustedError("invalid_client", "unknown client_id")

    def _acr(self, wanted: str) -> str:
        return next((value for value in wanted.split() if value in self.acr_values), self.acr_values[0])

    def _forget_old(self) -> None:
        limit = clock.now() - timedelta(minutes=10)
        self._requests = {handle: request for handle, request in self._requests.items() if request.received > limit}
        self._codes = {code: kept for code, kept in self._codes.items() if kept.expires > limit}


def _challenge(client: RelyingParty, query: dict[str, str]) -> str | None:
    challenge = query.get("code_challenge")
    if challenge and query.get("code_challenge_method") != "S256":
        raise OpenIdError("invalid_request", "code_challenge_method must be S256")
    if not challenge and client.secret is None:
        raise OpenIdError("invalid_request", "a public client must use PKCE")
    return challenge or None


def _max_age(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isdigit():
        raise OpenIdError("invalid_request", "max_age is a number of seconds")
    return int(text)


def _proves(verifier: str, challenge: str) -> bool:
    digest = hashlib.sha256(verifier.encode()).digest()
    return hmac.compare_digest(base64.urlsafe_b64encode(digest).rstrip(b"="), challenge.encode())


def _half_hash(token: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()[:16]).rstrip(b"=").decode()
