"""The interpreter's missing fixes are named: proved with the old behaviour put back."""

import email.utils
import zipfile

from carnet.config import runtime


def test_a_parser_that_returns_the_wrong_address_is_named(monkeypatch):
    monkeypatch.setattr(email.utils, "parseaddr", lambda text: ("", "alice@good.example"))
    assert any("CVE-2023-27043" in sentence for sentence in runtime.missing_fixes())


def test_an_archive_reader_that_accepts_overlap_is_named(monkeypatch):
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda self, name: b"x")
    assert any("CVE-2024-0450" in sentence for sentence in runtime.missing_fixes())
