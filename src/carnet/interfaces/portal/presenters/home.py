"""The first page after signing in: what is new, what asks for me, who came."""

from datetime import date, datetime
from typing import Literal

import msgspec

from carnet.agenda.api import Entry
from carnet.design.language import PARIS, Language
from carnet.design.parts import Action, Moment, Row
from carnet.interfaces.portal.presenters.access import dispute_action
from carnet.interfaces.portal.presenters.agenda import ADDRESS as AGENDA
from carnet.interfaces.portal.presenters.agenda import when
from carnet.interfaces.portal.presenters.documents import document_row
from carnet.interfaces.portal.presenters.facts import DocumentFacts, TraceFacts
from carnet.interfaces.portal.presenters.sentences import moment
from carnet.interfaces.portal.presenters.terms import ADDRESS as TERMS

EVENING = 18
KNOWN = "/notifications/acces-connu"


class TaskFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Something that waits for the person: an e-mail address to give, an access to look at. party: RPPS of who came."""

    kind: Literal["welcome", "terms", "email_missing", "access", "emergency_access"]
    name: str = ""
    party: str = ""


class ResultFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A result that waits to be explained: by whom, shown when at the latest; asked: the person wants it now."""

    id: str
    by: str
    organisation: str = ""
    before: datetime
    asked: bool = False


class HomeFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the home page needs. latest: up to five unread or recent documents; accesses: up to three of others;
    waiting: notifications not read; messages: conversations with something new, None for who reads none; rules: the
    day a change of the matrix begins, while everyone is to hear of it; soon: the next appointment of one's own agenda.

    mine: the reader's own space; else first_name is that of whom they act for. manages: who is let in there
    is theirs to see and to change.
    """

    first_name: str
    now: datetime
    latest: tuple[DocumentFacts, ...]
    unread: int
    authorised: int
    tasks: tuple[TaskFacts, ...]
    accesses: tuple[TraceFacts, ...]
    results: tuple[ResultFacts, ...] = ()
    waiting: int = 0
    messages: int | None = None
    mine: bool = True
    rules: date | None = None
    soon: Entry | None = None
    manages: bool = False
    agenda: bool = False


class Task(msgspec.Struct, frozen=True):
    """A task in words with what can be done about it."""

    icon: str
    text: str
    actions: tuple[Action, ...]


class Shortcut(msgspec.Struct, frozen=True):
    """A large link."""

    label: str
    href: str
    icon: str
    hue: str


class HomePage(msgspec.Struct, frozen=True, kw_only=True):
    """What `home.html` shows."""

    greeting: str
    lead: str
    tasks: tuple[Task, ...]
    heading: str
    latest: tuple[Row, ...]
    accesses: tuple[Moment, ...]
    shortcuts: tuple[Shortcut, ...]
    add: Action
    results: tuple[Task, ...] = ()
    mine: bool = True
    rules: str = ""
    soon: Shortcut | None = None


def present_home(*, language: Language, facts: HomeFacts) -> HomePage:
    """Return the home page for this moment of the day."""
    _ = language.gettext
    if not facts.mine:
        return _for_another(facts, language)
    greeting = _("Bonsoir %(name)s") if facts.now.astimezone(PARIS).hour >= EVENING else _("Bonjour %(name)s")
    return HomePage(
        greeting=greeting % {"name": facts.first_name},
        lead=_lead(facts, language),
        tasks=tuple(_task(task, language) for task in facts.tasks),
        heading=_("Non lus") if facts.unread else _("Derniers documents"),
        latest=tuple(document_row(document, language) for document in facts.latest),
        accesses=tuple(moment(trace, language, full_date=True) for trace in facts.accesses),
        shortcuts=_shortcuts(facts, language),
        add=Action(_("Ajouter un document"), "/documents/ajouter", "plus", "primary"),
        results=tuple(_result(result, language) for result in facts.results),
        rules=_rules(facts, language) if facts.rules else "",
        soon=_soon(facts.soon, language) if facts.soon else None,
    )


def _lead(facts: HomeFacts, language: Language) -> str:
    """What waits, one sentence each; notifications tell of both, so that they are counted only where neither is."""
    told: list[str] = []
    if facts.unread:
        words = language.ngettext("%(num)s document vous attend.", "%(num)s documents vous attendent.", facts.unread)
        told.append(words % {"num": facts.unread})
    if facts.messages:
        words = language.ngettext("%(num)s conversation non lue.", "%(num)s conversations non lues.", facts.messages)
        told.append(words % {"num": facts.messages})
    if not told and facts.waiting:
        words = language.ngettext("%(num)s notification non lue.", "%(num)s notifications non lues.", facts.waiting)
        told.append(words % {"num": facts.waiting})
    return " ".join(told) or language.gettext("Rien de nouveau pour l'instant.")


def _for_another(facts: HomeFacts, language: Language) -> HomePage:
    """The first page of somebody's space for who acts for them: their documents, nothing of their settings."""
    _ = language.gettext
    return HomePage(
        greeting=_("Espace de %(name)s") % {"name": facts.first_name},
        lead=_("Ce que vous faites ici est écrit dans le journal de cette personne, avec votre nom."),
        tasks=(),
        heading=_("Derniers documents"),
        latest=tuple(document_row(document, language) for document in facts.latest),
        accesses=(),
        shortcuts=(
            *(_manage(language) if facts.manages else ()),
            Shortcut(_("Mes proches"), "/proches", "people", "honey"),
        ),
        add=Action(_("Ajouter un document"), "/documents/ajouter", "plus", "primary"),
        mine=False,
    )


