"""What a reader asks of the words of documents, understood: every part must be answered, each in one of several ways.

Words are looked for by their stem; the last one also as a beginning while it is being typed; between quotes, words in
that order; common abbreviations and what they stand for answer one another (a table given from outside). Pure.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from carnet.formats.searching.text_index import Phrase, Term
from carnet.formats.searching.words import EMPTY_WORDS, Stems, fold, words_of

LONGEST: Final = 200
MOST_PARTS: Final = 12
_QUOTED: Final = re.compile(r"[\"«“”]([^\"«»“”]*)(?:[\"»“”]|$)")
_SHORTEST_BEGINNING: Final = 3

Way = tuple[Phrase, ...]
"""One way to answer a part: all of these phrases, anywhere."""


class Part(msgspec.Struct, frozen=True):
    """One thing asked for, and the ways to answer it."""

    ways: tuple[Way, ...]


class Question(msgspec.Struct, frozen=True):
    """Every part must be answered. Without a part, nothing is asked."""

    parts: tuple[Part, ...]


class Abbreviations(msgspec.Struct, frozen=True):
    """Stems of an abbreviation or of an expansion → everything else that says the same."""

    others: dict[tuple[str, ...], tuple[tuple[str, ...], ...]]
    longest: int


def understand(text: str, *, known: Abbreviations, stems: Stems) -> Question:
    """Return what `text` asks for; at most LONGEST characters and MOST_PARTS parts of it. known: what says the same."""
    text = text[:LONGEST]
    parts: list[Part] = []
    after = 0
    for quoted in _QUOTED.finditer(text):
        parts += _loose(text[after : quoted.start()], known, stems, unfinished=False)
        parts += _exact(quoted[1], stems)
        after = quoted.end()
    rest = text[after:]
    parts += _loose(rest, known, stems, unfinished=rest[-1:].isalnum())
    return Question(tuple(parts[:MOST_PARTS]))


def _exact(text: str, stems: Stems) -> Iterator[Part]:
    phrase = tuple(Term(stems.of(word.text)) for word in words_of(text))
    if phrase:
        yield Part(((phrase,),))


def _loose(text: str, known: Abbreviations, stems: Stems, *, unfinished: bool) -> Iterator[Part]:
    """Words anywhere; those that are or form an abbreviation are widened together."""
    words = [word.text for word in words_of(text)]
    telling = [word for word in words if fold(word) not in EMPTY_WORDS] or words
    said = [stems.of(word) for word in telling]
    place = 0
    while place < len(telling):
        length = _longest_known(said, place, known)
        end = place + max(length, 1)
        open_end = len(telling) - 1 if unfinished else -1
        own: Way = tuple((_term(said[at], telling[at], last=at == open_end),) for at in range(place, end))
        others = known.others.get(tuple(said[place:end]), ())
        yield Part((own, *((tuple(map(Term, one)),) for one in others)))
        place = end


def _term(stem: str, word: str, *, last: bool) -> Term:
    beginning = fold(word)
    return Term(stem, beginning if last and len(beginning) >= _SHORTEST_BEGINNING else "")


def _longest_known(said: list[str], place: int, known: Abbreviations) -> int:
    for length in range(min(known.longest, len(said) - place), 0, -1):
        if tuple(said[place : place + length]) in known.others:
            return length
    return 0


def alike(said: Iterable[Iterable[str]], *, stems: Stems) -> Abbreviations:
    """Return the table of what says the same; said: one line a meaning, each way to say it."""
    others: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for line in said:
        ways = [tuple(stems.of(word.text) for word in words_of(one)) for one in line]
        for one in ways:
            found = others.setdefault(_telling(one), [])
            found += [other for other in ways if other != one and other not in found]
    longest = max((len(key) for key in others), default=0)
    return Abbreviations({key: tuple(found) for key, found in others.items()}, longest)


def _telling(stems: tuple[str, ...]) -> tuple[str, ...]:
    """As the words of a question are: without the empty ones."""
    return tuple(stem for stem in stems if stem not in EMPTY_WORDS) or stems
