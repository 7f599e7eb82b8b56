"""Whose spaces one may go into: one's own and those of one's family, each a button with a name."""

from datetime import datetime

import msgspec

from carnet.design.language import Language
from carnet.design.parts import Action, Row

ENTER, LEAVE = "/proches/entrer", "/proches/revenir"


class ProfileFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A space to go into. kind: "representative" or "carer"; later: it does not begin before `starts_at`."""

    id: str
    name: str
    kind: str
    basis: str
    purpose: str
    starts_at: datetime
    until: datetime
    later: bool
    here: bool


class ProfilesPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `profiles.html` shows."""

    own: Action
    own_name: str
    here: bool
    people: tuple[Row, ...]


def present_profiles(
    *, language: Language, name: str, acting: bool, profiles: tuple[ProfileFacts, ...]
) -> ProfilesPage:
    """Return the page of the spaces one may go into. name: of who is signed in; acting: in another's space now."""
    _ = language.gettext
    return ProfilesPage(
        own=Action(_("Revenir à mon espace"), LEAVE, "left", "primary", post=True),
        own_name=name,
        here=not acting,
        people=tuple(_row(one, language) for one in profiles),
    )


def _row(one: ProfileFacts, language: Language) -> Row:
    _ = language.gettext
    until = _("Jusqu'au %(day)s") % {"day": language.long_date(one.until)}
    notes = [until]
    if one.later:
        notes = [_("À partir du %(day)s") % {"day": language.long_date(one.starts_at)}, until]
    enter = Action(
        _("Aller dans son espace"), ENTER, "right", "primary", post=True, spoken=one.name, values={"qui": one.id}
    )
    return Row(
        title=one.name,
        icon="people",
        hue="honey",
        meta=(basis_words(one.basis, language), *((_("Vous y êtes"),) if one.here else ())),
        notes=tuple(notes),
        actions=() if one.later or one.here else (enter,),
    )


def basis_words(basis: str, language: Language) -> str:
    """On what a delegation rests, as the delegate reads it."""
    _ = language.gettext
    return {
        "parental": _("Votre enfant : vous êtes son représentant légal"),
        "tutelle": _("Vous êtes son tuteur"),
        "curatelle": _("Vous êtes son curateur : vous pouvez lire, sans rien changer"),
        "habilitation": _("Vous avez une habilitation familiale"),
        "chosen": _("Vous êtes son aidant"),
    }.get(basis, "")
