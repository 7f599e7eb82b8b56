"""The ways a software gets a token: for itself, for a professional whose token it shows, or for one who launched it.

Sources: SMART Backend Services (`client_credentials`); RFC 8693 (token exchange); SMART App Launch
(`authorization_code` with PKCE). There is no other grant: no password, no implicit flow, no refresh.
"""

import base64
import hashlib
import hmac
import re
from datetime import datetime

import msgspec

from carnet.identity.api import (
    CareSoftware,
    NotRecognised,
    Proof,
    RelyingParty,
    ScopeContext,
    asks_too_widely,
    grant,
    is_live,
    note_token,
    recognise_professional,
    refuse_token,
    take_code,
)
from carnet.infra.signed_tokens import TokenRefused
from carnet.interfaces.oauth import access_tokens
from carnet.interfaces.oauth.client_assertion import software_actor
from carnet.interfaces.oauth.errors import OauthError
from carnet.interfaces.oauth.keys import TokenKeys
from carnet.interfaces.oauth.settings import OauthSettings
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Reason
from carnet.kernel.errors import Invalid

CLIENT_CREDENTIALS = "client_credentials"
AUTHORIZATION_CODE = "authorization_code"
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}", re.ASCII)
TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"  # noqa: S105 - a name
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - a name


class Grants:
    """Gives tokens to software that proved itself. carers: Pro Santé Connect, None when this house has none."""

    def __init__(self, *, settings: OauthSettings, keys: TokenKeys, carers: RelyingParty | None) -> None:
        self._settings = settings
        self._keys = keys
        self._carers = carers

    async def for_itself(self, client: CareSoftware, form: dict[str, str], *, at: datetime) -> dict[str, object]:
        """Return the token response of `client_credentials`. Raises OauthError."""
        scopes = await self._scopes(client, form, ScopeContext.SYSTEM, at)
        actor = msgspec.structs.replace(software_actor(client), scopes=scopes)
        return await self._give(actor, at)

    async def for_professional(self, client: CareSoftware, form: dict[str, str], *, at: datetime) -> dict[str, object]:
        """Return the token response of the exchange. Raises OauthError, or Unavailable (Pro Santé Connect down)."""
        if self._carers is None:
            raise OauthError("unsupported_grant_type")
        _check_exchange(form, fhir_base=self._settings.fhir_base)
        scopes = await self._scopes(client, form, ScopeContext.USER, at)
        software = software_actor(client)
        try:
            proof = await self._carers.read_access_token(form["subject_token"], at=at)
            person = await recognise_professional(claims=proof.claims, strong=proof.strong)
        except TokenRefused as refusal:
            raise await self._refused(software, Reason.WEAK_AUTHENTICATION, refusal.why, at) from refusal
        except NotRecognised as refusal:
            raise await self._refused(software, refusal.reason, refusal.problems[0].code, at) from refusal
        except Invalid as refusal:
            raise await self._refused(software, Reason.NOT_REGISTERED, refusal.problems[0].code, at) from refusal
        if self._settings.same_organisation and person.organisation != client.finess:
            raise await self._refused(software, Reason.NOT_REGISTERED, "another-organisation", at)
        actor = msgspec.structs.replace(
            person,
            client_id=client.client_id,
            client_name=client.name,
            scopes=scopes,
            session=session_of(proof, client_id=client.client_id),
        )
        return {**await self._give(actor, at), "issued_token_type": ACCESS_TOKEN}

    async def for_launch(self, client: CareSoftware, form: dict[str, str], *, at: datetime) -> dict[str, object]:
        """Return the token response of a code, with the patient it is for. Raises OauthError.

        The code is spent whatever comes with it: a wrong verifier, address or software leaves nothing to try again.
        """
        if not form.get("code") or not form.get("redirect_uri"):
            raise OauthError("invalid_request", "code, redirect_uri and code_verifier are required.")
        software = software_actor(client)
        code = await take_code(actor=software, code=form["code"], at=at)
        if code is None:
            raise OauthError("invalid_grant")
        verifier = form.get("code_verifier", "")
        proved = _VERIFIER.fullmatch(verifier) is not None and hmac.compare_digest(
            challenge_of(verifier), code.challenge
        )
        if not proved or (code.client_id, code.redirect_uri) != (client.client_id, form["redirect_uri"]):
            await refuse_token(actor=software, reason=Reason.WEAK_AUTHENTICATION, why="code-misused", at=at)
            raise OauthError("invalid_grant")
        actor = code.actor
        if actor.acts_for is None or not await is_live(
            client_id=client.client_id, rpps=actor.rpps, finess=actor.organisation
        ):
            await refuse_token(actor=software, reason=Reason.NOT_REGISTERED, why="no-longer-practising", at=at)
            raise OauthError("invalid_grant")
        given = await self._give(actor, at)
        return {**given, "patient": actor.acts_for.hex, "need_patient_banner": True}

    async def _scopes(
        self, client: CareSoftware, form: dict[str, str], context: ScopeContext, at: datetime
    ) -> frozenset[str]:
        requested = form["scope"].split() if form.get("scope") else None
        if requested and asks_too_widely(requested, registered=client.scopes):
            await refuse_token(actor=software_actor(client), reason=Reason.SCOPE, why="wildcard-scope", at=at)
            raise OauthError("invalid_scope", "A wildcard is granted only where it was registered.")
        granted = grant(requested=requested, registered=client.scopes, context=context)
        if not granted:
            await refuse_token(actor=software_actor(client), reason=Reason.SCOPE, why="no-scope", at=at)
            raise OauthError("invalid_scope")
        return granted

    async def _refused(self, software: Actor, reason: Reason, why: str, at: datetime) -> OauthError:
        await refuse_token(actor=software, reason=reason, why=why, at=at)
        return OauthError("invalid_request", "The subject token is not acceptable.")

    async def _give(self, actor: Actor, at: datetime) -> dict[str, object]:
        token = access_tokens.issue(actor, scopes=actor.scopes, settings=self._settings, keys=self._keys, at=at)
        await note_token(actor=actor, scopes=actor.scopes, at=at)
        return {
            "access_token": token,
            "token_type": "bearer",
            "expires_in": int(self._settings.token_life.total_seconds()),
            "scope": " ".join(sorted(actor.scopes)),
        }


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a verifier (RFC 7636 §4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def session_of(proof: Proof, *, client_id: str) -> str | None:
    """Return the session tokens of one sign-in share, as seen through one software; None when the proof dates none.

    Another sign-in of the same professional, or another software, is another session.
    """
    if proof.authenticated_at is None:
        return None
    parts = (proof.issuer, proof.subject, str(int(proof.authenticated_at.timestamp())), client_id)
    return "exchange-" + hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _check_exchange(form: dict[str, str], *, fhir_base: str) -> None:
    if not form.get("subject_token") or form.get("subject_token_type") != ACCESS_TOKEN or "actor_token" in form:
        raise OauthError("invalid_request", "subject_token and subject_token_type (an access token) are required.")
    if form.get("requested_token_type", ACCESS_TOKEN) != ACCESS_TOKEN:
        raise OauthError("invalid_request", "Only access tokens are issued.")
    if any(form[name] != fhir_base for name in ("audience", "resource") if name in form):
        raise OauthError("invalid_target")
