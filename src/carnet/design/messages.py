"""Finds every French sentence of templates and presenters, so that a test can prove the English is complete.

Run `python -m carnet.design.messages FOLDER…` to see what a package's English still lacks. Deliberately ignores
merging: English sentences are written by hand, in the .po file beside the templates.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.extract import extract
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

DESIGN = Path(__file__).parent
_OPTIONS = {"trimmed": "true", "silent": "false"}
_KEYWORDS = {"_": None, "gettext": None, "mark": None, "ngettext": (1, 2)}
_METHODS: dict[str, Any] = {".html": babel_extract, ".py": "python"}


def french(package: Path) -> dict[str, str]:
    """Return every message id under `package` (templates and Python) with the file it was first seen in."""
    return {message: str(path) for path, message in _occurrences(package)}


def english(package: Path) -> dict[str, tuple[str, ...]]:
    """Return the English of `package/locale`, singular id → strings; fuzzy and empty ones are kept as ("",)."""
    with (package / "locale" / "en" / "LC_MESSAGES" / "carnet.po").open("rb") as file:
        catalog = read_po(file, locale="en")
    found: dict[str, tuple[str, ...]] = {}
    for message in catalog:
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            strings = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
            found[key] = ("",) if message.fuzzy else strings
    return found


def _occurrences(package: Path) -> Iterator[tuple[Path, str]]:
    for path in sorted(package.rglob("*")):
        method = _METHODS.get(path.suffix)
        if method is None:
            continue
        with path.open("rb") as file:
            for _, message, _, _ in extract(method, file, keywords=_KEYWORDS, options=_OPTIONS):
                yield path, message if isinstance(message, str) else message[0]


def missing(package: Path) -> dict[str, str]:
    """Return the sentences of `package` without English, neither its own nor the design's, with where they are."""
    known = {message for source in (DESIGN, package) for message, words in english(source).items() if all(words)}
    return {message: place for message, place in french(package).items() if message not in known}


def unused(package: Path) -> set[str]:
    """Return the English entries of `package` no sentence asks for."""
    return set(english(package).keys() - french(package).keys())


def main() -> None:
    """Print missing and unused sentences of the packages named on the command line."""
    for package in map(Path, sys.argv[1:]):
        for message, place in missing(package).items():
            sys.stdout.write(f"missing in {place}: {message}\n")
        for message in sorted(unused(package)):
            sys.stdout.write(f"unused: {message}\n")


if __name__ == "__main__":
    main()
