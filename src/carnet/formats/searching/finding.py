"""Does a document answer a question, where, and which words show it? Title before text; nothing else is weighed.

A part may be answered by the title (with the document's kind and authors) or by the text. A document whose title
answers everything comes before one that needs its text; within each, the reader's order stays (newer first). Pure.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from carnet.formats.searching.question import Part, Question
from carnet.formats.searching.text_index import Phrase, Place, TextIndex, lined, lines_of
from carnet.formats.searching.words import Stems, words_of

TITLE: Final = 0
TEXT: Final = 1
WIDTH: Final = 190
_BEFORE: Final = 45
_MOST_SHOWN: Final = 30
_LONGEST_WORD: Final = 40
"""Characters a snippet grows by, at each end, to begin and end with a whole word."""


class Piece(msgspec.Struct, frozen=True):
    """A piece of a snippet; hit: it is what was looked for."""

    text: str
    hit: bool = False


class Snippet(msgspec.Struct, frozen=True, kw_only=True):
    """Words around a hit. page: where they are, None when pages have no meaning here."""

    pieces: tuple[Piece, ...]
    page: int | None


def rank(question: Question, *, title: str, index: TextIndex | None) -> int | None:
    """Return TITLE or TEXT by what was needed to answer, None when the document does not answer."""
    needed = TITLE
    for part in question.parts:
        if _answers(part, title, None):
            continue
        if index is None or not _answers(part, title, index):
            return None
        needed = TEXT
    return needed


class Titles:
    """The stems of what names documents. Kinds and authors return, so it remembers, for one question only."""

    def __init__(self, stems: Stems) -> None:
        self._stems = stems
        self._known: dict[str, str] = {}

    def of(self, said: Iterable[str]) -> str:
        """Return the stems of a document's title, kind and authors; no phrase goes from one to the next."""
        return "".join(self._known.get(text) or self._learn(text) for text in said)

    def _learn(self, text: str) -> str:
        self._known[text] = lined(self._stems.of(word.text) for word in words_of(text))
        return self._known[text]


def snippet_of(question: Question, *, index: TextIndex, pages: Sequence[str], numbered: bool) -> Snippet | None:
    """Return the words around the best place: the page that answers most parts, the earliest of them."""
    found = [_places(part, index) for part in question.parts]
    answered: dict[int, set[int]] = {}
    for number, places in enumerate(found):
        for place in places:
            answered.setdefault(place.page, set()).add(number)
    if not answered:
        return None
    best = min(answered, key=lambda page: (-len(answered[page]), page))
    here = sorted({place for places in found for place in places if place.page == best})[:_MOST_SHOWN]
    pieces = _pieces(pages[best - 1], here) if best <= len(pages) else ()
    return Snippet(pieces=pieces, page=best if numbered else None)


def marked(text: str, *, question: Question, stems: Stems) -> tuple[Piece, ...]:
    """Return a title in pieces, what was looked for marked."""
    words = list(words_of(text))
    said = [stems.of(word.text) for word in words]
    spans = set()
    for phrase in _phrases(question):
        for start in _starts(phrase, said):
            spans.add((words[start].start, words[start + len(phrase) - 1].stop))
    return _cut(text, _apart(sorted(spans)), 0, len(text))


def _answers(part: Part, title: str, index: TextIndex | None) -> bool:
    for way in part.ways:
        for phrase in way:
            if not any(line in title for line in lines_of(phrase)) and (index is None or not index.holds(phrase)):
                break
        else:
            return True
    return False


def _starts(phrase: Phrase, said: Sequence[str]) -> list[int]:
    size = len(phrase)
    return [
        start
        for start in range(len(said) - size + 1)
        if all(term.meets(stem) for term, stem in zip(phrase, said[start : start + size], strict=True))
    ]


def _places(part: Part, index: TextIndex) -> list[Place]:
    """Where a part is answered. Every word of a way that holds; its first places are enough."""
    found: list[Place] = []
    for way in part.ways:
        for phrase in way:
            found += index.places(phrase)
    return found


def _phrases(question: Question) -> set[Phrase]:
    return {phrase for part in question.parts for way in part.ways for phrase in way}


def _pieces(page: str, here: Sequence[Place]) -> tuple[Piece, ...]:
    words = list(words_of(page))
    spans = [
        (words[place.word].start, words[place.word + place.words - 1].stop)
        for place in here
        if place.word + place.words <= len(words)
    ]
    if not spans:
        return ()
    begin = _densest(spans)
    start = max(begin - _BEFORE, 0)
    stop = min(max(start + WIDTH, next(stop for at, stop in spans if at == begin)), len(page))
    start, stop = _whole_words(page, start, stop)
    pieces = _cut(page, _apart([span for span in spans if start <= span[0] and span[1] <= stop]), start, stop)
    before, after = "… " if start else "", " …" if stop < len(page) else ""
    return tuple(one for one in (Piece(before), *pieces, Piece(after)) if one.text)


def _densest(spans: Sequence[tuple[int, int]]) -> int:
    """The start of the hit that has most others close behind it; the first of equals."""
    return max(spans, key=lambda one: (sum(1 for at, _ in spans if one[0] <= at < one[0] + WIDTH - _BEFORE), -one[0]))[
        0
    ]


def _whole_words(page: str, start: int, stop: int) -> tuple[int, int]:
    first, last = max(start - _LONGEST_WORD, 0), min(stop + _LONGEST_WORD, len(page))
    while start > first and not page[start - 1].isspace():
        start -= 1
    while stop < last and not page[stop].isspace():
        stop += 1
    return start, stop


def _apart(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Overlapping hits become one."""
    kept: list[tuple[int, int]] = []
    for start, stop in sorted(spans):
        if kept and start < kept[-1][1]:
            kept[-1] = (kept[-1][0], max(kept[-1][1], stop))
        else:
            kept.append((start, stop))
    return kept


def _cut(text: str, spans: Sequence[tuple[int, int]], start: int, stop: int) -> tuple[Piece, ...]:
    pieces, at = [], start
    for begin, end in spans:
        pieces += [Piece(_flat(text[at:begin])), Piece(_flat(text[begin:end]), hit=True)]
        at = end
    pieces.append(Piece(_flat(text[at:stop])))
    return tuple(piece for piece in pieces if piece.text)


def _flat(text: str) -> str:
    return text.replace("\n", " ")
