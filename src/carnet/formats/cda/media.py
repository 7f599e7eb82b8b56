"""What can be shown of a file carried inside a document: an image drawn again, plain text, or a link to open it.

The kind comes from the bytes, never from the label (real senders put `image/jpeg` on PNG files). Nothing is shown in
its own bytes.
"""

import base64
from typing import Final

import msgspec

from carnet.formats.cda.model import EmbeddedPart
from carnet.formats.images import preview_pages, reencode
from carnet.formats.kinds import ContentKind, identify
from carnet.formats.text import decode_text, rtf_to_text
from carnet.kernel.errors import Invalid

_LONGEST_TEXT: Final = 200_000
_LARGEST_IMAGE: Final = 1_500_000
_WIDEST: Final = 1600


class PartView(msgspec.Struct, frozen=True):
    """kind: image (src), text (text), pdf or file (a link), broken."""

    kind: str
    src: str = ""
    text: str = ""


class PartViews:
    """Views of one document's parts, each made once, within a budget of image bytes for the whole page."""

    def __init__(self, parts: tuple[EmbeddedPart, ...], *, budget: int = 8_000_000) -> None:
        self._parts = parts
        self._budget = budget
        self._made: dict[int, PartView] = {}

    def __getitem__(self, index: int) -> PartView:
        if index not in self._made:
            try:
                self._made[index] = self._view(self._parts[index])
            except Invalid:
                self._made[index] = PartView("broken")
        return self._made[index]

    def _view(self, part: EmbeddedPart) -> PartView:
        data = part.content()
        match identify(data):
            case ContentKind.JPEG | ContentKind.PNG:
                return self._image(reencode(data, max_side=_WIDEST, max_bytes=_LARGEST_IMAGE).data)
            case ContentKind.TIFF:
                return self._image(preview_pages(data, max_pages=1)[0].data)
            case ContentKind.PDF:
                return PartView("pdf")
            case ContentKind.TEXT:
                return PartView("text", text=decode_text(data)[:_LONGEST_TEXT])
            case ContentKind.RTF:
                return PartView("text", text=rtf_to_text(data)[:_LONGEST_TEXT])
            case _:
                return PartView("file")

    def _image(self, data: bytes) -> PartView:
        if len(data) > self._budget:
            return PartView("file")
        self._budget -= len(data)
        kind = "jpeg" if data.startswith(b"\xff\xd8") else "png"
        return PartView("image", src=f"data:image/{kind};base64,{base64.b64encode(data).decode()}")
