"""Deaths noted by mistake on the desk's pages: what to ask, what waits, and one request with its answer."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

import msgspec

from carnet.design.language import Language, mark
from carnet.design.parts import Action, Fact, Form, Mark, Option, Row
from carnet.design.shell import Crumb, FieldError
from carnet.interfaces.desk.presenters.contact import SHOWN, address_of
from carnet.interfaces.desk.presenters.scripts import TEXTS
from carnet.kernel.errors import Problem
from carnet.spaces.api import Asker, DeathContest, DeskContact, NotTakenBack, Script

ADDRESS: Final = "/guichet/deces"
ASKED_BY: Final[dict[Asker, str]] = {
    Asker.PERSON: mark("La personne elle-même"),
    Asker.REPRESENTATIVE: mark("Son représentant"),
}
REFUSALS: Final[dict[NotTakenBack, str]] = {
    NotTakenBack.PROOF: mark("La preuve n'est pas lisible, ou n'est pas celle de cette personne"),
    NotTakenBack.CONFIRMED: mark("L'état civil confirme le décès"),
}


class ContestingPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `deaths_asking.html` shows."""

    address: str
    title: str
    lead: str
    say: tuple[str, ...]
    act: str
    icon: str
    form: Form
    back: Action
    crumbs: tuple[Crumb, ...]


class ContestsPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `deaths.html` shows."""

    waiting: tuple[Row, ...]


class ContestPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `deaths_request.html` shows. answers: empty when this agent may not answer; own: because it is theirs."""

    address: str
    number: str
    marks: tuple[Mark, ...]
    facts: tuple[Fact, ...]
    form: Form
    answers: tuple[Option, ...]
    own: bool
    answered: bool
    crumbs: tuple[Crumb, ...]


def present_contesting(
    *, language: Language, contact: DeskContact, typed: Mapping[str, str], problems: tuple[Problem, ...] = ()
) -> ContestingPage:
    """Return the form. typed: shown again to be corrected."""
    _ = language.gettext
    text, address = TEXTS[Script.MISTAKEN_DEATH], address_of(contact)
    return ContestingPage(
        address=f"{address}/deces",
        title=_(text.title),
        lead=_(text.lead),
        say=tuple(map(_, text.say)),
        act=_(text.act),
        icon=text.icon,
        form=Form(typed, tuple(FieldError(one.path or "lettre", one.text(language.code)) for one in problems)),
        back=Action(_("Ne rien faire"), address, "", "quiet"),
        crumbs=(Crumb(_("Contact"), address),),
    )


def present_contests(
    *, language: Language, contests: tuple[DeathContest, ...], agent: str, at: datetime
) -> ContestsPage:
    """Return what waits, the oldest first: a number and dates, no name."""
    _ = language.gettext
    return ContestsPage(
        waiting=tuple(
            Row(
                title=_("Demande %(number)s") % {"number": one.number},
                href=f"{ADDRESS}/{one.contest}",
                icon="edit",
                notes=(_("Réponse attendue avant le %(due)s") % {"due": language.long_date(one.due_at)},),
                marks=(_mark(one, language, agent=agent, at=at),),
            )
            for one in contests
        )
    )


def present_contest(
    *, language: Language, contest: DeathContest, agent: str, at: datetime, problems: tuple[Problem, ...] = ()
) -> ContestPage:
    """Return one request. agent: who looks."""
    _ = language.gettext
    own, waits = contest.asked_by == agent, contest.taken_back is None
    reasons = tuple(Option(str(one), _("Refuser : %(why)s") % {"why": _(REFUSALS[one])}) for one in NotTakenBack)
    taken_back = Option("taken-back", _("Corriger : la personne est en vie, son espace revient comme il était"))
    return ContestPage(
        address=f"{ADDRESS}/{contest.contest}",
        number=contest.number,
        marks=(_mark(contest, language, agent="", at=at),),
        facts=facts_of(contest, language),
        form=Form(errors=tuple(FieldError("reponse", one.text(language.code)) for one in problems)),
        answers=(taken_back, *reasons) if waits and not own else (),
        own=own and waits,
        answered=not waits,
        crumbs=(Crumb(_("Décès"), ADDRESS),),
    )


def facts_of(contest: DeathContest, language: Language) -> tuple[Fact, ...]:
    """Return what a request says, for the page and the letter."""
    _ = language.gettext
    facts = [
        Fact(_("Personne"), contest.person),
        Fact(_("Date de naissance"), _born(contest.born, language)),
        Fact(_("Demandeur"), _(ASKED_BY[contest.asker])),
        Fact(_("Identité prouvée par"), ", ".join(_(SHOWN[one]) for one in sorted(contest.shown))),
        Fact(_("Demandé le"), language.long_date(contest.asked_at)),
    ]
    if contest.answered_at is None:
        facts.append(Fact(_("Réponse attendue avant le"), language.long_date(contest.due_at)))
    else:
        facts.append(Fact(_("Répondu le"), language.long_date(contest.answered_at)))
    if contest.reason:
        facts.append(Fact(_("Raison du refus"), _(REFUSALS[contest.reason])))
    return tuple(facts)


def _born(born: str, language: Language) -> str:
    try:
        return language.long_date(date.fromisoformat(born))
    except ValueError:  # partial: the register knows no day
        return born


def _mark(one: DeathContest, language: Language, *, agent: str, at: datetime) -> Mark:
    _ = language.gettext
    if one.taken_back is not None:
        return Mark("ok", _("Corrigé"), "check") if one.taken_back else Mark("plain", _("Refusé"), "ban")
    if at >= one.due_at:
        return Mark("danger", _("En retard"), "warning")
    own = one.asked_by == agent
    return Mark("info", _("Un autre agent doit répondre") if own else _("Attend une réponse"), "calendar")
