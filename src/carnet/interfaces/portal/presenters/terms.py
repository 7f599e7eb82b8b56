"""The conditions of a space, as people say yes to them; `spaces.rules.terms` names the text, another text another."""

from datetime import datetime

import msgspec

from carnet.design.language import Language, mark
from carnet.design.shell import Crumb

ADDRESS = "/conditions"
CONDITIONS = (
    mark("Cet espace est à vous seul : vous décidez qui le lit."),
    mark("Ce que vous y faites, et ce que d'autres y font, est écrit dans votre journal."),
    mark("Vous pouvez le fermer à tout moment, et demander l'effacement de ce qu'il contient."),
    mark("Vous ne donnez à personne vos moyens de connexion."),
)


class TermsPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `terms.html` shows. terms: the name of the text, sent back with the answer; asked: a yes is waited for."""

    lead: str
    conditions: tuple[str, ...]
    terms: str
    asked: bool
    crumbs: tuple[Crumb, ...]


def conditions(language: Language) -> tuple[str, ...]:
    """Return the text in force, a line a condition."""
    return tuple(map(language.gettext, CONDITIONS))


def present_terms(*, language: Language, terms: str, agreed: str | None, agreed_at: datetime | None) -> TermsPage:
    """Return the page of the conditions. terms: the text in force; agreed: the one they said yes to, and when."""
    _ = language.gettext
    asked = agreed != terms
    lead = _("Ce que vous acceptez en utilisant votre espace.")
    if agreed and asked:
        lead = _("Elles ont changé depuis que vous les avez acceptées.")
    elif agreed_at is not None:
        lead = _("Vous les avez acceptées le %(day)s.") % {"day": language.long_date(agreed_at)}
    return TermsPage(
        lead=lead,
        conditions=conditions(language),
        terms=terms,
        asked=asked,
        crumbs=(Crumb(_("Mes réglages"), "/reglages"),),
    )
