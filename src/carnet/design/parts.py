"""What the shared components show, as data: a presenter fills these, a macro draws them.

Every text is already in the reader's language. Deliberately ignores where the facts come from.
"""

from collections.abc import Callable, Mapping
from typing import Literal

import msgspec

from carnet.design.shell import Crumb, FieldError

Hue = Literal["teal", "clay", "sage", "sky", "honey", "plum"]
MarkKind = Literal["new", "masked", "replaced", "mine", "ok", "danger", "info", "plain"]

NO_VALUES: Mapping[str, str] = {}


class Mark(msgspec.Struct, frozen=True):
    """A badge beside a title: words always, colour and icon as a help."""

    kind: MarkKind
    label: str
    icon: str = ""


class Fact(msgspec.Struct, frozen=True):
    """A term and its value in a description list; `href` makes the value a link."""

    term: str
    value: str
    href: str | None = None


class Option(msgspec.Struct, frozen=True):
    """One choice of a select or of radio buttons."""

    value: str
    label: str
    chosen: bool = False
    hint: str = ""


class Chip(msgspec.Struct, frozen=True):
    """One entry of an index: a link with a count."""

    label: str
    href: str
    count: int
    current: bool = False
    icon: str = ""


class Action(msgspec.Struct, frozen=True):
    """A button that posts (`post=True`) or a link that leads somewhere. `spoken` completes the label for people who
    hear the page ("Bloquer" → "Bloquer Dr Roux").
    """

    label: str
    href: str
    icon: str = ""
    tone: Literal["primary", "secondary", "danger", "quiet"] = "secondary"
    post: bool = False
    spoken: str = ""
    values: Mapping[str, str] = NO_VALUES


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a list of documents, people or notifications. meta: short facts on one line; notes: one line each."""

    title: str
    href: str | None = None
    icon: str = "file"
    hue: Hue = "teal"
    meta: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    unread: bool = False
    actions: tuple[Action, ...] = ()
    anchor: str | None = None


class RowGroup(msgspec.Struct, frozen=True):
    """Rows under a label (a month); an empty label shows none."""

    label: str
    rows: tuple[Row, ...]


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened, on a timeline. `when` is for people, `stamp` the ISO time."""

    when: str
    stamp: str
    sentence: str
    icon: str = "activity"
    details: tuple[str, ...] = ()
    alert: bool = False
    href: str | None = None
    link: str = ""


class Day(msgspec.Struct, frozen=True):
    """The moments of one day."""

    label: str
    moments: tuple[Moment, ...]


class Cell(msgspec.Struct, frozen=True):
    """A cell of a table; `href` makes it a link."""

    text: str
    href: str | None = None


class PageLink(msgspec.Struct, frozen=True):
    """A numbered page, or a gap when `href` is None and it is not current."""

    number: int
    href: str | None
    current: bool = False


class PageLinks(msgspec.Struct, frozen=True):
    """Where else the list continues."""

    current: int
    total: int
    links: tuple[PageLink, ...]
    previous: str | None
    next: str | None


class Form(msgspec.Struct, frozen=True):
    """What a form holds when shown again: the values as typed and what to correct."""

    values: Mapping[str, str] = NO_VALUES
    errors: tuple[FieldError, ...] = ()

    def value(self, field: str) -> str:
        """The value of a field, empty when there is none."""
        return self.values.get(field, "")

    def error(self, field: str) -> str:
        """The error of a field, empty when it is right."""
        return next((error.text for error in self.errors if error.field == field), "")

    def errors_at(self, field: str) -> tuple[FieldError, ...]:
        """The same errors at another field: theirs is no longer on the page."""
        return tuple(FieldError(field, error.text) for error in self.errors)


class ConfirmPage(msgspec.Struct, frozen=True, kw_only=True):
    """A question asked on its own page before something weighty (no dialog: works everywhere, can be read calmly)."""

    heading: str
    lead: str
    consequences: tuple[str, ...]
    confirm: Action
    cancel: Action
    crumbs: tuple[Crumb, ...] = ()


class ErrorPage(msgspec.Struct, frozen=True, kw_only=True):
    """Something went wrong, told kindly: what happened, what to do. `reference` is the request id to quote."""

    status: int
    heading: str
    lead: str
    advice: tuple[str, ...]
    actions: tuple[Action, ...]
    drawing: str = "trouble"
    reference: str = ""


def page_links(*, current: int, total: int, address: Callable[[int], str]) -> PageLinks | None:
    """Return the links of a list of `total` pages, or None when everything fits on one.

    The first, the last and the neighbours of the current page are shown; the rest are gaps.
    """
    if total <= 1:
        return None
    shown = sorted({1, total, *range(max(1, current - 1), min(total, current + 1) + 1)})
    links: list[PageLink] = []
    for number in shown:
        if links and number - links[-1].number > 1:
            links.append(PageLink(number - 1, None))
        links.append(PageLink(number, address(number), current=number == current))
    return PageLinks(
        current=current,
        total=total,
        links=tuple(links),
        previous=address(current - 1) if current > 1 else None,
        next=address(current + 1) if current < total else None,
    )
