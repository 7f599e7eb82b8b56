"""From the bytes of a request to a tree that cannot hurt: limited, UTF-8, no doubled key, no NaN, no endless nesting.

Limits are counted before anything is built. What the tree means is `resources`' business.
"""

import json
import re
from typing import Any, Final, cast

import msgspec
from litestar import Request

from carnet.interfaces.fhir.errors import Malformed, MediaTypeRefused, malformed
from carnet.interfaces.fhir.json_places import MARKS, place, refuse_marks
from carnet.kernel.errors import Problem, TooLarge

MAX_DEPTH: Final = 64
MAX_COMMAS: Final = 50_000
_OVERHEAD: Final = 512 * 1024
_JSON_TYPES: Final = frozenset({"application/fhir+json", "application/json", "text/json"})
_CHARSETS: Final = frozenset({"", "utf-8", "utf8"})
_ENDLESS: Final = 10**20
_CONTENT: Final = b'"data":"'
_KEY_APART: Final = re.compile(rb'"\s+:')
_SPELT: Final = re.compile(rb"\\u00[4-7]")
"""An ASCII letter written as an escape, as no writer has to: names are then read in the tree, not in the bytes."""
_BAD_CHARACTER: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


def body_limit(document_bytes: int) -> int:
    """Return how many bytes a body may have for a document of `document_bytes` in base64 with its metadata."""
    return document_bytes * 4 // 3 + _OVERHEAD


def check_media_type(request: Request[Any, Any, Any]) -> None:
    """Refuse a body that does not say it is FHIR R4 JSON in UTF-8. Raises MediaTypeRefused (FHIR R4 §3.1.0.1.9)."""
    declared = request.headers.get("content-type", "")
    kind, *parameters = [part.strip() for part in declared.split(";")]
    values = dict(part.lower().replace('"', "").split("=", 1) for part in parameters if "=" in part)
    encoded = request.headers.get("content-encoding", "identity").lower()
    fits = kind.lower() in _JSON_TYPES and values.get("charset", "") in _CHARSETS
    if not fits or values.get("fhirversion", "4.0") != "4.0" or encoded != "identity":
        raise MediaTypeRefused(
            Problem(
                "media-type",
                "Le corps de la requête doit être du JSON FHIR R4 (application/fhir+json, UTF-8, non compressé).",
                "The request body must be FHIR R4 JSON (application/fhir+json, UTF-8, not compressed).",
            )
        )


async def read_body(request: Request[Any, Any, Any], *, limit: int) -> bytes:
    """Return the body; TooLarge by its announced length before reading, by its counted length while reading."""
    header = request.headers.get("content-length", "")
    announced = int(header) if header.isdigit() else None
    if announced is not None and announced > limit:
        raise TooLarge(_too_large(limit))
    pieces: list[bytes] = []
    received, more = 0, True
    while more and received != announced:  # what was announced is here: its end need not be waited for
        message = cast("Any", await request.receive())
        if message["type"] == "http.disconnect":
            raise malformed("body-cut", "Le corps de la requête est incomplet.", "The request body is incomplete.")
        piece = message.get("body", b"")
        received += len(piece)
        if received > limit:
            raise TooLarge(_too_large(limit))
        pieces.append(piece)
        more = message.get("more_body", False)
    return b"".join(pieces)


def parse(body: bytes) -> dict[str, Any]:
    """Return the JSON object in `body`, whatever the bytes. Raises Malformed (`json-…`), or Unsupported for an element
    that changes the meaning of others.
    """
    around = _around_contents(body)
    if around.count(b",") > MAX_COMMAS:  # every element but the first of its parent has one before it
        raise malformed("json-too-large", "Ce JSON a trop d'éléments.", "This JSON has too many elements.")
    escaped = b"\\" in around
    tree = _in_order(body, around, escaped=escaped)
    if tree is None:
        tree = _carefully(body, escaped=escaped)
    if any(mark in around for mark in MARKS) or (escaped and _SPELT.search(around)):
        refuse_marks(tree)
    return tree


def _around_contents(body: bytes) -> bytes:
    """Return `body` with its contents in base64 left out: most of it, and nothing to be counted in.

    In JSON the mark ends by opening a text, whatever stood before it; one without an escape ends at the next quote.
    """
    pieces: list[bytes] = []
    done, found = 0, body.find(_CONTENT)
    while found >= 0:
        begin = found + len(_CONTENT)
        stop = body.find(b'"', begin)
        if stop >= 0 and body.find(b"\\", begin, stop) < 0:
            pieces.append(body[done:begin])
            done = begin = stop  # the mark begins with a quote: none is inside
        found = body.find(_CONTENT, begin)
    return b"".join((*pieces, body[done:]))


