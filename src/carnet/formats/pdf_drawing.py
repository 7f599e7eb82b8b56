"""Draws one page of a PDF read from standard input as a PNG on standard output. A program, not a module to import.

It runs in its own short-lived process, with little memory and time and no environment, because a PDF renderer is a
large C++ program fed with hostile bytes: whatever happens to it happens here. It imports nothing of Carnet.
"""

import io
import resource
import sys
from typing import Final

import pypdfium2

WIDEST: Final = 4000
LARGEST_SHEET: Final = 20_000.0
MAX_PIXELS: Final = 12_000_000
MEMORY: Final = 1_500_000_000
SECONDS: Final = 8
NEEDS_PASSWORD, NO_SUCH_PAGE, BROKEN = 3, 4, 5


def main(page: int, width: int) -> int:
    """Return the exit status: 0, or one of the constants above."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        document = pypdfium2.PdfDocument(sys.stdin.buffer.read())
        if not 1 <= page <= len(document):
            return NO_SUCH_PAGE
        drawing = draw(document[page - 1], width)
    except pypdfium2.PdfiumError as error:
        needs_password = getattr(error, "err_code", None) == pypdfium2.raw.FPDF_ERR_PASSWORD
        return NEEDS_PASSWORD if needs_password else BROKEN
    except (ValueError, MemoryError, OSError):
        return BROKEN
    sys.stdout.buffer.write(drawing)
    return 0


def draw(sheet: pypdfium2.PdfPage, width: int) -> bytes:
    """Draw a page about `width` pixels wide, within MAX_PIXELS; ValueError when its size is absurd."""
    across, down = sheet.get_size()
    if not (0 < across < LARGEST_SHEET and 0 < down < LARGEST_SHEET):
        raise ValueError(across, down)
    scale = max(1, min(width, WIDEST)) / across
    pixels = across * down * scale * scale
    if pixels > MAX_PIXELS:
        scale *= (MAX_PIXELS / pixels) ** 0.5
    out = io.BytesIO()
    sheet.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB").save(out, "PNG", compress_level=3)
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
