"""The receipt of an objection, or of taking one back: proof in the person's hands, which names nobody.

The token holds what was said and when, and a keyed digest only the house can make: whoever shows it can have it
checked, and it tells a finder nothing. Source: mes.md §2.2 A8 (proof of opposition).
"""

import base64
import binascii
import hmac
from datetime import UTC, datetime

import msgspec

from carnet.infra.vault import HouseKey
from carnet.spaces.rules.lifecycle import Event

_MAC_BYTES = 16
_PERSON_BYTES = 8
_EVENTS = (Event.OBJECT, Event.RETRACT)


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What was said, when, and the token that proves it."""

    event: Event
    at: datetime
    token: str


def make_receipt(house: HouseKey, digest: bytes, *, event: Event, at: datetime) -> Receipt:
    """Return the receipt of `event` by the person with this INS digest; the same each time it is asked for."""
    at = at.astimezone(UTC).replace(microsecond=0)
    person = house.digest(digest.hex(), purpose="receipt-person")[:_PERSON_BYTES]
    said = bytes([_EVENTS.index(event)]) + int(at.timestamp()).to_bytes(5) + person
    return Receipt(event=event, at=at, token=base64.b32encode(said + _mac(house, said)).decode().rstrip("="))


def check_receipt(house: HouseKey, token: str) -> Receipt | None:
    """Return what a token proves, None when this house never gave it."""
    plain = "".join(token.upper().replace("-", " ").split())
    try:
        raw = base64.b32decode(plain + "=" * (-len(plain) % 8))
    except (binascii.Error, ValueError):
        return None
    said, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
    if len(said) != 6 + _PERSON_BYTES or said[0] >= len(_EVENTS) or not hmac.compare_digest(_mac(house, said), mac):
        return None
    return Receipt(event=_EVENTS[said[0]], at=datetime.fromtimestamp(int.from_bytes(said[1:6]), UTC), token=token)


def _mac(house: HouseKey, said: bytes) -> bytes:
    return house.digest(said.hex(), purpose="receipt")[:_MAC_BYTES]
