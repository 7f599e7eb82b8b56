"""What one agent asks upon a scanned proof and a second one answers, on the desk's pages: the same for every kind.

A kind gives its words and tells its own requests; which kinds there are is not known here.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, Generic, Protocol, TypeVar
from uuid import UUID

import msgspec

from carnet.design.language import Language, mark
from carnet.design.parts import Action, Fact, Form, Mark, Option, Row, RowGroup
from carnet.design.shell import Crumb, FieldError
from carnet.interfaces.desk.presenters.contact import SHOWN, address_of
from carnet.interfaces.desk.presenters.scripts import TEXTS
from carnet.kernel.errors import Problem
from carnet.spaces.api import Asker, DeskContact, Script, Shown

_ASKED_BY: Final[dict[Asker, str]] = {
    Asker.PERSON: mark("La personne elle-même"),
    Asker.REPRESENTATIVE: mark("Son représentant"),
}


class Proposal(Protocol):
    """What a request of any kind says of itself. answered_at: None while it waits."""

    @property
    def number(self) -> str: ...
    @property
    def asked_by(self) -> str: ...
    @property
    def asked_at(self) -> datetime: ...
    @property
    def due_at(self) -> datetime: ...
    @property
    def answered_at(self) -> datetime | None: ...


R = TypeVar("R", bound=Proposal)


class UnderWay(msgspec.Struct, Generic[R], frozen=True, kw_only=True):
    """What a granted request lets go on until an agent ends it. label: of their list; lasts: whether one still does."""

    label: str
    note: str
    act: str
    lasts: Callable[[R, datetime], bool]


class Kind(msgspec.Struct, Generic[R], frozen=True, kw_only=True):
    """One kind: its French words, to translate, and the functions that tell one of its requests.

    address: of the list; current: key of the tab and of `*_asking.html`; name: what the tab says; line: of a row,
    `%(day)s` when it was asked, `%(due)s` when an answer is due; own_line: one more for who recorded it (none: the
    badge tells them).
    script: of a contact, within which the form is at `form_at`; first: the field of a problem that names none;
    choices: {field: {value: words}}; hints: {value: words}.
    scan: the link to the proof; journal: who reads that it was looked at; hint: what an answer does; refusals: {value:
    words}; granted, grant: value and words of the other answer; settled: what an answered request came to.
    """

    address: str
    current: str
    name: str
    title: str
    lead: str
    icon: str
    line: str = mark("Réponse attendue avant le %(due)s")
    own_line: str = ""
    script: Script
    form_at: str
    first: str
    choices: Mapping[str, Mapping[Any, str]] = {}
    hints: Mapping[Any, str] = {}
    scan: str = mark("Voir la preuve")
    journal: str = mark("Chaque consultation de cette demande est écrite dans le journal de la personne.")
    hint: str
    refusals: Mapping[Any, str]
    granted: str = "granted"
    identifier: Callable[[R], UUID]
    facts: Callable[[R, Language], tuple[Fact, ...]]
    grant: Callable[[R], str]
    settled: Callable[[R, Language, datetime], Mark]
    meta: Callable[[R, Language], tuple[str, ...]] = lambda _one, _language: ()
    statement: Callable[[R, Language], Fact | None] = lambda _one, _language: None
    under_way: UnderWay[R] | None = None


class AskingPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `two_agents_asking.html` shows, around the fields of a kind. choices: of its radio buttons, by field."""

    address: str
    title: str
    lead: str
    say: tuple[str, ...]
    act: str
    icon: str
    form: Form
    choices: Mapping[str, tuple[Option, ...]]
    back: Action
    crumbs: tuple[Crumb, ...]


class ListPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `two_agents_list.html` shows."""

    title: str
    lead: str
    groups: tuple[RowGroup, ...]


class RequestPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `two_agents_request.html` shows. answers: empty when this agent may not answer; own: because it is theirs;
    ending: what to say before the button that ends what goes on, None when nothing does.
    """

    address: str
    number: str
    marks: tuple[Mark, ...]
    facts: tuple[Fact, ...]
    statement: Fact | None
    scan: str
    journal: str
    form: Form
    answers: tuple[Option, ...]
    hint: str
    own: bool
    answered: bool
    ending: Fact | None
    crumbs: tuple[Crumb, ...]


