"""Opening one's space: whose it is, the conditions, and the ways to come back."""

import msgspec

from carnet.design.language import Language
from carnet.design.parts import Fact, Form, Option
from carnet.interfaces.portal.presenters.own_ways import channel_options, form_of
from carnet.interfaces.portal.presenters.terms import conditions
from carnet.kernel.errors import CarnetError
from carnet.spaces.api import ProvedBy, Standing, State


class OpenPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `activation_open.html` shows. blocked: why it cannot be done here; provider: they come back through an
    identity provider, nothing to choose.
    """

    heading: str
    facts: tuple[Fact, ...]
    blocked: str
    conditions: tuple[str, ...]
    provider: bool
    keys: bool
    channels: tuple[Option, ...]
    form: Form


def present_open(
    *,
    language: Language,
    standing: Standing,
    by: ProvedBy,
    keys: bool,
    typed: dict[str, str],
    refusal: CarnetError | None,
) -> OpenPage:
    """Return the page. keys: whether browsers make passkeys for this address."""
    _ = language.gettext
    return OpenPage(
        heading=_("Ouvrir mon espace"),
        facts=(Fact(_("Pour"), standing.name),),
        blocked=_blocked(language, standing, by),
        conditions=conditions(language),
        provider=by is ProvedBy.IDENTITY,
        keys=keys,
        channels=channel_options(language, typed.get("canal", "")),
        form=form_of(typed, refusal, language),
    )


def _blocked(language: Language, standing: Standing, by: ProvedBy) -> str:
    _ = language.gettext
    if standing.minor:
        return _(
            "L'espace d'un enfant s'ouvre et se gère depuis l'espace de ses parents ou de la personne responsable."
        )
    if standing.represented and by is ProvedBy.CARD:
        return _("Une personne vous représente : ouvrez votre espace avec FranceConnect, ou avec elle à un guichet.")
    if standing.state in {State.DECEASED, State.NOT_ELIGIBLE}:
        return _("Rien ne peut être fait en ligne à ce nom") + "."
    return ""
