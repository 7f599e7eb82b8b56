"""The words of documents, page by page, from every kind; scans are told apart and, when tesseract is here, read."""

import io
import shutil
import subprocess
from types import SimpleNamespace

import fpdf
import pytest
from PIL import Image

from carnet.formats import page_texts, recognition
from carnet.formats.page_texts import picture_of_page, read_pages, tidy
from carnet.formats.pdf import rasterise
from carnet.kernel.errors import Invalid
from factories.cda import make_cda, make_cda_n1
from factories.images import make_tiff
from factories.pdf import make_encrypted_pdf, make_pdf


def scan_of(text: str) -> bytes:
    """A PDF whose only page is a picture of words."""
    drawing = rasterise(make_pdf(text), page=1, width=1800)
    document = fpdf.FPDF()
    document.add_page()
    document.image(io.BytesIO(drawing), 0, 0, 210)
    return bytes(document.output())


def test_a_pdf_gives_its_pages_in_order():
    found = read_pages(make_pdf("Embolie pulmonaire écartée", 3))
    assert [page.split("\n") for page in found.pages] == [
        ["Embolie pulmonaire écartée", f"page {number}/3"] for number in (1, 2, 3)
    ]
    assert found.numbered
    assert not found.pictures


def test_a_clinical_document_gives_its_narrative_or_the_file_it_carries():
    narrative = read_pages(make_cda(effective_time="20260101"))
    assert "Potassium 5,6 mmol/L" in narrative.pages[0]
    assert not narrative.numbered
    carried = read_pages(make_cda_n1(make_pdf("Scanner thoracique", 2), effective_time="20260101"))
    assert carried.numbered
    assert [page.split("\n")[0] for page in carried.pages] == ["Scanner thoracique"] * 2


def test_plain_text_and_rtf():
    assert read_pages("Évolution\r\nfavorable".encode("cp1252")).pages == ("Évolution\nfavorable",)
    assert read_pages(rb"{\rtf1\ansi Fracture d\'e9plac\'e9e}").pages == ("Fracture déplacée",)


def test_words_cut_at_the_end_of_a_line_are_one_again():
    assert tidy("hyper-\ntension, pa\u00adroi, auto\ufffe\r\nmatique") == "hypertension, paroi, automatique"
    assert tidy("Saint-\nMalo") == "Saint-\nMalo"


def test_pictures_are_told_apart_from_empty_pages():
    blank = fpdf.FPDF()
    blank.add_page()
    assert read_pages(bytes(blank.output())).pictures == ()
    assert read_pages(scan_of("Lettre")).pictures == (1,)
    assert read_pages(make_tiff(3)).pictures == (1, 2, 3)


def test_what_cannot_be_read_says_so():
    with pytest.raises(Invalid, match="pdf-encrypted"):
        read_pages(make_encrypted_pdf())
    with pytest.raises(Invalid, match="pdf-broken"):
        read_pages(b"%PDF-1.7 nothing")


@pytest.mark.skipif(not shutil.which("tesseract"), reason="tesseract is not on this machine")
def test_a_scan_is_recognised_in_french():
    program = recognition.recogniser()
    assert program
    picture = picture_of_page(scan_of("Antécédents : hypertension artérielle, fracture déplacée."), page=1)
    words = recognition.recognise(picture, program=program, seconds=50)
    assert "hypertension artérielle" in words
    assert "fracture déplacée" in words
    noise = io.BytesIO()
    Image.effect_noise((300, 200), 90).save(noise, "PNG")
    assert recognition.recognise(b"not a picture", program=program, seconds=50) == ""
    assert recognition.recognise(picture, program=program, seconds=0.01) is None
    assert len(recognition.recognise(noise.getvalue(), program=program, seconds=50)) < 200


def test_without_the_program_nothing_is_recognised(monkeypatch):
    recognition.recogniser.cache_clear()
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert recognition.recogniser() is None
    recognition.recogniser.cache_clear()


def test_a_long_text_is_cut_and_capped_and_no_part_costs_much():
    found = read_pages(b"a a a " * 2_000_000)
    assert max(len(page) for page in found.pages) <= page_texts.LONGEST_PAGE
    assert page_texts.LONGEST - 200 < sum(len(page) + 1 for page in found.pages) <= page_texts.LONGEST + 1
    assert read_pages(b"x" * 90_000).pages == ("x" * 40_000, "x" * 40_000, "x" * 10_000)
    lines = ("un deux trois\n" * 6_000).encode()
    assert "\n".join(read_pages(lines).pages) == lines.decode().strip()


def test_the_files_of_a_structured_document_share_one_patience(monkeypatch):
    document = SimpleNamespace(parts=[SimpleNamespace(content=lambda: make_pdf("Une page"))] * 10, body_part=None)
    monkeypatch.setattr(page_texts.cda, "summary_text", lambda _: "Narratif")
    waited = []

    def slow(*_arguments, timeout, **_named):
        waited.append(timeout)
        clock[0] += timeout
        raise subprocess.TimeoutExpired("pdf", timeout)

    clock = [0.0]
    monkeypatch.setattr(page_texts.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(page_texts.subprocess, "run", slow)
    assert page_texts._clinical(document).pages == ("Narratif",)
    assert sum(waited) == 30


def test_a_page_of_a_picture_is_drawn_alone(monkeypatch):
    pages = [Image.new("L", (40, 20), shade) for shade in (10, 120, 240)]
    out = io.BytesIO()
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:])
    drawn = []
    encode = page_texts.images._encoded
    monkeypatch.setattr(
        page_texts.images, "_encoded", lambda *given, **named: drawn.append(1) or encode(*given, **named)
    )
    with Image.open(io.BytesIO(page_texts.picture_of_page(out.getvalue(), page=3))) as image:
        assert image.convert("L").getpixel((5, 5)) == 240
    assert len(drawn) == 1
    with pytest.raises(Invalid):
        page_texts.picture_of_page(out.getvalue(), page=4)
