"""Images people and software send: measured before they are decoded, shown and kept only after being drawn again.

Drawing again (decode, orient, encode) leaves behind EXIF, GPS, colour profiles, comments, thumbnails and anything
appended, because only pixels are carried over. Deliberately ignored: colour management and animation.
"""

import io
import struct
import warnings
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

import msgspec
from PIL import Image, ImageOps, ImageSequence

from carnet.kernel.errors import Invalid, Problem, TooLarge

MAX_PIXELS: Final = 50_000_000
MAX_FRAMES: Final = 200
MAX_PHOTOS: Final = 30
_FORMATS: Final = ("JPEG", "PNG", "TIFF")
_MEDIA_TYPES: Final = {"JPEG": "image/jpeg", "PNG": "image/png", "TIFF": "image/tiff"}
_LADDER: Final = ((3000, 88), (2400, 82), (1800, 76), (1400, 70), (1000, 62), (700, 50))
_PAGE_MM: Final = (210.0, 297.0)
_MARGIN_MM: Final = 8.0
_PDF_OVERHEAD: Final = 2048
_NO_PARTICULAR_DATE: Final = datetime(2000, 1, 1, tzinfo=UTC)  # the PDF says nothing about when it was made
_DECODING_ERRORS: Final = (
    OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, EOFError, OverflowError, ArithmeticError,
    AttributeError, RuntimeError, struct.error, zlib.error,
)  # fmt: skip


class ImageFacts(msgspec.Struct, frozen=True):
    """Size in pixels, and how many frames (pages of a TIFF)."""

    width: int
    height: int
    frames: int


class Picture(msgspec.Struct, frozen=True):
    """An image we drew ourselves."""

    media_type: str
    data: bytes
    width: int
    height: int


def inspect_image(data: bytes) -> ImageFacts:
    """Measure an image and decode its first frame, to know that it is whole.

    Raises TooLarge (`image-too-large`) or Invalid (`image-broken`).
    """
    with _opened(data) as image:
        facts = ImageFacts(image.width, image.height, _frames(image))
        image.load()
        return facts


def measure(data: bytes) -> int:
    """Return how many pixels an image says it has, without decoding any. Raises as `inspect_image`."""
    with _opened(data) as image:
        return image.width * image.height


def reencode(data: bytes, *, max_side: int = 6000, max_bytes: int | None = None) -> Picture:
    """Draw an image again in its own format (every page of a TIFF), upright, without anything but pixels.

    max_side: pixels of the longer side. With max_bytes, an image that would be larger becomes a JPEG small enough.
    Raises TooLarge (`image-too-large`) or Invalid (`image-broken`).
    """
    with _opened(data) as image:
        if image.format == "TIFF" and _frames(image) > 1:
            picture = _tiff(image, max_side)
        else:
            upright = _upright(image, max_side)
            picture = _encoded(upright, image.format or "PNG")
        if max_bytes is None or len(picture.data) <= max_bytes:
            return picture
        for side, quality in _LADDER:
            image.seek(0)
            smaller = _encoded(_upright(image, min(side, max_side)), "JPEG", quality=quality)
            if len(smaller.data) <= max_bytes:
                return smaller
    raise TooLarge(_TOO_HEAVY)


def preview_pages(data: bytes, *, width: int = 1200, max_pages: int = 10) -> tuple[Picture, ...]:
    """Return the first pages of an image (several for a TIFF) as PNG no wider than `width` pixels."""
    pages: list[Picture] = []
    pixels = 0
    with _opened(data) as image:
        for frame in ImageSequence.Iterator(image):
            _check_size(frame)
            pixels += frame.width * frame.height
            if pages and pixels > MAX_PIXELS:
                break
            pages.append(_encoded(_narrow(_plain(ImageOps.exif_transpose(frame)), width), "PNG"))
            if len(pages) >= max_pages:
                break
    return tuple(pages)


def page_picture(data: bytes, *, page: int, width: int) -> Picture:
    """Return page `page` (from 1) of an image as PNG no wider than `width` pixels; only that page is decoded.

    Raises Invalid (no such page, broken) or TooLarge.
    """
    with _opened(data) as image:
        image.seek(page - 1)
        _check_size(image)
        return _encoded(_narrow(_plain(ImageOps.exif_transpose(image)), width), "PNG")


def photos_to_pdf(images: Sequence[bytes], *, max_bytes: int) -> bytes:
    """Make one PDF of several photos, one A4 page each, compressing them until it weighs at most `max_bytes`.

    The same photos give the same bytes. Raises Invalid (`image-none`, `image-broken`) or TooLarge.
    """
    if not images:
        raise Invalid(Problem("image-none", "Aucune image n'a été choisie.", "No image was chosen."))
    if len(images) > MAX_PHOTOS:
        fr = f"Un document ne peut réunir plus de {MAX_PHOTOS} photos."
        raise TooLarge(Problem("image-too-many", fr, f"A document cannot hold more than {MAX_PHOTOS} photos."))
    for side, quality in _LADDER:
        pictures = _compressed(images, side, quality, max_bytes)
        if pictures is not None:
            document = _pdf_of(pictures)
            if len(document) <= max_bytes:
                return document
    raise TooLarge(_TOO_HEAVY)


