"""Whose spaces one may go into: one's own and those of one's family, each a button with a name."""

from datetime import datetime

import msgspec

from carnet.design.language import Language, last_day
from carnet.design.parts import Action, Row
from carnet.interfaces.portal.presenters.carers import ANSWER, INVITE, SECOND, STOP, CarerFacts, carer_row

ENTER, LEAVE, REOPEN = "/proches/entrer", "/proches/revenir", "/proches/rouvrir"


class ProfileFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A space to go into. kind: "representative" or "carer"; later: it does not begin before `starts_at`.

    closed: nobody goes in; may_reopen: the reader may open it again.
    """

    id: str
    name: str
    kind: str
    basis: str
    purpose: str
    starts_at: datetime
    until: datetime
    later: bool
    here: bool
    closed: bool = False
    may_reopen: bool = False


class ProfilesPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `profiles.html` shows."""

    own: Action | None
    asked: tuple[Row, ...]
    carers: tuple[Row, ...]
    invite: Action | None
    second: Action | None
    own_name: str
    people: tuple[Row, ...]


def present_profiles(
    *,
    language: Language,
    name: str,
    profiles: tuple[ProfileFacts, ...],
    asked: tuple[ProfileFacts, ...] = (),
    carers: tuple[CarerFacts, ...] | None = None,
    second: bool = False,
) -> ProfilesPage:
    """Return the page of the spaces one may go into. name: of who is signed in; asked: invitations to answer.

    carers: who acts for the reader; None while they are in another's space. second: a second parent may be invited.
    """
    _ = language.gettext
    return ProfilesPage(
        own=Action(_("Revenir à mon espace"), LEAVE, "left", "primary", post=True) if carers is None else None,
        own_name=name,
        asked=tuple(_asked(one, language) for one in asked),
        carers=tuple(carer_row(one, language) for one in carers or ()),
        invite=Action(_("Inviter un aidant"), INVITE, "plus", "primary") if carers is not None else None,
        second=Action(_("Inviter l'autre représentant légal"), SECOND, "plus") if second else None,
        people=tuple(_row(one, language) for one in profiles),
    )


def _row(one: ProfileFacts, language: Language) -> Row:
    _ = language.gettext
    until = _("Jusqu'au %(day)s") % {"day": language.long_date(last_day(one.until))}
    notes = [until]
    if one.later:
        notes = [_("À partir du %(day)s") % {"day": language.long_date(one.starts_at)}, until]
    if one.closed:
        notes.append(_("Cet espace est fermé : personne n'y entre, rien n'y arrive."))
    enter = Action(_("Entrer"), ENTER, "right", "primary", post=True, spoken=one.name, values={"qui": one.id})
    stop = (
        (Action(_("Ne plus aider"), STOP, "close", "quiet", post=True, spoken=one.name, values={"qui": one.id}),)
        if one.kind == "carer"
        else ()
    )
    return Row(
        title=one.name,
        icon="people",
        hue="honey",
        meta=(basis_words(one.basis, language), *((_("Vous y êtes"),) if one.here else ())),
        notes=tuple(notes),
        actions=() if one.here else (*(() if one.later else (_way_in(one, enter, language))), *stop),
    )


def _way_in(one: ProfileFacts, enter: Action, language: Language) -> tuple[Action, ...]:
    """Going in; or, where the space is closed, opening it again for who may."""
    if not one.closed:
        return (enter,)
    again = language.gettext("Rouvrir cet espace")
    return (
        (Action(again, REOPEN, "unlock", post=True, spoken=one.name, values={"qui": one.id}),) if one.may_reopen else ()
    )


def _asked(one: ProfileFacts, language: Language) -> Row:
    """An invitation with its two answers."""
    _ = language.gettext
    yes, no = ({"qui": one.id, "reponse": said} for said in ("oui", "non"))
    accept = Action(_("Accepter"), ANSWER, "check", "primary", post=True, spoken=one.name, values=yes)
    decline = Action(_("Refuser"), ANSWER, "close", "quiet", post=True, spoken=one.name, values=no)
    role = _("vous demande d'être son aidant") if one.kind == "carer" else _("vous invite comme représentant légal")
    until = _("Répondez avant le %(day)s") % {"day": language.long_date(one.until)}
    return Row(title=one.name, icon="people", hue="clay", meta=(role,), notes=(until,), actions=(accept, decline))


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
