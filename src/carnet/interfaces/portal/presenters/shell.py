"""The frame of the portal's pages: its tabs, the bell, who is here."""

from datetime import datetime

import msgspec

from carnet.design.language import Language
from carnet.design.shell import Notice, Shell, Tab, Theme
from carnet.identity.api import Acting
from carnet.interfaces.portal.presenters.screen import ADDRESS as SCREEN
from carnet.kernel.actors import ActorKind

PROFILES = "/proches"
NEWS = "/messages/nouvelles"


def present_shell(
    *,
    language: Language,
    path: str,
    csrf_token: str,
    theme: Theme = "auto",
    person: str | None = None,
    acting: Acting | None = None,
    current: str = "",
    unread_notifications: int = 0,
    unread_messages: int | None = None,
    with_agenda: bool = True,
    notices: tuple[Notice, ...] = (),
    quick_exit: str = "/quitter",
    known: bool = True,
    sharing_until: datetime | None = None,
) -> Shell:
    """Return the frame. person: the display name, None when signed out (then there are no tabs).

    known: whether anybody looked at who is signed in; if not, nothing is offered that depends on it.
    sharing_until: how long the desk may know which page this is, said on every page with the way to stop.
    unread_messages: conversations with something new; None: who is here reads none. with_agenda: whether it is
    reached in somebody else's space.
    acting: in whose space the person is, when it is not their own: named on every page, with the way back.
    """
    shell = Shell(
        language=language.code,
        path=path,
        csrf_token=csrf_token,
        theme=theme,
        person=person,
        notices=notices,
        current=current,
        quick_exit=quick_exit,
    )
    if person is None:
        return shell if known else msgspec.structs.replace(shell, sign_in="")
    sharing, stop = _sharing(sharing_until, language), f"{SCREEN}/arreter"
    shell = msgspec.structs.replace(shell, profiles=PROFILES, help=SCREEN, sharing=sharing, stop_sharing=stop)
    if acting is not None:
        return _elsewhere(shell, acting, language, _tabs(language, acting, unread_messages, agenda=with_agenda))
    return _at_home(shell, language, unread_messages or 0, unread_notifications)


def _at_home(shell: Shell, language: Language, unread_messages: int, unread_notifications: int) -> Shell:
    """The frame of one's own space."""
    _ = language.gettext
    return msgspec.structs.replace(
        shell,
        home="/accueil",
        tabs=(
            Tab(key="home", label=_("Accueil"), href="/accueil", icon="home"),
            Tab(key="documents", label=_("Documents"), href="/documents", icon="documents"),
            messages_tab(unread_messages, language),
            agenda_tab(language),
            Tab(key="access", label=_("Accès"), href="/acces", icon="access"),
            Tab(key="activity", label=_("Activité"), href="/activite", icon="activity"),
        ),
        aside=Tab(
            key="notifications",
            label=_("Notifications"),
            href="/notifications",
            icon="bell",
            badge=unread_notifications,
            spoken=_unread(unread_notifications, language),
        ),
    )


def _unread(number: int, language: Language) -> str:
    return language.ngettext("%(num)s non lue", "%(num)s non lues", number) % {"num": number}


def _sharing(until: datetime | None, language: Language) -> str:
    """What the banner says while the desk may know which page this is, empty when it may not."""
    if until is None:
        return ""
    said = language.gettext("Le service d'aide sait quelle page vous voyez, sans son contenu, jusqu'à %(until)s.")
    return said % {"until": language.time(until)}


def messages_tab(unread: int, language: Language) -> Tab:
    """The tab of messages, with how many conversations hold something new."""
    words = language.ngettext("%(num)s conversation non lue", "%(num)s conversations non lues", unread)
    label = language.gettext("Messages")
    return Tab(
        key="messages",
        label=label,
        href="/messages",
        icon="mail",
        badge=unread,
        spoken=words % {"num": unread},
        news=NEWS,
    )


def agenda_tab(language: Language) -> Tab:
    """The tab of the agenda."""
    return Tab(key="agenda", label=language.gettext("Agenda"), href="/agenda", icon="calendar")


def _tabs(language: Language, acting: Acting, unread: int | None, *, agenda: bool) -> tuple[Tab, ...]:
    """The tabs of somebody else's space: what the reader reaches there, and nothing else."""
    _ = language.gettext
    if acting.agenda_only:
        return (agenda_tab(language),)
    return (
        Tab(key="home", label=_("Accueil"), href="/accueil", icon="home"),
        Tab(key="documents", label=_("Documents"), href="/documents", icon="documents"),
        *(() if unread is None else (messages_tab(unread, language),)),
        *((agenda_tab(language),) if agenda else ()),
    )


def _elsewhere(shell: Shell, acting: Acting, language: Language, tabs: tuple[Tab, ...]) -> Shell:
    """The frame in somebody else's space: fewer tabs, and their name above everything."""
    _ = language.gettext
    roles = {
        ActorKind.REPRESENTATIVE: _("Vous agissez comme représentant légal."),
        ActorKind.CARER: _("Vous agissez comme aidant."),
    }
    return msgspec.structs.replace(
        shell,
        home=tabs[0].href,
        whose=_("Espace de %(name)s") % {"name": acting.name},
        role=roles.get(acting.kind, ""),
        back="/proches/revenir",
        tabs=tabs,
    )
