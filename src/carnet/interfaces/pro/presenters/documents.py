"""The list a professional reads in seconds: current documents, newest first, two years unless asked otherwise (D15)."""

from datetime import datetime
from typing import Final
from urllib.parse import urlencode

import msgspec

from carnet.design.language import Language
from carnet.design.parts import Action, Mark, Option, Row, RowGroup
from carnet.design.vocabulary import CATEGORIES, category, profession
from carnet.interfaces.pro.presenters.patient import Banner
from carnet.records.api import Author, DocumentEntry, DocumentMetadata
from carnet.terminology.api import document_type

PERIODS: Final = ("", "6m", "tout")
LONGEST_WORDS: Final = 100


class ListQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for, as parsed from the address. period: "" (two years), "6m" or "tout"; after: a place in the
    list; versions: replaced ones too.
    """

    category: str = ""
    period: str = ""
    words: str = ""
    versions: bool = False
    after: str = ""

    def address(self, base: str, **changes: str | bool) -> str:
        """Return the address of the list with some of these changed; a change of filter returns to the top."""
        asked = msgspec.structs.replace(self, **{"after": "", **changes})
        fields = {
            "categorie": asked.category,
            "periode": asked.period,
            "q": asked.words,
            "versions": "1" if asked.versions else "",
            "apres": asked.after,
        }
        kept = {name: value for name, value in fields.items() if value}
        return base + ("?" + urlencode(kept) if kept else "")


class Line(msgspec.Struct, frozen=True):
    """One document of the list, opened."""

    entry: DocumentEntry
    metadata: DocumentMetadata


class ListFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the records answered. next: the place where the next page begins, empty at the end."""

    lines: tuple[Line, ...]
    total: int
    next: str = ""


class ListPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `documents.html` shows."""

    banner: Banner
    count: str
    categories: tuple[Option, ...]
    periods: tuple[Option, ...]
    words: str
    versions: bool
    narrowing: int
    groups: tuple[RowGroup, ...]
    empty: str
    reset: str | None
    older: str | None
    top: str | None
    widen: Action | None
    deposit: Action


def present_list(*, language: Language, banner: Banner, facts: ListFacts, query: ListQuery) -> ListPage:
    """Return the list for what was asked and found."""
    _ = language.gettext
    base = banner.address
    narrowed = bool(query.category or query.words or query.period == "6m")
    everything = query.period == "tout"
    return ListPage(
        banner=banner,
        count=_count(facts.total, query, language),
        categories=tuple(
            Option(code, _(look.label), code == query.category) for code, look in CATEGORIES.items() if code != "REMB"
        ),
        periods=tuple(Option(value, label, value == query.period) for value, label in _periods(language)),
        words=query.words,
        versions=query.versions,
        narrowing=sum((bool(query.category), query.period == "6m", query.versions)),
        groups=_by_month(facts.lines, base, language),
        empty=_("Aucun document ne correspond.") if narrowed else _("Aucun document sur cette période."),
        reset=query.address(base, category="", words="", period="", versions=False) if narrowed else None,
        older=query.address(base, after=facts.next) if facts.next else None,
        top=query.address(base) if query.after else None,
        widen=None if everything else Action(_("Remonter à plus de deux ans"), query.address(base, period="tout")),
        deposit=Action(_("Déposer un document"), f"{base}/deposer", "upload", "secondary"),
    )


def marks_of(entry: DocumentEntry, language: Language) -> tuple[Mark, ...]:
    """Return the states a professional must see (mes.md D19), the weightiest first."""
    _ = language.gettext
    marks = (
        (entry.invisible_patient, Mark("danger", _("Pas encore visible du patient"), "warning")),
        (entry.masque_ps, Mark("masked", _("Masqué aux autres professionnels"), "eye-off")),
        (entry.invisible_representants, Mark("masked", _("Non visible des représentants légaux"), "eye-off")),
        (entry.status == "superseded", Mark("replaced", _("Version remplacée"), "replaced")),
        (entry.author_kind == "PATIENT", Mark("mine", _("Ajouté par le patient"), "person")),
    )
    return tuple(shown for condition, shown in marks if condition)


def author_words(metadata: DocumentMetadata, entry: DocumentEntry, language: Language) -> str:
    """Return who wrote it, in few words: "Dr Anne Roux, Laboratoire des Lilas"."""
    if entry.author_kind == "PATIENT":
        return language.gettext("Le patient")
    author = metadata.authors[0] if metadata.authors else metadata.custodian
    if author is None:
        return language.gettext("Auteur non précisé")
    place = author.organisation_name if author.organisation_name != author.display else None
    return ", ".join(part for part in (author.display, place) if part) or language.gettext("Auteur non précisé")


def role_words(author: Author, language: Language) -> str:
    """Return what an author does, as far as it was said."""
    if author.specialty and author.specialty.display:
        return author.specialty.display
    if author.role and author.role.display:
        return author.role.display
    return profession(author.role.code, language) if author.role else ""


def type_words(entry: DocumentEntry, metadata: DocumentMetadata, language: Language) -> str:
    """Return the kind of document in the words of the nomenclature."""
    known = document_type(entry.type_code)
    return known.label(language.code) if known else metadata.type.display or entry.type_code


def _row(line: Line, base: str, language: Language) -> Row:
    entry, metadata = line.entry, line.metadata
    look = category(entry.category)
    kind = type_words(entry, metadata, language)
    said = (
        language.short_date(entry.document_date),
        kind if kind != metadata.title else "",
        author_words(metadata, entry, language),
    )
    return Row(
        title=metadata.title,
        href=f"{base}/documents/{entry.document_id}",
        icon=look.icon,
        hue=look.hue,
        meta=tuple(part for part in said if part),
        marks=marks_of(entry, language),
    )


def _by_month(lines: tuple[Line, ...], base: str, language: Language) -> tuple[RowGroup, ...]:
    groups: list[tuple[str, list[Row]]] = []
    for line in lines:
        label = language.month(line.entry.document_date)
        if not groups or groups[-1][0] != label:
            groups.append((label, []))
        groups[-1][1].append(_row(line, base, language))
    return tuple(RowGroup(label, tuple(rows)) for label, rows in groups)


def _count(total: int, query: ListQuery, language: Language) -> str:
    _ = language.gettext
    number = language.ngettext("%(num)s document", "%(num)s documents", total) % {"num": total}
    window = {"": _("sur les deux dernières années"), "6m": _("sur les six derniers mois"), "tout": _("en tout")}
    return f"{number} {window[query.period]}"


def _periods(language: Language) -> tuple[tuple[str, str], ...]:
    _ = language.gettext
    return (("", _("Deux ans")), ("6m", _("Six mois")), ("tout", _("Tout")))


def window_of(period: str, at: datetime) -> datetime | None:
    """Return the earliest date of a period, None for all of it."""
    if period == "tout":
        return None
    months = 6 if period == "6m" else 24
    whole = at.year * 12 + at.month - 1 - months
    return at.replace(year=whole // 12, month=whole % 12 + 1, day=min(at.day, 28))