def _manage(language: Language) -> tuple[Shortcut, ...]:
    _ = language.gettext
    return (
        Shortcut(_("Qui a accès à cet espace"), "/acces", "access", "sage"),
        Shortcut(_("Réglages et urgence"), "/acces/urgence", "warning", "clay"),
        Shortcut(_("Qui est venu dans cet espace"), "/activite", "activity", "sky"),
        Shortcut(_("Une copie de cet espace"), "/mes-donnees", "download", "honey"),
    )


def _soon(one: Entry, language: Language) -> Shortcut:
    """When and with whom; what for is for the agenda itself."""
    text = language.gettext("Prochain rendez-vous : %(when)s, %(who)s")
    words = text % {"when": when(one, language), "who": one.words.party}
    return Shortcut(words, f"{AGENDA}#e-{one.entry_id.hex}", "calendar", "teal")


def _rules(facts: HomeFacts, language: Language) -> str:
    if facts.rules is None:
        return ""
    _ = language.gettext
    words = {"day": language.plain_date(facts.rules)}
    if facts.rules > facts.now.astimezone(PARIS).date():
        return _("Le %(day)s, la loi change ce que certains métiers peuvent lire.") % words
    return _("Depuis le %(day)s, la loi a changé ce que certains métiers peuvent lire.") % words


def _result(result: ResultFacts, language: Language) -> Task:
    _ = language.gettext
    words = {
        "who": f"{result.by} ({result.organisation})" if result.organisation not in {"", result.by} else result.by,
        "day": language.long_date(result.before),
    }
    address = f"/resultats/{result.id}/demander"
    if result.asked:
        text = _("Vous avez demandé ce résultat : il s'affichera au plus tard le %(day)s. %(who)s est prévenu.") % words
        return Task(
            "calendar",
            text,
            (Action(_("Attendre plutôt l'explication"), address, post=True, values={"attendre": "1"}),),
        )
    text = _("Un résultat vous sera expliqué avant le %(day)s par %(who)s.") % words
    return Task("calendar", text, (Action(_("Le demander maintenant"), address, post=True),))


def _task(task: TaskFacts, language: Language) -> Task:
    _ = language.gettext
    if task.kind == "welcome":
        text = _("Trois choix pour commencer : vos nouveaux documents, l'urgence, des sujets à part.")
        return Task("summary", text, (Action(_("Choisir"), "/bienvenue"),))
    if task.kind == "terms":
        text = _("Les conditions de votre espace vous attendent : elles sont nouvelles, ou vous ne les avez pas lues.")
        return Task("summary", text, (Action(_("Lire et répondre"), TERMS),))
    if task.kind == "email_missing":
        text = _("Donnez une adresse e-mail : nous vous dirons quand un document arrive.")
        return Task("mail", text, (Action(_("Régler"), "/reglages#courriel"),))
    urgent = task.kind == "emergency_access"
    text = (
        _("%(name)s a ouvert votre espace en urgence.")
        if urgent
        else _("Nouvel accès à votre espace : %(name)s. Est-ce normal ?")
    )
    party, spoken = f"p-{task.party}", f": {task.name}"
    return Task(
        "warning" if urgent else "access",
        text % {"name": task.name},
        (
            Action(_("Voir ce qui a été fait"), f"/activite?par={task.party}", spoken=spoken),
            Action(_("C'est normal"), KNOWN, "check", post=True, spoken=spoken, values={"qui": party}),
            dispute_action(party, language, spoken=task.name),
        ),
    )


def _shortcuts(facts: HomeFacts, language: Language) -> tuple[Shortcut, ...]:
    _ = language.gettext
    access = language.ngettext("%(num)s accès donné", "%(num)s accès donnés", facts.authorised)
    return (
        Shortcut(_("Mes documents"), "/documents", "documents", "teal"),
        Shortcut(_("Mes messages"), "/messages", "mail", "plum"),
        Shortcut(access % {"num": facts.authorised}, "/acces", "access", "sage"),
        Shortcut(_("Qui est venu dans mon espace"), "/activite", "activity", "sky"),
        Shortcut(_("Mes proches"), "/proches", "people", "honey"),
    )
