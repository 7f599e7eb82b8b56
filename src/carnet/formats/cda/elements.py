"""Small, total readers of HL7 V3 data types: whatever is missing or odd gives None, never an exception."""

import functools
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final
from zoneinfo import ZoneInfo

from lxml import etree

from carnet.formats.cda.model import Code, Identifier, Moment

HL7: Final = "{urn:hl7-org:v3}"
_PARIS: Final = ZoneInfo("Europe/Paris")
_LONGEST_TEXT: Final = 4000
_TIME: Final = re.compile(
    r"(?P<year>\d{4})(?:(?P<month>\d\d)(?:(?P<day>\d\d)(?:(?P<hour>\d\d)(?:(?P<minute>\d\d)(?:(?P<second>\d\d))?)?)?)?)?"
    r"(?:\.\d+)?(?P<zone>[+-]\d{1,4})?",
    re.ASCII,
)
_ROOT: Final = re.compile(
    r"[0-2](?:\.[0-9]{1,40}){1,40}|[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", re.ASCII
)
_UNSEEN: Final = re.compile(
    "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\u061c\\u200b\\u200e\\u200f\\u202a-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\uffff"
    "\\U000e0000-\\U000e0fff]"
)
_WHOLE_NUMBER: Final = re.compile(r"\d{1,9}", re.ASCII)
_SHORT: Final = 32
"""Longer than a moment is written: a document says the same one in several places, and that is remembered."""


def first(element: etree._Element | None, *path: str) -> etree._Element | None:
    """Return the first element down `path`, taking the first child of each name."""
    for name in path:
        if element is None:
            return None
        element = next(element.iterchildren(HL7 + name), None)
    return element


def every(element: etree._Element | None, *path: str) -> Iterator[etree._Element]:
    """Return the elements named last in `path` under every parent in between."""
    if element is None:
        return iter(())
    if len(path) == 1:
        return element.iterchildren(HL7 + path[0])
    return iter(element.findall("/".join(HL7 + name for name in path)))


def clean(raw: str | None) -> str | None:
    """Return one line of text without control or direction-changing characters; None when nothing is left.

    Directional overrides are dropped because they can make a name or a title read as another.
    """
    if not raw:
        return None
    if raw.isalnum():  # most of what is read: codes, names and numbers, of characters that are seen
        return raw[:_LONGEST_TEXT]
    return " ".join(visible(raw).split())[:_LONGEST_TEXT] or None


def visible(raw: str) -> str:
    """Return `raw` without the characters that are not seen but change what is seen."""
    return raw if raw.isascii() and raw.isprintable() else _UNSEEN.sub("", raw)


def text(element: etree._Element | None) -> str | None:
    """Return the whole text of an element on one line."""
    return None if element is None else clean(raw_text(element))


def raw_text(element: etree._Element) -> str:
    """Return every character inside an element, as written."""
    return "".join(part for part in element.itertext() if isinstance(part, str))


def attribute(element: etree._Element | None, name: str) -> str | None:
    """Return a cleaned attribute."""
    return None if element is None else clean(element.get(name))


def identifier(element: etree._Element | None) -> Identifier | None:
    """Read an `II`; None without a root that is an OID or a UUID."""
    root = attribute(element, "root")
    if element is None or root is None or not _ROOT.fullmatch(root):
        return None
    return Identifier(root, attribute(element, "extension"))


def identifiers(element: etree._Element | None, name: str = "id") -> tuple[Identifier, ...]:
    """Read every `II` child named `name`."""
    found = (identifier(child) for child in every(element, name))
    return tuple(one for one in found if one is not None)


def code(element: etree._Element | None) -> Code | None:
    """Read a coded value; its display falls back to the original text. None when it says nothing."""
    if element is None:
        return None
    value = attribute(element, "code")
    display = attribute(element, "displayName") or text(first(element, "originalText"))
    if value is None and display is None:
        return None
    return Code(value or "", attribute(element, "codeSystem"), display)


def whole_number(raw: str | None) -> int | None:
    """Read a non-negative integer."""
    raw = clean(raw)
    return int(raw) if raw and _WHOLE_NUMBER.fullmatch(raw) else None


def moment(element: etree._Element | None) -> Moment | None:
    """Read a `TS` (YYYY[MM[DD[HH[MM[SS]]]]][±ZZzz]). None when missing, unreadable or impossible.

    Seen in the wild and read: zones of three digits (`+100` is +01:00), a value beside a nullFlavor, a date with a
    zone. An hour without a zone is taken as French legal time.
    """
    return read_moment(attribute(element, "value"))


def read_moment(raw: str | None) -> Moment | None:
    """Read the text of a `TS`, as HL7 v2 and XDS write it too. None as above."""
    if not raw:
        return None
    return _remembered(raw) if len(raw) <= _SHORT else _moment(raw)


def _moment(raw: str) -> Moment | None:
    found = _TIME.fullmatch(raw)
    if found is None:
        return None
    parts = {name: int(value) for name, value in found.groupdict().items() if value and name != "zone"}
    precision = list(parts)[-1]
    try:
        day = date(parts["year"], parts.get("month", 1), parts.get("day", 1))
        at = _instant(parts, _zone(found["zone"])) if "hour" in parts else None
    except (ValueError, OverflowError):
        return None
    return Moment(raw, precision, day if "day" in parts else None, at)


_remembered = functools.lru_cache(maxsize=256)(_moment)


def _instant(parts: dict[str, int], zone: timezone | ZoneInfo) -> datetime:
    at = datetime(
        parts["year"], parts["month"], parts["day"], parts["hour"], parts.get("minute", 0), parts.get("second", 0),
        tzinfo=zone,
    )  # fmt: skip
    at.astimezone(UTC)  # year 1 or 9999 may not exist in UTC
    return at


def _zone(raw: str | None) -> timezone | ZoneInfo:
    if raw is None:
        return _PARIS
    digits = raw[1:]
    hours, minutes = (int(digits), 0) if len(digits) <= 2 else (int(digits[:-2]), int(digits[-2:]))  # noqa: PLR2004 - hh or hhmm
    return timezone((1 if raw[0] == "+" else -1) * timedelta(hours=hours, minutes=minutes))
