"""`GET /oauth/authorize`: a launched software asks for a code. SMART App Launch 2.2, EHR launch; RFC 6749, 7636, 9207.

Nothing is shown and nothing is asked: the professional is signed in at our own pages, the care software said for whom
by the launch, the operator registered the software. What cannot be trusted (an unknown software, an address that is not
exactly a registered one) is answered here and redirected nowhere; everything else goes back to that address with
`state` and `iss`. A professional not signed in signs in first. PKCE with S256 is not optional.
"""

import hashlib
import re
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from litestar import Request
from litestar.response import Redirect, Response

from carnet.identity.api import (
    Code,
    ScopeContext,
    SmartApp,
    asks_too_widely,
    find_app,
    grant,
    make_code,
    take_launch,
)
from carnet.infra import clock
from carnet.infra.db import system_work
from carnet.infra.web.even_time import even_out
from carnet.infra.web.failure_limits import FailureLimits
from carnet.interfaces.oauth.errors import NO_STORE, OauthError
from carnet.interfaces.oauth.settings import OauthSettings
from carnet.journeys.api import signed_in
from carnet.kernel.actors import Actor
from carnet.records.api import find_patient

LAUNCH: Final = "launch"
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_STATE: Final = re.compile(r"[\x21-\x7e]{8,512}", re.ASCII)
_SIGN_IN: Final = "/pro/connexion"
Asked = Request[Any, Any, Any]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A request that can be answered by redirecting: the software is known and the address is one of its own."""

    app: SmartApp
    redirect_uri: str
    state: str
    form: dict[str, str]

    def back(self, issuer: str, **answer: str) -> Redirect:
        """Return the way back to the software. `iss` lets it see who answers (RFC 9207, mix-up)."""
        mark = "&" if "?" in self.redirect_uri else "?"
        query = urlencode({**answer, "state": self.state, "iss": issuer})
        return Redirect(f"{self.redirect_uri}{mark}{query}", status_code=303, headers=NO_STORE)


async def authorize(request: Asked, *, settings: OauthSettings, failures: FailureLimits) -> Response[Any]:
    """Return a redirection: to signing in, or to the software with a code or an error; or a refusal that stays here."""
    at = clock.now()
    try:
        wanted = await _wanted(request, at)
    except OauthError as refusal:
        return refusal.response()
    if not isinstance(getattr(request.state, "actor", None), Actor):
        asked = urlencode(wanted.form)
        return Redirect(f"{_SIGN_IN}?{urlencode({'retour': f'/oauth/authorize?{asked}'})}", status_code=303)
    try:
        scopes = _checked(wanted, settings)
        code = await _code(request, wanted, scopes, failures, at)
    except OauthError as refusal:
        return wanted.back(settings.issuer, error=refusal.error)
    return wanted.back(settings.issuer, code=code)


async def _wanted(request: Asked, at: datetime) -> Wanted:
    pairs: list[tuple[str, str]] = list(request.query_params.multi_items())
    form = dict(pairs)
    if len(form) != len(pairs):
        raise OauthError("invalid_request", "A field is given twice.")
    client_id, redirect_uri = form.get("client_id", ""), form.get("redirect_uri", "")
    if not client_id or "\x00" in client_id:
        raise OauthError("invalid_request", "client_id is missing.")
    async with system_work(at=at) as w:
        app = await find_app(w, client_id)
    if app is None or redirect_uri not in app.redirect_uris:
        raise OauthError("invalid_request", "This software is not registered with this redirect_uri.")
    state = form.get("state", "")
    return Wanted(app=app, redirect_uri=redirect_uri, state=state if _STATE.fullmatch(state) else "", form=form)


def _checked(wanted: Wanted, settings: OauthSettings) -> frozenset[str]:
    """Return the scopes that can be given. Raises OauthError."""
    form = wanted.form
    if form.get("response_type") != "code":
        raise OauthError("unsupported_response_type" if "response_type" in form else "invalid_request")
    pkce = form.get("code_challenge_method") == "S256" and _CHALLENGE.fullmatch(form.get("code_challenge", ""))
    if not wanted.state or not pkce or form.get("aud") != settings.fhir_base or not form.get("launch"):
        raise OauthError("invalid_request")
    asked = form.get("scope", "").split()
    if LAUNCH not in asked:
        raise OauthError("invalid_scope")
    named = [one for one in asked if one != LAUNCH]
    if asks_too_widely(named, registered=wanted.app.scopes):
        raise OauthError("invalid_scope")
    granted = grant(requested=named, registered=wanted.app.scopes, context=ScopeContext.USER)
    if not granted:
        raise OauthError("invalid_scope")
    return granted | {LAUNCH}


async def _code(request: Asked, wanted: Wanted, scopes: frozenset[str], failures: FailureLimits, at: datetime) -> str:
    """Spend the launch, find its patient and make the code. Raises OauthError (access_denied for nobody there).

    Whoever brought too many launches of nobody waits, as where numbers are typed: the launch is not spent meanwhile.
    """
    held, app = signed_in(request), wanted.app
    actor = msgspec.structs.replace(
        held.actor,
        client_id=app.client_id,
        client_name=app.name,
        scopes=scopes,
        session=_session(str(held.session.public_id), app.client_id),
    )
    if failures.wait(actor.identifier, at=at):
        raise OauthError("temporarily_unavailable")
    launch = await take_launch(actor=actor, launch=wanted.form["launch"], app=app.client_id, at=at)
    found = None if launch is None else await find_patient(actor=actor, ins=launch.ins, at=at)
    if found is None:
        failures.failed(actor.identifier, at=at)
        if launch is not None:
            await even_out(launch.matricule)
        raise OauthError("invalid_request" if launch is None else "access_denied")
    code = Code(
        client_id=app.client_id,
        redirect_uri=wanted.redirect_uri,
        challenge=wanted.form["code_challenge"],
        actor=msgspec.structs.replace(actor, acts_for=found.space),
    )
    return await make_code(actor=actor, code=code, at=at)


def _session(pages: str, client_id: str) -> str:
    """The session of the tokens: another than that of our pages, so that a mode opened in one is not in the other."""
    return "launch-" + hashlib.sha256(f"{pages}\n{client_id}".encode()).hexdigest()[:32]
