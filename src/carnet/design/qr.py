"""A QR code drawn into the page: no picture to load, always dark on light, whatever the appearance.

The words it holds are shown beside it too: nobody depends on a camera.
"""

import segno
from markupsafe import Markup

QUIET = 4
"""Empty modules around the code (ISO/IEC 18004 §6.3.8)."""


def qr(text: str, label: str) -> Markup:
    """Return `text` as an SVG named `label`."""
    rows = [bytes(row) for row in segno.make(text, error="m", micro=False).matrix]
    size = len(rows) + 2 * QUIET
    path = "".join(
        f"M{x + QUIET} {y + QUIET}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark
    )
    return Markup(
        '<svg class="qr" role="img" aria-label="{}" viewBox="0 0 {} {}" shape-rendering="crispEdges" focusable="false">'
        '<path fill="#fff" d="M0 0h{}v{}h-{}z"/><path fill="#000" d="{}"/></svg>'
    ).format(label, size, size, size, size, size, path)
