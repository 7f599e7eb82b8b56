"""Images made by us: honest ones, ones that say where they were taken, ones that would fill the memory."""

import io
import struct
import zlib

from PIL import ExifTags, Image

SECRET_PLACE = "Prise chez moi, 1 rue de la Fiction"


def make_image(kind: str = "JPEG", *, width: int = 64, height: int = 48, colour: str = "teal") -> bytes:
    """Return a plain image; kind: JPEG, PNG, TIFF, GIF, WEBP, BMP."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, kind)
    return out.getvalue()


def make_jpeg(**options: object) -> bytes:
    return make_image("JPEG", **options)


def make_png(**options: object) -> bytes:
    return make_image("PNG", **options)


def make_tiff(pages: int = 1, *, width: int = 64, height: int = 48) -> bytes:
    """Return a TIFF of `pages` frames."""
    frames = [Image.new("RGB", (width, height), (40 * n % 256, 90, 120)) for n in range(pages)]
    out = io.BytesIO()
    frames[0].save(out, "TIFF", save_all=True, append_images=frames[1:])
    return out.getvalue()


def make_noisy_jpeg(*, width: int = 1600, height: int = 1200, quality: int = 95) -> bytes:
    """Return a heavy photo: noise compresses badly, as real photos do."""
    out = io.BytesIO()
    Image.effect_noise((width, height), 80).convert("RGB").save(out, "JPEG", quality=quality)
    return out.getvalue()


def make_photo_with_secrets(*, orientation: int = 6, width: int = 60, height: int = 40) -> bytes:
    """Return a JPEG that carries a GPS position, a description, a comment and an orientation."""
    image = Image.new("RGB", (width, height), "tan")
    exif = image.getexif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.ImageDescription] = SECRET_PLACE
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef] = "N"
    gps[ExifTags.GPS.GPSLatitude] = (48.0, 51.0, 30.0)
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif, comment=SECRET_PLACE.encode())
    return out.getvalue()


def make_png_bomb(*, side: int = 30_000) -> bytes:
    """Return a few kilobytes that ask for side × side pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((side // 8 + 2) * 64), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
