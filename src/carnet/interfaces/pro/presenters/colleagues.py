"""Messages between professionals: what came, from whom, about which patient, and what of it goes into the record."""

from collections.abc import Mapping, Sequence
from datetime import date

import msgspec
from markupsafe import Markup

from carnet.design.found_words import found_words
from carnet.design.language import PARIS, Language
from carnet.design.parts import Action, Fact, Form, Option, Row
from carnet.design.shell import Crumb, FieldError
from carnet.formats.searching.finding import Piece
from carnet.interfaces.pro.presenters.deposit import CHOICES, SEXES, TypeGroup, types_of, visibilities_of
from carnet.journeys.api import title_of
from carnet.messaging.api import (
    COLLEAGUE_MAIL_STAYS,
    Attachment,
    AttachmentKind,
    ColleagueLetter,
    ColleagueLetters,
    Description,
    FoundLetter,
    written_mark,
)

ADDRESS = "/pro/courriers"
LONGEST_WORDS = 200
LONGEST_TITLE = 50


class LettersPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `colleagues.html` shows. words: what was looked for; count: how many there are, "" when none came; older,
    latest: where the list goes on and where it begins; stays: how long a message can be read here.
    """

    rows: tuple[Row, ...]
    count: str
    stays: str
    words: str = ""
    older: str = ""
    latest: str = ""


class LetterPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `colleague.html` shows. keep: puts the words themselves into the record, where there are any; form,
    address, ways, request_id: the answer, from the mailbox it came to.
    """

    crumbs: tuple[Crumb, ...]
    heading: str
    facts: tuple[Fact, ...]
    text: str
    files: tuple[Row, ...]
    keep: Action | None
    find: Action
    form: Form
    address: str
    ways: tuple[Fact, ...]
    request_id: str


class KeepingPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `colleague_deposit.html` shows. clinical: the document says itself what it is and whom it is about."""

    crumbs: tuple[Crumb, ...]
    address: str
    facts: tuple[Fact, ...]
    form: Form
    clinical: bool
    types: tuple[TypeGroup, ...]
    visibilities: tuple[Option, ...]
    sexes: tuple[Option, ...]
    cancel: Action


def present_letters(*, language: Language, found: ColleagueLetters, first: bool) -> LettersPage:
    """Return a page of the list, latest first. first: it is where the list begins."""
    return LettersPage(
        rows=tuple(_line(one, language) for one in found.letters),
        count=_counted(found.total, language) if found.total else "",
        stays=_stays(language),
        older=f"{ADDRESS}?suite={written_mark(found.after)}" if found.after else "",
        latest="" if first else ADDRESS,
    )


def present_found(*, language: Language, found: Sequence[FoundLetter], words: str) -> LettersPage:
    """Return what a search found."""
    return LettersPage(
        rows=tuple(_found_line(one, language) for one in found),
        count=_counted(len(found), language),
        stays=_stays(language),
        words=words,
    )


def present_letter(
    *, language: Language, found: ColleagueLetter, mailbox: str, request_id: str, form: Form
) -> LetterPage:
    """Return one message with its files, and the form to answer it from `mailbox`."""
    _ = language.gettext
    here, text = f"{ADDRESS}/{found.mail}", found.letter.text.strip()
    return LetterPage(
        crumbs=(Crumb(_("Courriers"), ADDRESS),),
        heading=_subject(found, language),
        facts=_facts(found, language),
        text=text,
        files=tuple(_file(one, here, language) for one in found.files),
        keep=Action(_("Ajouter ce message au dossier"), f"{here}/deposer/0", "upload") if text else None,
        find=Action(_("Ouvrir le dossier du patient"), "/pro/patient", "right", post=True, values={"ins": found.about}),
        form=form,
        address=f"{here}/repondre",
        ways=(Fact(_("À"), _sender_with_address(found)), Fact(_("Depuis la boîte"), mailbox)),
        request_id=request_id,
    )


def present_keeping(
    *,
    language: Language,
    found: ColleagueLetter,
    number: int,
    file: Description,
    day: date,
    values: Mapping[str, str] | None = None,
    errors: tuple[FieldError, ...] = (),
) -> KeepingPage:
    """Return the form of the deposit, filled with what the message says of the file, or as it was sent."""
    _ = language.gettext
    here = f"{ADDRESS}/{found.mail}"
    title = file.title[:LONGEST_TITLE] or title_of(file.name)
    said = {"titre": title, "type": file.type_code, "date": day.isoformat(), "visibilite": CHOICES[0], **(values or {})}
    named = Fact(_("Document"), _("Le texte du message") if not number else file.title or file.name)
    return KeepingPage(
        crumbs=(Crumb(_("Courriers"), ADDRESS), Crumb(_("Ce courrier"), here)),
        address=f"{here}/deposer/{number}",
        facts=(named, *_facts(found, language)),
        form=Form(said, errors),
        clinical=file.kind is AttachmentKind.CLINICAL,
        types=types_of(said["type"], language),
        visibilities=visibilities_of(said["visibilite"], language),
        sexes=tuple(Option(code, _(label), code == said.get("sexe", "")) for code, label in SEXES),
        cancel=Action(_("Annuler"), here, tone="quiet"),
    )


def _line(one: ColleagueLetter, language: Language) -> Row:
    files = language.ngettext("%(num)s pièce jointe", "%(num)s pièces jointes", len(one.files))
    return Row(
        title=_subject(one, language),
        href=f"{ADDRESS}/{one.mail}",
        icon="mail",
        hue="sky",
        meta=(_sender(one), language.short_date(one.at.astimezone(PARIS).date())),
        notes=(files % {"num": len(one.files)},) if one.files else (),
    )


def _found_line(one: FoundLetter, language: Language) -> Row:
    """A message that answers: the words around what was looked for."""
    plain, how = _line(one.letter, language), one.answer
    title = _marked(how.subject) if any(piece.hit for piece in how.subject) else plain.title
    notes = (_marked(how.snippet), *plain.notes) if how.snippet else plain.notes
    return msgspec.structs.replace(plain, title=title, notes=notes)


def _marked(pieces: Sequence[Piece]) -> Markup:
    return found_words((one.text, one.hit) for one in pieces)


def _counted(number: int, language: Language) -> str:
    return language.ngettext("%(num)s courrier", "%(num)s courriers", number) % {"num": number}


def _stays(language: Language) -> str:
    days = COLLEAGUE_MAIL_STAYS.days
    told = language.ngettext(
        "Chaque message est aussi remis à votre messagerie. Ici, il reste %(num)s jour.",
        "Chaque message est aussi remis à votre messagerie. Ici, il reste %(num)s jours.",
        days,
    )
    return told % {"num": days}


def _file(one: Attachment, here: str, language: Language) -> Row:
    _ = language.gettext
    described = one.description
    name = described.title or described.name
    return Row(
        title=name,
        href=f"{here}/fichiers/{one.number}",
        icon="file",
        meta=(language.size(one.size),),
        actions=(Action(_("Ajouter au dossier"), f"{here}/deposer/{one.number}", "upload", spoken=name),),
    )


def _facts(found: ColleagueLetter, language: Language) -> tuple[Fact, ...]:
    _ = language.gettext
    return (
        Fact(_("De"), _sender_with_address(found)),
        Fact(_("Reçu"), language.long_date(found.at.astimezone(PARIS).date())),
        Fact(_("Patient (matricule INS)"), found.about),
    )


def _subject(one: ColleagueLetter, language: Language) -> str:
    return one.letter.subject or language.gettext("Sans objet")


def _sender_with_address(one: ColleagueLetter) -> str:
    sender = one.letter.sender
    return f"{sender.name} <{sender.address}>" if sender.name else sender.address


def _sender(one: ColleagueLetter) -> str:
    return one.letter.sender.name or one.letter.sender.address
