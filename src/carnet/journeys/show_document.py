"""A document's bytes as something that can be looked at safely: a page of our own making, drawn pages, or words.

For whoever was already given the bytes by the gate (`records.read_content`): the trace is durable before this begins,
and nothing here decides who may look. Every door shows the same document the same way. Nothing is ever sent in its own
bytes except as a download. Deliberately ignored: caching (each look is a read, with its trace).
"""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Literal, TypeVar

import msgspec

from carnet.formats import cda, images, pdf, text
from carnet.formats.images import Picture
from carnet.formats.kinds import IMAGES, MEDIA_TYPES, ContentKind, identify
from carnet.kernel.errors import Invalid, NotFound, TooLarge
from carnet.records.api import OpenedContent

FRAME_POLICY: Final = "sandbox; default-src 'none'; style-src 'self'; img-src data: 'self'; frame-ancestors 'self'"
"""The Content-Security-Policy of a clinical document's frame. In a sandbox without an origin, our own style sheets only
load when they are served with `Cross-Origin-Resource-Policy: cross-origin`, and links inside carry no session.
"""
DRAWN_POLICY: Final = FRAME_POLICY.replace("sandbox;", "sandbox allow-same-origin;")
"""The same for pages made of pixels and words only: they keep the origin, so that turning a page carries the session.
The frame's own attribute is `sandbox="allow-same-origin"`: of the two, what the stricter one forbids stays forbidden.
"""
WIDTH: Final = 1100
LARGEST_SIDE: Final = 1800
MOST_FRAMES: Final = 50
LONGEST_TEXT: Final = 200_000
HEAVY: Final = 300_000
_DRAWERS: Final = ThreadPoolExecutor(max_workers=2, thread_name_prefix="drawing")
"""Drawing is the one costly thing a reader can ask for: two at a time, the others wait."""

Kind = Literal["html", "pictures", "text", "none"]
Why = Literal["", "protected", "too_large", "damaged"]
_Made = TypeVar("_Made")


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """How a document can be looked at.

    html: a whole page for a sandboxed frame under FRAME_POLICY (clinical documents). pictures: pages drawn by us, from
    page `first` of `pages` in all. text: plain words. none: `why` says the reason; only a download is left.
    """

    kind: Kind
    html: str = ""
    pictures: tuple[Picture, ...] = ()
    first: int = 1
    pages: int = 1
    text: str = ""
    why: Why = ""

    @property
    def policy(self) -> str:
        """The Content-Security-Policy to send it with."""
        return FRAME_POLICY if self.kind == "html" else DRAWN_POLICY


class Carried(msgspec.Struct, frozen=True):
    """A file carried inside a clinical document. media_type: established from its bytes."""

    index: int
    media_type: str
    size: int


async def show_document(
    opened: OpenedContent,
    *,
    language: str,
    stylesheet: str,
    first: int = 1,
    most: int = 1,
    part_href: Callable[[int], str] | None = None,
) -> Shown:
    """Return `opened` as it can be shown. Never raises for what a document holds: `why` says what is wrong with it.

    language: "fr" or "en", for our own words. stylesheet: address of `formats.cda.STYLESHEET`. first, most: which
    pages to draw of a PDF or a TIFF (from 1; brought back into range). part_href: address of file number n carried
    inside a clinical document. Raises Unavailable when the store stops answering.
    """
    data = await whole(opened)

    def look() -> Shown:
        return _look(data, first, most, language=language, stylesheet=stylesheet, part_href=part_href)

    try:
        return await _elsewhere(look)
    except TooLarge:
        return Shown(kind="none", why="too_large")
    except Invalid as refused:
        protected = any("encrypted" in problem.code for problem in refused.problems)
        return Shown(kind="none", why="protected" if protected else "damaged")
    except NotFound:
        return Shown(kind="none", why="damaged")


async def files_in_document(opened: OpenedContent) -> tuple[Carried, ...]:
    """Return the files a clinical document carries; none for any other document."""
    data = await whole(opened)
    return await _elsewhere(lambda: tuple(_carried(data)))


async def part_of_document(opened: OpenedContent, *, index: int) -> bytes:
    """Return file number `index` carried inside a clinical document, to take away. Raises NotFound."""
    data = await whole(opened)
    try:
        parts = (await _elsewhere(lambda: cda.read(data))).parts
    except Invalid:
        raise NotFound from None
    if not 0 <= index < len(parts):
        raise NotFound
    try:
        return parts[index].content()
    except Invalid:
        raise NotFound from None


async def whole(opened: OpenedContent) -> bytes:
    """Return every byte (documents are at most a few megabytes)."""
    return b"".join([chunk async for chunk in opened.chunks(0, opened.entry.size)])


def _carried(data: bytes) -> Iterator[Carried]:
    if identify(data) is not ContentKind.CDA:
        return
    try:
        parts = cda.read(data).parts
    except Invalid:
        return
    for index, part in enumerate(parts):
        try:
            content = part.content()
        except Invalid:
            continue
        yield Carried(index, MEDIA_TYPES.get(identify(content), "application/octet-stream"), len(content))


async def _elsewhere(make: Callable[[], _Made]) -> _Made:
    return await asyncio.get_running_loop().run_in_executor(_DRAWERS, make)


def _look(
    data: bytes,
    first: int,
    most: int,
    *,
    language: str,
    stylesheet: str,
    part_href: Callable[[int], str] | None,
) -> Shown:
    kind = identify(data)
    if kind is ContentKind.CDA:
        document = cda.read(data)
        body = document.parts[document.body_part].content() if document.body_part is not None else b""
        if identify(body) is ContentKind.PDF:
            return _pdf(body, first, most)
        html = cda.render_html(document, language=language, stylesheet_href=stylesheet, part_href=part_href)
        return Shown(kind="html", html=html)
    if kind is ContentKind.PDF:
        return _pdf(data, first, most)
    if kind in IMAGES:
        return _image(data, kind, first, most)
    words = text.rtf_to_text(data) if kind is ContentKind.RTF else text.decode_text(data)
    return Shown(kind="text", text=words[:LONGEST_TEXT])


def _pdf(data: bytes, first: int, most: int) -> Shown:
    pages = pdf.inspect_pdf(data).pages
    begin = _within(first, pages)
    drawn = [pdf.rasterise(data, page=number, width=WIDTH) for number in range(begin, min(begin + most, pages + 1))]
    return Shown(kind="pictures", pictures=tuple(map(_lighter, drawn)), first=begin, pages=pages)


def _lighter(drawing: bytes) -> Picture:
    """A page of text weighs little as PNG; a scanned one is better off as JPEG."""
    facts = images.inspect_image(drawing)
    if len(drawing) <= HEAVY:
        return Picture("image/png", drawing, facts.width, facts.height)
    return images.reencode(drawing, max_side=4 * WIDTH, max_bytes=HEAVY)


def _image(data: bytes, kind: ContentKind, first: int, most: int) -> Shown:
    frames = min(images.inspect_image(data).frames, MOST_FRAMES)
    begin = _within(first, frames)
    if kind is not ContentKind.TIFF:
        return Shown(kind="pictures", pictures=(images.reencode(data, max_side=LARGEST_SIDE),))
    drawn = images.preview_pages(data, width=WIDTH, max_pages=min(begin + most - 1, frames))
    return Shown(kind="pictures", pictures=drawn[begin - 1 :], first=begin, pages=frames)


def _within(page: int, pages: int) -> int:
    return min(max(page, 1), max(pages, 1))
