"""Words that were looked for, marked where they were found. Everything is escaped; only our own mark is markup."""

from collections.abc import Iterable

from markupsafe import Markup, escape


def found_words(pieces: Iterable[tuple[str, bool]]) -> Markup:
    """Return pieces of a text as one; those whose second part is true are what was looked for."""
    return Markup("").join(Markup("<mark>{}</mark>").format(text) if hit else escape(text) for text, hit in pieces)
