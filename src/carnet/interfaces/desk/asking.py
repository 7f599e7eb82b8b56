"""What every handler of this door needs from a request: a form that is ours, a field, a person, a scanned letter."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import Request, Response
from litestar.datastructures import UploadFile
from msgspec.structs import replace

from carnet.design.language import Language
from carnet.formats.sniffing import ContentKind, check_content
from carnet.identity.api import IdentityTraits, Ins, departement_of_agent, parse_ins, parse_traits
from carnet.infra import clock
from carnet.infra.installation import current
from carnet.infra.scanning import scan
from carnet.interfaces.desk.setting import desk_of, language_of
from carnet.journeys.api import check_csrf, signed_in
from carnet.kernel.actors import Actor
from carnet.kernel.errors import Invalid, Problem, TooLarge, Unsupported
from carnet.spaces.api import DeskContact, DeskStanding, Letter, see_contact, zone_of

Asked = Request[Any, Any, Any]
LETTER_BYTES: Final = 5_000_000
_KINDS: Final = frozenset({ContentKind.PDF, ContentKind.JPEG, ContentKind.PNG})
_ENDINGS: Final = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}
NOT_A_SCAN: Final = Problem(
    "letter-kind",
    "La lettre numérisée doit être un PDF ou une image JPEG ou PNG.",
    "The scanned letter must be a PDF, or a JPEG or PNG image.",
    "lettre",
)
TOO_BIG: Final = Problem(
    "letter-size",
    "La lettre numérisée ne peut pas dépasser 5 Mo.",
    "The scanned letter cannot be larger than 5 MB.",
    "lettre",
)

NO_NAME: Final = Problem("name", "Écrivez ce nom.", "Write this name.")
NO_BIRTH: Final = Problem("birth", "Écrivez la date de naissance.", "Write the birth date.")
NO_NUMBER: Final = Problem(
    "number", "Écrivez le numéro de sécurité sociale.", "Write the social security number.", "ins"
)


class OpenContact(msgspec.Struct, frozen=True, kw_only=True):
    """A contact as this request finds it."""

    actor: Actor
    contact: DeskContact
    standing: DeskStanding
    at: datetime


async def contact_under_way(request: Asked, contact: UUID) -> OpenContact:
    """Return the contact an address names. Raises NotFound: another agent's, over, too old, all alike."""
    by, at = signed_in(request), clock.now()
    held, standing = await see_contact(actor=by.actor, contact=contact, at=at)
    return OpenContact(actor=by.actor, contact=held, standing=standing, at=at)


async def words_of(request: Asked) -> Language:
    """Return the language of an agent's page, its times those of the clock on the wall of their desk."""
    place = await departement_of_agent(signed_in(request).actor.identifier)
    return language_of(request).at_clock_of(ZoneInfo(zone_of(place)))


async def our_form(request: Asked) -> Any:
    """Return the form of a POST. Raises Refused unless one of our pages sent it in this session."""
    form = await request.form()
    check_csrf(request, form, web=desk_of(request).web)
    return form


def field(form: Any, name: str, *, most: int = 200) -> str:
    """Return a text field, cut to `most` characters; empty when absent or a file."""
    value = form.get(name)
    return value[:most].strip() if isinstance(value, str) else ""


def traits_in(typed: Mapping[str, str], names: tuple[str, str, str], problems: list[Problem]) -> IdentityTraits | None:
    """Return who was typed. names: fields of birth name, given name and birth date. What is wrong joins `problems`."""
    name, given, born = names
    paths = {"birth_name": name, "birth_date": born}
    try:
        return parse_traits(birth_name=typed[name], given_names=(typed[given],), birth_date=typed[born] or "-")
    except Invalid as refused:
        named = (replace(one, path=paths.get(one.path or "", given)) for one in refused.problems)
        problems += (one if typed[one.path or given] else _unwritten(one, born=born) for one in named)
        return None


def numbers_in(text: str, problems: list[Problem]) -> tuple[Ins, ...]:
    """Return the INS a number may be, one for each OID accepted here. What is wrong joins `problems`, at `ins`."""
    accepted = current().limits.accepted_ins_oids
    try:
        return tuple(parse_ins(matricule=text, oid=oid, accepted_oids=accepted, path="ins") for oid in sorted(accepted))
    except Invalid as refused:
        problems += refused.problems if text else (NO_NUMBER,)
        return ()


def _unwritten(one: Problem, *, born: str) -> Problem:
    """Say of an empty field that it is to be filled in. born: name of the field that is a date."""
    said = NO_BIRTH if one.path == born else NO_NAME
    return replace(said, path=one.path)


async def letter_in(form: Any) -> Letter | None:
    """Return the scanned letter of a form, established from its bytes. Raises Invalid (kind, size, virus)."""
    sent = form.get("lettre")
    if not isinstance(sent, UploadFile):
        return None
    content = await sent.read()
    if not content:
        return None
    if len(content) > LETTER_BYTES:
        raise TooLarge(TOO_BIG)
    found = await asyncio.to_thread(check_content, data=content, declared_type=None)
    if found.kind not in _KINDS:
        raise Unsupported(NOT_A_SCAN)
    await scan(content, scanner=current().scanner)
    return Letter(media_type=found.content_type, content=content)


def scan_answer(content: bytes, media_type: str, name: str) -> Response[bytes]:
    """Return a file to keep nowhere but where the agent puts it. name: without its ending."""
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.{_ENDINGS[media_type]}"',
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=media_type, headers=headers)