def _in_order(body: bytes, around: bytes, *, escaped: bool) -> dict[str, Any] | None:
    """Return the object in `body` when it is seen at once that nothing is wrong with it, else None. Raises Malformed.

    Keys are counted in the text and in the tree: as many, so none came twice. A text that holds `":` makes the first
    number larger, and the body goes the careful way, as does anything that does not decode.
    """
    if _KEY_APART.search(around):
        return None
    try:
        tree = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if not isinstance(tree, dict):
        return None
    keys = _check(tree, escaped=escaped)
    return tree if keys == around.count(b'":') else None


def _carefully(body: bytes, *, escaped: bool) -> dict[str, Any]:
    """Return the object in `body`, or say what is wrong with it. Raises Malformed."""
    try:
        tree = json.loads(
            body.removeprefix(b"\xef\xbb\xbf").decode(),
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_int=_integer,
        )
    except UnicodeDecodeError:
        raise malformed("json-encoding", "Ce n'est pas de l'UTF-8.", "This is not UTF-8.") from None
    except RecursionError:
        raise _too_deep() from None
    except json.JSONDecodeError as error:
        raise malformed(
            "json-syntax",
            f"Ce n'est pas du JSON valide (ligne {error.lineno}, colonne {error.colno}).",
            f"This is not valid JSON (line {error.lineno}, column {error.colno}).",
        ) from None
    if not isinstance(tree, dict):
        raise malformed("json-not-an-object", "Un objet JSON est attendu.", "A JSON object is expected.")
    _check(tree, escaped=escaped)
    return tree


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    built = dict(pairs)
    if len(built) != len(pairs):
        raise malformed(
            "json-key-twice",
            "Une propriété est présente deux fois dans le même objet JSON.",
            "A property appears twice in the same JSON object.",
        )
    return built


def _constant(_: str) -> Any:
    raise malformed("json-number", "NaN et Infinity ne sont pas du JSON.", "NaN and Infinity are not JSON.")


def _integer(digits: str) -> int:
    if len(digits.removeprefix("-")) > 20:  # noqa: PLR2004 - beyond any FHIR integer
        raise _endless()
    return int(digits)


def _check(tree: dict[str, Any], *, escaped: bool) -> int:
    """Walk the tree: no deeper than MAX_DEPTH, no character FHIR forbids in a string (R4 §2.24.0.1). Return its keys.

    `data` is base64 and long: decoding it refuses more than this would. escaped: whether any text was written with an
    escape: without one such a character cannot come through JSON at all.
    """
    level: list[Any] = [tree]
    keys = 0
    for _ in range(MAX_DEPTH):
        inner: list[Any] = []
        for value in level:
            named = type(value) is dict
            keys += len(value) if named else 0
            if escaped and _has_bad_character(value):
                raise _bad_character(tree)
            for one in value.values() if named else value:
                kind = type(one)
                if kind is dict or kind is list:
                    inner.append(one)
                elif kind is int and abs(one) >= _ENDLESS:
                    raise _endless(place(tree, lambda _, value: type(value) is int and abs(value) >= _ENDLESS))
        if not inner:
            return keys
        level = inner
    raise _too_deep()


def _has_bad_character(value: dict[str, Any] | list[Any]) -> bool:
    named = value.items() if isinstance(value, dict) else enumerate(value)
    return any(_is_bad(name, one) for name, one in named)


def _is_bad(name: str | int, value: Any) -> bool:
    return isinstance(value, str) and name != "data" and _BAD_CHARACTER.search(value) is not None


def _endless(path: str | None = None) -> Malformed:
    return malformed("json-number", "Ce nombre est trop grand.", "This number is too large.", path)


def _bad_character(tree: dict[str, Any]) -> Malformed:
    return malformed(
        "json-character",
        "Un texte contient un caractère de contrôle interdit par FHIR.",
        "A text holds a control character that FHIR forbids.",
        place(tree, _is_bad),
    )


def _too_deep() -> Malformed:
    return malformed("json-too-deep", "Ce JSON est trop imbriqué.", "This JSON is nested too deeply.")


def _too_large(limit: int) -> Problem:
    megabytes = round(limit / 1_000_000)
    size, unit_fr, unit = (megabytes, "Mo", "MB") if megabytes else (limit // 1000, "ko", "kB")
    return Problem(
        "body-too-large",
        f"La requête dépasse la taille permise ({size} {unit_fr}).",
        f"The request exceeds the permitted size ({size} {unit}).",
    )
