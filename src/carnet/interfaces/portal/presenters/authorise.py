"""Letting somebody in: for how long, and whether they also see what is hidden and may keep others out.

Of somebody who is let in already the same form shows what holds, and what is sent takes its place in one step.
"""

import msgspec

from carnet.design.language import Language, last_day
from carnet.design.parts import Form, Option
from carnet.design.shell import Crumb
from carnet.interfaces.portal.presenters.access import AccessFacts
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
    submit: str


def present_authorise(
    *, language: Language, party: PartyFacts, known: AccessFacts | None = None, form: Form | None = None
) -> AuthorisePage:
    """Return the form for one professional, organisation or team.

    known: how they are let in already; form: shown again with its errors.
    """
    _ = language.gettext
    form = form or (as_it_is(known) if known else Form())
    chosen = form.value("duree")
    labels = (
        ("", _("Jusqu'à ce que je change d'avis")),
        ("1j", _("Pendant 24 heures")),
        ("1s", _("Pendant une semaine")),
        ("3m", _("Pendant trois mois")),
        ("1a", _("Pendant un an")),
        (UNTIL, _("Jusqu'au jour que je choisis")),
    )
    return AuthorisePage(
        heading=(_("Modifier l'accès de %(name)s") if known else _("Donner accès à %(name)s")) % {"name": party.name},
        lead=" · ".join(party_meta(party, language)),
        crumbs=(Crumb(_("Qui a accès"), LIST),),
        party=party.id,
        durations=tuple(Option(value, label, value == chosen) for value, label in labels),
        form=form,
        administrator=party.kind == "professional" and party.profession == DOCTOR,
        submit=_("Enregistrer") if known else _("Donner accès"),
    )


def as_it_is(known: AccessFacts) -> Form:
    """Return the form filled in with what holds: sent unchanged, it changes nothing but the hour of the last day."""
    until = {"duree": UNTIL, "jusquau": last_day(known.until).isoformat()} if known.until else {}
    return Form({**until, "administrateur": "1" if known.administrator else ""})
