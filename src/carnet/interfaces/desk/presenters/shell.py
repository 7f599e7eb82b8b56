"""The frame of the desk's pages: which desk this is, who works, its tabs."""

from carnet.design.language import Language
from carnet.design.shell import Notice, Shell, Tab, Theme
from carnet.kernel.actors import Actor, ActorKind


def present_shell(
    *,
    language: Language,
    path: str,
    csrf_token: str,
    theme: Theme = "auto",
    actor: Actor | None = None,
    current: str = "",
    notices: tuple[Notice, ...] = (),
) -> Shell:
    """Return the frame. actor: who works here, None when signed out."""
    _ = language.gettext
    is_agent = actor is not None and actor.kind is ActorKind.AGENT
    return Shell(
        language=language.code,
        csrf_token=csrf_token,
        path=path,
        home="/guichet/accueil" if is_agent else "/guichet",
        door=_("Guichet"),
        theme=theme,
        person=actor.name if actor else None,
        settings="/guichet/accueil",
        preferences="/guichet/preferences",
        sign_in="",
        sign_out="/guichet/deconnexion",
        tabs=(
            Tab(key="contact", label=_("Contact"), href="/guichet/accueil", icon="phone"),
            Tab(key="tickets", label=_("À reprendre"), href="/guichet/demandes", icon="calendar"),
            Tab(key="cases", label=_("Signalements"), href="/guichet/signalements", icon="access"),
            Tab(key="heirs", label=_("Ayants droit"), href="/guichet/ayants-droit", icon="people"),
            Tab(key="deaths", label=_("Décès"), href="/guichet/deces", icon="edit"),
            Tab(key="guardianship", label=_("Tutelles"), href="/guichet/tutelles", icon="person"),
        )
        if is_agent
        else (),
        current=current,
        notices=notices,
    )
