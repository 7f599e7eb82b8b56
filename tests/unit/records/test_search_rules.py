"""What counts as the same word, what a question means, where it is answered: the rules of search inside documents."""

import pytest

from carnet.formats.searching import finding, text_index
from carnet.formats.searching.abbreviations_file import load_abbreviations
from carnet.formats.searching.question import understand
from carnet.formats.searching.words import Stems, words_of

ALIKE = [
    ("artérielle", "arteriel"),
    ("ARTÉRIELLES", "artériel"),
    ("œdèmes", "oedeme"),
    ("opérée", "operé"),
    ("scanners", "scanner"),
    ("vacciné", "vaccination"),
    ("diabétique", "diabète"),
    ("ﬁbrillation", "fibrillation"),
    ("e\u0301chographie", "échographies"),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_words_that_are_the_same(one, other):
    stems = Stems()
    assert stems.of(one) == stems.of(other)


def test_different_words_stay_apart():
    stems = Stems()
    apart = ("poumon", "poutre", "rein", "rate", "foie", "faim", "HbA1c", "5", "50")
    assert len({stems.of(word) for word in apart}) == len(apart)


def test_what_is_elided_is_no_word():
    found = [word.text for word in words_of("L'hypertension d’Anne, qu'elle a jusqu'ici ; 1,5 mg")]
    assert found == ["hypertension", "Anne", "elle", "a", "ici", "1", "5", "mg"]


PAGES = (
    "Compte rendu de scanner thoracique.\nAbsence d'embolie pulmonaire. Nodule du lobe supérieur droit.",
    "Antécédents : HTA traitée, diabète de type 2. Pas d'allergie connue à la pénicilline.",
    "Conclusion : pas d'anomalie. Une hypertension de la veine porte et une paroi artérielle calme.",
)


def ask(text, *, pages=PAGES, title="Imagerie", broken=None):
    """The rank and the snippet for one document, or None."""
    stems = Stems()
    question = understand(text, known=load_abbreviations(), stems=stems)
    index = text_index.unpack_index(text_index.pack_index(text_index.make_index(pages, stems=stems)))
    place = finding.rank(question, title=finding.Titles(stems).of([title]), index=index)
    if place is None:
        return None
    shown = finding.snippet_of(question, index=index, pages=pages, numbered=True)
    said = "".join(f"[{one.text}]" if one.hit else one.text for one in shown.pieces) if shown else ""
    return place, shown.page if shown else None, said


FOUND = [
    ("embolies", 1, "[embolie]"),
    ("EMBOLIE pulmonaires", 1, "[embolie] [pulmonaire]"),
    ("embol", 1, "[embolie]"),  # being typed
    ('"lobe supérieur"', 1, "[lobe supérieur]"),
    ("« lobe superieur droit »", 1, "[lobe supérieur droit]"),
    ("hypertension artérielle", 2, "[HTA]"),  # page 3 has the words, page 2 the abbreviation: see below
    ("TDM", 1, "[scanner]"),
    ("tomodensitométrie", 1, "[scanner]"),
    ("allergie pénicilline", 2, "[allergie] connue à la [pénicilline]"),
    ("DT2", 2, "[diabète de type 2]"),
    ("l'anomalie", 3, "[anomalie]"),
]


@pytest.mark.parametrize(("text", "page", "said"), FOUND)
def test_found_on_its_page_and_marked(text, page, said):
    pages = PAGES[:2] if page == 2 else PAGES
    rank, where, snippet = ask(text, pages=pages)
    assert (rank, where) == (finding.TEXT, page)
    assert said in snippet


@pytest.mark.parametrize("text", ["fracture", '"supérieur lobe"', '"pulmon"', "embol fracture", "reine"])
def test_not_found(text):
    assert ask(text) is None


def test_a_word_half_typed_is_a_beginning_and_a_finished_one_is_not():
    assert ask("pneumo", pages=("Pneumopathie",))
    assert ask("pneumo ", pages=("Pneumopathie",)) is None


def test_a_title_that_answers_comes_before_a_text_that_does():
    assert ask("embolie", title="Embolie pulmonaire")[0] == finding.TITLE
    assert ask("embolie nodule", title="Embolie pulmonaire")[0] == finding.TEXT


def test_two_meanings_of_an_abbreviation_do_not_answer_one_another():
    assert ask("IVG", pages=("Insuffisance ventriculaire gauche",))
    assert ask("interruption volontaire de grossesse", pages=("Insuffisance ventriculaire gauche",)) is None


def test_a_question_of_nothing_but_blanks_asks_nothing():
    for text in ("", "  ", '""', "'", "…"):
        assert understand(text, known=load_abbreviations(), stems=Stems()).parts == ()


def test_a_phrase_is_never_found_across_pages_nor_between_two_numbers():
    assert ask('"fin début"', pages=("La fin", "début")) is None
    # the bytes of two neighbours must not be mistaken for one number: the second half of one, the first of the next
    many = " ".join(f"mot{number:04d}x" for number in range(700))
    stems = Stems()
    index = text_index.make_index((many,), stems=stems)
    for number in range(0, 700, 7):
        phrase = (text_index.Term(stems.of(f"mot{number:04d}x")),)
        assert [place.word for place in index.places(phrase)] == [number]


def test_a_document_of_very_many_words_takes_wider_numbers():
    pages = tuple(" ".join(f"w{page}x{number}" for number in range(7000)) for page in range(10))
    stems = Stems()
    index = text_index.make_index(pages, stems=stems)
    assert index.wide
    phrase = (text_index.Term("w9x41"), text_index.Term("w9x42"))
    assert index.places(phrase) == [text_index.Place(10, 41, 2)]


def test_planted_one_page_off_is_seen(monkeypatch):
    monkeypatch.setattr(text_index, "_next_end", lambda kept, start: 10**9)
    with pytest.raises(AssertionError):
        test_found_on_its_page_and_marked("l'anomalie", 3, "[anomalie]")


def test_a_snippet_does_not_grow_with_what_has_no_blank():
    endless = "chirurgie," + "x" * 40_000
    _, _, said = ask("chirurgie", pages=(endless,))
    assert len(said) < finding.WIDTH + 100
