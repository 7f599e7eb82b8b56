"""Heirs' requests on the desk's pages: what to ask, what waits, and one request with its answer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import msgspec

from carnet.access.api import CHOSEN, Capacity, HeirsRequest, Purpose, Refusal
from carnet.design.language import Language, last_day, mark
from carnet.design.parts import Action, Fact, Form, Mark, Option, Row
from carnet.design.shell import Crumb, FieldError
from carnet.interfaces.desk.presenters.contact import address_of
from carnet.interfaces.desk.presenters.scripts import TEXTS
from carnet.kernel.errors import Problem
from carnet.spaces.api import DeskContact, Script

ADDRESS: Final = "/guichet/ayants-droit"
CAPACITIES: Final[dict[Capacity, str]] = {
    Capacity.HEIR: mark("Héritier"),
    Capacity.SPOUSE: mark("Conjoint"),
    Capacity.PACS: mark("Partenaire de PACS"),
    Capacity.PARTNER: mark("Concubin"),
    Capacity.PARENT: mark("Parent, ou titulaire de l'autorité parentale, d'un mineur décédé"),
}
PURPOSES: Final[dict[Purpose, str]] = {
    Purpose.CAUSES: mark("Connaître les causes de la mort"),
    Purpose.MEMORY: mark("Défendre la mémoire de la personne"),
    Purpose.RIGHTS: mark("Faire valoir ses droits"),
}
REFUSALS: Final[dict[Refusal, str]] = {
    Refusal.PERSON: mark("La personne l'a refusé de son vivant"),
    Refusal.NOT_ENTITLED: mark("La qualité n'est pas prouvée"),
    Refusal.MOTIVE: mark("La demande ne répond à aucun des trois motifs de la loi"),
    Refusal.PROOF: mark("La preuve jointe n'est pas lisible ou n'est pas la bonne"),
    Refusal.ALIVE: mark("Le décès avait été noté par erreur"),
}


class AskingPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `heirs_asking.html` shows."""

    address: str
    title: str
    lead: str
    say: tuple[str, ...]
    act: str
    icon: str
    form: Form
    capacities: tuple[Option, ...]
    purposes: tuple[Option, ...]
    back: Action
    crumbs: tuple[Crumb, ...]


class RequestsPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `heirs.html` shows."""

    waiting: tuple[Row, ...]
    reading: tuple[Row, ...]


class RequestPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `heirs_request.html` shows. answers: empty when this agent may not answer; own: because it is theirs."""

    address: str
    number: str
    marks: tuple[Mark, ...]
    facts: tuple[Fact, ...]
    statement: str
    form: Form
    answers: tuple[Option, ...]
    own: bool
    answered: bool
    may_end: bool
    crumbs: tuple[Crumb, ...]


def present_asking(
    *, language: Language, contact: DeskContact, typed: Mapping[str, str], problems: tuple[Problem, ...] = ()
) -> AskingPage:
    """Return the form. typed: shown again to be corrected."""
    _ = language.gettext
    text, address = TEXTS[Script.HEIRS], address_of(contact)
    errors = tuple(FieldError(one.path or "qualite", one.text(language.code)) for one in problems)
    return AskingPage(
        address=f"{address}/ayant-droit",
        title=_(text.title),
        lead=_(text.lead),
        say=tuple(map(_, text.say)),
        act=_(text.act),
        icon=text.icon,
        form=Form(typed, errors),
        capacities=tuple(Option(str(one), _(words), typed.get("qualite") == one) for one, words in CAPACITIES.items()),
        purposes=tuple(Option(str(one), _(words), typed.get("motif") == one) for one, words in PURPOSES.items()),
        back=Action(_("Ne rien faire"), address, "", "quiet"),
        crumbs=(Crumb(_("Contact"), address),),
    )


def present_requests(
    *, language: Language, requests: tuple[HeirsRequest, ...], agent: str, at: datetime
) -> RequestsPage:
    """Return what waits, the oldest first, and who reads now."""
    return RequestsPage(
        waiting=tuple(_row(one, language, agent=agent, at=at) for one in requests if one.granted is None),
        reading=tuple(_row(one, language, agent=agent, at=at) for one in requests if one.reads(at)),
    )


def present_request(
    *, language: Language, request: HeirsRequest, agent: str, at: datetime, problems: tuple[Problem, ...] = ()
) -> RequestPage:
    """Return one request. agent: who looks."""
    _ = language.gettext
    own, waits = request.asked_by == agent, request.granted is None
    reasons = tuple(Option(str(one), _("Refuser : %(why)s") % {"why": _(REFUSALS[one])}) for one in CHOSEN)
    return RequestPage(
        address=f"{ADDRESS}/{request.request}",
        number=request.number,
        marks=(_mark(request, language, at),),
        facts=facts_of(request, language),
        statement=request.file.statement,
        form=Form(errors=tuple(FieldError("reponse", one.text(language.code)) for one in problems)),
        answers=(Option("granted", _("Accepter")), *reasons) if waits and not own else (),
        own=own and waits,
        answered=not waits,
        may_end=request.reads(at),
        crumbs=(Crumb(_("Ayants droit"), ADDRESS),),
    )


def facts_of(request: HeirsRequest, language: Language) -> tuple[Fact, ...]:
    """Return what a request says, for the page and the letter."""
    _ = language.gettext
    heir = request.file.heir
    facts = [
        Fact(_("Personne décédée"), request.file.deceased),
        Fact(_("Demandeur"), heir.name),
        Fact(_("Qualité"), _(CAPACITIES[request.capacity])),
    ]
    if request.motive:
        facts.append(Fact(_("Motif"), _(PURPOSES[request.motive])))
    facts.append(Fact(_("Médecin désigné"), f"{request.physician} · RPPS {request.rpps}"))
    facts.append(Fact(_("Demandé le"), language.long_date(request.asked_at)))
    if request.answered_at is None:
        facts.append(Fact(_("Réponse attendue avant le"), language.long_date(request.due_at)))
    else:
        facts.append(Fact(_("Répondu le"), language.long_date(request.answered_at)))
    if request.reason:
        facts.append(Fact(_("Refusée parce que"), _(REFUSALS[request.reason])))
    if request.until and request.ended_at is None:
        facts.append(Fact(_("Lecture possible jusqu'au"), language.long_date(last_day(request.until))))
    if request.ended_at:
        facts.append(Fact(_("Lecture terminée le"), language.long_date(request.ended_at)))
    return tuple(facts)


def _mark(request: HeirsRequest, language: Language, at: datetime) -> Mark:
    _ = language.gettext
    if request.granted is None:
        late = at > request.due_at
        return Mark("danger", _("En retard"), "warning") if late else Mark("info", _("Attend une réponse"), "calendar")
    if not request.granted:
        return Mark("plain", _("Refusée"), "ban")
    return Mark("ok", _("Lecture en cours"), "unlock") if request.reads(at) else Mark("plain", _("Terminée"), "check")


def _row(request: HeirsRequest, language: Language, *, agent: str, at: datetime) -> Row:
    _ = language.gettext
    notes = [_("Demandé le %(day)s") % {"day": language.long_date(request.asked_at)}]
    if request.granted is None and request.asked_by == agent:
        notes.append(_("Vous l'avez enregistrée : un autre agent répond."))
    return Row(
        title=_("Demande %(number)s") % {"number": request.number},
        href=f"{ADDRESS}/{request.request}",
        icon="people",
        meta=(_(CAPACITIES[request.capacity]),),
        notes=tuple(notes),
        marks=(_mark(request, language, at),),
    )
