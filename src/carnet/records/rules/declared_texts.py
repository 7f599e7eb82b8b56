"""Texts, identifiers and times of a declared document: what may be shown, compared and kept.

A title is shown to people and offered as a file name by their browser: nothing in it may hide, reverse or climb out of
a folder. Deliberately ignored: what the words say.
"""

import re
from datetime import datetime, timedelta
from typing import Final

from carnet.records.rules.findings import Findings

MAX_TITLE: Final = 255
MAX_DESCRIPTION: Final = 4000
MAX_IDENTIFIER: Final = 256
MAX_IDENTIFIERS: Final = 20
EARLIEST: Final = 1880

_UNSEEN: Final = re.compile(
    "[\\x00-\\x1f\\x7f-\\x9f\\u00ad\\u061c\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb"
    "\\ud800-\\udfff\\U000e0000-\\U000e007f]"
)
_UNSEEN_IN_LINES: Final = re.compile(_UNSEEN.pattern.replace("\\x00-\\x1f", "\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f"))
_CLIMBING: Final = re.compile(
    r"(?:^|[\\/])\.{1,2}(?:[\\/]|$)|^[\\/~]|^[A-Za-z]:[\\/]|[\\/]{2}|%2[ef]|%5c", re.IGNORECASE
)
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}", re.ASCII)
_IDENTIFIER: Final = re.compile(r"[^\s\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,256}")


def title(text: str, *, element: str, findings: Findings) -> str:
    """Return a title on one line without surrounding spaces; problems: empty, too long, unseen characters, a path."""
    stripped = text.strip()
    if not stripped or len(stripped) > MAX_TITLE:
        findings.problem(
            "title-length",
            f"Le titre doit compter de 1 à {MAX_TITLE} caractères.",
            f"The title must have 1 to {MAX_TITLE} characters.",
            element,
        )
    elif _UNSEEN.search(stripped):
        findings.problem(
            "title-characters",
            "Le titre contient des caractères de contrôle ou invisibles.",
            "The title holds control or invisible characters.",
            element,
        )
    elif _CLIMBING.search(stripped):
        findings.problem(
            "title-path",
            "Le titre ressemble à un chemin de fichier.",
            "The title looks like a file path.",
            element,
        )
    return stripped


def shown(text: str, *, most: int = MAX_TITLE) -> str:
    """Return `text` without unseen characters, cut to `most`: for what a signed CDA says and cannot change."""
    return " ".join(_UNSEEN.sub(" ", text).split())[:most].strip()


def description(text: str, *, element: str | None, findings: Findings) -> str:
    """Return a free text of several lines; problems: too long, unseen characters."""
    if len(text) > MAX_DESCRIPTION or _UNSEEN_IN_LINES.search(text):
        findings.problem(
            "text-not-acceptable",
            f"Ce texte dépasse {MAX_DESCRIPTION} caractères ou contient des caractères invisibles.",
            f"This text exceeds {MAX_DESCRIPTION} characters or holds invisible characters.",
            element,
        )
    return text.strip()


def checked_text(text: str | None, *, path: str) -> str | None:
    """Return a free text, None for none. Raises Invalid when it is too long or holds unseen characters."""
    if text is None:
        return None
    findings = Findings(path=path)
    kept = description(text, element=None, findings=findings)
    findings.raise_if_any()
    return kept or None


def language(text: str, *, element: str, findings: Findings) -> str:
    """Return a language tag (BCP 47); anything else is a problem."""
    if not _LANGUAGE.fullmatch(text):
        findings.problem("language", "Ce n'est pas un code de langue.", "This is not a language code.", element)
    return text


def unique_id(text: str, *, element: str, findings: Findings) -> str:
    """Return a uniqueId as stored: no space or control character; `urn:uuid:` in lower case (RFC 9562)."""
    if not _IDENTIFIER.fullmatch(text):
        findings.problem(
            "identifier-malformed",
            f"L'identifiant doit compter de 1 à {MAX_IDENTIFIER} caractères, sans espace.",
            f"The identifier must have 1 to {MAX_IDENTIFIER} characters, without spaces.",
            element,
        )
    return text.lower() if text.lower().startswith("urn:uuid:") else text


def same_identifier(one: str, other: str) -> bool:
    """Tell whether two spellings name the same thing: `urn:oid:`, `urn:uuid:` or bare, `root^extension`."""
    return _bare(one) == _bare(other)


def _bare(identifier: str) -> str:
    bare = re.sub(r"^urn:(?:oid|uuid):", "", identifier.strip(), flags=re.IGNORECASE)
    root, mark, extension = bare.partition("^")
    return (root.lower() if "-" in root else root) + mark + extension


def not_in_future(
    moment: datetime | None, *, at: datetime, tolerance: timedelta, element: str, findings: Findings
) -> datetime | None:
    """Return `moment`; a problem when it lies before 1880, or beyond `at` and the tolerance for clocks."""
    if moment is not None and moment > at + tolerance:
        findings.problem(
            "date-in-the-future",
            "La date du document est dans le futur.",
            "The document's date is in the future.",
            element,
        )
    if moment is not None and moment.year < EARLIEST:
        findings.problem(
            "date-too-old",
            f"La date du document est antérieure à {EARLIEST}.",
            f"The document's date is before {EARLIEST}.",
            element,
        )
    return moment
