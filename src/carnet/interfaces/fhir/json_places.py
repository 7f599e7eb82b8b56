"""Where in a tree something stands, as FHIRPath writes it; and the marks that forbid to read a tree as we would.

Looked for only once something is known to be wrong, or may be.
"""

import re
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, Final

from carnet.kernel.errors import Problem, Unsupported

_MARKS: Final = ("modifierExtension", "implicitRules")
MARKS: Final = tuple(f'"{one}"'.encode() for one in _MARKS)
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")


def place(tree: dict[str, Any], found: Callable[[str | int, Any], bool]) -> str | None:
    """Return the path of the first element for which `found(name or index, value)`; None when none does.

    The path stops before a name that does not look like one of FHIR: what was sent is never echoed.
    """
    root = tree.get("resourceType")
    begin = root if isinstance(root, str) and _NAME.fullmatch(root) else ""
    return next((path for path, name, value in _elements(tree, begin) if found(name, value)), None)


def _elements(tree: dict[str, Any], begin: str) -> Iterator[tuple[str, str | int, Any]]:
    waiting: deque[tuple[str, Any]] = deque([(begin, tree)])
    while waiting:
        path, value = waiting.popleft()
        for name, one in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(name, int):
                inner = f"{path}[{name}]"
            else:
                inner = f"{path}.{name}".removeprefix(".") if _NAME.fullmatch(name) else path
            yield inner, name, one
            if isinstance(one, (dict, list)):
                waiting.append((inner, one))


def refuse_marks(tree: dict[str, Any]) -> None:
    """Refuse a tree whose meaning is changed by what we do not know. Raises Unsupported.

    A receiver that does not understand one must not go on as if it were absent (FHIR R4 §2.4.2, §2.27.1.4).
    """
    where = place(tree, lambda name, value: name in _MARKS and bool(value))
    if where is not None:
        raise Unsupported(
            Problem(
                "meaning-modified",
                "Cet élément change le sens de ce qui l'entoure, et nous ne le connaissons pas.",
                "This element changes the meaning of what is around it, and we do not know it.",
                where,
            )
        )
