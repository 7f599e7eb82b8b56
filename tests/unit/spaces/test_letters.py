"""A letter as press and post meet it: the address in the window and nothing else there, and a code to photograph."""

import datetime as dt
import re

import pypdfium2
import pytest
import segno

from carnet.identity.api import parse_ins, parse_traits
from carnet.spaces import letters as printing
from carnet.spaces.data import Person, Reach
from carnet.spaces.rules.beneficiaries import Beneficiary
from carnet.spaces.rules.information import Notice
from factories.beneficiaries import OID, beneficiary_matricule

SENT = dt.datetime(2026, 11, 21, 9, tzinfo=dt.UTC)
MAY_SHOW, ALWAYS_SHOWS = (90.0, 34.0, 200.0, 90.0), (100.0, 45.0, 190.0, 79.0)
"""What the window of a DL envelope shows of a sheet (left, top, right, bottom in mm): somehow, and in any case."""
DOT = 72 / 25.4
USUAL = ("12 RUE DES ESSAIS", "BATIMENT B")
LONG = tuple(f"{number} RESIDENCE DES GRANDS TILLEULS ARGENTES ESCALIER C APPT" for number in range(10, 15))


def letter(lines=USUAL, *, born="1944-02-03", **more):
    given = {"birth_name": "GUÉGUEN", "given_names": ("ŒDIPE",), "sex": "F", "birth_date": born}
    person = Person(ins=parse_ins(matricule=beneficiary_matricule(1), oid=OID), traits=parse_traits(**given))
    reach = Reach(email=None, phone=None, lines=lines, postcode="44000", town="NANTES")
    beneficiary = Beneficiary(person=person, reach=reach)
    about = {
        "code": "ABCD2345EFGH",
        "key": "0",
        "departement": "44",
        "zone": "Europe/Paris",
        "site": "https://carnet.test",
    }
    opens = dt.datetime(2027, 1, 2, 12, tzinfo=dt.UTC)
    notice = Notice(beneficiary=beneficiary, sent_at=SENT, opens_at=opens, **about, **more)
    (page,) = pypdfium2.PdfDocument(printing.letters([notice], sender="Carnet\nBP 1\n75000 PARIS"))
    return notice, page


def runs(page):
    """Each run of text with its place: left, top, right, bottom in mm from the corner of the sheet."""
    words, height = page.get_textpage(), page.get_height()
    for one in range(words.count_rects()):
        left, bottom, right, top = words.get_rect(one)
        yield (
            words.get_text_bounded(left, bottom, right, top),
            tuple(value / DOT for value in (left, height - top, right, height - bottom)),
        )


def touches(place, other):
    return place[0] < other[2] and place[2] > other[0] and place[1] < other[3] and place[3] > other[1]


def lies_in(place, other):
    return place[0] >= other[0] and place[1] >= other[1] and place[2] <= other[2] and place[3] <= other[3]


@pytest.mark.parametrize("born", ["1944-02-03", "2026-11-20"], ids=["adult", "child"])
@pytest.mark.parametrize("lines", [USUAL, LONG], ids=["usual", "long"])
@pytest.mark.parametrize("asked_at", [None, SENT], ids=["first", "again"])
def test_the_window_shows_the_whole_address_and_nothing_else_and_no_words_meet(lines, born, asked_at):
    _, page = letter(lines, born=born, asked_at=asked_at)
    found = list(runs(page))
    shown = [(text, place) for text, place in found if touches(place, MAY_SHOW)]
    assert all(lies_in(place, ALWAYS_SHOWS) for _, place in shown)
    said = " ".join(" ".join(text for text, _ in shown).split())
    expected = (
        "Aux représentants légaux de " if born > "2020" else ""
    ) + f"Œdipe GUÉGUEN {' '.join(lines)} 44000 NANTES"
    assert said.casefold() == expected.casefold()
    clash = [(a, b) for n, (a, one) in enumerate(found) for b, two in found[:n] if touches(one, two)]
    assert clash == []
    assert max(place[3] for _, place in found) < 290
    assert max(place[2] for _, place in found) < 200


def test_a_check_of_the_window_sees_what_lies_outside(monkeypatch):
    monkeypatch.setattr(printing, "WINDOW", (110.0, 70.0, 80.0, 33.0))
    _, page = letter()
    assert not all(lies_in(place, ALWAYS_SHOWS) for _, place in runs(page) if touches(place, MAY_SHOW))


@pytest.mark.parametrize("is_open", [False, True], ids=["to refuse", "to come in"])
def test_the_square_reads_as_the_address_it_says_and_leads_where_a_code_is_of_use(is_open):
    notice, page = letter(asked_at=SENT if is_open else None, is_open=is_open)
    assert notice.address == f"https://carnet.test/{'activation' if is_open else 'opposition'}#ABCD2345EFGH"
    scale = 4
    image = page.render(scale=scale).to_pil().convert("L")
    expected = [list(row) for row in segno.make(notice.address, error="m", micro=False).matrix]
    step = printing._MODULE * DOT * scale
    left, top = printing._QR_LEFT * DOT * scale, 232.0 * DOT * scale
    seen = [
        [
            int(image.getpixel((int(left + (x + 0.5) * step), int(top + (y + 0.5) * step))) < 128)
            for x in range(len(expected))
        ]
        for y in range(len(expected))
    ]
    assert seen == expected
    around = [image.getpixel((int(left + x * step), int(top + y * step))) for x in range(-4, 40) for y in (-3.5, -1)]
    assert min(around) == 255, "a reader needs four modules of white around"
    said = " ".join(page.get_textpage().get_text_bounded().split())
    assert f"Pour {'activer' if is_open else 'refuser'} avec un téléphone : prenez ce carré en photo." in said


def test_letters_are_large_and_dates_hold_together():
    _, page = letter()
    said = page.get_textpage().get_text_bounded()
    assert re.search(r"ouvrira le\s+2.janvier.2027", said)
    largest = max(place[3] - place[1] for text, place in runs(page) if "La loi prévoit" in text)
    assert largest > 12 / DOT * 0.7, "twelve points and more"
