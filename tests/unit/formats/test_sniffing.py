"""Every file is what it says, whole, and nothing else; what it could do is known."""

import base64
import hashlib
import io
import zipfile

import pytest

from carnet.formats import sniffing
from carnet.formats.sniffing import ContentKind, check_content, identify
from carnet.kernel.errors import Invalid, TooLarge, Unsupported
from factories.cda import make_cda, make_cda_n1
from factories.images import make_image, make_jpeg, make_noisy_jpeg, make_png, make_png_bomb, make_tiff
from factories.pdf import make_active_pdf, make_encrypted_pdf, make_pdf


def make_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("evil.html", "<script>alert(1)</script>")
    return out.getvalue()


RTF = rb"{\rtf1\ansi Compte rendu fictif\par}"
TEXT = "Glycémie normale.\r\nÀ revoir.".encode()

GOOD = {
    "cda": (make_cda(), "text/xml", ContentKind.CDA),
    "cda n1": (make_cda_n1(), "application/xml", ContentKind.CDA),
    "cda self-presenting": (make_cda(self_presenting=True, bom=True, crlf=True), "text/xml", ContentKind.CDA),
    "cda no declaration": (make_cda(prolog=""), "text/xml; charset=utf-8", ContentKind.CDA),
    "cda utf-16": (make_cda(prolog="", encoding="utf-16"), "text/xml", ContentKind.CDA),
    "pdf": (make_pdf(), "application/pdf", ContentKind.PDF),
    "jpeg": (make_jpeg(), "image/jpeg", ContentKind.JPEG),
    "jpeg alias": (make_jpeg(), "image/JPG", ContentKind.JPEG),
    "jpeg with a maker's note": (make_jpeg() + b"SEFT" * 100, "image/jpeg", ContentKind.JPEG),
    "noisy jpeg": (make_noisy_jpeg(width=300, height=300), "image/jpeg", ContentKind.JPEG),
    "png": (make_png(), "image/png", ContentKind.PNG),
    "tiff": (make_tiff(2), "image/tiff", ContentKind.TIFF),
    "rtf": (RTF, "application/rtf", ContentKind.RTF),
    "text": (TEXT, "text/plain", ContentKind.TEXT),
    "text latin-1": ("Glycémie".encode("latin-1"), "text/plain", ContentKind.TEXT),
    "text utf-16": ("Glycémie".encode("utf-16"), "text/plain", ContentKind.TEXT),
    "text with a comparison": (b"< 0,5 g/L", "text/plain", ContentKind.TEXT),
    "text that starts like a bitmap": (b"BMI 22", "text/plain", ContentKind.TEXT),
}


CLAIMS = ["text/xml", "application/pdf", "image/jpeg", "image/png", "text/plain", "text/rtf"]


@pytest.mark.parametrize("name", GOOD)
def test_honest_files_are_accepted(name: str) -> None:
    data, declared, kind = GOOD[name]
    inspected = check_content(data=data, declared_type=declared)
    assert inspected.kind is kind is identify(data)
    assert inspected.content_type == sniffing.MEDIA_TYPES[kind]
    assert inspected.size == len(data)
    assert inspected.sha256 == hashlib.sha256(data).hexdigest()
    assert not inspected.active
    assert check_content(data=data, declared_type=None).kind is kind


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("declared", CLAIMS)
def test_a_lie_is_refused(name: str, declared: str) -> None:
    data, _, kind = GOOD[name]
    if sniffing.kind_of_type(declared) is kind:
        return
    with pytest.raises(Invalid, match="content-lying"):
        check_content(data=data, declared_type=declared)


