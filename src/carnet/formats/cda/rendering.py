"""A clinical document as a page of our own making, for a sandboxed frame.

Three walls, each enough alone: the narrative is typed data (no markup of the sender is left); every value is escaped
(fragments.py for the narrative, an autoescaped template for the page); an allow-list goes over the narrative's HTML.
No XSLT is ever run, whatever the document brings.
Deliberately ignored: the machine-readable entries, and any order of sections but the document's own.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

import jinja2
import msgspec
from markupsafe import Markup

from carnet.formats.cda.fragments import narrative_html, part_html
from carnet.formats.cda.labels import LABELS, when
from carnet.formats.cda.media import PartViews
from carnet.formats.cda.model import ClinicalDocument, Participant, Section
from carnet.formats.cda.page import Page
from carnet.formats.cda.sanitising import sanitise

STYLESHEET: Final = Path(__file__).parent / "static" / "cda.css"
"""The file to serve at the address given as `stylesheet_href`."""


_MATRICULE: Final = re.compile(r"(\d)(\d\d)(\d\d)(\d[\dAB])(\d{3})(\d{3})(\d\d)", re.ASCII)


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
        html = sanitise(narrative_html(section.narrative, page))
        shown.append(_Shown(title, html if html.strip() else Markup(), _sections(section.sections, page)))
    return tuple(shown)


def _part(page: Page, index: int) -> Markup:
    return sanitise(part_html(page.part(index), page))


def _header(document: ClinicalDocument, language: str) -> dict[str, object]:
    labels = LABELS[language]
    patient, ins = document.patient, document.ins
    born = when(patient.birth, language)
    birth = " ".join(part for part in (born, f"({patient.birth_place})" if patient.birth_place else "") if part)
    sex = labels.get(f"sex-{patient.sex}", "")
    event = next((event for event in document.events if event.start), None)
    encounter = document.encounter
    names = patient.name
    other_birth_name = names.used_family and names.birth_family and names.used_family != names.birth_family
    birth_name = f"{labels['birth-name']} {names.birth_family}" if other_birth_name else ""
    act = when(event.start, language) if event else ""
    date = when(document.effective_time, language)
    return {
        "title": document.title or document.code.display or labels["untitled"],
        "type_name": document.code.display,
        "patient_name": names.display,
        "patient_more": " · ".join(part for part in (birth_name, sex, birth) if part),
        "ins": _grouped(ins.extension) if ins and ins.extension else None,
        "date": date,
        "act_date": act if act != date else "",
        "authors": [_named(author) for author in document.authors[:20]],
        "signed": _signatory(document),
        "place": encounter.facility.display if encounter and encounter.facility else None,
        "custodian": document.custodian.name if document.custodian else None,
        "recipients": [recipient.display for recipient in document.recipients if recipient.display],
        "version": document.version if (document.version or 1) > 1 else None,
        "identifier": document.unique_id,
    }


def _grouped(matricule: str) -> str:
    """Write a matricule the way people read it: 2 79 03 51 215 189 89."""
    found = _MATRICULE.fullmatch(matricule)
    return " ".join(found.groups()) if found else matricule


def _signatory(document: ClinicalDocument) -> _Named | None:
    """Return who signed, when it is not simply the first author."""
    signatory = document.legal_authenticator
    if signatory is None or not signatory.display:
        return None
    author = document.authors[0] if document.authors else None
    return None if author and author.display == signatory.display else _named(signatory)


def _named(participant: Participant) -> _Named:
    specialty = participant.specialty.display if participant.specialty else None
    organisation = participant.organisation.name if participant.organisation else None
    more = [part for part in (specialty, organisation) if part and part != participant.display]
    return _Named(participant.display, " · ".join(more))


def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )


_PAGE: Final = _environment().get_template("document.html")
