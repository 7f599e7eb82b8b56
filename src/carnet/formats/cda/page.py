"""What the narrative asks while it is written: labels, files, and which anchors exist and are worth an id."""

import re
from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from carnet.formats.cda.labels import LABELS
from carnet.formats.cda.media import PartViews
from carnet.formats.cda.model import ClinicalDocument, Section
from carnet.formats.cda.narrative import Link, NoteReference, walk

_UNFIT: Final = re.compile(r"[^A-Za-z0-9_-]")


class ShownPart(msgspec.Struct, frozen=True):
    """A file as the template shows it. kind: image, text, pdf, file, broken or missing."""

    kind: str
    src: str = ""
    text: str = ""
    href: str = ""


class Page:
    """The state of one rendering: nothing here outlives it."""

    def __init__(
        self,
        document: ClinicalDocument,
        views: PartViews,
        language: str,
        part_href: Callable[[int], str] | None,
    ) -> None:
        self.heading = ""
        self.language = language
        self.content_language = document.language
        self._document = document
        self._views = views
        self._labels = LABELS[language]
        self._part_href = part_href
        self._tables = 0
        self._seen_parts: set[int] = set()
        self._targets = _linked_anchors(document)
        self._unclaimed = dict(self._targets)

    def label(self, name: str) -> str:
        return self._labels[name]

    def table_label(self) -> str:
        """Name a table by its rank and its section, so that no two scrolling areas sound the same."""
        self._tables += 1
        rank = f"{self._labels['table']} {self._tables}"
        return f"{rank} : {self.heading}" if self.heading else rank

    def claim(self, anchor: str | None) -> str | None:
        """Return the id to put on the first element that bears `anchor`, when something links to it."""
        return self._unclaimed.pop(anchor, None) if anchor else None

    def target(self, anchor: str | None) -> str | None:
        """Return the id that `anchor` was given; None when nothing in the document bears it."""
        return self._targets.get(anchor) if anchor else None

    def media(self, key: str) -> ShownPart:
        """Return the file behind an ID of the narrative; a dangling reference is shown as missing."""
        index = self._document.regions.get(key)
        return ShownPart("missing") if index is None else self.part(index)

    def part(self, index: int) -> ShownPart:
        """Return file number `index` as it can be shown."""
        self._seen_parts.add(index)
        view = self._views[index]
        href = self._part_href(index) if self._part_href and view.kind in {"pdf", "file"} else ""
        return ShownPart(view.kind, view.src, view.text, href)

    def unseen_parts(self) -> list[int]:
        """Return the files that the narrative never showed."""
        return [index for index in range(len(self._document.parts)) if index not in self._seen_parts]


def _linked_anchors(document: ClinicalDocument) -> dict[str, str]:
    """Return an id for every anchor that exists and that something links to."""
    linked: set[str] = set()
    existing: dict[str, None] = {}
    for section in _every_section(document.sections):
        for node in walk(section.narrative):
            if isinstance(node, Link) and node.href and node.href.startswith("#"):
                linked.add(node.href[1:])
            elif isinstance(node, NoteReference) and node.target:
                linked.add(node.target)
            anchor = getattr(node, "anchor", None)
            if anchor:
                existing[anchor] = None
    wanted = (anchor for anchor in existing if anchor in linked)
    return {anchor: f"c{number}-{_UNFIT.sub('-', anchor)[:60]}" for number, anchor in enumerate(wanted)}


def _every_section(sections: tuple[Section, ...]) -> Iterator[Section]:
    for section in sections:
        yield section
        yield from _every_section(section.sections)
