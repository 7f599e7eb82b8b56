"""Text is read whatever wrote it; RTF gives its words, and hostile RTF gives up quickly."""

import contextlib
import time

import pytest

from carnet.formats.text import decode_text, rtf_to_text
from carnet.kernel.errors import Invalid, TooLarge


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_every_usual_encoding(encoding: str) -> None:
    assert decode_text("Élévation\r\nà 38 °C – œdème".encode(encoding)) == "Élévation\nà 38 °C – œdème"


def test_unseen_characters_are_dropped() -> None:
    assert decode_text("a\u202eb\x07c\x00".encode()) == "abc"


def test_rtf_gives_its_words() -> None:
    rtf = rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fswiss\fcharset0 Arial;}}\f0 Compte rendu d'h\'f4pital\par \u8364?}"
    assert rtf_to_text(rtf) == "Compte rendu d'hôpital\n€"


def test_rtf_pictures_and_fields_are_left_behind() -> None:
    picture = rb"{\pict\pngblip " + b"89504e47" * 2000 + b"}"
    link = rb'{\field{\*\fldinst{HYPERLINK "http://evil.example"}}{\fldrslt clic}}'
    assert rtf_to_text(rb"{\rtf1 avant " + picture + link + rb" HYPERLINK apr\'e8s}") == "avant clic HYPERLINK après"


def test_emoji_pairs_become_one_character() -> None:
    assert rtf_to_text(rb"{\rtf1\u-10179?\u-8704?}") == "\U0001f600"
    rtf_to_text(rb"{\rtf1\u-10179?}").encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not rtf",
        rb"{\rtf1\u99999999999999?}",
        b"{\\rtf1" + b"{" * 300_000,
        b"{\\rtf1" + b"}" * 300_000,
        b"{\\rtf1" + b"{\\field{\\*\\fldinst{" * 40_000,
        b"{\\rtf1" + b'{\\field{\\*\\fldinst{HYPERLINK "' * 30_000,
        b"{\\rtf1{\\fonttbl" + b"\\f1" * 100_000 + b"\\fcharset1" * 20_000 + b"}}",
        b"{\\rtf1\\pict\\bin" + b"9" * 5000 + b"}",
        b"{\\rtf1 " + b"0123456789abcdef" * 249 + b"g" * 10 + b"0" * 3999,
        b"{\\rtf1 " + b"x" * 2_000_000,
    ],
    ids=range(11),
)
def test_hostile_rtf_ends_quickly(data: bytes) -> None:
    started = time.process_time()
    with contextlib.suppress(Invalid, TooLarge):
        rtf_to_text(data)
    assert time.process_time() - started < 3
