"""A professional collects what other professionals wrote to them about patients: own mailboxes, nobody's space.

Whether Carnet knows the patient is not asked. What belongs into the record is deposited by the ordinary doors (ITI-65,
ITI-105): that is the explicit act, with identity compared, journal and notice (decision 0174).
"""

from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from litestar.types import ASGIApp

from carnet.interfaces.fhir import reply
from carnet.interfaces.fhir.errors import malformed
from carnet.interfaces.fhir.interaction import AnyRequest, Site
from carnet.interfaces.fhir.resources.communication import CATEGORIES, COLLEAGUE, colleague_communication
from carnet.interfaces.fhir.search.cursor import ColleaguePage
from carnet.interfaces.fhir.search.links import next_link, self_link_of_nobody
from carnet.interfaces.fhir.search.pages import searchset
from carnet.interfaces.fhir.search.reading import Asked, count_of, only_counted
from carnet.kernel.actors import Actor
from carnet.messaging.api import colleague_files, colleague_letter, colleague_letters
from carnet.records.api import MAX_COUNT

_MEANT: Final = frozenset({COLLEAGUE, f"{CATEGORIES}|{COLLEAGUE}"})
_HEX: Final = 32


async def colleagues(
    asked: Asked, *, page: ColleaguePage | None, actor: Actor, site: Site, language: str, at: datetime
) -> ASGIApp:
    """Return a searchset of what colleagues wrote, latest first, without the bytes of files. page: where it goes on."""
    others = asked.values.keys() & {"patient", "patient.identifier"}
    if page is None and (asked.one("category") not in _MEANT or others):
        raise malformed(
            "category",
            "La seule catégorie est « colleague », sans patient.",
            "The one category is colleague.",
            "category",
        )
    counted, count = only_counted(asked), page.count if page else max(count_of(asked, most=MAX_COUNT), 1)
    found = await colleague_letters(actor=actor, after=page.after if page else None, count=count, at=at)
    shown = () if counted else found.letters
    links = [self_link_of_nobody("Communication", asked, without="")]
    if found.after is not None and not counted:
        links.append(next_link("Communication", ColleaguePage(count=count, after=found.after), actor=actor))
    body = searchset(
        [
            (f"Communication/{one.mail.hex}", msgspec.json.encode(colleague_communication(one, actor=actor)))
            for one in shown
        ],
        site=site,
        links=links,
        total=found.total,
        warnings=asked.warnings,
        language=language,
    )
    return reply.fhir(body)


def mail_of(request: AnyRequest) -> UUID | None:
    """Return the mail an id names, None when it names a message of a space."""
    text = request.path_params["id"]
    try:
        return UUID(hex=text) if len(text) == _HEX and text == text.lower() else None
    except ValueError:
        return None


async def one_of_colleague(mail: UUID, *, actor: Actor, at: datetime) -> ASGIApp:
    """Return one message with the bytes of its files. Raises NotFound."""
    found = await colleague_letter(actor=actor, mail=mail, at=at)
    files = await colleague_files(actor=actor, letter=found, at=at) if found.files else ()
    contents = {number: one.content for number, one in enumerate(files, start=1)}
    return reply.resource(colleague_communication(found, actor=actor, contents=contents))