FOREIGN = {
    "zip": (make_zip(), "content-archive"),
    "gzip": (b"\x1f\x8b\x08\x00" + b"0" * 50, "content-archive"),
    "exe": (b"MZ\x90\x00" + b"\x00" * 60, "content-program"),
    "elf": (b"\x7fELF" + b"\x00" * 60, "content-program"),
    "shell": (b"#!/bin/sh\nrm -rf /", "content-program"),
    "word": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 60, "content-office"),
    "html": (b"<!DOCTYPE html><html><script>alert(1)</script></html>", "content-html"),
    "html fragment": (b"\n\n<script>alert(1)</script>", "content-html"),
    "html behind a comment": (b"<!-- x --><img src=x onerror=alert(1)>", "content-html"),
    "html in utf-16": ("<html><script>alert(1)</script>".encode("utf-16"), "content-html"),
    "html in utf-7": (b"<html><head>+ADw-script+AD4-", "content-html"),
    "xhtml": (b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'/>", "content-html"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "content-svg"),
    "svg prefixed": (
        b"<?xml version='1.0'?><!-- --><s:svg xmlns:s='http://www.w3.org/2000/svg'/>",
        "content-svg",
    ),
    "gif": (make_image("GIF"), "content-image"),
    "webp": (make_image("WEBP"), "content-image"),
    "bmp": (make_image("BMP"), "content-image"),
    "dicom": (b"\x00" * 128 + b"DICM" + b"\x02\x00", "content-dicom"),
    "postscript": (b"%!PS-Adobe-3.0\n", "content-program"),
    "rubbish": (bytes(range(256)) * 4, "content-unknown"),
    "pdf not at the start": (b"junk\x00" + make_pdf(), "content-unknown"),
}


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.parametrize("declared", [None, "text/plain", "application/pdf"])
def test_what_a_space_never_keeps(name: str, declared: str | None) -> None:
    data, code = FOREIGN[name]
    assert identify(data) is ContentKind.UNKNOWN
    with pytest.raises(Unsupported) as caught:
        check_content(data=data, declared_type=declared)
    assert caught.value.problems[0].code == code


@pytest.mark.parametrize("declared", ["", "text/html", "image/svg+xml", "application/zip", "application/octet-stream"])
def test_types_nobody_may_declare(declared: str) -> None:
    with pytest.raises(Unsupported, match="content-type-unsupported"):
        check_content(data=make_pdf(), declared_type=declared)


