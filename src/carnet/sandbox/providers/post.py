"""What a country carries to people: letters of the campaign (shown as printed), text messages, and their Vitale cards.

The letters are the house's own files; who told a code to whom is not checked here, since nobody is real. The card
service answers yes to the serial number made from a matricule, and to nothing else.
"""

from pathlib import Path
from typing import Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, JSONBody

from carnet.sandbox.population.data import Population
from carnet.sandbox.providers.pages import Pages, language_of

KEPT = 50
Asked = Request[Any, Any, Any]


class Sms(msgspec.Struct, frozen=True, kw_only=True):
    """A text message as a gateway gets it."""

    to: str
    text: str


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """A question to the card service."""

    matricule: str
    oid: str
    serial: str


def post_router(population: Population, pages: Pages, *, home: Path, carnet_url: str) -> Router:
    """`/courrier` and `/courrier/{name}` for people; `/sms` (GET for tests, POST) and `/vitale/check` for Carnet."""
    folder = home / "courrier"
    sent: list[Sms] = []
    serials = {person.matricule: person.card_serial for person in population.persons}

    @get("/courrier", sync_to_thread=True)
    def listing(request: Asked) -> Response[str]:
        return pages.answer(
            "post.html",
            language=language_of(request),
            look=None,
            told=[one for one in population.persons if one.letter],
            letters=sorted(path.name for path in folder.glob("lot-*.pdf")),
            messages=sent[::-1],
            carnet=carnet_url,
        )

    @get("/courrier/{name:str}", sync_to_thread=True)
    def letter(name: FromPath[str]) -> Response[bytes]:
        path = next((one for one in folder.glob("lot-*.pdf") if one.name == name), None)
        if path is None:
            raise NotFoundException
        return Response(path.read_bytes(), media_type="application/pdf")

    @post("/sms", status_code=202, sync_to_thread=False)
    def carry(data: JSONBody[Sms]) -> None:
        sent.append(data)
        del sent[:-KEPT]

    @get("/sms", sync_to_thread=False)
    def as_json() -> list[Sms]:
        return sent[::-1]

    @post("/vitale/check", status_code=200, sync_to_thread=False)
    def check(data: JSONBody[Card]) -> dict[str, bool]:
        return {"valid": serials.get(data.matricule) == data.serial}

    return Router(path="/", route_handlers=[listing, letter, carry, as_json, check])