def _compressed(images: Sequence[bytes], side: int, quality: int, max_bytes: int) -> list[Picture] | None:
    """Compress every photo; None as soon as they weigh too much together."""
    pictures: list[Picture] = []
    weight = _PDF_OVERHEAD
    for data in images:
        with _opened(data) as image:
            pictures.append(_encoded(_upright(image, side), "JPEG", quality=quality))
        weight += len(pictures[-1].data) + _PDF_OVERHEAD // 4
        if weight > max_bytes:
            return None
    return pictures


def _pdf_of(pictures: Sequence[Picture]) -> bytes:
    import fpdf  # noqa: PLC0415 - forty megabytes that a process which only reads never needs

    document = fpdf.FPDF(unit="mm", format="A4")
    document.set_creation_date(_NO_PARTICULAR_DATE)
    document.set_margin(_MARGIN_MM)
    document.set_auto_page_break(auto=False)
    document.set_lang("fr")
    for number, picture in enumerate(pictures, start=1):
        landscape = picture.width > picture.height
        document.add_page(orientation="landscape" if landscape else "portrait")
        width, height = (_PAGE_MM[1], _PAGE_MM[0]) if landscape else _PAGE_MM
        document.image(
            io.BytesIO(picture.data),
            x=_MARGIN_MM,
            y=_MARGIN_MM,
            w=width - 2 * _MARGIN_MM,
            h=height - 2 * _MARGIN_MM,
            keep_aspect_ratio=True,
            alt_text=f"Photo {number}",
        )
    return bytes(document.output())


@contextmanager
def _opened(data: bytes) -> Iterator[Image.Image]:
    """Open an image, turning whatever a decoder says about hostile bytes into our own refusals."""
    try:
        # Two threads here may leave the filter behind: it only concerns Pillow, whose warnings tell us nothing.
        with _without_warnings(), Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            _check_size(image)
            yield image
    except (Image.DecompressionBombError, MemoryError):
        raise TooLarge(_TOO_MANY_PIXELS) from None
    except _DECODING_ERRORS:
        raise Invalid(_BROKEN) from None


@contextmanager
def _without_warnings() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\.")
        yield


def _check_size(image: Image.Image) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise TooLarge(_TOO_MANY_PIXELS)


def _frames(image: Image.Image) -> int:
    frames = int(getattr(image, "n_frames", 1))
    if frames > MAX_FRAMES:
        raise TooLarge(_TOO_MANY_PIXELS)
    return frames


def _upright(image: Image.Image, max_side: int) -> Image.Image:
    if image.format == "JPEG":
        image.draft(None, (max_side, max_side))  # decodes at a fraction of the size when that is enough
    upright = _plain(ImageOps.exif_transpose(image))
    upright.thumbnail((max_side, max_side))
    return upright


def _narrow(image: Image.Image, width: int) -> Image.Image:
    if image.width <= width:
        return image
    return image.resize((width, max(1, image.height * width // image.width)))


def _plain(image: Image.Image) -> Image.Image:
    """Return the pixels alone, in a mode every encoder takes."""
    if image.mode in {"P", "PA", "LA", "La", "RGBa"} or "transparency" in image.info:
        image = image.convert("RGBA")
    elif image.mode.startswith("I;16"):
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    elif image.mode not in {"1", "L", "RGB", "RGBA"}:
        image = image.convert("L" if image.mode in {"I", "F"} else "RGB")
    bare = image.copy()
    bare.info = {}
    return bare


def _encoded(image: Image.Image, kind: str, *, quality: int = 90) -> Picture:
    if kind == "JPEG" and image.mode not in {"L", "RGB"}:
        image = _on_white(image)
    out = io.BytesIO()
    if kind == "JPEG":
        image.save(out, kind, quality=quality, optimize=True)
    elif kind == "PNG":
        image.save(out, kind, compress_level=6)
    else:
        image.save(out, kind, compression="tiff_deflate")
    return Picture(_MEDIA_TYPES[kind], out.getvalue(), image.width, image.height)


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image.convert("RGB")
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image, mask=image.getchannel("A"))
    return paper


def _tiff(image: Image.Image, max_side: int) -> Picture:
    frames = []
    pixels = 0
    for frame in ImageSequence.Iterator(image):
        pixels += frame.width * frame.height
        if pixels > 2 * MAX_PIXELS:
            raise TooLarge(_TOO_MANY_PIXELS)
        frames.append(_upright(frame, max_side))
    out = io.BytesIO()
    frames[0].save(out, "TIFF", save_all=True, append_images=frames[1:], compression="tiff_deflate")
    return Picture("image/tiff", out.getvalue(), frames[0].width, frames[0].height)


_BROKEN: Final = Problem(
    "image-broken", "L'image est incomplète ou illisible.", "The image is incomplete or cannot be read."
)
_TOO_MANY_PIXELS: Final = Problem(
    "image-too-large",
    "L'image a de trop grandes dimensions ou trop de pages.",
    "The image is too big or has too many pages.",
)
_TOO_HEAVY: Final = Problem(
    "image-too-heavy",
    "Même compressées, les images dépassent la taille permise.",
    "Even compressed, the images exceed the permitted size.",
)
