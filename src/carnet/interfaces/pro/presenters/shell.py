"""The frame of the professional's pages: another cover than the person's, the open patient's tabs, who is working."""

from carnet.design.language import Language
from carnet.design.shell import Notice, Shell, Tab, Theme
from carnet.kernel.actors import Actor


def present_shell(
    *,
    language: Language,
    path: str,
    csrf_token: str,
    theme: Theme = "auto",
    actor: Actor | None = None,
    handle: str = "",
    deposits: str = "yes",
    current: str = "",
    notices: tuple[Notice, ...] = (),
) -> Shell:
    """Return the frame. actor: who works here, None when signed out; handle: of the open patient, empty when none.

    deposits: empty when nothing is deposited for them.
    """
    _ = language.gettext
    return Shell(
        language=language.code,
        csrf_token=csrf_token,
        path=path,
        home="/pro/patient" if actor else "/pro",
        door=_door(actor, language),
        theme=theme,
        person=actor.name if actor else None,
        settings="/pro/compte",
        preferences="/pro/preferences",
        sign_in="",
        sign_out="/pro/deconnexion",
        tabs=_tabs(handle, language, deposits=bool(deposits)) if actor else (),
        current=current,
        notices=notices,
    )


def _door(actor: Actor | None, language: Language) -> str:
    words = language.gettext("Espace professionnel")
    return f"{words} · {actor.organisation_name}" if actor and actor.organisation_name else words


def _tabs(handle: str, language: Language, *, deposits: bool) -> tuple[Tab, ...]:
    _ = language.gettext
    find = Tab(key="find", label=_("Trouver un patient"), href="/pro/patient", icon="search")
    if not handle:
        return (find, Tab(key="mail", label=_("Courriers"), href="/pro/courriers", icon="mail"))
    address = f"/pro/patient/{handle}"
    documents = Tab(key="documents", label=_("Documents"), href=address, icon="documents")
    if not deposits:
        return (find, documents)
    return (find, documents, Tab(key="deposit", label=_("Déposer"), href=f"{address}/deposer", icon="upload"))
