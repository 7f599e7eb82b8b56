"""Does this person hold the health insurance card with this serial number? The insurer answers yes or no, nothing else.

Asked only once somebody proved a letter's code and the birth date. Source: mes.md §2.2 A2 (with a photo: the last 11
digits; without: 8 to 13 digits).
"""

import re

import msgspec

from carnet.identity.data import Ins
from carnet.identity.outside import Outside
from carnet.kernel.errors import Problem

CARD_DOWN = Problem(
    code="card-service-down",
    fr="Le service des cartes Vitale ne répond pas. Réessayez dans quelques minutes : votre code reste valable.",
    en="The Vitale card service does not answer. Please try again in a few minutes: your code stays valid.",
)
_SERIAL = re.compile(r"\d{8,13}")


class _Told(msgspec.Struct):
    valid: bool


class CardService:
    """Client of the card service. base_url: its address; questions are posted to `/check`."""

    def __init__(self, base_url: str, *, seconds: float = 5.0) -> None:
        self._check = f"{base_url.rstrip('/')}/check"
        self._outside = Outside(down=CARD_DOWN, seconds=seconds)

    async def holds(self, ins: Ins, serial: str) -> bool:
        """Tell whether the card is theirs and in use. Raises Unavailable."""
        asked = {"matricule": ins.matricule, "oid": ins.oid, "serial": serial}
        answer = await self._outside.post_json(self._check, asked)
        try:
            return answer.status == 200 and msgspec.json.decode(answer.body, type=_Told).valid  # noqa: PLR2004 - HTTP OK
        except msgspec.DecodeError as error:
            raise self._outside.unavailable() from error

    async def close(self) -> None:
        """Close the connections."""
        await self._outside.close()


def read_serial(text: str) -> str | None:
    """Return the digits of a serial number as typed, None when it cannot be one."""
    plain = re.sub(r"[\s.-]", "", text)
    return plain if _SERIAL.fullmatch(plain) else None
