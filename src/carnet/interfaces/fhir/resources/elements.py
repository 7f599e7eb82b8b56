"""Reading a JSON tree as FHIR: each value with its type checked and its path known, so that problems have a place.

Knows FHIR's data types and no resource. An element we do not read is ignored, whatever it holds: it is never stored.
Source: FHIR R4 §2.24 (data types), §2.6.2 (JSON representation).
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from carnet.interfaces.fhir.errors import Malformed, malformed
from carnet.kernel.legal_day import PARIS
from carnet.records.api import Coding

_DATE_TIME: Final = re.compile(
    r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}):(\d{2}):(\d{2})(\.\d+)?(Z|[+-]\d{2}:\d{2}))?)?)?", re.ASCII
)
_LONGEST: Final = 1024 * 1024


class Node:
    """One JSON object with its FHIRPath."""

    __slots__ = ("path", "value")

    def __init__(self, value: Any, path: str) -> None:
        """Take an object of the tree; raises Malformed when `value` is anything else."""
        if not isinstance(value, dict):
            raise malformed("object-expected", "Un objet est attendu.", "An object is expected.", path)
        self.value: dict[str, Any] = value
        self.path = path

    def __contains__(self, name: str) -> bool:
        return name in self.value

    @property
    def resource_type(self) -> str:
        """The type of a resource; Malformed when it does not say."""
        return self.required("resourceType")

    def text(self, name: str) -> str | None:
        """Return a string element without surrounding spaces, None when absent. Raises Malformed."""
        value = self.value.get(name)
        if value is None:
            return None
        text = value.strip() if isinstance(value, str) else ""
        if not text:
            raise malformed(
                "text-expected", "Un texte non vide est attendu.", "A non-empty text is expected.", self.at(name)
            )
        if len(value) > _LONGEST:
            raise malformed("text-too-long", "Ce texte est trop long.", "This text is too long.", self.at(name))
        return text

    def required(self, name: str) -> str:
        """Return a string element; Malformed when absent."""
        value = self.text(name)
        if value is None:
            raise missing(self.at(name))
        return value

    def data(self, name: str) -> str | None:
        """Return a base64 element as written; Malformed when it is not a string."""
        value = self.value.get(name)
        if value is not None and not isinstance(value, str):
            raise malformed("text-expected", "Un texte est attendu.", "A text is expected.", self.at(name))
        return value

    def integer(self, name: str) -> int | None:
        """Return a whole number that is not negative, None when absent. Raises Malformed."""
        value = self.value.get(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise malformed(
                "number-expected", "Un entier positif est attendu.", "A whole number is expected.", self.at(name)
            )
        return value

    def boolean(self, name: str) -> bool | None:
        """Return true or false, None when absent. Raises Malformed."""
        value = self.value.get(name)
        if value is not None and not isinstance(value, bool):
            raise malformed(
                "boolean-expected", "true ou false est attendu.", "true or false is expected.", self.at(name)
            )
        return value

    def node(self, name: str) -> "Node | None":
        """Return an object element, None when absent. Raises Malformed."""
        value = self.value.get(name)
        return None if value is None else Node(value, self.at(name))

    def nodes(self, name: str) -> list["Node"]:
        """Return the objects of a repeating element, [] when absent. Raises Malformed."""
        value = self.value.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise malformed("array-expected", "Une liste est attendue.", "An array is expected.", self.at(name))
        return [Node(one, f"{self.path}.{name}[{index}]") for index, one in enumerate(value)]

    def texts(self, name: str) -> list[str]:
        """Return the strings of a repeating element, [] when absent. Raises Malformed."""
        value = self.value.get(name, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise malformed(
                "array-expected", "Une liste de textes est attendue.", "An array of texts is expected.", self.at(name)
            )
        return [one.strip() for one in value if one.strip()]

    def moment(self, name: str) -> datetime | None:
        """Return a date, dateTime or instant in UTC, None when absent; a day begins in French legal time."""
        written = self.text(name)
        return None if written is None else read_moment(written, path=self.at(name))

    def extension(self, url: str) -> "Node | None":
        """Return the first extension with that URL."""
        return next((one for one in self.nodes("extension") if one.value.get("url") == url), None)

    def flag(self, url: str, *, default: bool) -> bool:
        """Return what the extension with that URL says, `default` without one. Raises Malformed."""
        found = self.extension(url)
        if found is None:
            return default
        value = found.boolean("valueBoolean")
        if value is None:
            raise missing(found.at("valueBoolean"))
        return value

    def at(self, name: str) -> str:
        """Return the path of an element."""
        return f"{self.path}.{name}"


def as_written(node: Node) -> bytes:
    """Return what stands for an object, order, types and all: equal for two only when they were sent alike."""
    try:
        return msgspec.json.encode(node.value)
    except (ValueError, OverflowError):  # half a character in what nobody reads, a number beyond 64 bits
        return repr(node.value).encode()


def read_moment(written: str, *, path: str) -> datetime:
    """Return the instant a FHIR date or dateTime begins at, in UTC. Raises Malformed."""
    match = _DATE_TIME.fullmatch(written)
    if match is None:
        raise bad_date(path)
    try:
        if match.group(4):
            at = datetime.fromisoformat(_with_microseconds(match))
        else:
            year, month, day = (int(part or 1) for part in match.group(1, 2, 3))
            at = datetime(year, month, day, tzinfo=PARIS)
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise bad_date(path) from None


def _with_microseconds(match: re.Match[str]) -> str:
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    leap = "59" if second == "60" else second  # a leap second is legal FHIR and unknown to clocks
    return f"{year}-{month}-{day}T{hour}:{minute}:{leap}{(fraction or '.0')[:7]}{zone.replace('Z', '+00:00')}"


def bad_date(path: str) -> Malformed:
    """Return the refusal of a date that is none."""
    return malformed(
        "date-malformed",
        "Ce n'est pas une date FHIR (avec le fuseau quand l'heure est donnée).",
        "This is not a FHIR date (with a zone when the time is given).",
        path,
    )


def missing(path: str) -> Malformed:
    """Return the refusal of an absent element that is needed."""
    return malformed("element-missing", "Cet élément est obligatoire.", "This element is required.", path)


def codings(concept: Node | None) -> Iterator[Coding]:
    """Yield the codings of a CodeableConcept; one without a code is a problem."""
    for one in concept.nodes("coding") if concept else ():
        yield coding(one)


def coding(node: Node) -> Coding:
    """Return a Coding; system "" when the sender gave none. Raises Malformed without a code."""
    return Coding(node.text("system") or "", node.required("code"), node.text("display"))


def first_coding(concept: Node | None) -> Coding | None:
    """Return the first coding of a CodeableConcept, None when there is no concept; Malformed when it has no coding."""
    if concept is None:
        return None
    found = next(codings(concept), None)
    if found is None:
        raise missing(concept.at("coding"))
    return found
