"""Topics the person keeps apart: shown only after a second proof, away from those who act for them."""

from datetime import datetime

import msgspec

from carnet.design.language import Language, mark
from carnet.design.parts import Option
from carnet.design.shell import Crumb
from carnet.interfaces.portal.presenters.access_tabs import LIMITS

TOPICS: dict[str, str] = {
    "contraception-pregnancy": mark("Contraception et grossesse"),
    "mental-health": mark("Santé mentale"),
    "violence": mark("Violences"),
    "addictions": mark("Addictions"),
    "sexual-health": mark("Santé sexuelle"),
    "genetics": mark("Génétique"),
}


class TopicsPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `topics.html` shows."""

    crumbs: tuple[Crumb, ...]
    topics: tuple[Option, ...]
    until: str


def present_topics(
    *, language: Language, known: tuple[str, ...], chosen: frozenset[str], until: datetime
) -> TopicsPage:
    """Return the page. known: topics of the table, in its order; until: when the second proof stops counting."""
    _ = language.gettext
    return TopicsPage(
        crumbs=(Crumb(_("Ce que je cache"), LIMITS),),
        topics=topic_options(known, chosen, language),
        until=_("Jusqu'à %(time)s, vos documents gardés à part s'affichent avec les autres.")
        % {"time": language.time(until)},
    )


def topic_options(known: tuple[str, ...], chosen: frozenset[str], language: Language) -> tuple[Option, ...]:
    """Return the topics as choices; one we have no words for shows its code rather than hiding it."""
    return tuple(Option(one, language.gettext(TOPICS.get(one, one)), one in chosen) for one in known)
