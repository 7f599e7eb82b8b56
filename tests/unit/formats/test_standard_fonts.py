"""Names on paper keep what the standard fonts can write, and lose no letter."""

import pytest

from carnet.formats.standard_fonts import ENCODING, plain


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Fœssel", "Fœssel"),
        ("Ÿ, Šárka, 12 €", "Ÿ, Šárka, 12 €"),
        ("Łukasz Đinh", "Lukasz Dinh"),
        ("Nguyễn", "Nguyen"),
        ("e\u0301te\u0301", "été"),
        ("Пётр", "????"),
    ],
)
def test_names_keep_their_letters(name, written):
    assert plain(name) == written
    plain(name).encode(ENCODING)
