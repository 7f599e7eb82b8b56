"""The words of documents, page by page, from every kind; scans are told apart and, when tesseract is here, read."""

import io
import shutil

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
        page_texts._pdf(b"%PDF-1.7 nothing")


@pytest.mark.skipif(not shutil.which("tesseract"), reason="tesseract is not on this machine")
def test_a_scan_is_recognised_in_french():
    program = recognition.recogniser()
    assert program
    picture = picture_of_page(scan_of("Antécédents : hypertension artérielle, fracture déplacée."), page=1)
    words = recognition.recognise(picture, program=program)
    assert "hypertension artérielle" in words
    assert "fracture déplacée" in words
    noise = io.BytesIO()
    Image.effect_noise((300, 200), 90).save(noise, "PNG")
    assert recognition.recognise(b"not a picture", program=program) == ""
    assert len(recognition.recognise(noise.getvalue(), program=program)) < 200


def test_without_the_program_nothing_is_recognised(monkeypatch):
    recognition.recogniser.cache_clear()
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert recognition.recogniser() is None
    recognition.recogniser.cache_clear()
