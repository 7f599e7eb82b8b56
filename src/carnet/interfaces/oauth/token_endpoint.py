"""`POST /oauth/token`: one form in, one token or one refusal out.

Order: form, patience (who failed too often waits), proof of the software, grant. Failures are counted per source and
per client as seen from that source. Refusals to known software leave a trace; those to strangers do not (they would
let a stranger fill the journal).
"""

import math
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from litestar import Request
from litestar.response import Response

from carnet.identity.api import CareSoftware, refuse_token
from carnet.infra.web.failure_limits import FailureLimits
from carnet.interfaces.oauth.client_assertion import (
    ASSERTION_TYPE,
    ClientRefused,
    authenticate,
    claimed_client,
    software_actor,
)
from carnet.interfaces.oauth.errors import NO_STORE, OauthError
from carnet.interfaces.oauth.grants import AUTHORIZATION_CODE, CLIENT_CREDENTIALS, TOKEN_EXCHANGE, Grants
from carnet.interfaces.oauth.settings import OauthSettings
from carnet.kernel.decisions import Reason
from carnet.kernel.errors import Unavailable

FORM = "application/x-www-form-urlencoded"
MAX_FORM = 64 * 1024
_MAX_FIELDS = 24
RETRY_SECONDS = 5


class TokenEndpoint:
    """The endpoint's logic; the route around it is in `routes`."""

    def __init__(self, *, settings: OauthSettings, grants: Grants) -> None:
        self._settings = settings
        self._grants = grants
        self._by_source = FailureLimits(burst=60, every=timedelta(seconds=1))
        self._by_client = FailureLimits(burst=20, every=timedelta(seconds=3))

    async def answer(self, request: Request[Any, Any, Any], *, at: datetime) -> Response[Any]:
        """Return the token response or the refusal, never cached."""
        try:
            form = await _form(request)
            source = request.client.host if request.client else "unknown"
            return Response(await self._token(form, source, at), status_code=200, headers=NO_STORE)
        except OauthError as refusal:
            return refusal.response()
        except Unavailable:
            return OauthError("temporarily_unavailable", retry_after=RETRY_SECONDS).response()

    async def _token(self, form: dict[str, str], source: str, at: datetime) -> dict[str, object]:
        give = {
            CLIENT_CREDENTIALS: self._grants.for_itself,
            TOKEN_EXCHANGE: self._grants.for_professional,
            AUTHORIZATION_CODE: self._grants.for_launch,
        }.get(form.get("grant_type", ""))
        if give is None:
            raise OauthError("unsupported_grant_type" if form.get("grant_type") else "invalid_request")
        client = await self._client(form, source, at)
        return await give(client, form, at=at)

    async def _client(self, form: dict[str, str], source: str, at: datetime) -> CareSoftware:
        self._check_patience(self._by_source, source, at)
        try:
            if form.get("client_assertion_type") != ASSERTION_TYPE:
                raise ClientRefused("assertion-type")  # noqa: TRY301 - one place answers every refusal
            claimed = claimed_client(form.get("client_assertion", ""))
            if form.get("client_id", claimed) != claimed:
                raise ClientRefused("client-id")  # noqa: TRY301
        except ClientRefused as refusal:
            self._by_source.failed(source, at=at)
            raise OauthError("invalid_client", refusal.told) from None
        place = f"{source}\n{claimed}"
        self._check_patience(self._by_client, place, at)
        try:
            return await authenticate(
                form["client_assertion"], client_id=claimed, token_endpoint=self._settings.token_endpoint, at=at
            )
        except ClientRefused as refusal:
            self._by_source.failed(source, at=at)
            self._by_client.failed(place, at=at)
            if refusal.client is not None:
                reason = Reason.SUSPENDED if refusal.why == "suspended" else Reason.WEAK_AUTHENTICATION
                await refuse_token(actor=software_actor(refusal.client), reason=reason, why=refusal.why, at=at)
            raise OauthError("invalid_client", refusal.told) from None

    def _check_patience(self, limits: FailureLimits, key: str, at: datetime) -> None:
        wait = limits.wait(key, at=at)
        if wait is not None:
            raise OauthError("slow_down", retry_after=max(math.ceil(wait.total_seconds()), 1))


async def _form(request: Request[Any, Any, Any]) -> dict[str, str]:
    """Return the form's fields; a field given twice is refused (RFC 6749 §3.2), as is anything that is no form."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM:
            raise OauthError("invalid_request", "The form is too large.")
    if media_type != FORM:
        raise OauthError("invalid_request", f"The body must be {FORM}.")
    try:
        pairs = parse_qsl(bytes(body).decode("ascii"), keep_blank_values=True, max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise OauthError("invalid_request", "The form cannot be read.") from None
    form = dict(pairs)
    if len(form) != len(pairs):
        raise OauthError("invalid_request", "A field is given twice.")
    return form
