"""The journal page: everything that happened in the space, in sentences, by day."""

from datetime import date, datetime
from itertools import groupby
from urllib.parse import urlencode

import msgspec

from carnet.design.language import PARIS, Language
from carnet.design.parts import Action, Day, Form, Moment, Option
from carnet.interfaces.portal.presenters.facts import TraceFacts
from carnet.interfaces.portal.presenters.sentences import moment, sentence

ADDRESS = "/activite"


class ActivityQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked, as parsed from the address; dates are ISO days or empty."""

    actor: str = ""
    since: str = ""
    until: str = ""
    document: str = ""
    before: str = ""
    kind: str = ""
    person: str = ""

    def address(self, base: str = ADDRESS, **changes: str) -> str:
        """The address of the page (or of an export) with some of these changed."""
        asked = msgspec.structs.replace(self, **{"before": "", **changes})
        fields = {
            "qui": asked.actor,
            "par": asked.person,
            "quoi": asked.kind,
            "du": asked.since,
            "au": asked.until,
            "document": asked.document,
            "avant": asked.before,
        }
        kept = {name: value for name, value in fields.items() if value}
        return base + ("?" + urlencode(kept) if kept else "")


class ActivityFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the journal answered, newest first. older: where the next page begins, empty when there is none;
    people: number and name of each professional who appears in the journal. mine: of one's own space.
    """

    traces: tuple[TraceFacts, ...]
    older: str = ""
    now: datetime
    people: tuple[tuple[str, str], ...] = ()
    document_title: str = ""
    mine: bool = True


class ActivityPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `activity.html` shows."""

    tabs: tuple[Option, ...]
    form: Form
    actor: str
    document: str
    about: str
    everything: str | None
    days: tuple[Day, ...]
    older: str | None
    newest: str | None
    exports: tuple[Action, ...]
    people: tuple[Option, ...]
    kinds: tuple[Option, ...]
    mine: bool


def present_activity(
    *, language: Language, facts: ActivityFacts, query: ActivityQuery, form: Form | None = None
) -> ActivityPage:
    """Return the journal page. form: shown again with its errors when the dates make no sense."""
    _ = language.gettext
    narrowed = bool(query.since or query.until or query.document or query.kind or query.person)
    return ActivityPage(
        tabs=tuple(
            Option(query.address(actor=value), label, value == query.actor)
            for value, label in _actors(language)
            if facts.mine or value != "moi"
        ),
        form=form or Form({"du": query.since, "au": query.until}),
        actor=query.actor,
        document=query.document,
        about=_about(facts, language),
        mine=facts.mine,
        everything=query.address(since="", until="", document="", kind="", person="") if narrowed else None,
        days=group_days(facts.traces, facts.now, language),
        older=query.address(before=facts.older) if facts.older else None,
        newest=query.address() if query.before else None,
        exports=()
        if not facts.mine
        else (
            Action(_("Télécharger (CSV, pour un tableur)"), query.address(f"{ADDRESS}/export.csv"), "download"),
            Action(_("Télécharger (JSON, complet)"), query.address(f"{ADDRESS}/export.json"), "download"),
            Action(_("Télécharger (PDF signé)"), f"{ADDRESS}/export.pdf", "download"),
            Action(_("Télécharger (FHIR, AuditEvent)"), query.address(f"{ADDRESS}/export.fhir.json"), "download"),
        ),
        people=tuple(Option(number, name, number == query.person) for number, name in facts.people),
        kinds=tuple(
            Option(kind, label, kind == query.kind)
            for kind, label in _kinds(language)
            if facts.mine or kind not in {"sessions", "refus"}
        ),
    )


def _about(facts: ActivityFacts, language: Language) -> str:
    _ = language.gettext
    if facts.document_title:
        return _("Pour le document « %(title)s »") % {"title": facts.document_title}
    return (
        ""
        if facts.mine
        else _("Qui est venu dans cet espace, ce qui y est arrivé, qui a agi au nom de cette personne.")
    )


def group_days(traces: tuple[TraceFacts, ...], now: datetime, language: Language) -> tuple[Day, ...]:
    """Group by day in Paris; today and yesterday are named. The same act again and again is told once, with its number.

    No line is lost: the number is there, and each line is in the export.
    """
    days: list[tuple[str, list[Moment]]] = []
    today = now.astimezone(PARIS).date()
    for (day, *_), repeated in groupby(traces, key=lambda trace: _sameness(trace, language)):
        label = {0: language.gettext("aujourd'hui"), 1: language.gettext("hier")}.get(
            (today - day).days, language.long_date(day)
        )
        if not days or days[-1][0] != label:
            days.append((label, []))
        days[-1][1].append(_told_once(list(repeated), language))
    return tuple(Day(label, tuple(moments)) for label, moments in days)


def _sameness(trace: TraceFacts, language: Language) -> tuple[date, str, str, str, str]:
    """What makes two neighbouring lines read the same."""
    day = trace.at.astimezone(PARIS).date()
    return day, sentence(trace, language), trace.organisation, trace.software, trace.mode


def _told_once(repeated: list[TraceFacts], language: Language) -> Moment:
    first, last = repeated[-1], repeated[0]
    told = moment(last, language)
    if len(repeated) == 1:
        return told
    times = language.gettext("%(number)s fois") % {"number": len(repeated)}
    began, ended = language.time(first.at), language.time(last.at)
    when = language.gettext("de %(first)s à %(last)s") % {"first": began, "last": ended} if began != ended else ended
    return msgspec.structs.replace(told, when=when, details=(times, *told.details))


def _kinds(language: Language) -> tuple[tuple[str, str], ...]:
    _ = language.gettext
    return (
        ("consultations", _("Consultations")),
        ("depots", _("Documents ajoutés ou modifiés")),
        ("acces", _("Droits d'accès")),
        ("urgences", _("Accès en urgence")),
        ("sessions", _("Connexions et réglages")),
        ("refus", _("Ce qui a été refusé")),
    )


def _actors(language: Language) -> tuple[tuple[str, str], ...]:
    _ = language.gettext
    return (
        ("", _("Tout le monde")),
        ("professionnels", _("Professionnels")),
        ("moi", _("Moi")),
        ("proches", _("Mes représentants et aidants")),
        ("logiciels", _("Logiciels")),
    )
