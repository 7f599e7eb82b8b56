"""The regulatory matrix for people: which profession may read which kind of document, once it was let in.

Deliberately ignores everything a person decides: this is what the law lets a profession read at most.
"""

from datetime import date

import msgspec

from carnet.design.language import Language, mark
from carnet.design.parts import Hue, Option
from carnet.design.vocabulary import category
from carnet.interfaces.portal.presenters.access_tabs import MATRIX, access_tabs

GROUPS: dict[str, str] = {
    "MED": mark("Médecin"),
    "SF": mark("Sage-femme"),
    "PHA": mark("Pharmacien"),
    "IDE": mark("Infirmier"),
    "CHD": mark("Chirurgien-dentiste"),
    "MK": mark("Kinésithérapeute"),
    "AS": mark("Aide-soignant"),
    "PSY": mark("Psychologue"),
    "TLAB": mark("Technicien de laboratoire"),
    "MERM": mark("Manipulateur radio"),
    "DIE": mark("Diététicien"),
    "ORP": mark("Orthophoniste"),
    "ORT": mark("Orthoptiste"),
    "ERG": mark("Ergothérapeute, psychomotricien"),
    "POD": mark("Pédicure-podologue"),
    "APP": mark("Appareillage"),
    "OPT": mark("Opticien, audioprothésiste"),
    "AMB": mark("Ambulancier"),
    "SOC": mark("Assistant social, éducateur"),
}


class TypeFacts(msgspec.Struct, frozen=True):
    """A kind of document: its category, its name in the reader's language, and the groups that may read it."""

    category: str
    label: str
    groups: frozenset[str]


class ChangeFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a day opens and closes: for each group, the kinds of documents in the reader's language."""

    day: date
    opened: tuple[tuple[str, tuple[str, ...]], ...]
    closed: tuple[tuple[str, tuple[str, ...]], ...]


class MatrixFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The whole matrix on a day. groups: in the order of the columns; types: sorted by category."""

    day: date
    groups: tuple[str, ...]
    types: tuple[TypeFacts, ...]
    reconstructed: int
    cells: int
    changes: tuple[ChangeFacts, ...] = ()


class Line(msgspec.Struct, frozen=True):
    """A kind of document, and a yes or no for each column."""

    label: str
    cells: tuple[bool, ...]


class Block(msgspec.Struct, frozen=True):
    """The kinds of one category."""

    label: str
    icon: str
    hue: Hue
    lines: tuple[Line, ...]


class Change(msgspec.Struct, frozen=True):
    """A day and sentences of what changes on it."""

    heading: str
    lines: tuple[str, ...]


class MatrixPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `matrix.html` shows: a table, or for one profession what it reads and what it does not."""

    tabs: tuple[Option, ...]
    professions: tuple[Option, ...]
    categories: tuple[Option, ...]
    columns: tuple[str, ...]
    blocks: tuple[Block, ...]
    single: str
    count: str
    source: str
    changes: tuple[Change, ...] = ()


def present_matrix(*, language: Language, facts: MatrixFacts, group: str = "", shelf: str = "") -> MatrixPage:
    """Return the page, narrowed to one profession group and one category when these are known."""
    _ = language.gettext
    group = group if group in facts.groups else ""
    columns = (group,) if group else facts.groups
    shelves = tuple(dict.fromkeys(one.category for one in facts.types))
    shelf = shelf if shelf in shelves else ""
    blocks = tuple(_block(one, facts, columns, language) for one in shelves if shelf in {"", one})
    readable = sum(cell for block in blocks for line in block.lines for cell in line.cells)
    total = sum(len(block.lines) for block in blocks)
    return MatrixPage(
        tabs=access_tabs(MATRIX, language),
        professions=tuple(Option(code, _name(code, language), code == group) for code in facts.groups),
        categories=tuple(Option(code, _(category(code).label), code == shelf) for code in shelves),
        columns=tuple(_name(code, language) for code in columns),
        blocks=blocks,
        single=_name(group, language) if group else "",
        count=_("%(readable)s sortes de documents sur %(total)s") % {"readable": readable, "total": total}
        if group
        else language.ngettext("%(num)s sorte de documents", "%(num)s sortes de documents", total) % {"num": total},
        source=_(
            "Règles en vigueur le %(day)s (arrêté du 26 octobre 2023). %(guessed)s réponses sur %(cells)s sont "
            "reconstituées, en attendant le tableau officiel."
        )
        % {"day": language.short_date(facts.day), "guessed": facts.reconstructed, "cells": facts.cells},
        changes=tuple(_change(one, facts.day, language) for one in facts.changes),
    )


def _change(change: ChangeFacts, today: date, language: Language) -> Change:
    _ = language.gettext
    heading = _("À partir du %(day)s") if change.day > today else _("Depuis le %(day)s")
    opened, closed = _("%(who)s peut lire : %(what)s."), _("%(who)s ne peut plus lire : %(what)s.")
    said = [(opened, *one) for one in change.opened] + [(closed, *one) for one in change.closed]
    return Change(
        heading % {"day": language.plain_date(change.day)},
        tuple(words % {"who": _name(who, language), "what": ", ".join(what)} for words, who, what in said),
    )


def _block(shelf: str, facts: MatrixFacts, columns: tuple[str, ...], language: Language) -> Block:
    look = category(shelf)
    lines = tuple(
        Line(one.label, tuple(code in one.groups for code in columns)) for one in facts.types if one.category == shelf
    )
    return Block(language.gettext(look.label), look.icon, look.hue, lines)


def _name(group: str, language: Language) -> str:
    return language.gettext(GROUPS.get(group, group))
