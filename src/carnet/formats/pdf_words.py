"""Takes the text out of a PDF read from standard input, page by page, as JSON on standard output. A program.

In a process of its own for the reason `pdf_drawing` is: a large C++ program fed with hostile bytes. It imports nothing
of Carnet. Each page is [text, whether it shows something that is not text]: a scan is all picture and no words.
"""

import json
import os
import resource
import sys
from typing import Final

import pypdfium2

MEMORY: Final = 1_500_000_000
SECONDS: Final = 25
MOST_PAGES: Final = 2000
LONGEST_PAGE: Final = 40_000
LONGEST: Final = 4_000_000
NEEDS_PASSWORD, BROKEN = 3, 5
_SHOWN: Final = {pypdfium2.raw.FPDF_PAGEOBJ_IMAGE, pypdfium2.raw.FPDF_PAGEOBJ_FORM, pypdfium2.raw.FPDF_PAGEOBJ_PATH}


def main() -> int:
    """Return the exit status: 0, or one of the constants above."""
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        document = pypdfium2.PdfDocument(sys.stdin.buffer.read())
        pages = read(document)
    except pypdfium2.PdfiumError as error:
        needs_password = getattr(error, "err_code", None) == pypdfium2.raw.FPDF_ERR_PASSWORD
        return NEEDS_PASSWORD if needs_password else BROKEN
    except (ValueError, MemoryError, OSError):
        return BROKEN
    sys.stdout.write(json.dumps(pages))
    return 0


def read(document: pypdfium2.PdfDocument) -> list[tuple[str, bool]]:
    """Return each page's text and whether it shows anything else; LONGEST characters in all."""
    left, pages = LONGEST, []
    for number in range(min(len(document), MOST_PAGES)):
        page = document[number]
        words = page.get_textpage()
        text = words.get_text_range(count=min(words.count_chars(), LONGEST_PAGE, left)) if left else ""
        left -= len(text)
        shows = any(one.type in _SHOWN for one in page.get_objects(max_depth=1))
        pages.append((text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"), shows))
        page.close()
    return pages


if __name__ == "__main__":
    sys.exit(main())
