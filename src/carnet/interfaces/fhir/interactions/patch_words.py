"""What one JSON Patch of a document asks for: DMP TD3.3 a to d as "PDSm for DMP" writes them, RFC 6902, RFC 6901.

One operation, one meaning: a label that hides or shows (a, b), the status of what was sent by mistake (c), filed away
(d). Anything else of a document stays as it was sent. It knows no document and decides nothing.
"""

from enum import StrEnum
from typing import Any, Final

from carnet.kernel.errors import Problem, Unsupported
from carnet.records.api import IS_ARCHIVED

_NAMED: Final = f"/extension[url:'{IS_ARCHIVED}']/valueBoolean"
"""How PDSm for the DMP writes the place (TD3.3d)."""
_ADDED: Final = "/extension/-"
"""And how RFC 6901 does: an extension at the end."""
_EXTENSION: Final = frozenset({"url", "valueBoolean"})
_LABEL: Final = "/securityLabel/0"
_NEW_LABEL: Final = "/securityLabel/-"
_LABELS: Final = "/securityLabel"
_DELETED: Final = "entered-in-error"
ONLY: Final = Problem(
    "patch-not-offered",
    "Une seule opération replace ou add, sur securityLabel (un code), status (entered-in-error) ou isArchived.",
    "One operation replace or add, on securityLabel (one code), status (entered-in-error) or isArchived.",
)


class Wanted(StrEnum):
    """What a patch may ask for."""

    ARCHIVED = "archived"
    NOT_ARCHIVED = "not-archived"
    DELETED = "deleted"
    MASKED = "MASQUE_PS"
    FROM_PERSON = "INVISIBLE_PATIENT"
    FROM_REPRESENTATIVES = "INVISIBLE_REPRESENTANTS_LEGAUX"
    SHOWN = "N"


_BY_CODE: Final = {
    str(one): one for one in (Wanted.MASKED, Wanted.FROM_PERSON, Wanted.FROM_REPRESENTATIVES, Wanted.SHOWN)
}


def wanted_by(operations: list[dict[str, Any]]) -> Wanted:
    """Return what a patch asks for; raises Unsupported for everything that is not offered."""
    asked = _said(operations[0]) if len(operations) == 1 else None
    if asked is None:
        raise Unsupported(ONLY)
    return asked


def _said(operation: dict[str, Any]) -> Wanted | None:
    kind, path, value = (operation.get(name) for name in ("op", "path", "value"))
    match kind, path:
        case "replace" | "add", str(place) if place == _NAMED:
            return _filed(value)
        case "add", str(place) if place == _ADDED and isinstance(value, dict) and value.keys() == _EXTENSION:
            return _filed(value["valueBoolean"]) if value["url"] == IS_ARCHIVED else None
        case "replace", "/status":
            return Wanted.DELETED if value == _DELETED else None
        case "replace" | "add", str(place) if place == _LABELS:
            return _labelled(value[0]) if isinstance(value, list) and len(value) == 1 else None
        case "replace", str(place) if place == _LABEL:
            return _labelled(value)
        case "add", str(place) if place == _NEW_LABEL:
            added = _labelled(value)
            return added if added is not Wanted.SHOWN else None  # beside a code that hides, N shows nothing
    return None


def _filed(value: object) -> Wanted | None:
    if not isinstance(value, bool):
        return None
    return Wanted.ARCHIVED if value else Wanted.NOT_ARCHIVED


def _labelled(value: object) -> Wanted | None:
    """Return what a CodeableConcept of one coding says; systems are told apart by their codes, as in deposits."""
    codings = value.get("coding") if isinstance(value, dict) else None
    if not isinstance(codings, list) or len(codings) != 1 or not isinstance(codings[0], dict):
        return None
    code = codings[0].get("code")
    return _BY_CODE.get(code) if isinstance(code, str) else None
