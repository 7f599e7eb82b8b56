"""Sharing one's screen with the desk: what they see, what they do not, the code while it waits."""

from typing import Final

import msgspec

from carnet.design.language import Language
from carnet.design.parts import Action
from carnet.design.shell import Crumb
from carnet.spaces.api import Screen

ADDRESS: Final = "/aide/ecran"


class ScreenPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `screen.html` shows. digits: in two groups; spoken: one by one, for those who listen."""

    heading: str
    digits: str
    spoken: str
    said: str
    ask: Action
    stop: Action | None
    crumbs: tuple[Crumb, ...]


def present_screen(*, language: Language, screen: Screen | None) -> ScreenPage:
    """Return the page. screen: what is shared now, None for nothing."""
    _ = language.gettext
    code = screen.code if screen and screen.code else ""
    said = ""
    if screen is not None:
        until = language.time(screen.until)
        if screen.agent:
            said = _("%(agent)s voit sur quelle page vous êtes, jusqu'à %(until)s.")
            said %= {"agent": screen.agent, "until": until}
        elif code:
            said = _("Lisez ce code à la personne qui vous aide. Il sert une fois, jusqu'à %(until)s.") % {
                "until": until
            }
        else:
            said = _("Ce code a été essayé trop de fois : il ne vaut plus. Demandez-en un autre.")
    return ScreenPage(
        heading=_("Partager mon écran avec l'aide"),
        digits=f"{code[:3]} {code[3:]}" if code else "",
        spoken=" ".join(code),
        said=said,
        ask=Action(
            _("Un autre code") if screen else _("Obtenir un code"),
            ADDRESS,
            "new",
            "secondary" if screen else "primary",
            post=True,
        ),
        stop=Action(_("Arrêter le partage"), f"{ADDRESS}/arreter", "close", "danger", post=True) if screen else None,
        crumbs=(Crumb(_("Mes réglages"), "/reglages"),),
    )
