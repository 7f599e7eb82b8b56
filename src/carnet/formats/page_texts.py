"""The words of a document, page by page, for search inside it; and which pages are pictures only (scans).

The same bytes that are shown are read: a clinical document through its typed narrative, a PDF in a process of its own.
Deliberately ignored: layout, tables as tables, what attachments of a PDF say.
"""

import json
import re
import signal
import subprocess
import sys
import time
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from carnet.formats import cda, images, pdf, pdf_words, text
from carnet.formats.kinds import IMAGES, ContentKind, identify
from carnet.kernel.errors import CarnetError, Invalid, TooLarge

MOST_FRAMES: Final = 50
MOST_PARTS: Final = 10
LONGEST: Final = pdf_words.LONGEST
LONGEST_PAGE: Final = pdf_words.LONGEST_PAGE
FEW: Final = 12
"""Letters and digits under which a page that shows something is taken for a scan."""
_PROGRAM: Final = Path(pdf_words.__file__)
_PATIENCE: Final = 30
_PICTURE_WIDTH: Final = 2000
_SOFT: Final = re.compile(r"[\u00ad\ufffe\u0002]\s*")
_BROKEN_WORD: Final = re.compile(r"(?<=[^\W\d_])[-\u2010]\r?\n(?=[a-zà-ÿ])")
_BLANKS: Final = re.compile(r"[^\S\n]+")


class PageTexts(msgspec.Struct, frozen=True, kw_only=True):
    """pages: the words of each page, in order; pictures: numbers (from 1) of pages that show something without words.

    numbered: whether a page's number means something to a reader (a clinical document's narrative has none).
    """

    pages: tuple[str, ...]
    pictures: tuple[int, ...] = ()
    numbered: bool = True


def read_pages(data: bytes) -> PageTexts:
    """Return the words of `data`, LONGEST characters of them. Blocks up to half a minute: call it from a thread.

    What has no pages is cut into parts of LONGEST_PAGE characters, so that no part costs much to look at.
    Raises Invalid (encrypted, broken) or TooLarge when they cannot be taken out.
    """
    kind = identify(data)
    if kind is ContentKind.PDF:
        return _pdf(data, until=time.monotonic() + _PATIENCE)
    if kind is ContentKind.CDA:
        return _clinical(cda.read(data))
    if kind in IMAGES:
        frames = min(images.inspect_image(data).frames, MOST_FRAMES)
        return PageTexts(pages=("",) * frames, pictures=tuple(range(1, frames + 1)))
    words = text.rtf_to_text(data) if kind is ContentKind.RTF else text.decode_text(data)
    return PageTexts(pages=tuple(_in_parts(tidy(words[:LONGEST]))), numbered=False)


def picture_of_page(data: bytes, *, page: int) -> bytes:
    """Return page `page` (from 1) of what `read_pages` called a picture, drawn for a machine to read (PNG or JPEG).

    Raises Invalid, NotFound or TooLarge.
    """
    kind = identify(data)
    if kind is ContentKind.PDF:
        return pdf.rasterise(data, page=page, width=_PICTURE_WIDTH)
    if kind is ContentKind.CDA:
        body = _body(cda.read(data))
        return picture_of_page(body, page=page) if identify(body) is not ContentKind.CDA else b""
    return images.page_picture(data, page=page, width=_PICTURE_WIDTH).data


def tidy(words: str) -> str:
    """Return `words` with words cut at a line's end put together again, composed letters and single blanks."""
    joined = _BROKEN_WORD.sub("", _SOFT.sub("", words.replace("\r\n", "\n").replace("\r", "\n")))
    whole = unicodedata.normalize("NFC", joined)
    lines = (_BLANKS.sub(" ", line).strip() for line in whole.split("\n"))
    return "\n".join(line for line in lines if line)


def _clinical(document: cda.ClinicalDocument) -> PageTexts:
    body = _body(document)
    kind = identify(body) if body else None
    if kind in {ContentKind.PDF, *IMAGES}:
        return read_pages(body)
    if kind in {ContentKind.TEXT, ContentKind.RTF}:
        return read_pages(body)
    narrative = _in_parts(tidy(cda.summary_text(document)[:LONGEST]))
    return PageTexts(pages=(*narrative, *_attached(document)), numbered=False)


def _body(document: cda.ClinicalDocument) -> bytes:
    return document.parts[document.body_part].content() if document.body_part is not None else b""


def _attached(document: cda.ClinicalDocument) -> Iterator[str]:
    """The words of PDF files a structured document carries (a laboratory joins its own page), half a minute for all."""
    until = time.monotonic() + _PATIENCE
    for part in document.parts[:MOST_PARTS]:
        try:
            content = part.content()
            if identify(content) is ContentKind.PDF:
                yield from _pdf(content, until=until).pages
        except CarnetError:
            continue


def _in_parts(words: str) -> Iterator[str]:
    """Cut a text at its blanks, where there are any, into parts of LONGEST_PAGE characters at most; one at least."""
    while len(words) > LONGEST_PAGE:
        cut = max(words.rfind("\n", 1, LONGEST_PAGE), words.rfind(" ", 1, LONGEST_PAGE))
        cut = LONGEST_PAGE if cut < LONGEST_PAGE // 2 else cut
        yield words[:cut]
        words = words[cut:].lstrip()
    yield words


def _pdf(data: bytes, *, until: float) -> PageTexts:
    """The words of a PDF. until: when there is no more patience, on the clock of `time.monotonic`."""
    left = until - time.monotonic()
    if left <= 0:
        raise TooLarge(pdf.TOO_SLOW)
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and file, no argument, no shell
            [sys.executable, "-I", str(_PROGRAM)],
            input=data,
            capture_output=True,
            timeout=left,
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise TooLarge(pdf.TOO_SLOW) from None
    if done.returncode in {-signal.SIGXCPU, -signal.SIGKILL}:
        raise TooLarge(pdf.TOO_SLOW)
    if done.returncode:
        raise Invalid(pdf.ENCRYPTED if done.returncode == pdf_words.NEEDS_PASSWORD else pdf.BROKEN)
    found: list[tuple[str, bool]] = json.loads(done.stdout)
    pages = tuple(tidy(words) for words, _ in found)
    return PageTexts(pages=pages, pictures=tuple(_pictures(pages, (shows for _, shows in found))))


def _pictures(pages: Iterable[str], shows: Iterable[bool]) -> Iterator[int]:
    for number, (words, something) in enumerate(zip(pages, shows, strict=True), start=1):
        if something and sum(letter.isalnum() for letter in words) < FEW:
            yield number
