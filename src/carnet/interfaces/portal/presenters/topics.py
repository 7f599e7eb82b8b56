"""Topics the person keeps apart: shown only after a second proof, away from those who act for them."""

from datetime import datetime

import msgspec

from carnet.design.language import Language, mark
from carnet.design.parts import Form, Option
from carnet.design.shell import Crumb
from carnet.interfaces.portal.presenters.access_tabs import LIMITS
from carnet.spaces.api import Contact

TOPICS: dict[str, str] = {
    "contraception-pregnancy": mark("Contraception et grossesse"),
    "mental-health": mark("Santé mentale"),
    "violence": mark("Violences"),
    "addictions": mark("Addictions"),
    "sexual-health": mark("Santé sexuelle"),
    "genetics": mark("Génétique"),
}


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """Where news of what is kept apart goes. in_force, proposed: sentences, empty for none."""

    form: Form
    code_form: Form
    in_force: str
    proposed: str


class TopicsPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `topics.html` shows."""

    crumbs: tuple[Crumb, ...]
    topics: tuple[Option, ...]
    until: str
    channel: Channel


def present_topics(
    *, language: Language, known: tuple[str, ...], chosen: frozenset[str], until: datetime, channel: Channel
) -> TopicsPage:
    """Return the page. known: topics of the table, in its order; until: when the second proof stops counting."""
    _ = language.gettext
    return TopicsPage(
        crumbs=(Crumb(_("Ce que je cache"), LIMITS),),
        topics=topic_options(known, chosen, language),
        until=_("Jusqu'à %(time)s, vos documents gardés à part s'affichent avec les autres.")
        % {"time": language.time(until)},
        channel=channel,
    )


def present_channel(
    contact: Contact, *, language: Language, at: datetime, form: Form | None = None, code_form: Form | None = None
) -> Channel:
    """Return the part about the channel. form, code_form: as they were typed, when something was wrong."""
    _, proposed = language.gettext, contact.apart_proposed
    waiting = proposed.address if proposed and proposed.until > at else ""
    in_force = _("Nous écrivons aujourd'hui à %(to)s.") % {"to": contact.apart} if contact.apart else ""
    code_form, form = code_form or Form(), form or Form({"adresse": waiting or contact.apart or ""})
    if not waiting and code_form.errors:  # the code ran out, and its field with it
        form, code_form = Form(form.values, code_form.errors_at("adresse")), Form()
    return Channel(
        form=form,
        code_form=code_form,
        in_force=in_force,
        proposed=_("Un code à six chiffres est parti à %(to)s. Il vaut trente minutes.") % {"to": waiting}
        if waiting
        else "",
    )


def topic_options(known: tuple[str, ...], chosen: frozenset[str], language: Language) -> tuple[Option, ...]:
    """Return the topics as choices; one we have no words for shows its code rather than hiding it."""
    return tuple(Option(one, language.gettext(TOPICS.get(one, one)), one in chosen) for one in known)
