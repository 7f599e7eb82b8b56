"""The list a professional scans: what is new, then by kind, preferred ones first; two years at first (D15)."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import Final
from urllib.parse import urlencode

import msgspec

from carnet.design.language import Language
from carnet.design.parts import Action, Hue, Mark, Option
from carnet.design.vocabulary import CATEGORIES, category, profession
from carnet.interfaces.pro.presenters.patient import Banner
from carnet.records.api import Author, DocumentEntry, DocumentMetadata, Hit, Piece
from carnet.terminology.api import document_type

PERIODS: Final = ("", "6m", "tout")
VIEWS: Final = ("", "date")
MOST_OF_A_KIND: Final = 6
LONGEST_WORDS: Final = 100


class ListQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for, as parsed from the address. period: "" (two years), "6m" or "tout"; view: "" (by kind) or
    "date"; after: a place in the list by date; page: of the documents that answer the words, from 1; versions: replaced
    ones too; new: only what came since the last visit.
    """

    category: str = ""
    period: str = ""
    view: str = ""
    words: str = ""
    versions: bool = False
    new: bool = False
    after: str = ""
    page: int = 1

    @property
    def by_kind(self) -> bool:
        """Whether documents are shown under their kind, the preferred ones first."""
        return not (self.view or self.words or self.category or self.after or self.new)

    @property
    def bare(self) -> bool:
        """Whether this is the page one arrives at, where what is new is told."""
        return self.by_kind and not (self.period or self.versions)

    def address(self, base: str, **changes: str | bool | int) -> str:
        """Return the address of the list with some of these changed; a change of filter returns to the top."""
        asked = msgspec.structs.replace(self, **{"after": "", "page": 1, **changes})
        fields = {
            "vue": asked.view,
            "categorie": asked.category,
            "periode": asked.period,
            "q": asked.words,
            "versions": "1" if asked.versions else "",
            "nouveaux": "1" if asked.new else "",
            "apres": asked.after,
            "page": str(asked.page) if asked.page > 1 else "",
        }
        kept = {name: value for name, value in fields.items() if value}
        return base + ("?" + urlencode(kept) if kept else "")


class Line(msgspec.Struct, frozen=True):
    """One document of the list, opened."""

    entry: DocumentEntry
    metadata: DocumentMetadata


class ListFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the records answered. next: where the next page begins, empty at the end. hits: when words were looked for;
    wordless: documents whose inside could not be looked through. since: the end of the visit before this one; fresh:
    the first of what came since; fresh_total: all of it. first: categories wanted first.
    """

    lines: tuple[Line, ...]
    total: int
    next: str = ""
    hits: tuple[Hit, ...] = ()
    wordless: int = 0
    since: datetime | None = None
    fresh: tuple[Line, ...] = ()
    fresh_total: int = 0
    first: tuple[str, ...] = ()


class DocumentRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the list. title: in pieces, what was found marked; snippet: words inside, with their page."""

    title: tuple[Piece, ...]
    href: str
    icon: str
    hue: Hue
    meta: tuple[str, ...]
    marks: tuple[Mark, ...]
    snippet: tuple[Piece, ...] = ()
    page: str = ""


class DocumentGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Documents under a label; an empty one shows none. more: leads to those not shown here. fresh: what is new."""

    label: str
    rows: tuple[DocumentRow, ...]
    more: Action | None = None
    fresh: bool = False


class ListPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `documents.html` shows. view: the choice between by kind and by date, none while words are looked for."""

    banner: Banner
    count: str
    notes: tuple[str, ...]
    categories: tuple[Option, ...]
    periods: tuple[Option, ...]
    view: tuple[Option, ...]
    query: ListQuery
    narrowing: int
    groups: tuple[DocumentGroup, ...]
    empty: str
    reset: str | None
    older: str | None
    top: str | None
    widen: Action | None
    shortcuts: bool


def present_list(
    *, language: Language, banner: Banner, facts: ListFacts, query: ListQuery, shortcuts: bool = True
) -> ListPage:
    """Return the list for what was asked and found. shortcuts: keys of one letter act."""
    _ = language.gettext
    base = banner.address
    narrowed = bool(query.category or query.words or query.new or query.period == "6m")
    following: dict[str, str | int] = {"page": query.page + 1} if query.words else {"after": facts.next}
    return ListPage(
        banner=banner,
        count=_count(facts.total, query, language),
        notes=tuple(_notes(facts, query, language)),
        categories=tuple(
            Option(code, _(look.label), code == query.category) for code, look in CATEGORIES.items() if code != "REMB"
        ),
        periods=tuple(Option(value, label, value == query.period) for value, label in _periods(language)),
        view=_views(query, base, language),
        query=query,
        narrowing=sum((bool(query.category), query.period == "6m", query.versions, query.new)),
        groups=tuple(_groups(facts, query, base, language)),
        empty=_("Aucun document ne correspond.") if narrowed else _("Aucun document sur cette période."),
        reset=query.address(base, category="", words="", period="", versions=False, new=False) if narrowed else None,
        older=query.address(base, **following) if facts.next and not query.by_kind else None,
        top=query.address(base) if query.after or query.page > 1 else None,
        widen=None
        if query.period == "tout"
        else Action(_("Remonter à plus de deux ans"), query.address(base, period="tout")),
        shortcuts=shortcuts,
    )


