"""Who is working, for whom, and from which screens: a session left open in another room can be closed from here."""

import msgspec

from carnet.design.language import Language
from carnet.design.parts import Action, Fact, Option, Row
from carnet.design.vocabulary import CATEGORIES, profession
from carnet.identity.api import SessionLine, SignedIn
from carnet.records.api import DeskPreferences


class AccountPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `account.html` shows."""

    facts: tuple[Fact, ...]
    sessions: tuple[Row, ...]
    close_others: Action | None
    first: tuple[Option, ...]
    shortcuts: bool


def present_account(
    *, language: Language, signed_in: SignedIn, sessions: list[SessionLine], desk: DeskPreferences
) -> AccountPage:
    """Return the page of the professional's own session. desk: how they like their pages."""
    _ = language.gettext
    actor = signed_in.actor
    known = (
        (_("Nom"), actor.name),
        (_("Profession"), profession(actor.profession or "", language)),
        (_("Numéro RPPS"), actor.identifier),
        (_("Structure"), actor.organisation_name or actor.organisation or ""),
    )
    return AccountPage(
        facts=tuple(Fact(term, value) for term, value in known if value),
        sessions=tuple(_row(line, signed_in, language) for line in sessions),
        close_others=Action(_("Fermer les autres sessions"), "/pro/compte/sessions", "sign-out", post=True)
        if len(sessions) > 1
        else None,
        first=tuple(
            Option(f"premier-{code}", _(look.label), code in desk.first_categories)
            for code, look in CATEGORIES.items()
            if code != "REMB"
        ),
        shortcuts=desk.shortcuts,
    )


def _row(line: SessionLine, signed_in: SignedIn, language: Language) -> Row:
    _ = language.gettext
    here = line.public_id == signed_in.session.public_id
    seen = _("vue pour la dernière fois le %(moment)s") % {"moment": language.moment(line.last_seen_at)}
    return Row(
        title=line.device,
        icon="device",
        meta=(_("ouverte le %(moment)s") % {"moment": language.moment(line.created_at)}, seen),
        notes=(_("C'est cette session."),) if here else (),
    )
