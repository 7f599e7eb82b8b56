"""The words of one document, arranged so that a question is answered without opening its text.

`dictionary`: the sorted stems, each on a line. `sequence`: the number of every word's stem in reading order, 0 after
each page. A word is found by a search in the dictionary, a phrase by a search in the sequence, both at memory's
speed; the place of a hit is its word's place on its page, so nothing is analysed twice. Pure.
"""

import zlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from carnet.formats.searching.words import Stems, words_of

LINE: Final = b"\n"
_NARROW: Final = 65_535
_MOST_PLACES: Final = 100
_MOST_ENDINGS: Final = 64
"""Stems that may continue the beginning of a word: enough for a page, few enough to bound the work."""


class Place(msgspec.Struct, frozen=True, order=True):
    """Words on a page. page: from 1; word: of the first one, from 0 on its page; words: how many."""

    page: int
    word: int
    words: int = 1


class Term(msgspec.Struct, frozen=True):
    """One word of a question: its stem; beginning: also the words that begin like this ("" for none)."""

    stem: str
    beginning: str = ""

    def meets(self, stem: str) -> bool:
        """Tell whether a stem answers it."""
        return stem == self.stem or (self.beginning != "" and stem.startswith(self.beginning))


Phrase = tuple[Term, ...]
"""Words one right after the other; only the last may be a beginning."""


def lines_of(phrase: Phrase) -> tuple[str, ...]:
    """Return the ways to write `phrase`, a stem a line, as it stands in a text of stems (see `lined`)."""
    before = "".join(f"\n{term.stem}" for term in phrase[:-1])
    last = phrase[-1]
    whole = f"{before}\n{last.stem}\n"
    return (whole, f"{before}\n{last.beginning}") if last.beginning else (whole,)


def lined(stems: Iterable[str]) -> str:
    """Return stems a line each, so that a phrase is found in them by one search."""
    return "\n" + "\n".join(stems) + "\n"


class TextIndex(msgspec.Struct, frozen=True):
    """What is kept of the words of a document. wide: numbers take four bytes instead of two."""

    dictionary: bytes
    sequence: bytes
    wide: bool = False

    def holds(self, phrase: Phrase) -> bool:
        """Tell whether `phrase` is somewhere in the document."""
        if len(phrase) == 1:
            return any(line.encode() in self.dictionary for line in lines_of(phrase))
        if not all(LINE + term.stem.encode() + LINE in self.dictionary for term in phrase[:-1]):
            return False
        numbers = [self._numbers(term) for term in phrase]
        return all(numbers) and next(self._found(numbers), None) is not None

    def places(self, phrase: Phrase) -> list[Place]:
        """Return where `phrase` is, in reading order, at most a hundred places."""
        numbers = [self._numbers(term) for term in phrase]
        if not all(numbers):
            return []
        found = sorted(position for position, _ in zip(self._found(numbers), range(_MOST_PLACES), strict=False))
        return list(self._on_pages(found, words=len(phrase)))

    def _numbers(self, term: Term) -> list[int]:
        """The numbers of the stems that answer a term."""
        found = []
        place = self.dictionary.find(LINE + term.stem.encode() + LINE)
        if place >= 0:
            found.append(self.dictionary.count(LINE, 0, place + 1))
        if term.beginning:
            place = self.dictionary.find(LINE + term.beginning.encode())
            if place >= 0:
                first = self.dictionary.count(LINE, 0, place + 1)
                lines = self.dictionary[place + 1 :].split(LINE, _MOST_ENDINGS)[:_MOST_ENDINGS]
                begun = term.beginning.encode()
                found += [
                    first + n for n, line in enumerate(lines) if line.startswith(begun) and first + n not in found
                ]
        return found

    def _found(self, numbers: Sequence[list[int]]) -> Iterator[int]:
        """Yield positions in the sequence; a phrase is looked for whole, by every way to write it."""
        for ways in _ways(numbers):
            wanted = array("I" if self.wide else "H", ways).tobytes()
            size, place = 4 if self.wide else 2, -1
            while (place := self.sequence.find(wanted, place + 1)) >= 0:
                if place % size == 0:
                    yield place // size

    def _on_pages(self, positions: list[int], *, words: int) -> Iterator[Place]:
        kept = array("I" if self.wide else "H", self.sequence)
        page, begins, next_end = 1, 0, _next_end(kept, 0)
        for position in positions:
            while position > next_end:
                page, begins = page + 1, next_end + 1
                next_end = _next_end(kept, begins)
            yield Place(page, position - begins, words)


def make_index(pages: Iterable[str], *, stems: Stems) -> TextIndex:
    """Return the index of a document's pages."""
    said = [[stems.of(word.text) for word in words_of(page)] for page in pages]
    ordered = sorted({stem for page in said for stem in page})
    number = {stem: place for place, stem in enumerate(ordered, start=1)}
    wide = len(ordered) > _NARROW
    sequence = array("I" if wide else "H")
    for page in said:
        sequence.extend(number[stem] for stem in page)
        sequence.append(0)
    return TextIndex(lined(ordered).encode(), sequence.tobytes(), wide)


def pack_index(index: TextIndex) -> bytes:
    """Return what is sealed: not compressed, because every question opens all of a space's (decision 0014)."""
    return msgspec.msgpack.encode(index)


def unpack_index(packed: bytes) -> TextIndex:
    """Return what was packed."""
    return _decoder.decode(packed)


class KeptText(msgspec.Struct, frozen=True):
    """The words themselves, by page. numbered: whether page numbers mean something to a reader."""

    pages: tuple[str, ...]
    numbered: bool


def pack_text(text: KeptText) -> bytes:
    """Return what is sealed."""
    return zlib.compress(msgspec.msgpack.encode(text), 6)


def unpack_text(packed: bytes) -> KeptText:
    """Return what was packed."""
    return _text_decoder.decode(zlib.decompress(packed))


def _ways(numbers: Sequence[list[int]]) -> Iterator[list[int]]:
    """Only the last word of a phrase may be a beginning, so there are few ways to write it."""
    for last in numbers[-1]:
        yield [*(one[0] for one in numbers[:-1]), last]


def _next_end(kept: "array[int]", start: int) -> int:
    return kept.index(0, start)


_decoder: Final = msgspec.msgpack.Decoder(TextIndex)
_text_decoder: Final = msgspec.msgpack.Decoder(KeptText)
