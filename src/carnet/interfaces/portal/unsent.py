"""What somebody wrote outlives their session: shown again to the browser that sent it, sent only when they send it.

A form that arrives without a session, or with one begun since the page was opened, changes nothing. For the forms of
messages its words come back: on a page that says so, then in the form itself. Nothing is kept here; files are chosen
again. Whatever comes from another site was refused before.
"""

from typing import Any, Final

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from carnet.design.door import Asked
from carnet.infra.web.audience import Audience, open_to
from carnet.kernel.errors import Invalid, Problem

KEEPS_WORDS: Final = "keeps_words"
PAGE_STALE: Final = Problem(
    "page-stale",
    "La page est restée ouverte trop longtemps. Rien n'est parti : relisez, puis envoyez à nouveau.",
    "The page was open for too long. Nothing was sent: read it again, then send it again.",
    "texte",
)
LONGEST: Final = 25_000
_OURS: Final = frozenset({"_csrf_token", "faire"})


def open_to_writing(*who: Audience) -> dict[str, Any]:
    """Return the declaration of a route whose form is written with care: its words come back when it is not heard."""
    declared = open_to(*who)
    return declared | {"opt": declared["opt"] | {KEEPS_WORDS: True}}


def keeps_words(handler: BaseRouteHandler) -> bool:
    """Tell whether a route was declared so."""
    return bool(handler.opt.get(KEEPS_WORDS))


async def keep_words(request: Asked) -> None:
    """Remember for the answer what this form says."""
    said = {name: text[:LONGEST] for name, text in (await request.form()).multi_items() if isinstance(text, str)}
    request.state.unsent = {name: text for name, text in said.items() if name not in _OURS}


def unsent_of(connection: ASGIConnection[Any, Any, Any, Any]) -> dict[str, str]:
    """Return what was written by somebody who is not signed in, {} when nothing was."""
    kept: dict[str, str] = getattr(connection.state, "unsent", {})
    return kept


def stale_page(request: Asked) -> Invalid | None:
    """Return why this form is not heard, though who sent it is signed in: it is of a page from before."""
    return Invalid(PAGE_STALE) if getattr(request.state, "page_stale", False) else None
