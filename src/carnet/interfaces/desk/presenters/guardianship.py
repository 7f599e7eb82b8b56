"""Guardians on the desk's pages: what to copy from a judgment, what waits, and one request with its answer."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

import msgspec

from carnet.access.api import GuardianshipRequest, Measure, NotRecorded
from carnet.design.language import Language, mark
from carnet.design.parts import Action, Fact, Form, Mark, Option, Row
from carnet.design.shell import Crumb, FieldError
from carnet.interfaces.desk.presenters.contact import SHOWN, address_of
from carnet.interfaces.desk.presenters.scripts import TEXTS
from carnet.kernel.errors import Problem
from carnet.spaces.api import Asker, DeskContact, Script

ADDRESS: Final = "/guichet/tutelles"
MEASURES: Final[dict[Measure, str]] = {
    Measure.TUTELLE: mark("Tutelle"),
    Measure.CURATELLE: mark("Curatelle"),
    Measure.HABILITATION: mark("Habilitation familiale"),
    Measure.OVER: mark("Fin de la mesure confiée à cette personne"),
}
HINTS: Final[dict[Measure, str]] = {
    Measure.TUTELLE: mark("Elle lit l'espace et y agit."),
    Measure.CURATELLE: mark("Elle lit l'espace, et n'y change rien."),
    Measure.HABILITATION: mark("Elle lit l'espace et y agit, comme le juge l'a permis."),
    Measure.OVER: mark("Mainlevée, ou remplacement par quelqu'un d'autre."),
}
ASKED_BY: Final[dict[Asker, str]] = {
    Asker.PERSON: mark("La personne elle-même"),
    Asker.REPRESENTATIVE: mark("Son représentant"),
}
REFUSALS: Final[dict[NotRecorded, str]] = {
    NotRecorded.PROOF: mark("Le jugement n'est pas lisible, ou ne nomme pas ces personnes"),
    NotRecorded.OTHER: mark("Le jugement dit autre chose, ou n'est plus en vigueur"),
}


class JudgmentPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `guardianship_asking.html` shows."""

    address: str
    title: str
    lead: str
    say: tuple[str, ...]
    act: str
    icon: str
    form: Form
    measures: tuple[Option, ...]
    back: Action
    crumbs: tuple[Crumb, ...]


class GuardianshipsPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `guardianship.html` shows."""

    waiting: tuple[Row, ...]


class GuardianshipPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `guardianship_request.html` shows. answers: empty when this agent may not answer; own: it is theirs."""

    address: str
    number: str
    marks: tuple[Mark, ...]
    facts: tuple[Fact, ...]
    form: Form
    answers: tuple[Option, ...]
    own: bool
    answered: bool
    crumbs: tuple[Crumb, ...]


def present_judgment(
    *, language: Language, contact: DeskContact, typed: Mapping[str, str], problems: tuple[Problem, ...] = ()
) -> JudgmentPage:
    """Return the form. typed: shown again to be corrected."""
    _ = language.gettext
    text, address = TEXTS[Script.GUARDIANSHIP], address_of(contact)
    return JudgmentPage(
        address=f"{address}/tutelle",
        title=_(text.title),
        lead=_(text.lead),
        say=tuple(map(_, text.say)),
        act=_(text.act),
        icon=text.icon,
        form=Form(typed, tuple(FieldError(one.path or "mesure", one.text(language.code)) for one in problems)),
        measures=tuple(
            Option(str(one), _(words), typed.get("mesure") == one, _(HINTS[one])) for one, words in MEASURES.items()
        ),
        back=Action(_("Ne rien faire"), address, "", "quiet"),
        crumbs=(Crumb(_("Contact"), address),),
    )


def present_list(
    *, language: Language, requests: tuple[GuardianshipRequest, ...], agent: str, at: datetime
) -> GuardianshipsPage:
    """Return what waits, the oldest first: a number and dates, no name."""
    _ = language.gettext
    return GuardianshipsPage(
        waiting=tuple(
            Row(
                title=_("Demande %(number)s") % {"number": one.number},
                href=f"{ADDRESS}/{one.request}",
                icon="people",
                notes=(_("Réponse attendue avant le %(due)s") % {"due": language.long_date(one.due_at)},),
                marks=(_mark(one, language, agent=agent, at=at),),
            )
            for one in requests
        )
    )


def present_guardianship(
    *, language: Language, request: GuardianshipRequest, agent: str, at: datetime, problems: tuple[Problem, ...] = ()
) -> GuardianshipPage:
    """Return one request. agent: who looks."""
    _ = language.gettext
    own, waits = request.asked_by == agent, request.granted is None
    reasons = tuple(Option(str(one), _("Refuser : %(why)s") % {"why": _(REFUSALS[one])}) for one in NotRecorded)
    over = request.measure is Measure.OVER
    granted = Option("granted", _("Mettre fin à la mesure") if over else _("Enregistrer la mesure"))
    return GuardianshipPage(
        address=f"{ADDRESS}/{request.request}",
        number=request.number,
        marks=(_mark(request, language, agent="", at=at),),
        facts=facts_of(request, language),
        form=Form(errors=tuple(FieldError("reponse", one.text(language.code)) for one in problems)),
        answers=(granted, *reasons) if waits and not own else (),
        own=own and waits,
        answered=not waits,
        crumbs=(Crumb(_("Tutelles"), ADDRESS),),
    )


def facts_of(request: GuardianshipRequest, language: Language) -> tuple[Fact, ...]:
    """Return what a request says, for the page and the letter."""
    _ = language.gettext
    file = request.file
    facts = [
        Fact(_("Personne protégée"), f"{file.person}, {_born(file.born, language)}"),
        Fact(_("Confiée à"), f"{file.guardian.name}, {_born(file.guardian.birth_date, language)}"),
        Fact(_("Ce que dit le jugement"), _(MEASURES[request.measure])),
        Fact(_("Tribunal"), file.court),
        Fact(_("Jugement du"), language.long_date(file.judged_on)),
        Fact(_("Numéro du jugement"), file.number),
    ]
    if file.until:
        facts.append(Fact(_("Dernier jour de la mesure"), language.long_date(file.until)))
    facts += [
        Fact(_("Demandeur"), _(ASKED_BY[request.asker])),
        Fact(_("Identité prouvée par"), ", ".join(_(SHOWN[one]) for one in sorted(request.shown))),
        Fact(_("Demandé le"), language.long_date(request.asked_at)),
    ]
    if request.answered_at is None:
        facts.append(Fact(_("Réponse attendue avant le"), language.long_date(request.due_at)))
    else:
        facts.append(Fact(_("Répondu le"), language.long_date(request.answered_at)))
    if request.reason:
        facts.append(Fact(_("Raison du refus"), _(REFUSALS[request.reason])))
    return tuple(facts)


def _born(born: str, language: Language) -> str:
    try:
        return language.plain_date(date.fromisoformat(born))
    except ValueError:  # partial: the register knows no day
        return born


def _mark(one: GuardianshipRequest, language: Language, *, agent: str, at: datetime) -> Mark:
    _ = language.gettext
    if one.granted is not None:
        return Mark("ok", _("Fait"), "check") if one.granted else Mark("plain", _("Refusé"), "ban")
    if at >= one.due_at:
        return Mark("danger", _("En retard"), "warning")
    own = one.asked_by == agent
    return Mark("info", _("Un autre agent doit répondre") if own else _("Attend une réponse"), "calendar")
