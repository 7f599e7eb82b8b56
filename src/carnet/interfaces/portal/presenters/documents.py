"""The list of documents: categories with counts, filters, search, pages.

Filtering and counting happen in the records capability, before this; here only words, marks and addresses.
"""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

import msgspec
from markupsafe import Markup, escape

from carnet.design.found_words import found_words
from carnet.design.language import Language
from carnet.design.parts import Action, Chip, Mark, Option, PageLinks, Row, RowGroup, page_links
from carnet.design.vocabulary import CATEGORIES, category
from carnet.interfaces.portal.presenters.facts import DocumentFacts
from carnet.interfaces.portal.presenters.people import author_words

PERIODS = ("1m", "6m", "1a", "3a")
SORTS = ("date", "ajout", "titre")
ADDRESS = "/documents"
OWN = "moi"


class DocumentQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What the person asked for, as parsed from the address. Empty strings mean "all"."""

    category: str = ""
    author: str = ""
    period: str = ""
    unread: bool = False
    sort: str = "date"
    words: str = ""
    page: int = 1

    def address(self, **changes: str | int | bool) -> str:
        """The address of the list with some of these changed; a change of filter goes back to the first page."""
        asked = msgspec.structs.replace(self, **{"page": 1, **changes})
        fields = {
            "categorie": asked.category,
            "auteur": asked.author,
            "periode": asked.period,
            "non_lus": "1" if asked.unread else "",
            "tri": "" if asked.sort == "date" else asked.sort,
            "q": asked.words,
            "page": str(asked.page) if asked.page > 1 else "",
        }
        kept = {name: value for name, value in fields.items() if value}
        return ADDRESS + ("?" + urlencode(kept) if kept else "")

    @property
    def narrowing(self) -> int:
        """How many filters are on (the category and the words not counted)."""
        return sum(map(bool, (self.author, self.period, self.unread)))


class DocumentListFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the records answered. documents: this page's, in order; total: all that match; counts: per category code,
    over the whole space; authors: (key, name) pairs to choose from; with_own: some are the person's own; pages: how
    many pages match.
    """

    documents: tuple[DocumentFacts, ...]
    total: int
    pages: int
    counts: Mapping[str, int]
    authors: tuple[tuple[str, str], ...] = ()
    with_own: bool = False
    now: datetime


class DocumentsPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `documents.html` shows."""

    count: str
    categories: tuple[Chip, ...]
    choices: tuple[Option, ...]
    words: str
    authors: tuple[Option, ...]
    periods: tuple[Option, ...]
    sorts: tuple[Option, ...]
    unread: bool
    narrowing: int
    groups: tuple[RowGroup, ...]
    pages: PageLinks | None
    reset: str | None
    empty_space: bool
    add: Action


def present_documents(*, language: Language, facts: DocumentListFacts, query: DocumentQuery) -> DocumentsPage:
    """Return the page for what was asked and found."""
    _ = language.gettext
    everything = sum(facts.counts.values())
    choices = [Option("", f"{_('Tous les documents')} ({everything})", not query.category)]
    chips = [Chip(_("Tous les documents"), query.address(category=""), everything, not query.category, "documents")]
    for code in _known_first({query.category: 0, **facts.counts} if query.category else facts.counts):
        if facts.counts.get(code) or code == query.category:
            look = category(code)
            choices.append(Option(code, f"{_(look.label)} ({facts.counts.get(code, 0)})", code == query.category))
            chips.append(
                Chip(
                    _(look.label),
                    query.address(category=code),
                    facts.counts.get(code, 0),
                    code == query.category,
                    look.icon,
                )
            )
    narrowed = bool(query.narrowing or query.words)
    return DocumentsPage(
        count=_count(facts.total, query, language),
        categories=tuple(chips),
        choices=tuple(choices),
        words=query.words,
        authors=_authors(facts, query, language),
        periods=tuple(Option(value, label, value == query.period) for value, label in _periods(language)),
        sorts=tuple(Option(value, label, value == query.sort) for value, label in _sorts(language)),
        unread=query.unread,
        narrowing=query.narrowing,
        groups=group_rows(facts.documents, query.sort, language),
        pages=page_links(current=query.page, total=facts.pages, address=lambda number: query.address(page=number)),
        reset=query.address(author="", period="", unread=False, words="") if narrowed else None,
        empty_space=everything == 0,
        add=Action(_("Ajouter un document"), f"{ADDRESS}/ajouter", "plus", "primary"),
    )


def _found(document: DocumentFacts, language: Language) -> tuple[str, ...]:
    """The words around what was looked for, marked."""
    if not document.found:
        return ()
    words = found_words(document.found)
    page = language.gettext("Page %(num)s :") % {"num": document.found_page} if document.found_page else ""
    return (Markup(" ").join([escape(page), words]) if page else words,)


def document_row(document: DocumentFacts, language: Language) -> Row:
    """One document as a line of a list."""
    look = category(document.category)
    return Row(
        title=document.title,
        href=None if document.deleted else f"{ADDRESS}/{document.id}",
        icon=look.icon,
        hue=look.hue,
        meta=(language.short_date(document.about), author_words(document.author, language)),
        notes=_found(document, language),
        marks=document_marks(document, language),
        unread=document.unread and not document.deleted,
    )


def document_marks(document: DocumentFacts, language: Language) -> tuple[Mark, ...]:
    """The badges of a document, the most telling first."""
    _ = language.gettext
    marks = (
        (document.new and not document.deleted, Mark("new", _("Nouveau"), "new")),
        (document.unread and not document.new and not document.deleted, Mark("new", _("Non lu"))),
        (document.masked, Mark("masked", _("Masqué aux professionnels"), "eye-off")),
        (document.hidden_from_representatives, Mark("masked", _("Non visible de vos représentants"), "eye-off")),
        (document.deleted, Mark("replaced", _("Supprimé par son auteur"), "trash")),
        (document.superseded, Mark("replaced", _("Remplacé"), "replaced")),
        (document.archived, Mark("plain", _("Archivé par son auteur"), "file")),
        (document.mine, Mark("mine", _("Ajouté par vous"), "person")),
        (document.carried, Mark("plain", _("Repris de votre ancien DMP"), "documents")),
        (document.unscanned, Mark("plain", _("Non vérifié par l'antivirus"), "info")),
    )
    return tuple(shown for condition, shown in marks if condition)


def group_rows(documents: tuple[DocumentFacts, ...], sort: str, language: Language) -> tuple[RowGroup, ...]:
    """Group by month when the order is by time; one unnamed group otherwise."""
    groups: list[tuple[str, list[Row]]] = []
    for document in documents:
        label = "" if sort == "titre" else language.month(document.added_at if sort == "ajout" else document.about)
        if not groups or groups[-1][0] != label:
            groups.append((label, []))
        groups[-1][1].append(document_row(document, language))
    return tuple(RowGroup(label, tuple(rows)) for label, rows in groups)


def _count(total: int, query: DocumentQuery, language: Language) -> str:
    number = language.ngettext("%(num)s document", "%(num)s documents", total) % {"num": total}
    if not query.category:
        return number
    return language.gettext("%(category)s : %(count)s") % {
        "category": language.gettext(category(query.category).label),
        "count": number,
    }


def _known_first(counts: Mapping[str, int]) -> list[str]:
    return [code for code in CATEGORIES if code in counts] + sorted(counts.keys() - CATEGORIES.keys())


def _authors(facts: DocumentListFacts, query: DocumentQuery, language: Language) -> tuple[Option, ...]:
    own = ((OWN, language.gettext("Moi")),) if facts.with_own else ()
    return tuple(Option(value, name, value == query.author) for value, name in (*own, *facts.authors))


def _periods(language: Language) -> tuple[tuple[str, str], ...]:
    _ = language.gettext
    return (
        ("1m", _("Le dernier mois")),
        ("6m", _("Les 6 derniers mois")),
        ("1a", _("La dernière année")),
        ("3a", _("Les 3 dernières années")),
    )


def _sorts(language: Language) -> tuple[tuple[str, str], ...]:
    _ = language.gettext
    return (("date", _("Date du document")), ("ajout", _("Date d'ajout")), ("titre", _("Titre")))
