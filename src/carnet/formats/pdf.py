"""PDF files: what they try to do, and pictures of their pages that cannot do anything.

A PDF with active content is kept as it was sent (it is somebody's document) but is only ever shown as pictures drawn
by PDFium without scripts, forms or network. Deliberately ignored: signatures and PDF/A conformance; `page_texts`
takes the words out.
"""

import io
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

import msgspec
import pikepdf
from pikepdf import settings as pikepdf_settings

from carnet.formats import pdf_drawing
from carnet.kernel.errors import Invalid, NotFound, Problem, TooLarge

MAX_PAGES: Final = 2000
_TAIL: Final = 2048
_ACTIVE: Final = {
    b"/JavaScript": "javascript",
    b"/Launch": "launch",
    b"/EmbeddedFile": "embedded-file",
    b"/EmbeddedFiles": "embedded-file",
    b"/SubmitForm": "submit-form",
    b"/ImportData": "import-data",
    b"/GoToE": "go-to-embedded",
    b"/GoToR": "go-to-remote",
    b"/RichMedia": "rich-media",
    b"/RichMediaExecute": "rich-media",
    b"/Rendition": "media",
    b"/Movie": "media",
    b"/XFA": "xfa",
}
_NAMES: Final = re.compile(b"(?:" + b"|".join(sorted(_ACTIVE, reverse=True)) + rb")(?![0-9A-Za-z_.:+-])")
_DRAWING: Final = Path(pdf_drawing.__file__)
_PATIENCE: Final = 10
_QPDF_ERRORS: Final = (pikepdf.PdfError, pikepdf.DataDecodingError, ValueError, TypeError, KeyError, RuntimeError)

pikepdf_settings.set_qpdf_limits(
    doc_max_warnings=200,
    parser_max_nesting=200,
    max_stream_filters=8,
    flate_max_memory=100_000_000,
    png_max_memory=100_000_000,
    tiff_max_memory=100_000_000,
    run_length_max_memory=100_000_000,
    dct_max_memory=100_000_000,
)


class PdfFacts(msgspec.Struct, frozen=True):
    """pages: how many; active: sorted names of what the file could do; encrypted: opens without a password, but
    carries the restrictions of an owner password.
    """

    pages: int
    active: tuple[str, ...] = ()
    encrypted: bool = False


def inspect_pdf(data: bytes) -> PdfFacts:
    """Return the facts of a whole, readable PDF.

    Raises Invalid: `pdf-truncated` (no end), `pdf-encrypted` (a password is needed), `pdf-broken`, `pdf-empty`
    (no page); TooLarge: `pdf-too-many-pages`.
    """
    if not data.startswith(b"%PDF-"):
        raise Invalid(BROKEN)
    if b"%%EOF" not in data[-_TAIL:] or b"startxref" not in data[-_TAIL:]:
        raise Invalid(_TRUNCATED)
    try:
        with pikepdf.open(io.BytesIO(data), suppress_warnings=True, attempt_recovery=True) as pdf:
            pages = len(pdf.pages)
            if pages == 0:
                raise Invalid(_EMPTY)
            if pages > MAX_PAGES:
                raise TooLarge(_TOO_MANY)
            return PdfFacts(pages, _active(pdf), pdf.is_encrypted)
    except pikepdf.PasswordError:
        raise Invalid(ENCRYPTED) from None
    except MemoryError:
        raise TooLarge(_TOO_MANY) from None
    except _QPDF_ERRORS:
        raise Invalid(BROKEN) from None


def rasterise(data: bytes, *, page: int, width: int) -> bytes:
    """Return page number `page` (from 1) as a PNG about `width` pixels wide, drawn in a process of its own.

    Blocks up to ten seconds: call it from a thread. Raises NotFound when there is no such page, Invalid
    (`pdf-encrypted`, `pdf-broken`) when it cannot be drawn, TooLarge (`pdf-too-slow`) when it takes too long.
    """
    command = [sys.executable, "-I", str(_DRAWING), str(page), str(width)]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and file, two integers, no shell
            command, input=data, capture_output=True, timeout=_PATIENCE, env={}, check=False
        )
    except subprocess.TimeoutExpired:
        raise TooLarge(TOO_SLOW) from None
    match done.returncode:
        case 0:
            return done.stdout
        case pdf_drawing.NEEDS_PASSWORD:
            raise Invalid(ENCRYPTED)
        case pdf_drawing.NO_SUCH_PAGE:
            raise NotFound
        case status if status in {-signal.SIGXCPU, -signal.SIGKILL}:
            raise TooLarge(TOO_SLOW)
        case _:
            raise Invalid(BROKEN)


def _active(pdf: pikepdf.Pdf) -> tuple[str, ...]:
    """Name what the file could do, from a rewriting of its objects in which every name is spelled plainly.

    Rewriting undoes object streams and escaped names (`/J#61vaScript`); streams are not decoded. A name inside some
    compressed bytes could be mistaken for one, which only costs the file being shown as pictures.
    """
    out = io.BytesIO()
    pdf.save(
        out,
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
        compress_streams=False,
        encryption=False,
    )
    found = {_ACTIVE[name] for name in _NAMES.findall(out.getbuffer())}
    if _acts_by_itself(pdf):
        found.add("open-action")
    return tuple(sorted(found))


def _acts_by_itself(pdf: pikepdf.Pdf) -> bool:
    """Return whether something happens on opening the file or a page, other than showing a place in it."""
    opening = pdf.Root.get("/OpenAction")
    if isinstance(opening, pikepdf.Dictionary) and opening.get("/S") != pikepdf.Name.GoTo:
        return True
    return "/AA" in pdf.Root or any("/AA" in page for page in pdf.pages)


BROKEN: Final = Problem("pdf-broken", "Le fichier PDF est illisible.", "The PDF file cannot be read.")
_TRUNCATED: Final = Problem(
    "pdf-truncated", "Le fichier PDF est incomplet : sa fin manque.", "The PDF file is incomplete: its end is missing."
)
ENCRYPTED: Final = Problem(
    "pdf-encrypted",
    "Le fichier PDF est protégé par un mot de passe : il ne pourrait pas être lu.",
    "The PDF file is protected by a password: nobody could read it.",
)
TOO_SLOW: Final = Problem(
    "pdf-too-slow", "La page est trop complexe pour être affichée.", "The page is too complex to be shown."
)
_EMPTY: Final = Problem("pdf-empty", "Le fichier PDF n'a aucune page.", "The PDF file has no page.")
_TOO_MANY: Final = Problem(
    "pdf-too-many-pages",
    "Le fichier PDF a trop de pages ou demande trop de mémoire.",
    "The PDF file has too many pages or needs too much memory.",
)
