"""HTTP doors of an OpenID provider: discovery, keys, login page, token, userinfo, logout.

One router per provider, under its own path. Answers follow OpenID Connect Discovery 1.0, Core 1.0 and RP-Initiated
Logout 1.0. Whatever cannot be trusted (unknown client, unregistered address) gets a page, never a redirect.
"""

import base64
import binascii
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

from litestar import MediaType, Request, Response, Router, get, post
from litestar.datastructures import Cookie
from litestar.response import Redirect

from carnet.sandbox.providers.keys import public_set
from carnet.sandbox.providers.pages import Look, Pages, language_of
from carnet.sandbox.providers.provider import ALGORITHM, Login, OpenIdError, OpenIdProvider, UntrustedError

Asked = Request[Any, Any, Any]
Answer = Response[Any]


class OpenIdDoor:
    """Answers HTTP for one provider; holds no state of its own."""

    def __init__(self, provider: OpenIdProvider, look: Look, pages: Pages) -> None:
        self.provider = provider
        self.look = look
        self.pages = pages
        self.path = urlsplit(provider.settings.issuer).path
        self.cookie = f"sandbox-{look.key}"
        callbacks = {_origin(uri) for client in provider.settings.clients for uri in client.redirect_uris}
        self.form_action = " ".join(["'self'", *sorted(callbacks)])

    def discovery(self) -> dict[str, Any]:
        """The provider's metadata (OpenID Connect Discovery §3)."""
        issuer = self.provider.settings.issuer
        return {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "userinfo_endpoint": f"{issuer}/userinfo",
            "jwks_uri": f"{issuer}/jwks",
            "end_session_endpoint": f"{issuer}/session/end",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "password"],
            "subject_types_supported": ["pairwise" if self.look.key == "franceconnect" else "public"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "userinfo_signing_alg_values_supported": [ALGORITHM],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
            "code_challenge_methods_supported": ["S256"],
            "acr_values_supported": list(self.provider.acr_values),
            "scopes_supported": self.look.scopes,
            "claims_supported": sorted({"sub", "acr", *(c for p in self.provider.personas for c in p.claims)}),
            "prompt_values_supported": ["none", "login", "select_account", "consent"],
            "ui_locales_supported": ["fr", "en"],
        }

    def authorize(self, request: Asked, query: dict[str, str]) -> Answer:
        """Show who may log in, or answer at once when `prompt=none`."""
        try:
            asked = self.provider.check(query)
        except UntrustedError as error:
            return self._refusal(request, error)
        except OpenIdError as error:
            return _back(query["redirect_uri"], _failure(error, query.get("state")))
        known = self.provider.usable_session(asked, request.cookies.get(self.cookie, ""))
        if "none" in asked.prompt:
            if known is None:
                refusal = OpenIdError("login_required", "nobody is logged in")
                return _back(asked.redirect_uri, _failure(refusal, asked.state))
            return self._finish(self.provider.remember(asked), known)
        return self.choose(request, self.provider.remember(asked), asked.login_hint, known)

    def choose(self, request: Asked, handle: str, search: str, known: Login | None = None) -> Answer:
        """The choose-a-persona page, narrowed by what was searched."""
        try:
            asked = self.provider.pending(handle)
        except OpenIdError as error:
            return self._refusal(request, error)
        known = known or self.provider.usable_session(asked, request.cookies.get(self.cookie, ""))
        return self._page(
            "choose.html",
            request,
            handle=handle,
            search=search,
            personas=_matching(self.provider, search),
            continued=self.provider.persona(known.persona) if known else None,
            again="login" in asked.prompt or asked.max_age is not None,
        )

    def chosen(self, request: Asked, form: dict[str, str]) -> Answer:
        """The person chose: open a session (or keep the one they continue) and send them back with a code."""
        handle = form.get("request", "")
        try:
            asked = self.provider.pending(handle)
            if "continue" in form:
                known = self.provider.usable_session(asked, request.cookies.get(self.cookie, ""))
                if known is None:
                    return self.choose(request, handle, "")
                return self._finish(handle, known)
            if "cancel" in form:
                refusal = OpenIdError("access_denied", "the person cancelled")
                return _back(asked.redirect_uri, _failure(refusal, asked.state))
            session, login = self.provider.log_in(form.get("login", ""))
        except OpenIdError as error:
            return self._refusal(request, error)
        except KeyError:
            return self.choose(request, handle, "")
        return self._finish(handle, login, session)

    def token(self, request: Asked, form: dict[str, str]) -> Answer:
        """The token endpoint: a code, or a persona's password for programs."""
        try:
            client = self.provider.authenticate(*_credentials(request, form))
            match form.get("grant_type"):
                case "authorization_code":
                    tokens = self.provider.redeem(client, form)
                case "password":
                    tokens = self.provider.direct(client, form)
                case _:
                    raise OpenIdError("unsupported_grant_type", "authorization_code or password")  # noqa: TRY301 - one place answers every refusal
        except OpenIdError as error:
            return _json(_failure(error, None), 401 if error.error == "invalid_client" else 400)
        return _json(tokens, 200)

    def userinfo(self, request: Asked) -> Answer:
        """Claims about the bearer: JSON, or a signed token when `Accept: application/jwt` asks for it."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        try:
            if scheme.lower() != "bearer":
                raise OpenIdError("invalid_token", "a bearer token is needed")  # noqa: TRY301 - one place answers every refusal
            claims = self.provider.userinfo(token)
        except OpenIdError as error:
            answer = _json(_failure(error, None), 401)
            answer.headers["WWW-Authenticate"] = f'Bearer error="{error.error}"'
            return answer
        if "application/jwt" in request.headers.get("accept", ""):
            signed = self.provider.sign(claims | {"iss": self.provider.settings.issuer})
            return Response(signed.encode(), media_type="application/jwt", headers={"Cache-Control": "no-store"})
        return _json(claims, 200)

    def end_session(self, request: Asked, query: dict[str, str]) -> Answer:
        """Log out here too, then go back where the relying party registered."""
        self.provider.log_out(request.cookies.get(self.cookie, ""))
        target = query.get("post_logout_redirect_uri", "")
        if target and self.provider.may_return_to(target):
            answer: Answer = _back(target, {"state": query["state"]} if query.get("state") else {})
        else:
            answer = self._page("goodbye.html", request)
        answer.delete_cookie(self.cookie, path=self.path)
        return answer

    def _finish(self, handle: str, login: Login, session: str | None = None) -> Answer:
        asked, code = self.provider.issue_code(handle, login)
        answer = _back(asked.redirect_uri, {"code": code, "state": asked.state, "iss": self.provider.settings.issuer})
        if session is not None:
            answer.set_cookie(Cookie(key=self.cookie, value=session, path=self.path, httponly=True, samesite="lax"))
        return answer

    def _refusal(self, request: Asked, error: OpenIdError) -> Answer:
        return self._page("refused.html", request, status=400, error=error)

    def _page(self, template: str, request: Asked, *, status: int = 200, **values: Any) -> Answer:
        return self.pages.answer(
            template,
            language=language_of(request),
            status=status,
            form_action=self.form_action,
            look=self.look,
            base=self.path,
            **values,
        )


def openid_router(door: OpenIdDoor) -> Router:
    """The routes of one provider, under the path of its issuer."""

    @get("/.well-known/openid-configuration", sync_to_thread=False)
    def discovery() -> dict[str, Any]:
        return door.discovery()

    @get("/jwks", sync_to_thread=False)
    def jwks() -> dict[str, Any]:
        return public_set(door.provider.key)

    @get("/authorize", sync_to_thread=False)
    def authorize(request: Asked) -> Answer:
        return door.authorize(request, dict(request.query_params))

    @get("/choose", sync_to_thread=False)
    def choose(request: Asked) -> Answer:
        query = request.query_params
        return door.choose(request, query.get("request", ""), query.get("q", ""))

    @post("/choose", status_code=303)
    async def chosen(request: Asked) -> Answer:
        return door.chosen(request, await _form(request))

    @post("/token", status_code=200)
    async def token(request: Asked) -> Answer:
        return door.token(request, await _form(request))

    @get("/userinfo", sync_to_thread=False)
    def userinfo(request: Asked) -> Answer:
        return door.userinfo(request)

    @get("/session/end", sync_to_thread=False)
    def end_session(request: Asked) -> Answer:
        return door.end_session(request, dict(request.query_params))

    handlers = [discovery, jwks, authorize, choose, chosen, token, userinfo, end_session]
    return Router(path=door.path, route_handlers=handlers)


async def _form(request: Asked) -> dict[str, str]:
    return {key: value for key, value in (await request.form()).items() if isinstance(value, str)}


def _matching(provider: OpenIdProvider, search: str) -> list[Any]:
    wanted = search.casefold().split()
    return [p for p in provider.personas if all(w in f"{p.login} {p.name} {p.about_fr}".casefold() for w in wanted)]


def _credentials(request: Asked, form: dict[str, str]) -> tuple[str, str]:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise OpenIdError("invalid_client", "malformed basic credentials") from error
    return unquote(client_id), unquote(secret)


def _failure(error: OpenIdError, state: str | None) -> dict[str, str]:
    answer = {"error": error.error, "error_description": error.description}
    return answer | {"state": state} if state else answer


def _back(address: str, values: dict[str, str]) -> Answer:
    joint = "&" if urlsplit(address).query else "?"
    return Redirect(f"{address}{joint}{urlencode(values)}" if values else address, status_code=303)


def _json(content: dict[str, Any], status: int) -> Answer:
    return Response(
        content,
        status_code=status,
        media_type=MediaType.JSON,
        headers={"Cache-Control": "no-store", "Pragma": "no-cache"},
    )


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
