"""One document before a professional's eyes: what it is, who wrote it, its state, and the frame it shows in."""

import base64
from typing import Literal

import msgspec

from carnet.design.language import Language
from carnet.design.parts import Action, Fact, Mark, Row
from carnet.design.vocabulary import category, media
from carnet.interfaces.pro.presenters.documents import Line, author_words, marks_of, role_words, type_words
from carnet.interfaces.pro.presenters.patient import Banner
from carnet.journeys.api import Carried, Shown

Alert = Literal["", "invisible", "shown"]


class DocumentPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `document.html` shows. frame, take: empty while an alert holds the content back. beside: the list stays."""

    banner: Banner
    back: Action
    address: str
    beside: bool
    title: str
    marks: tuple[Mark, ...]
    facts: tuple[Fact, ...]
    frame: str
    frame_title: str
    alert: Alert
    reveal: Action
    replaced: bool
    by_patient: bool
    take: tuple[Action, ...]


class FilesPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `files.html` shows."""

    banner: Banner
    back: Action
    files: tuple[Row, ...]


class Drawn(msgspec.Struct, frozen=True):
    """One drawn page inside the frame. source: a data address."""

    source: str
    alt: str
    width: int
    height: int


class PreviewPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `preview.html` shows inside the frame. position: "pages 1 à 4 sur 9", empty when everything is shown."""

    title: str
    pictures: tuple[Drawn, ...]
    position: str
    previous: str | None
    next: str | None
    text: str | None
    reason: str


def present_document(
    *, language: Language, banner: Banner, line: Line, seen: bool, first: int = 1, beside: bool = False
) -> DocumentPage:
    """Return the page. seen: a document hidden from the patient was asked for in full knowledge. first: page to open
    at. beside: shown beside the list it was chosen in.
    """
    _ = language.gettext
    entry, metadata = line.entry, line.metadata
    address = f"{banner.address}/documents/{entry.document_id}"
    held = entry.invisible_patient and not seen
    return DocumentPage(
        banner=banner,
        back=Action(_("Tous les documents"), banner.address, "left"),
        title=metadata.title,
        marks=marks_of(entry, metadata, language),
        facts=_facts(line, language),
        address=address,
        beside=beside,
        frame="" if held else f"{address}/apercu" + (f"?page={first}" if first > 1 else ""),
        frame_title=_("Contenu de %(title)s") % {"title": metadata.title},
        alert="invisible" if held else "shown" if entry.invisible_patient else "",
        reveal=Action(
            _("Le patient ne voit pas mon écran : afficher"),
            f"{address}?voir=1" + ("&volet=1" if beside else ""),
            "eye",
            "primary",
        ),
        replaced=entry.status == "superseded",
        by_patient=entry.author_kind == "PATIENT",
        take=() if held else _take(line, address, language),
    )


def _take(line: Line, address: str, language: Language) -> tuple[Action, ...]:
    _ = language.gettext
    original = Action(_("Télécharger l'original"), f"{address}/telecharger", "download")
    if line.entry.content_type != "text/xml":
        return (original,)
    return (original, Action(_("Fichiers joints"), f"{address}/pieces", "file", "quiet"))


def present_files(
    *, language: Language, banner: Banner, title: str, address: str, files: tuple[Carried, ...]
) -> FilesPage:
    """Return the files carried inside a clinical document."""
    return FilesPage(
        banner=banner,
        back=Action(title, address, "left"),
        files=tuple(
            Row(
                title=language.gettext("Fichier %(num)s") % {"num": one.index + 1},
                href=f"{address}/pieces/{one.index}",
                meta=(media(one.media_type, language), language.size(one.size)),
            )
            for one in files
        ),
    )


def present_preview(*, language: Language, shown: Shown, title: str, address: str, at_a_time: int) -> PreviewPage:
    """Return the inside of the frame, for anything but a clinical document."""
    _ = language.gettext
    last = shown.first + len(shown.pictures) - 1
    where = {"first": shown.first, "last": last, "total": shown.pages}
    whole = shown.kind != "pictures" or len(shown.pictures) >= shown.pages
    earlier = max(shown.first - at_a_time, 1)
    return PreviewPage(
        title=title,
        pictures=tuple(
            Drawn(
                f"data:{picture.media_type};base64,{base64.b64encode(picture.data).decode()}",
                _("Page %(page)s sur %(total)s (image : téléchargez l'original pour le texte)")
                % {"page": shown.first + index, "total": shown.pages},
                picture.width,
                picture.height,
            )
            for index, picture in enumerate(shown.pictures)
        ),
        position="" if whole else _("Pages %(first)s à %(last)s sur %(total)s") % where,
        previous=f"{address}?page={earlier}" if shown.first > 1 else None,
        next=None if whole or last >= shown.pages else f"{address}?page={last + 1}",
        text=shown.text if shown.kind == "text" else None,
        reason=_reason(shown, language),
    )


def _facts(line: Line, language: Language) -> tuple[Fact, ...]:
    _ = language.gettext
    entry, metadata = line.entry, line.metadata
    author = metadata.authors[0] if metadata.authors else None
    role = role_words(author, language) if author and entry.author_kind != "PATIENT" else ""
    signed = metadata.authenticator.display if metadata.authenticator else ""
    scanned = {"clean": _("aucun virus trouvé"), "not-scanned": _("non vérifié par l'antivirus")}
    known = (
        (_("Type"), type_words(entry, metadata, language)),
        (_("Catégorie"), _(category(entry.category).label)),
        (_("Date du document"), language.long_date(metadata.creation)),
        (_("Auteur"), author_words(metadata, entry, language)),
        (_("Spécialité"), role),
        (_("Signé par"), signed if signed != (author.display if author else "") else ""),
        (_("Reçu le"), language.moment(entry.received_at)),
        (_("Version"), str(entry.version) if entry.version > 1 else ""),
        (_("Fichier"), _file(line, language) + f", {scanned.get(entry.scanned, '')}".rstrip(", ")),
    )
    return tuple(Fact(term, value) for term, value in known if value)


def _file(line: Line, language: Language) -> str:
    return f"{media(line.entry.content_type, language)}, {language.size(line.entry.size)}"


def _reason(shown: Shown, language: Language) -> str:
    _ = language.gettext
    return {
        "": "",
        "protected": _("Ce fichier est protégé par un mot de passe. Téléchargez-le pour l'ouvrir."),
        "too_large": _("Ce fichier est trop grand pour être affiché ici. Téléchargez-le pour le lire."),
        "damaged": _("Ce fichier ne peut pas être affiché. L'original reste disponible au téléchargement."),
    }[shown.why]
