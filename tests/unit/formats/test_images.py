"""Images keep their pixels and lose everything else; those that would fill the memory are refused first."""

import io
import time

import pikepdf
import pytest
from PIL import Image

from carnet.formats import images
from carnet.kernel.errors import Invalid, TooLarge
from factories.images import (
    SECRET_PLACE,
    make_image,
    make_jpeg,
    make_noisy_jpeg,
    make_photo_with_secrets,
    make_png,
    make_png_bomb,
    make_tiff,
)


def test_a_photo_loses_where_and_by_whom_it_was_taken() -> None:
    photo = make_photo_with_secrets()
    assert SECRET_PLACE.encode() in photo
    picture = images.reencode(photo)
    assert SECRET_PLACE.encode() not in picture.data
    with Image.open(io.BytesIO(picture.data)) as again:
        assert not again.getexif()
        assert "comment" not in again.info
        assert "icc_profile" not in again.info


def test_orientation_is_applied_before_it_is_forgotten() -> None:
    picture = images.reencode(make_photo_with_secrets(orientation=6, width=60, height=40))
    assert (picture.width, picture.height) == (40, 60)


def test_copying_the_file_would_keep_the_secret() -> None:
    """Planted fault: saving the opened image as Pillow does by default keeps the comment."""
    with Image.open(io.BytesIO(make_photo_with_secrets())) as image:
        out = io.BytesIO()
        image.save(out, "JPEG", exif=image.getexif())
    assert SECRET_PLACE.encode() in out.getvalue()


def test_what_is_appended_is_left_behind() -> None:
    picture = images.reencode(make_jpeg() + b"PK\x03\x04<script>alert(1)</script>")
    assert b"<script>" not in picture.data


@pytest.mark.parametrize("make", [make_jpeg, make_png, make_tiff])
def test_each_kind_stays_its_kind(make: object) -> None:
    data = make()
    with Image.open(io.BytesIO(data)) as before, Image.open(io.BytesIO(images.reencode(data).data)) as after:
        assert before.format == after.format
        assert before.size == after.size


def test_every_page_of_a_tiff_is_kept_and_previewed() -> None:
    data = make_tiff(3, width=2000, height=100)
    assert images.inspect_image(images.reencode(data).data).frames == 3
    pages = images.preview_pages(data, width=500, max_pages=2)
    assert [page.width for page in pages] == [500, 500]
    assert all(page.media_type == "image/png" for page in pages)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16", "YCbCr", "F", "I"])
def test_every_pixel_mode_is_drawn(mode: str) -> None:
    kind = {"CMYK": "JPEG", "YCbCr": "JPEG", "I;16": "PNG", "F": "TIFF", "I": "TIFF"}.get(mode, "PNG")
    out = io.BytesIO()
    Image.new(mode, (8, 8)).save(out, kind)
    assert images.reencode(out.getvalue()).width == 8
    assert images.preview_pages(out.getvalue())[0].media_type == "image/png"


def test_a_bomb_is_refused_before_it_is_decoded() -> None:
    started = time.process_time()
    for act in (images.inspect_image, images.reencode, images.preview_pages):
        with pytest.raises(TooLarge):
            act(make_png_bomb())
    with pytest.raises(TooLarge):
        images.photos_to_pdf([make_png_bomb()], max_bytes=1_000_000)
    assert time.process_time() - started < 1


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
@pytest.mark.parametrize("keep", [0.3, 0.6, 0.9])
def test_truncated_images_are_refused(kind: str, keep: float) -> None:
    data = make_noisy_jpeg(width=200, height=200)
    if kind != "JPEG":
        out = io.BytesIO()
        with Image.open(io.BytesIO(data)) as image:
            image.save(out, kind)
        data = out.getvalue()
    with pytest.raises(Invalid, match="image-broken"):
        images.inspect_image(data[: int(len(data) * keep)])


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "BMP"])
def test_other_kinds_are_not_opened(kind: str) -> None:
    with pytest.raises(Invalid, match="image-broken"):
        images.inspect_image(make_image(kind))


def test_photos_become_one_pdf_within_the_limit() -> None:
    photos = [make_noisy_jpeg(), make_photo_with_secrets(), make_png(width=300, height=100)]
    document = images.photos_to_pdf(photos, max_bytes=700_000)
    assert len(document) <= 700_000 < sum(map(len, photos))
    assert SECRET_PLACE.encode() not in document
    with pikepdf.open(io.BytesIO(document)) as pdf:
        assert len(pdf.pages) == 3
    assert document == images.photos_to_pdf(photos, max_bytes=700_000)


def test_photos_that_cannot_fit_are_refused() -> None:
    with pytest.raises(TooLarge, match="image-too-heavy"):
        images.photos_to_pdf([make_noisy_jpeg()] * 2, max_bytes=10_000)
    with pytest.raises(Invalid, match="image-none"):
        images.photos_to_pdf([], max_bytes=10_000)
    with pytest.raises(TooLarge, match="image-too-many"):
        images.photos_to_pdf([make_jpeg()] * 31, max_bytes=10_000_000)


def test_an_image_is_compressed_to_fit() -> None:
    picture = images.reencode(make_noisy_jpeg(), max_bytes=300_000)
    assert len(picture.data) <= 300_000
