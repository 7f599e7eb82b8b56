"""What the desk may be shown of the portal: the plan of a page, from what the product is and never from a page.

Two ways meet here. `position_of` names where somebody is: the template, the route, the status, and which sentences of
error of ours were shown (by their names). `plan_at` turns such names back into words, for the desk. Whatever a page
held that is not a constant of the product has no name, so it cannot pass.
"""

import re
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import msgspec

from carnet.design.language import Code
from carnet.design.parts import Form
from carnet.design.plan import Part, plan_of, without_values
from carnet.design.shell import FieldError
from carnet.interfaces.portal.presenters.errors import present_error
from carnet.interfaces.portal.setting import HERE, environment_for, language_for
from carnet.kernel.errors import Problem
from carnet.spaces.api import Position

PRESENTERS: Final = HERE / "presenters"
FAILED: Final = "pages/error.html"
MOST: Final = 20
_PARAMETER: Final = re.compile(r"\{[^{}]*\}")
_TITLE_OF_ERRORS: Final = "Erreur :"


class PagePlan(msgspec.Struct, frozen=True, kw_only=True):
    """A page as the desk sees it. errors: sentences of ours that are shown; unknown_errors: others are, unseen here."""

    title: str
    path: str
    parts: tuple[Part, ...] = ()
    errors: tuple[str, ...] = ()
    unknown_errors: bool = False


def position_of(*, template: str, path_template: str, status: int, page: Any) -> Position:
    """Return where somebody is. page: looked at only for errors, of which only names of ours are kept."""
    names = tuple(_named(one.text) for one in _errors_of(page))[:MOST]
    path = _PARAMETER.sub("*", path_template)
    return Position(template=template, path=path, status=status, problems=names)


def plan_at(position: Position, code: Code) -> PagePlan:
    """Return the plan of the page somebody is on, in the words of `code`."""
    language = language_for(code)
    known = problems_of_ours()
    errors = tuple(known[name].text(code) for name in position.problems if name in known)
    unknown = any(name not in known for name in position.problems)
    if position.template == FAILED:
        failed = present_error(language=language, status=position.status)
        said = tuple(Part("text", text) for text in (failed.lead, *failed.advice))
        return PagePlan(title=failed.heading, path=position.path, parts=said)
    if not is_template(position.template):
        return PagePlan(title="", path=position.path)
    parts = tuple(
        Part(one.kind, without_values(language.gettext(one.text)))
        for one in plan_of(environment_for("fr"), position.template, PRESENTERS)
        if one.text != _TITLE_OF_ERRORS
    )
    named = next((one.text for one in parts if one.kind == "title"), "")
    return PagePlan(
        title=named,
        path=position.path,
        parts=tuple(one for one in parts if one.kind != "title" and one.text != named),
        errors=errors,
        unknown_errors=unknown,
    )


@lru_cache(maxsize=1)
def problems_of_ours() -> dict[str, Problem]:
    """Return every sentence of error that is a constant of a module of the product, by module and name."""
    return {
        f"{module.removeprefix('carnet.')}.{name}": value
        for module, held in sorted(sys.modules.items())
        if module.startswith("carnet.")
        for name, value in sorted(vars(held).items())
        if isinstance(value, Problem)
    }


def is_template(name: str) -> bool:
    """Tell whether this is a page of ours."""
    return name in _templates()


@lru_cache(maxsize=1)
def _templates() -> frozenset[str]:
    return frozenset(Path(name).as_posix() for name in environment_for("fr").list_templates())


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    return {text: name for name, one in problems_of_ours().items() for text in (one.fr, one.en)}


def _named(text: str) -> str:
    return _names().get(text, "?")


def _errors_of(page: Any) -> Iterator[FieldError]:
    """Yield what a page says is to be corrected, in whichever of its forms."""
    for name in getattr(page, "__struct_fields__", ()):
        held = getattr(page, name)
        if isinstance(held, Form):
            yield from held.errors
        elif isinstance(held, FieldError):
            yield held
        elif isinstance(held, tuple):
            yield from (one for one in held if isinstance(one, FieldError))
