"""What can be shown of a file carried inside a document: an image drawn again, plain text, or a link to open it.

The kind comes from the bytes, never from the label (real senders put `image/jpeg` on PNG files). Nothing is shown in
its own bytes.
"""

import base64
from typing import Final

import msgspec

from carnet.formats.cda.model import EmbeddedPart
from carnet.formats.images import measure, preview_pages, reencode
from carnet.formats.kinds import IMAGES, ContentKind, identify
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
    """Views of one document's parts, each made once, within budgets for the whole page.

    weight: bytes of images inlined; pixels: of images decoded. Beyond them an image is offered as a file.
    """

    def __init__(self, parts: tuple[EmbeddedPart, ...], *, weight: int = 8_000_000, pixels: int = 60_000_000) -> None:
        self._parts = parts
        self._weight = weight
        self._pixels = pixels
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
        kind = identify(data)
        if kind in IMAGES:
            return self._image(data, kind)
        match kind:
            case ContentKind.PDF:
                return PartView("pdf")
            case ContentKind.TEXT:
                return PartView("text", text=decode_text(data)[:_LONGEST_TEXT])
            case ContentKind.RTF:
                return PartView("text", text=rtf_to_text(data)[:_LONGEST_TEXT])
            case _:
                return PartView("file")

    def _image(self, data: bytes, kind: ContentKind) -> PartView:
        self._pixels -= measure(data)
        if self._pixels < 0:
            return PartView("file")
        if kind is ContentKind.TIFF:
            drawn = preview_pages(data, max_pages=1)[0]
        else:
            drawn = reencode(data, max_side=_WIDEST, max_bytes=_LARGEST_IMAGE)
        if len(drawn.data) > self._weight:
            return PartView("file")
        self._weight -= len(drawn.data)
        return PartView("image", src=f"data:{drawn.media_type};base64,{base64.b64encode(drawn.data).decode()}")
