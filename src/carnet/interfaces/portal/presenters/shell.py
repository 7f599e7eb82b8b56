"""The frame of the portal's pages: its tabs, the bell, who is here."""

import msgspec

from carnet.design.language import Language
from carnet.design.shell import Notice, Shell, Tab, Theme


def present_shell(
    *,
    language: Language,
    path: str,
    csrf_token: str,
    theme: Theme = "auto",
    person: str | None = None,
    current: str = "",
    unread_notifications: int = 0,
    notices: tuple[Notice, ...] = (),
    quick_exit: str = "/quitter",
    known: bool = True,
) -> Shell:
    """Return the frame. person: the display name, None when signed out (then there are no tabs).

    known: whether anybody looked at who is signed in; if not, nothing is offered that depends on it.
    """
    _ = language.gettext
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
    waiting = language.ngettext("%(num)s non lue", "%(num)s non lues", unread_notifications)
    return msgspec.structs.replace(
        shell,
        home="/accueil",
        tabs=(
            Tab(key="home", label=_("Accueil"), href="/accueil", icon="home"),
            Tab(key="documents", label=_("Documents"), href="/documents", icon="documents"),
            Tab(key="access", label=_("Accès"), href="/acces", icon="access"),
            Tab(key="activity", label=_("Activité"), href="/activite", icon="activity"),
        ),
        aside=Tab(
            key="notifications",
            label=_("Notifications"),
            href="/notifications",
            icon="bell",
            badge=unread_notifications,
            spoken=waiting % {"num": unread_notifications},
        ),
    )