BROKEN = {
    "empty": (b"", "text/plain", "content-empty"),
    "blank": (b"\x00\r\n  ", "text/plain", "content-empty"),
    "truncated pdf": (make_pdf()[:-300], "application/pdf", "content-truncated"),
    "truncated jpeg": (make_noisy_jpeg(width=200, height=200)[:-2000], "image/jpeg", "content-truncated"),
    "truncated png": (make_png()[:-8], "image/png", "content-truncated"),
    "truncated tiff": (make_tiff()[:-4000], "image/tiff", "image-broken"),
    "truncated rtf": (RTF[:-1], "application/rtf", "rtf-truncated"),
    "truncated cda": (make_cda()[:-40], "text/xml", "xml-truncated"),
    "cda cut early": (make_cda()[:600], "text/xml", "xml-truncated"),
    "encrypted pdf": (make_encrypted_pdf(), "application/pdf", "pdf-encrypted"),
    "bomb": (make_png_bomb(), "image/png", "image-too-large"),
    "other xml": (b"<?xml version='1.0'?><Bundle xmlns='http://hl7.org/fhir'/>", "text/xml", "cda-not-a-cda"),
    "fragment of cda": (b"<recordTarget xmlns='urn:hl7-org:v3'/>", "text/xml", "cda-not-a-cda"),
    "cda without namespace": (b"<ClinicalDocument/>", "text/xml", "cda-not-a-cda"),
    "cda with doctype": (
        make_cda(mutate=lambda x: x.replace("<ClinicalDocument", "<!DOCTYPE x><ClinicalDocument", 1)),
        "text/xml",
        "xml-doctype",
    ),
    "n1 with broken base64": (make_cda(payload="JVBERi0xLjQ$$$"), "text/xml", "cda-embedded-broken"),
    "n1 cut in the middle": (
        make_cda(payload=base64.b64encode(make_pdf()).decode()[:1000]),
        "text/xml",
        "content-truncated",
    ),
    "n1 with a zip": (make_cda_n1(pdf=make_zip()), "text/xml", "cda-embedded-unsupported"),
    "n1 with html": (make_cda_n1(pdf=b"<html></html>", media_type="text/html"), "text/xml", "cda-embedded-unsupported"),
    "n1 with a cda": (make_cda_n1(pdf=make_cda()), "text/xml", "cda-embedded-unsupported"),
    "n1 with an encrypted pdf": (make_cda_n1(pdf=make_encrypted_pdf()), "text/xml", "pdf-encrypted"),
    "pdf and zip": (make_pdf() + make_zip(), "application/pdf", "content-polyglot"),
    "png and zip": (make_png() + make_zip(), "image/png", "content-polyglot"),
    "jpeg and zip": (make_jpeg() + make_zip(), "image/jpeg", "content-polyglot"),
    "jpeg and pdf": (make_jpeg() + make_pdf(), "image/jpeg", "content-polyglot"),
    "jpeg and script": (make_jpeg() + b"<script>alert(1)</script>", "image/jpeg", "content-polyglot"),
    "png and php": (make_png() + b"<?php system('id') ?>", "image/png", "content-polyglot"),
    "pdf and html": (make_pdf() + b"<html><script>alert(1)</script></html>", "application/pdf", "content-polyglot"),
    "rtf and zip": (RTF + make_zip(), "text/rtf", "content-polyglot"),
    "tiff and zip": (make_tiff() + make_zip(), "image/tiff", "content-polyglot"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_files_are_refused_with_the_true_reason(name: str) -> None:
    data, declared, code = BROKEN[name]
    with pytest.raises(Invalid) as caught:
        check_content(data=data, declared_type=declared)
    problem = caught.value.problems[0]
    assert problem.code == code
    assert problem.fr.endswith(".")
    assert problem.en.endswith(".")


def test_without_the_search_for_a_second_file_polyglots_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted fault."""
    monkeypatch.setattr(sniffing, "hides_second_file", lambda *_: False)
    assert check_content(data=make_jpeg() + make_zip(), declared_type="image/jpeg").kind is ContentKind.JPEG


def test_size_is_looked_at_first() -> None:
    with pytest.raises(TooLarge, match="content-too-large") as caught:
        check_content(data=b"\x00MZ" * 2_000_000, declared_type="nonsense", max_bytes=5_000_000)
    assert "5 Mo" in caught.value.problems[0].fr


@pytest.mark.parametrize(
    ("data", "declared", "ability"),
    [
        (make_active_pdf(), "application/pdf", "javascript"),
        (make_cda_n1(pdf=make_active_pdf("launch")), "text/xml", "launch"),
        (rb"{\rtf1{\object\objdata 0105}}", "text/rtf", "rtf-object"),
        (rb'{\rtf1{\field{\*\fldinst DDEAUTO c:\\cmd.exe "/k calc"}}}', "text/rtf", "rtf-field"),
    ],
)
def test_active_files_are_kept_but_known(data: bytes, declared: str, ability: str) -> None:
    inspected = check_content(data=data, declared_type=declared)
    assert inspected.active
    assert ability in inspected.abilities


def test_the_cda_and_its_file_come_along() -> None:
    inspected = check_content(data=make_cda_n1(pdf=make_pdf(pages=2)), declared_type="text/xml")
    assert inspected.document is not None
    assert inspected.document.unique_id == "1.2.250.1.999.1.1.1^DOC-0001"
    assert inspected.embedded is not None
    assert (inspected.embedded.kind, inspected.pages) == (ContentKind.PDF, 2)


def test_a_script_beside_the_narrative_is_known_and_a_broken_picture_forgiven() -> None:
    def entry(data: bytes) -> str:
        payload = base64.b64encode(data).decode()
        return f"<entry><observationMedia><value representation='B64'>{payload}</value></observationMedia></entry>"

    entries = entry(make_png()[:30]) + entry(make_active_pdf("javascript")) + entry(b"\x00rubbish")
    inspected = check_content(data=make_cda(entries=entries), declared_type="text/xml")
    assert "javascript" in inspected.abilities
    assert inspected.embedded is None


def test_declared_hashes() -> None:
    data = make_pdf()
    inspected = check_content(data=data, declared_type="application/pdf")
    for digest in (hashlib.sha1(data), hashlib.sha256(data)):
        assert inspected.hash_matches(base64.b64encode(digest.digest()).decode())
        assert inspected.hash_matches(digest.hexdigest().upper())
        assert inspected.hash_matches(base64.b64encode(digest.hexdigest().encode()).decode())
    for wrong in ("", "====", base64.b64encode(hashlib.md5(data).digest()).decode(), "é"):
        assert not inspected.hash_matches(wrong)
