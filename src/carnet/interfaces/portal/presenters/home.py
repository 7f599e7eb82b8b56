"""The first page after signing in: what is new, what asks for me, who came."""

from datetime import datetime
from typing import Literal

import msgspec

from carnet.design.language import PARIS, Language
from carnet.design.parts import Action, Moment, Row
from carnet.interfaces.portal.presenters.documents import document_row
from carnet.interfaces.portal.presenters.facts import DocumentFacts, TraceFacts
from carnet.interfaces.portal.presenters.sentences import moment

EVENING = 18


class TaskFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Something that waits for the person: an e-mail address to give, a first access to look at."""

    kind: Literal["email_missing", "first_access", "emergency_access"]
    name: str = ""


class HomeFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the home page needs. latest: up to five unread or recent documents; accesses: up to three of others."""

    first_name: str
    now: datetime
    latest: tuple[DocumentFacts, ...]
    unread: int
    authorised: int
    tasks: tuple[TaskFacts, ...]
    accesses: tuple[TraceFacts, ...]


class Task(msgspec.Struct, frozen=True):
    """A task in words with the one thing to do about it."""

    icon: str
    text: str
    action: Action


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


def present_home(*, language: Language, facts: HomeFacts) -> HomePage:
    """Return the home page for this moment of the day."""
    _ = language.gettext
    greeting = _("Bonsoir %(name)s") if facts.now.astimezone(PARIS).hour >= EVENING else _("Bonjour %(name)s")
    lead = (
        language.ngettext("%(num)s document vous attend.", "%(num)s documents vous attendent.", facts.unread)
        % {"num": facts.unread}
        if facts.unread
        else _("Rien de nouveau depuis votre dernière visite.")
    )
    return HomePage(
        greeting=greeting % {"name": facts.first_name},
        lead=lead,
        tasks=tuple(_task(task, language) for task in facts.tasks),
        heading=_("Non lus") if facts.unread else _("Derniers documents"),
        latest=tuple(document_row(document, language) for document in facts.latest),
        accesses=tuple(moment(trace, language, full_date=True) for trace in facts.accesses),
        shortcuts=_shortcuts(facts, language),
        add=Action(_("Ajouter un document"), "/documents/ajouter", "plus", "primary"),
    )


def _task(task: TaskFacts, language: Language) -> Task:
    _ = language.gettext
    settings = Action(_("Régler"), "/reglages#courriel")
    activity = Action(_("Voir ce qui a été fait"), "/activite?qui=professionnels")
    return {
        "email_missing": Task(
            "mail", _("Donnez une adresse e-mail : nous vous dirons quand un document arrive."), settings
        ),
        "first_access": Task(
            "access",
            _("%(name)s a accédé à votre espace pour la première fois. Est-ce normal ?") % {"name": task.name},
            activity,
        ),
        "emergency_access": Task(
            "warning", _("%(name)s a ouvert votre espace en urgence.") % {"name": task.name}, activity
        ),
    }[task.kind]


def _shortcuts(facts: HomeFacts, language: Language) -> tuple[Shortcut, ...]:
    _ = language.gettext
    access = language.ngettext("%(num)s accès donné", "%(num)s accès donnés", facts.authorised)
    return (
        Shortcut(_("Mes documents"), "/documents", "documents", "teal"),
        Shortcut(access % {"num": facts.authorised}, "/acces", "access", "sage"),
        Shortcut(_("Qui est venu dans mon espace"), "/activite", "activity", "sky"),
    )
