"""Deposits many parcels over a few connections and collects what the server answered to each.

A refused token is renewed once; a busy server (429, 503) is asked again after the time it names; a later version waits
until the one it replaces is through. Nothing is sent twice on purpose: the server recognises identical deposits.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal

import httpx
import msgspec

from carnet.infra import clock
from carnet.sandbox.send.bundle import transaction
from carnet.sandbox.send.credentials import Client, TokenPurse, TokenRefused
from carnet.sandbox.send.parcels import Parcel

CONCURRENCY = 4
TRIES = 4
LONGEST_WAIT = 10.0
SOURCE_OID = "2.25.329800735698586629295641978511506172918"
_BUSY = frozenset({429, 503})


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one file. status: HTTP status, 0 when it was not sent or nothing answered."""

    label: str
    verdict: Literal["accepted", "refused"]
    status: int = 0
    reason: str = ""
    location: str = ""

    @property
    def accepted(self) -> bool:
        """True when the server acknowledged the deposit."""
        return self.verdict == "accepted"


class Sender:
    """One software sending to one FHIR server."""

    def __init__(self, http: httpx.AsyncClient, *, client: Client, fhir_base: str, language: str = "fr") -> None:
        self._http = http
        self._purse = TokenPurse(http, client)
        self._base = fhir_base.rstrip("/")
        self._language = language
        self._locations: dict[str, str] = {}

    async def send(self, parcel: Parcel) -> Outcome:
        """Deposit one parcel."""
        body = msgspec.json.encode(
            transaction(
                parcel,
                sent=clock.now(),
                source_oid=SOURCE_OID,
                replaced=self._locations.get(parcel.replaces or ""),
            )
        )
        try:
            answer = await self._post(body)
        except httpx.HTTPError as error:
            return Outcome(label=parcel.label, verdict="refused", reason=f"Pas de réponse ({type(error).__name__})")
        except TokenRefused as error:
            return Outcome(label=parcel.label, verdict="refused", reason=f"Jeton refusé : {error}")
        if not answer.is_success:
            return Outcome(label=parcel.label, verdict="refused", status=answer.status_code, reason=reason(answer))
        location = _location(answer)
        self._locations[parcel.unique_id] = location
        return Outcome(label=parcel.label, verdict="accepted", status=answer.status_code, location=location)

    async def _post(self, body: bytes) -> httpx.Response:
        refused = ""
        for left in reversed(range(TRIES)):
            token = await self._purse.token(refused=refused)
            headers = {
                "Authorization": f"Bearer {token}",
                "Content-Type": "application/fhir+json",
                "Accept": "application/fhir+json",
                "Accept-Language": self._language,
            }
            answer = await self._http.post(self._base, content=body, headers=headers)
            if left and answer.status_code == httpx.codes.UNAUTHORIZED and not refused:
                refused = token
            elif left and answer.status_code in _BUSY:
                await asyncio.sleep(_pause(answer))
            else:
                break
        return answer


async def send_all(
    senders: Mapping[str, Sender],
    parcels: Sequence[tuple[str, Parcel]],
    *,
    told: Callable[[Outcome], None],
    concurrency: int = CONCURRENCY,
) -> list[Outcome]:
    """Send every (sender's key, parcel); `told` hears each outcome. Later versions go after those they replace."""
    outcomes: list[Outcome] = []
    for wave in _waves(parcels):
        waiting = iter(wave)
        async with asyncio.TaskGroup() as group:
            for _ in range(concurrency):
                group.create_task(_work(senders, waiting, told, outcomes))
    return outcomes


async def _work(
    senders: Mapping[str, Sender],
    waiting: Iterator[tuple[str, Parcel]],
    told: Callable[[Outcome], None],
    outcomes: list[Outcome],
) -> None:
    for key, parcel in waiting:
        outcome = await senders[key].send(parcel)
        outcomes.append(outcome)
        told(outcome)


def _waves(parcels: Sequence[tuple[str, Parcel]]) -> list[list[tuple[str, Parcel]]]:
    """Parcels in batches: nothing in a batch replaces something of the same or a later batch."""
    waves: list[list[tuple[str, Parcel]]] = []
    here = {parcel.unique_id for _, parcel in parcels}
    left = list(parcels)
    sent: set[str] = set()
    while left:
        ready = [pair for pair in left if pair[1].replaces not in here - sent]
        batch = ready or left
        waves.append(batch)
        sent |= {parcel.unique_id for _, parcel in batch}
        taken = {id(pair[1]) for pair in batch}
        left = [pair for pair in left if id(pair[1]) not in taken]
    return waves


def reason(answer: httpx.Response) -> str:
    """Why the server refused: the words of its OperationOutcome, with the element it points at."""
    try:
        outcome = answer.json()
    except ValueError:
        return answer.text[:200] or answer.reason_phrase
    issues = outcome.get("issue", []) if isinstance(outcome, dict) else []
    texts = [_issue_text(issue) for issue in issues if isinstance(issue, dict)]
    return " ; ".join(text for text in texts if text) or answer.reason_phrase


def _issue_text(issue: Mapping[str, Any]) -> str:
    words = issue.get("details", {}).get("text") or issue.get("diagnostics") or issue.get("code", "")
    place = ", ".join(issue.get("expression", []))
    return f"{words} [{place}]" if place else str(words)


def _location(answer: httpx.Response) -> str:
    try:
        entries = answer.json().get("entry", [])
    except (ValueError, AttributeError):
        return ""
    locations = [str(entry.get("response", {}).get("location", "")) for entry in entries]
    found = next((place for place in locations if "DocumentReference/" in place), "")
    return found.split("/_history")[0]


def _pause(answer: httpx.Response) -> float:
    asked = answer.headers.get("retry-after", "1")
    return min(float(asked) if asked.isdigit() else 1.0, LONGEST_WAIT)
