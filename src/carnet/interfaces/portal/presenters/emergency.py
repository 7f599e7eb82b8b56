"""What may happen when the person cannot answer: three switches, each its own choice, and the attending doctor."""

from datetime import datetime

import msgspec

from carnet.design.language import Language
from carnet.design.parts import Mark, Option, Row
from carnet.interfaces.portal.presenters.access import dispute_action
from carnet.interfaces.portal.presenters.access_tabs import EMERGENCY, access_tabs
from carnet.interfaces.portal.presenters.authorise import DOCTOR
from carnet.interfaces.portal.presenters.facts import PartyFacts
from carnet.interfaces.portal.presenters.people import party_meta


class EmergencyFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The switches in force. centre_15: SAMU regulation; glass: other professionals; masked: also masked documents."""

    centre_15: bool
    glass: bool
    masked: bool


class OpenedFacts(msgspec.Struct, frozen=True, kw_only=True):
    """An emergency access that took place. regulation: by the SAMU; seconded: a second professional agreed first."""

    party: PartyFacts
    regulation: bool
    began_at: datetime
    ended_at: datetime
    seconded: bool
    reason: str


class Switch(msgspec.Struct, frozen=True):
    """One choice: a checkbox, what it means when it is on and when it is off."""

    name: str
    label: str
    on: bool
    hint: str


class EmergencyPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `emergency.html` shows."""

    tabs: tuple[Option, ...]
    switches: tuple[Switch, ...]
    doctors: tuple[Option, ...]
    opened: tuple[Row, ...]


def present_emergency(
    *,
    language: Language,
    facts: EmergencyFacts,
    parties: tuple[PartyFacts, ...] = (),
    doctor: str = "",
    opened: tuple[OpenedFacts, ...] = (),
    masked_by_default: bool | None = None,
) -> EmergencyPage:
    """Return the page. parties: whom the person knows; doctor: the attending one's id, empty for none; opened: the
    emergency accesses that took place, newest first; masked_by_default: asked here too of who acts for a child, None
    of the person themselves.
    """
    return EmergencyPage(
        tabs=access_tabs(EMERGENCY, language, mine=masked_by_default is None),
        switches=(*emergency_switches(facts, language), *_by_default(language, masked=masked_by_default)),
        doctors=tuple(
            Option(one.id, one.name, one.id == doctor)
            for one in parties
            if one.id == doctor or (one.kind == "professional" and one.profession == DOCTOR)
        ),
        opened=tuple(_opened(one, language) for one in opened),
    )


def _by_default(language: Language, *, masked: bool | None) -> tuple[Switch, ...]:
    """The default of new documents, where a child's space is set by who acts for them."""
    _ = language.gettext
    if masked is None:
        return ()
    label, hint = _("Les nouveaux documents sont cachés aux soignants"), _("Leur auteur les voit toujours.")
    return (Switch("nouveaux_masques", label, masked, hint),)


def _opened(one: OpenedFacts, language: Language) -> Row:
    """One emergency: who, when, why; and the one tap of somebody who does not know it."""
    _ = language.gettext
    when = _("Le %(date)s, de %(begin)s à %(end)s") % {
        "date": language.short_date(one.began_at),
        "begin": language.time(one.began_at),
        "end": language.time(one.ended_at),
    }
    agreed = (_("Un second soignant l'a confirmé."),) if one.seconded else ()
    return Row(
        title=one.party.name,
        icon="warning",
        hue="honey",
        meta=party_meta(one.party, language),
        notes=(when, _("Raison donnée : « %(reason)s »") % {"reason": one.reason}, *agreed),
        marks=(Mark("info", _("SAMU"), "info"),) if one.regulation else (),
        actions=(dispute_action(one.party.id, language, spoken=one.party.name),),
    )


def emergency_switches(facts: EmergencyFacts, language: Language) -> tuple[Switch, ...]:
    """Return the three switches in words, for this page and for the first visit."""
    _ = language.gettext
    return (
        Switch(
            "centre_15",
            _("Le SAMU peut lire mes documents quand on appelle le 15 pour moi"),
            facts.centre_15,
            _("Seulement le médecin qui répond à l'appel."),
        ),
        Switch(
            "bris_de_glace",
            _("Un soignant peut ouvrir mon espace si je suis en danger et que je ne peux pas répondre"),
            facts.glass,
            _("Il doit écrire pourquoi. L'accès dure trente minutes, et vous êtes prévenu."),
        ),
        Switch(
            "masques",
            _("Dans ces deux cas, mes documents cachés sont montrés aussi"),
            facts.masked,
            _("Sinon, ce que vous avez caché reste caché, même en urgence."),
        ),
    )
