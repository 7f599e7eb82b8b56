"""How words are compared: case, accents, ligatures and elisions forgiven, French endings removed (Snowball).

One analysis for what is kept and for what is asked, so that both meet. Its version is kept with every index: an index
made by another version is not searched with this one. Pure; no cache outlives the analysis of one document or question.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

import msgspec
import Stemmer

VERSION: Final = 1
"""Raise it whenever the words of a text come out otherwise: this file, or another French algorithm of Snowball."""
_TOKEN: Final = re.compile(r"[^\W_]+")
_APOSTROPHES: Final = "'’ʼ＇"
_ELIDED: Final = frozenset({"l", "d", "j", "m", "n", "s", "t", "c", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu"})
_LIGATURES: Final = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ß": "ss"})
_DOUBLED_E: Final = re.compile(r"ee+$")
_SHORTEST_STEMMED: Final = 4
_EMPTY: Final = (
    "a au aux avec ce ces cette d dans de des du elle en est et il ils l la le les leur lui mais ne nous on ou par pas "
    "pour qu que qui s sa se ses son sur un une vous y"
)
EMPTY_WORDS: Final = frozenset(_EMPTY.split())
"""Words too common to look for alone; between quotes they count."""


class Word(msgspec.Struct, frozen=True):
    """A word where it stands: [start, stop) in its text."""

    text: str
    start: int
    stop: int


def fold(text: str) -> str:
    """Return `text` without case, accents and ligatures; as long as a reader would say it is."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LIGATURES))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def words_of(text: str) -> Iterator[Word]:
    """Yield the words of `text`; what was elided before an apostrophe ("l'hypertension") is no word."""
    for found in _TOKEN.finditer(text):
        stop = found.end()
        if text[stop : stop + 1] in _APOSTROPHES and stop < len(text) and found.group().casefold() in _ELIDED:
            continue
        yield Word(found.group(), found.start(), stop)


class Stems:
    """Turns words into what is compared. Remembers within one document or question only."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._stemmer = Stemmer.Stemmer("french", 0)

    def of(self, word: str) -> str:
        """Return the stem of one word: "Opérées", "operee" and "opéré" are one."""
        known = self._known.get(word)
        if known is None:
            known = self._known[word] = self._stem(fold(word))
        return known

    def _stem(self, folded: str) -> str:
        if len(folded) < _SHORTEST_STEMMED or not folded.isalpha():
            return folded
        return str(self._stemmer.stemWord(_DOUBLED_E.sub("e", folded.removesuffix("s"))))
