"""A clinical document as a page of our own making, for a sandboxed frame.

Three walls, each enough alone: the narrative is typed data (no markup of the sender is left), the templates escape
every value, and an allow-list goes over what they made. No XSLT is ever run, whatever the document brings.
Deliberately ignored: the machine-readable entries, and any order of sections but the document's own.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import jinja2
import msgspec
from markupsafe import Markup

from carnet.formats.cda.labels import LABELS, when
from carnet.formats.cda.media import PartViews
from carnet.formats.cda.model import ClinicalDocument, Participant, Section
from carnet.formats.cda.narrative import Footnote, Listing, Media, Node, Paragraph, Table, walk
from carnet.formats.cda.page import Page
from carnet.formats.cda.plain_text import plain
from carnet.formats.cda.sanitising import sanitise

STYLESHEET: Final = Path(__file__).parent / "static" / "cda.css"
"""The file to serve at the address given as `stylesheet_href`."""


class _Shown(msgspec.Struct, frozen=True):
    """A section ready for the page template."""

    title: str
    html: Markup
    sections: tuple["_Shown", ...]


class _Named(msgspec.Struct, frozen=True):
    name: str
    more: str


def render_html(
    document: ClinicalDocument,
    *,
    language: str,
    stylesheet_href: str,
    part_href: Callable[[int], str] | None = None,
) -> str:
    """Return a complete HTML page without script, inline style or remote load.

    language: "fr" or "en", for our words (the document keeps its own). stylesheet_href: where STYLESHEET is served.
    part_href: gives, for an index in `document.parts`, the address where that file can be opened (links open a new
    tab); without it a file is only mentioned. Meant for a frame under `default-src 'none'; img-src data:;
    style-src 'self'`. Never raises for a document that `read` returned.
    """
    language = language if language in LABELS else "fr"
    page = Page(document, PartViews(document.parts), language, part_href)
    body = _part(page, document.body_part) if document.body_part is not None else Markup()
    sections = _sections(document.sections, page)
    leftovers = Markup().join(_part(page, index) for index in page.unseen_parts())
    return _PAGE.render(
        **_header(document, language),
        language=language,
        content_language=document.language,
        labels=LABELS[language],
        stylesheet_href=stylesheet_href,
        body=body,
        sections=sections,
        leftovers=leftovers,
    )


def _sections(sections: tuple[Section, ...], page: Page) -> tuple[_Shown, ...]:
    shown = []
    for section in sections:
        title = section.title or (section.code.display if section.code else None) or page.label("section")
        page.heading = title
        html = sanitise(_nodes(section.narrative, page))
        shown.append(_Shown(title, html if html.strip() else Markup(), _sections(section.sections, page)))
    return tuple(shown)


def _part(page: Page, index: int) -> Markup:
    return sanitise(_part_html(page.part(index), page))


def _header(document: ClinicalDocument, language: str) -> dict[str, object]:
    labels = LABELS[language]
    patient, ins = document.patient, document.ins
    born = when(patient.birth, language)
    birth = " ".join(part for part in (born, f"({patient.birth_place})" if patient.birth_place else "") if part)
    sex = labels.get(f"sex-{patient.sex}", "")
    event = next((event for event in document.events if event.start), None)
    encounter = document.encounter
    names = patient.name
    family = names.birth_family if names.birth_family not in (None, names.used_family) else None
    return {
        "title": document.title or document.code.display or labels["untitled"],
        "type_name": document.code.display,
        "patient_name": names.display,
        "patient_more": " · ".join(part for part in (family if names.used_family else "", sex, birth) if part),
        "ins": ins.extension if ins else None,
        "date": when(document.effective_time, language),
        "act_date": when(event.start, language) if event else "",
        "authors": [_named(author) for author in document.authors[:20]],
        "signed": _signatory(document),
        "place": encounter.facility.display if encounter and encounter.facility else None,
        "custodian": document.custodian.name if document.custodian else None,
        "recipients": [recipient.display for recipient in document.recipients if recipient.display],
        "version": document.version,
        "identifier": document.unique_id,
    }


def _signatory(document: ClinicalDocument) -> _Named | None:
    signatory = document.legal_authenticator
    return _named(signatory) if signatory and signatory.display else None


def _named(participant: Participant) -> _Named:
    specialty = participant.specialty.display if participant.specialty else None
    organisation = participant.organisation.name if participant.organisation else None
    more = [part for part in (specialty, organisation) if part and part != participant.display]
    return _Named(participant.display, " · ".join(more))


def _has_blocks(node: Paragraph | Footnote) -> bool:
    """Return whether a node holds what HTML does not allow inside `p` or `span`."""
    return any(isinstance(inner, Paragraph | Listing | Table | Media | Footnote) for inner in walk(node.children))


def _kind(node: Node) -> str:
    return type(node).__name__


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=False,
    )
    environment.filters["kind"] = _kind
    environment.filters["has_blocks"] = _has_blocks
    environment.filters["plain"] = plain
    environment.filters["style_class"] = lambda style: f"s-{style}"
    return environment


_ENVIRONMENT: Final = _environment()
_PAGE: Final = _ENVIRONMENT.get_template("document.html")
_MACROS: Final = _ENVIRONMENT.get_template("narrative.html").module
_nodes: Final[Callable[..., str]] = vars(_MACROS)["nodes"]
_part_html: Final[Callable[..., str]] = vars(_MACROS)["part"]
