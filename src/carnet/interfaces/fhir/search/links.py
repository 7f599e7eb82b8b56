"""Addresses in a searchset: what was understood of the question, and where the next page is. Never an INS in either."""

from urllib.parse import quote, urlencode
from uuid import UUID

from carnet.interfaces.fhir.search.cursor import Page, seal_page
from carnet.interfaces.fhir.search.parameters import CURSOR
from carnet.interfaces.fhir.search.reading import Asked
from carnet.kernel.actors import Actor


def self_link(resource: str, asked: Asked, *, space: UUID) -> tuple[str, str]:
    """Return the question as understood (FHIR R4 §3.1.1.3.2): the person by id, ignored parameters left out."""
    if asked.cursor is not None:
        return "self", f"{resource}?{CURSOR}={quote(asked.cursor)}"
    others = [
        (name, value)
        for name, values in asked.values.items()
        for value in values
        if name not in {"patient", "patient.identifier"}
    ]
    return "self", f"{resource}?{urlencode([('patient', f'Patient/{space.hex}'), *others], safe='|/:,')}"


def self_link_of_nobody(resource: str, asked: Asked, *, without: str) -> tuple[str, str]:
    """Return the question as understood, without the parameter that names a person: an address holds no INS."""
    if asked.cursor is not None:
        return "self", f"{resource}?{CURSOR}={quote(asked.cursor)}"
    others = [(name, value) for name, values in asked.values.items() for value in values if name != without]
    return "self", f"{resource}?{urlencode(others, safe='|/:,')}" if others else resource


def next_link(resource: str, page: Page, *, actor: Actor) -> tuple[str, str]:
    """Return the sealed link to the page that follows."""
    return "next", f"{resource}?{CURSOR}={quote(seal_page(page, actor=actor))}"
