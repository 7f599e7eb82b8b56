"""The frame of the pilot's pages."""

from carnet.design.language import Language
from carnet.design.shell import Shell, Tab, Theme
from carnet.kernel.actors import Actor


def present_shell(*, language: Language, path: str, csrf_token: str, theme: Theme, actor: Actor | None) -> Shell:
    """Return the frame. actor: who looks, None when signed out."""
    _ = language.gettext
    return Shell(
        language=language.code,
        csrf_token=csrf_token,
        path=path,
        home="/pilotage",
        door=_("Pilotage"),
        theme=theme,
        person=actor.name if actor else None,
        settings="/pilotage",
        preferences="/guichet/preferences",
        sign_in="",
        sign_out="/guichet/deconnexion",
        tabs=(Tab(key="figures", label=_("Indicateurs"), href="/pilotage", icon="activity"),) if actor else (),
        current="figures",
    )
