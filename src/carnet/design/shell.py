"""What surrounds every page of a door: who is here, where they are, which tabs there are. Filled by the door.

Deliberately ignores sessions and cookies: a door reads them and hands over the outcome.
"""

from typing import Literal, get_args

import msgspec

from carnet.design.language import Code

Theme = Literal["auto", "light", "dark"]
THEMES: tuple[Theme, ...] = get_args(Theme)
Tone = Literal["info", "success", "warning", "danger"]


class Tab(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the main navigation. badge: a number shown on it (0 shows none); spoken: what it means in words.

    news: address of a stream that says when the number moves.
    """

    key: str
    label: str
    href: str
    icon: str
    badge: int = 0
    spoken: str = ""
    news: str = ""


class Crumb(msgspec.Struct, frozen=True):
    """A step of the way back. The page itself is not part of it."""

    label: str
    href: str


class Notice(msgspec.Struct, frozen=True):
    """Something to tell at the top of the next page: the outcome of what was just done."""

    tone: Tone
    text: str
    href: str | None = None
    link: str | None = None


class FieldError(msgspec.Struct, frozen=True):
    """One thing to correct in a form. field: the form control's name (its id is `champ-<field>`)."""

    field: str
    text: str


class Shell(msgspec.Struct, frozen=True, kw_only=True):
    """The frame of a page. `door` names the space ("Espace professionnel") or is empty; `path` is where preferences
    return to; `home`, `settings`, `preferences`, `sign_in` and `sign_out` are addresses (an empty sign_in shows no
    link); `current` is the key of the current tab; `quick_exit`: where somebody in a hurry leaves (empty: not offered).
    `profiles`: where one chooses in whose space to be (empty: not offered); `whose`: the space one is in when it is not
    one's own, named on every page with the `role` one has there; `back`: where a form brings one home.
    `help`: where one shares one's screen with the desk (empty: not offered); `sharing`: the sentence that says it is
    on, on every page; `stop_sharing`: where a form stops it.
    """

    language: Code
    csrf_token: str
    path: str
    home: str = "/"
    door: str = ""
    theme: Theme = "auto"
    person: str | None = None
    settings: str = "/reglages"
    preferences: str = "/preferences"
    sign_in: str = "/connexion"
    sign_out: str = "/deconnexion"
    tabs: tuple[Tab, ...] = ()
    aside: Tab | None = None
    current: str = ""
    notices: tuple[Notice, ...] = ()
    support: str = "/aide"
    quick_exit: str = ""
    profiles: str = ""
    whose: str = ""
    role: str = ""
    back: str = ""
    help: str = ""
    sharing: str = ""
    stop_sharing: str = ""