def marks_of(entry: DocumentEntry, metadata: DocumentMetadata, language: Language) -> tuple[Mark, ...]:
    """Return the states a professional must see (mes.md D19), the weightiest first."""
    _ = language.gettext
    marks = (
        (entry.invisible_patient, Mark("danger", _("Pas encore visible du patient"), "warning")),
        (entry.masque_ps, Mark("masked", _("Masqué aux autres professionnels"), "eye-off")),
        (entry.invisible_representants, Mark("masked", _("Non visible des représentants légaux"), "eye-off")),
        (entry.status == "superseded", Mark("replaced", _("Version remplacée"), "replaced")),
        (metadata.archived, Mark("plain", _("Archivé par son auteur"), "file")),
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


def _row(line: Line, base: str, language: Language, *, since: datetime | None = None) -> DocumentRow:
    entry, metadata = line.entry, line.metadata
    look = category(entry.category)
    kind = type_words(entry, metadata, language)
    said = (
        language.short_date(entry.document_date),
        kind if kind != metadata.title else "",
        author_words(metadata, entry, language),
    )
    new = Mark("new", language.gettext("Nouveau"), "")
    return DocumentRow(
        title=(Piece(metadata.title),),
        href=f"{base}/documents/{entry.document_id}",
        icon=look.icon,
        hue=look.hue,
        meta=tuple(part for part in said if part),
        marks=((new,) if since and entry.received_at >= since else ()) + marks_of(entry, metadata, language),
    )


def _hit_row(hit: Hit, base: str, language: Language) -> DocumentRow:
    """A document that answers: what was found in sight, and the page it is on one press away."""
    row = _row(Line(hit.entry, hit.metadata), base, language)
    shown = hit.snippet
    if shown is None:
        return msgspec.structs.replace(row, title=hit.title)
    where = language.gettext("page %(num)s") % {"num": shown.page} if shown.page else ""
    href = f"{row.href}?page={shown.page}" if shown.page and shown.page > 1 else row.href
    return msgspec.structs.replace(row, title=hit.title, snippet=shown.pieces, page=where, href=href)


def _groups(facts: ListFacts, query: ListQuery, base: str, language: Language) -> Iterator[DocumentGroup]:
    if query.words:
        rows = tuple(_hit_row(hit, base, language) for hit in facts.hits)
        if rows:
            yield DocumentGroup(label="", rows=rows)
        return
    if facts.fresh and facts.since:
        yield _fresh(facts, facts.since, base, language)
    yield from (_by_kind if query.by_kind else _by_month)(facts, query, base, language)


def _fresh(facts: ListFacts, since: datetime, base: str, language: Language) -> DocumentGroup:
    _ = language.gettext
    more = None
    if facts.fresh_total > len(facts.fresh):
        words = _("Voir les %(num)s nouveaux documents") % {"num": facts.fresh_total}
        more = Action(words, ListQuery(new=True, view="date", period="tout").address(base))
    return DocumentGroup(
        label=_("Depuis votre visite du %(day)s") % {"day": language.long_date(since)},
        rows=tuple(_row(line, base, language) for line in facts.fresh),
        more=more,
        fresh=True,
    )


def _by_kind(facts: ListFacts, query: ListQuery, base: str, language: Language) -> Iterator[DocumentGroup]:
    """The preferred categories first, as chosen; then those with the newest documents. A few of each, newest first.

    How many a category holds is known when nothing is older than what was read; otherwise each leads to all of it.
    """
    held: dict[str, list[Line]] = {}
    for line in facts.lines:
        held.setdefault(line.entry.category, []).append(line)
    first = [code for code in facts.first if code in held]
    for code in (*first, *(code for code in held if code not in first)):
        lines = held[code]
        more = None
        if len(lines) > MOST_OF_A_KIND or facts.next:
            words = language.gettext("Tout voir")
            if not facts.next:
                words = language.gettext("Tout voir (%(num)s)") % {"num": len(lines)}
            look = language.gettext(category(code).label)
            more = Action(words, query.address(base, category=code), spoken=f": {look}")
        yield DocumentGroup(
            label=language.gettext(category(code).label),
            rows=tuple(_row(line, base, language, since=facts.since) for line in lines[:MOST_OF_A_KIND]),
            more=more,
        )


def _by_month(facts: ListFacts, _query: ListQuery, base: str, language: Language) -> Iterator[DocumentGroup]:
    for label, lines in groupby(facts.lines, key=lambda line: language.month(line.entry.document_date)):
        yield DocumentGroup(label=label, rows=tuple(_row(line, base, language, since=facts.since) for line in lines))


def _notes(facts: ListFacts, query: ListQuery, language: Language) -> Iterator[str]:
    _ = language.gettext
    if query.by_kind and facts.next:
        yield _("Les cent plus récents sont montrés ici. Par date, ils le sont tous.")
    if facts.wordless:
        yield language.ngettext(
            "%(num)s document n'a été cherché que par son titre : son texte n'est pas lisible, ou pas encore.",
            "%(num)s documents n'ont été cherchés que par leur titre : leur texte n'est pas lisible, ou pas encore.",
            facts.wordless,
        ) % {"num": facts.wordless}


def _views(query: ListQuery, base: str, language: Language) -> tuple[Option, ...]:
    """The two ways to look at the list. `value` is an address."""
    if query.words or query.category or query.new:
        return ()
    _ = language.gettext
    return (
        Option(query.address(base, view=""), _("Par type"), query.by_kind),
        Option(query.address(base, view="date"), _("Par date"), not query.by_kind),
    )


def _count(total: int, query: ListQuery, language: Language) -> str:
    _ = language.gettext
    number = language.ngettext("%(num)s document", "%(num)s documents", total) % {"num": total}
    if query.new:
        return number + " " + _("depuis votre dernière visite")
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
