"""Letting somebody in: for how long, and whether they also see what is hidden and may keep others out."""

import msgspec

from carnet.design.language import Language
from carnet.design.parts import Form, Option
from carnet.design.shell import Crumb
from carnet.interfaces.portal.presenters.access_tabs import LIST
from carnet.interfaces.portal.presenters.facts import PartyFacts
from carnet.interfaces.portal.presenters.people import party_meta

DOCTOR = "10"
UNTIL = "date"
DAYS = {"1j": 1, "1s": 7, "3m": 92, "1a": 365}


class AuthorisePage(msgspec.Struct, frozen=True, kw_only=True):
    """What `authorise.html` shows. administrator: whether that can be offered (doctors only)."""

    heading: str
    lead: str
    crumbs: tuple[Crumb, ...]
    party: str
    durations: tuple[Option, ...]
    form: Form
    administrator: bool


def present_authorise(*, language: Language, party: PartyFacts, form: Form | None = None) -> AuthorisePage:
    """Return the form for one professional, organisation or team. form: shown again with its errors."""
    _ = language.gettext
    chosen = form.value("duree") if form else ""
    labels = (
        ("", _("Jusqu'à ce que je change d'avis")),
        ("1j", _("Pendant 24 heures")),
        ("1s", _("Pendant une semaine")),
        ("3m", _("Pendant trois mois")),
        ("1a", _("Pendant un an")),
        (UNTIL, _("Jusqu'au jour que je choisis")),
    )
    return AuthorisePage(
        heading=_("Donner accès à %(name)s") % {"name": party.name},
        lead=" · ".join(party_meta(party, language)),
        crumbs=(Crumb(_("Qui a accès"), LIST),),
        party=party.id,
        durations=tuple(Option(value, label, value == chosen) for value, label in labels),
        form=form or Form(),
        administrator=party.kind == "professional" and party.profession == DOCTOR,
    )
