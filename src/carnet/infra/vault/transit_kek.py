"""The key-encryption key in HashiCorp Vault or OpenBao: it never leaves the service.

Uses the transit engine through `hvac`. The key must be made with `derived=true`: its `context` is then what binds a
wrapping to its space, and unlike `associated_data` it is accepted by `rewrap`, so rotation shows no secret. Making,
rotating and guarding the key in the service is the operator's part.
"""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hvac
import msgspec
import requests
from hvac import exceptions as refusals

from carnet.infra.vault.errors import KeyFileUnusable, Unopenable, unopenable
from carnet.infra.vault.key_file import read_key_file
from carnet.kernel.errors import Problem, Unavailable

_MARK = b"vault:v"


class TransitSettings(msgspec.Struct, frozen=True):
    """Where the key is. `token_file` is read again at each refusal, so that an agent may renew it."""

    url: str
    key_name: str
    token_file: Path
    mount: str = "transit"
    namespace: str | None = None
    ca_file: Path | None = None
    timeout_seconds: float = 3.0


class TransitKek:
    """A key-encryption key behind the transit API; every call is a bounded network exchange."""

    remote = True

    def __init__(self, settings: TransitSettings) -> None:
        """Prepare a client; nothing is sent yet. Raises KeyFileUnusable when the token cannot be read."""
        self._settings = settings
        self._client = hvac.Client(
            url=settings.url,
            token=self._token(),
            namespace=settings.namespace,
            verify=str(settings.ca_file) if settings.ca_file else True,
            timeout=settings.timeout_seconds,
        )
        self._latest: int | None = None

    @property
    def key_id(self) -> str:
        return f"transit:{self._settings.mount}/{self._settings.key_name}"

    def check_fit(self) -> None:
        """Prove that the service wraps, unwraps and honours contexts.

        Raises Unavailable when it does not answer, KeyFileUnusable when the key ignores its context (made without
        `derived=true`): any space's keys could then be passed for another's.
        """
        wrapped = self.wrap(b"check", context=b"one")
        self.unwrap(wrapped, context=b"one")
        try:
            self.unwrap(wrapped, context=b"another")
        except Unopenable:
            return
        raise KeyFileUnusable(
            Problem(
                code="key-ignores-context",
                fr="La clé transit doit être créée avec derived=true.",
                en="The transit key must be created with derived=true.",
            )
        )

    def wrap(self, plaintext: bytes, *, context: bytes) -> bytes:
        wrapped = self._ask("encrypt_data", context=context, plaintext=_b64(plaintext))["ciphertext"].encode()
        self._latest = max(self._latest or 0, _version_of(wrapped) or 0)
        return bytes(wrapped)

    def unwrap(self, wrapped: bytes, *, context: bytes) -> bytes:
        answer = self._ask("decrypt_data", context=context, ciphertext=_text(wrapped))
        return base64.b64decode(answer["plaintext"])

    def is_current(self, wrapped: bytes) -> bool:
        """Tell by the version in the wrapping; the newest version is learnt by wrapping something once."""
        if self._latest is None:
            self.wrap(b"version", context=b"version")
        return _version_of(wrapped) == self._latest

    def rewrap(self, wrapped: bytes, *, context: bytes) -> bytes:
        fresh = self._ask("rewrap_data", context=context, ciphertext=_text(wrapped))["ciphertext"].encode()
        self._latest = max(self._latest or 0, _version_of(fresh) or 0)
        return bytes(fresh)

    def close(self) -> None:
        """End the connections to the service."""
        self._client.adapter.close()

    def _token(self) -> str:
        return read_key_file(self._settings.token_file).decode().strip()

    def _ask(self, verb: str, *, context: bytes, **facts: str) -> Any:
        call = getattr(self._client.secrets.transit, verb)

        def ask() -> Any:
            answer = call(
                name=self._settings.key_name, mount_point=self._settings.mount, context=_b64(context), **facts
            )
            return answer["data"]

        try:
            return self._with_fresh_token(ask)
        except refusals.InvalidRequest:
            raise (_unavailable() if "plaintext" in facts else unopenable()) from None
        except (refusals.VaultError, requests.RequestException):
            raise _unavailable() from None

    def _with_fresh_token(self, ask: Callable[[], Any]) -> Any:
        try:
            return ask()
        except (refusals.Forbidden, refusals.Unauthorized):
            self._client.token = self._token()
            return ask()


def _unavailable() -> Unavailable:
    return Unavailable(
        Problem(
            code="key-service-unavailable",
            fr="Le service de clés ne répond pas. Réessayez dans quelques instants.",
            en="The key service does not answer. Try again in a moment.",
        )
    )


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _text(wrapped: bytes) -> str:
    if not wrapped.startswith(_MARK) or not wrapped.isascii():
        raise unopenable()
    return wrapped.decode("ascii")


def _version_of(wrapped: bytes) -> int | None:
    digits = wrapped.removeprefix(_MARK).split(b":", 1)[0]
    return int(digits) if wrapped.startswith(_MARK) and digits.isdigit() else None
