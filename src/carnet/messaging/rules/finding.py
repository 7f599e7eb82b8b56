"""Finding words whatever their accents and capitals. Pure."""

import unicodedata


def plain(text: str) -> str:
    """Return `text` without accents and capitals."""
    apart = unicodedata.normalize("NFD", text.casefold())
    return "".join(one for one in apart if not unicodedata.combining(one))


def words_of(search: str) -> tuple[str, ...]:
    """Return the words searched for, at most ten."""
    return tuple(plain(search[:200]).split()[:10])


def holds_words(text: str, words: tuple[str, ...]) -> bool:
    """Whether every word is somewhere in `text`."""
    said = plain(text)
    return all(word in said for word in words)
