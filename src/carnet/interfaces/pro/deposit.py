"""Depositing a document for the open patient, as the professional and for their organisation."""

from datetime import date, datetime
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath

from carnet.design.language import PARIS, Language
from carnet.design.shell import FieldError
from carnet.formats.kinds import ContentKind, identify
from carnet.infra.installation import current
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.pro.asking import Asked, OpenFile, banner_of, field, open_file, our_form
from carnet.interfaces.pro.page import done, show
from carnet.interfaces.pro.presenters.deposit import CHOICES, errors_of, present_deposit
from carnet.interfaces.pro.setting import language_of
from carnet.journeys.api import add_for_patient
from carnet.kernel.errors import Invalid
from carnet.records.api import Coding, DeclaredDocument
from carnet.terminology.api import document_type, system_uri

FIELDS: Final = ("type", "titre", "date", "visibilite")
_INVALID: Final = 422
_SYSTEM: Final = "urn:oid:1.2.250.1.213.1.1.4.13"
_HL7: Final = "urn:oid:2.16.840.1.113883.5.25"


class Sent(msgspec.Struct, frozen=True):
    """A deposit form as it came."""

    content: bytes
    values: dict[str, str]


@get("/pro/patient/{handle:str}/deposer", **open_to(Audience.PROFESSIONAL))
async def ask_what(request: Asked, handle: FromPath[str]) -> Response[Any]:
    """Show the form; nothing is deposited for the dead."""
    opened = await open_file(request, handle)
    return done(opened.address) if opened.patient.standing == "heirs" else _form(request, opened)


@post("/pro/patient/{handle:str}/deposer", status_code=200, **open_to(Audience.PROFESSIONAL))
async def deposit(request: Asked, handle: FromPath[str]) -> Response[Any]:
    """Deposit what was sent; answer once it is durable."""
    form, language = await our_form(request), language_of(request)
    opened, sent = await open_file(request, handle), await sent_of(form)
    declared, errors = declared_of(sent, language)
    if errors:
        return _form(request, opened, sent, errors)
    try:
        added = await add_for_patient(actor=opened.actor, patient=opened.patient, declared=declared, at=opened.at)
    except Invalid as refused:
        return _form(request, opened, sent, errors_of(refused.problems, language))
    if opened.patient.standing == "to_ask":
        return done(opened.address, "added-closed")
    return done(
        f"{opened.address}/documents/{added.stored.document_id}", "added" if added.stored.created else "unchanged"
    )


def _form(
    request: Asked, opened: OpenFile, sent: Sent | None = None, errors: tuple[FieldError, ...] = ()
) -> Response[str]:
    page = present_deposit(
        language=language_of(request),
        banner=banner_of(request, opened),
        today=opened.at.astimezone(PARIS).date(),
        max_bytes=current().limits.software_document_bytes,
        values=sent.values if sent else None,
        errors=errors,
    )
    status = _INVALID if errors else 200
    return show(request, "deposit.html", page, handle=opened.handle, current="deposit", status=status)


async def sent_of(form: Any) -> Sent:
    """Return what a deposit form holds."""
    file = form.get("fichier")
    content = await file.read() if isinstance(file, UploadFile) else b""
    values = {name: field(form, name) for name in FIELDS}
    if values["visibilite"] not in CHOICES:
        values["visibilite"] = CHOICES[0]
    return Sent(content, values)


def declared_of(sent: Sent, language: Language) -> tuple[DeclaredDocument, tuple[FieldError, ...]]:
    """Return what the form declares, and what it lacks. A clinical document speaks for itself."""
    _ = language.gettext
    clinical = identify(sent.content) is ContentKind.CDA
    kind = document_type(sent.values["type"])
    day = _day(sent.values["date"])
    lacking = (
        (not sent.content, FieldError("fichier", _("Choisissez un fichier."))),
        (bool(sent.content) and not (kind or clinical), FieldError("type", _("Choisissez le type du document."))),
        (day is None and not clinical, FieldError("date", _("Cette date n'existe pas. Écrivez-la AAAA-MM-JJ."))),
    )
    visibility = sent.values["visibilite"]
    declared = DeclaredDocument(
        content=sent.content,
        type=Coding(system_uri(kind.system), kind.code) if kind else None,
        title=sent.values["titre"].strip() or None,
        creation=None if clinical or day is None else datetime(day.year, day.month, day.day, tzinfo=PARIS),
        labels=(Coding(_HL7 if visibility == "N" else _SYSTEM, visibility),),
    )
    return declared, tuple(error for missing, error in lacking if missing)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


ROUTES: Final = (ask_what, deposit)