def present_asking(
    *,
    language: Language,
    kind: Kind[Any],
    contact: DeskContact,
    typed: Mapping[str, str],
    problems: tuple[Problem, ...] = (),
) -> AskingPage:
    """Return the form. typed: shown again to be corrected."""
    _ = language.gettext
    text, address = TEXTS[kind.script], address_of(contact)
    choices = {
        field: tuple(
            Option(str(one), _(words), typed.get(field) == one, _(kind.hints[one]) if one in kind.hints else "")
            for one, words in offered.items()
        )
        for field, offered in kind.choices.items()
    }
    return AskingPage(
        address=f"{address}/{kind.form_at}",
        title=_(text.title),
        lead=_(text.lead),
        say=tuple(map(_, text.say)),
        act=_(text.act),
        icon=text.icon,
        form=Form(typed, tuple(FieldError(one.path or kind.first, one.text(language.code)) for one in problems)),
        choices=choices,
        back=Action(_("Ne rien faire"), address, "", "quiet"),
        crumbs=(Crumb(_("Contact"), address),),
    )


def present_list(*, language: Language, kind: Kind[R], requests: tuple[R, ...], agent: str, at: datetime) -> ListPage:
    """Return what waits, the oldest first, then what goes on: a number and dates, no name. agent: who looks."""
    _ = language.gettext
    under_way = kind.under_way
    groups = [(_("À répondre"), [one for one in requests if one.answered_at is None])]
    if under_way:
        groups.append((_(under_way.label), [one for one in requests if under_way.lasts(one, at)]))
    return ListPage(
        title=_(kind.title),
        lead=_(kind.lead),
        groups=tuple(
            RowGroup(label, tuple(_row(kind, one, language, agent=agent, at=at) for one in found))
            for label, found in groups
            if found
        ),
    )


def present_request(
    *, language: Language, kind: Kind[R], request: R, agent: str, at: datetime, problems: tuple[Problem, ...] = ()
) -> RequestPage:
    """Return one request. agent: who looks."""
    _ = language.gettext
    waits, goes_on = request.answered_at is None, kind.under_way
    own = waits and request.asked_by == agent
    return RequestPage(
        address=_address(kind, request),
        number=request.number,
        marks=(_mark(kind, request, language, own=False, at=at),),
        facts=kind.facts(request, language),
        statement=kind.statement(request, language),
        scan=_(kind.scan),
        journal=_(kind.journal),
        form=Form(errors=tuple(FieldError("reponse", one.text(language.code)) for one in problems)),
        answers=_answers(kind, request, language) if waits and not own else (),
        hint=_(kind.hint),
        own=own,
        answered=not waits,
        ending=Fact(_(goes_on.act), _(goes_on.note)) if goes_on and goes_on.lasts(request, at) else None,
        crumbs=(Crumb(_(kind.name), kind.address),),
    )


def asker_facts(asker: Asker, shown: frozenset[Shown], language: Language) -> tuple[Fact, ...]:
    """Return who asked, and what proved who they are."""
    _ = language.gettext
    return (
        Fact(_("Demandeur"), _(_ASKED_BY[asker])),
        Fact(_("Identité prouvée par"), ", ".join(_(SHOWN[one]) for one in sorted(shown))),
    )


def day_facts(request: Proposal, language: Language) -> tuple[Fact, ...]:
    """Return when it was asked, and when it was answered or has to be."""
    _ = language.gettext
    asked = Fact(_("Demandé le"), language.long_date(request.asked_at))
    if request.answered_at is None:
        return (asked, Fact(_("Réponse attendue avant le"), language.long_date(request.due_at)))
    return (asked, Fact(_("Répondu le"), language.long_date(request.answered_at)))


def _answers(kind: Kind[R], request: R, language: Language) -> tuple[Option, ...]:
    _ = language.gettext
    refused = (Option(str(one), _("Refuser : %(why)s") % {"why": _(why)}) for one, why in kind.refusals.items())
    return (Option(kind.granted, _(kind.grant(request))), *refused)


def _address(kind: Kind[R], request: R) -> str:
    return f"{kind.address}/{kind.identifier(request)}"


def _mark(kind: Kind[R], request: R, language: Language, *, own: bool, at: datetime) -> Mark:
    _ = language.gettext
    if request.answered_at is not None:
        return kind.settled(request, language, at)
    if at >= request.due_at:
        return Mark("danger", _("En retard"), "warning")
    return Mark("info", _("Un autre agent doit répondre") if own else _("Attend une réponse"), "calendar")


def _row(kind: Kind[R], request: R, language: Language, *, agent: str, at: datetime) -> Row:
    _ = language.gettext
    own = request.answered_at is None and request.asked_by == agent
    days = {"day": language.long_date(request.asked_at), "due": language.long_date(request.due_at)}
    notes = [_(kind.line) % days]
    if own and kind.own_line:
        notes.append(_(kind.own_line))
    return Row(
        title=_("Demande %(number)s") % {"number": request.number},
        href=_address(kind, request),
        icon=kind.icon,
        meta=kind.meta(request, language),
        notes=tuple(notes),
        marks=(_mark(kind, request, language, own=own and not kind.own_line, at=at),),
    )
