"""A care team: people and places who treat the person together, let in as one."""

import msgspec

from carnet.design.language import Language
from carnet.design.parts import Form, Option
from carnet.design.shell import Crumb
from carnet.interfaces.portal.presenters.access_tabs import LIST
from carnet.interfaces.portal.presenters.facts import PartyFacts


class TeamPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `team.html` shows."""

    crumbs: tuple[Crumb, ...]
    form: Form
    parties: tuple[Option, ...]


def present_team(*, language: Language, form: Form, parties: tuple[PartyFacts, ...]) -> TeamPage:
    """Return the form. parties: whom the person knows, to choose members from."""
    chosen = set(form.value("parties").split())
    return TeamPage(
        crumbs=(Crumb(language.gettext("Qui a accès"), LIST),),
        form=form,
        parties=tuple(Option(one.id, one.name, one.id in chosen) for one in parties if one.kind != "team"),
    )
