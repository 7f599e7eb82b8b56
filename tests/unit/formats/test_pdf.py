"""What a PDF could do is known before anyone opens it, and its pictures cannot do anything."""

import io
import time
import zlib

import pikepdf
import pytest
from PIL import Image

from carnet.formats import pdf
from carnet.kernel.errors import Invalid, NotFound, TooLarge
from factories.pdf import make_active_pdf, make_encrypted_pdf, make_pdf


def test_an_honest_pdf_is_counted_and_calm() -> None:
    assert pdf.inspect_pdf(make_pdf(pages=3)) == pdf.PdfFacts(3)


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("javascript", {"javascript", "open-action"}),
        ("page-script", {"javascript", "open-action"}),
        ("launch", {"launch"}),
        ("submit", {"submit-form"}),
        ("embedded", {"embedded-file"}),
        ("uri", set()),
    ],
)
def test_each_active_content_is_named(kind: str, found: set[str]) -> None:
    assert set(pdf.inspect_pdf(make_active_pdf(kind)).active) == found


def _disguised() -> bytes:
    """Hide a script in an object stream, under an escaped name."""
    with pikepdf.open(io.BytesIO(make_active_pdf("javascript"))) as document:
        out = io.BytesIO()
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


def test_hiding_in_object_streams_does_not_help() -> None:
    data = _disguised()
    assert b"/JavaScript" not in data
    assert "javascript" in pdf.inspect_pdf(data).active


def test_escaped_names_do_not_help() -> None:
    data = make_active_pdf("javascript").replace(b"/JavaScript", b"/J#61vaScrip#74")
    assert b"/JavaScript" not in data
    assert "javascript" in pdf.inspect_pdf(data).active


def test_reading_the_raw_bytes_would_miss_both(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted fault: without the rewriting, the disguised script is not seen."""
    assert not pdf._NAMES.findall(_disguised())


def test_a_password_is_refused_but_not_an_owner_password() -> None:
    with pytest.raises(Invalid, match="pdf-encrypted"):
        pdf.inspect_pdf(make_encrypted_pdf())
    facts = pdf.inspect_pdf(make_encrypted_pdf(user_password=""))
    assert facts.encrypted
    assert facts.pages == 1


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.9, 0.99])
def test_truncated_files_are_refused(keep: float) -> None:
    data = make_pdf()
    with pytest.raises(Invalid, match="pdf-truncated"):
        pdf.inspect_pdf(data[: int(len(data) * keep)])


@pytest.mark.parametrize(
    "data",
    [b"", b"%PDF-", b"%PDF-1.7\nstartxref\n0\n%%EOF", b"%PDF-1.7\n" + b"[" * 100_000 + b"\nstartxref\n9\n%%EOF", b"PK"],
)
def test_rubbish_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid):
        pdf.inspect_pdf(data)


def test_a_decompression_bomb_costs_little() -> None:
    """An object stream that would unpack to a gigabyte."""
    packed = zlib.compress(b" " * 200_000_000, 9)
    body = b"%%PDF-1.5\n1 0 obj\n<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n" % len(packed)
    data = body + packed + b"\nendstream\nendobj\ntrailer<</Root 2 0 R/Size 3>>\nstartxref\n0\n%%EOF"
    started = time.perf_counter()
    with pytest.raises(Invalid):
        pdf.inspect_pdf(data)
    assert time.perf_counter() - started < 2


def test_a_page_becomes_a_picture() -> None:
    with Image.open(io.BytesIO(pdf.rasterise(make_pdf(pages=2), page=2, width=400))) as picture:
        assert picture.format == "PNG"
        assert abs(picture.width - 400) <= 1


def test_active_content_is_drawn_without_acting() -> None:
    assert pdf.rasterise(make_active_pdf(), page=1, width=200).startswith(b"\x89PNG")


def test_absurd_requests_and_files() -> None:
    with pytest.raises(NotFound):
        pdf.rasterise(make_pdf(), page=2, width=200)
    with pytest.raises(NotFound):
        pdf.rasterise(make_pdf(), page=0, width=200)
    with pytest.raises(Invalid, match="pdf-encrypted"):
        pdf.rasterise(make_encrypted_pdf(), page=1, width=200)
    with pytest.raises(Invalid, match="pdf-broken"):
        pdf.rasterise(b"%PDF-1.7 nothing", page=1, width=200)
    with Image.open(io.BytesIO(pdf.rasterise(make_pdf(), page=1, width=10**9))) as picture:
        assert picture.width * picture.height <= 12_100_000


def test_a_page_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_PATIENCE", 0.001)
    with pytest.raises(TooLarge, match="pdf-too-slow"):
        pdf.rasterise(make_pdf(), page=1, width=200)
