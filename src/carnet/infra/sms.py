"""Short messages leave here: to a gateway over HTTP, or into a folder where there is none (development, sandbox).

It decides nothing and knows no patient. Errors never name the number: they end in logs. Ignored here: codes and words.
"""

import asyncio
import os
from pathlib import Path
from typing import Protocol

import httpx

from carnet.infra import randomness
from carnet.kernel.errors import CarnetError, Problem, Unavailable

SMS_DOWN = Problem(
    code="sms-unavailable",
    fr="Le service d'envoi de SMS ne répond pas. Réessayez dans quelques minutes.",
    en="The text message service does not answer. Please try again in a few minutes.",
)
BAD_NUMBER = Problem(
    code="sms-refused",
    fr="Ce numéro de téléphone ne peut pas recevoir de message.",
    en="This phone number cannot receive a message.",
)


class SmsRefused(CarnetError):
    """The number is unusable, or the gateway refused it for good."""


class SmsSender(Protocol):
    """Whatever carries a short text to a phone."""

    async def send(self, *, to: str, text: str) -> None:
        """Hand `text` over for the number `to` (E.164). Raises SmsRefused or Unavailable."""


class FolderSms:
    """Writes each message into a folder only its owner reads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, *, to: str, text: str) -> None:
        """Write one file."""
        await asyncio.to_thread(self._write, f"{to}\n{text}\n")

    def _write(self, content: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._folder / f"{randomness.uuid7()}.txt"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(content)


class HttpSms:
    """Posts `{"to": …, "text": …}` to a gateway, with a bearer token; any 2xx means taken, 4xx refused for good."""

    def __init__(self, url: str, *, token: str = "", seconds: float = 10.0) -> None:
        self._url, self._token, self._seconds = url, token, seconds

    async def send(self, *, to: str, text: str) -> None:
        """Post one message."""
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        try:
            async with (
                asyncio.timeout(self._seconds),
                httpx.AsyncClient(timeout=self._seconds, follow_redirects=False, trust_env=False) as client,
            ):
                answer = await client.post(self._url, json={"to": to, "text": text}, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError) as error:
            raise Unavailable(SMS_DOWN) from error
        if answer.is_client_error:
            raise SmsRefused(BAD_NUMBER)
        if not answer.is_success:
            raise Unavailable(SMS_DOWN)
