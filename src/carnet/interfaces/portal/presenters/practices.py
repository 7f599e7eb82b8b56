"""What a practice said of itself, as a page shows it: when it reads and answers, how often it is asked, its kinds."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from carnet.design.language import Language, mark
from carnet.design.parts import Fact, Row
from carnet.messaging.api import WIRE, Contact, Opening, Period, PracticeRules, Quota, RequestKind, away, opens_again

ASKING: Final = "/messages/demandes"
KIND_NAMES: Final = {
    RequestKind.RENEWAL: (
        mark("Renouveler une ordonnance"),
        mark("Pour un traitement que vous prenez déjà."),
        "replaced",
    ),
    RequestKind.CERTIFICATE: (
        mark("Demander un certificat"),
        mark("Sport, école, travail… : dites lequel et pour quand."),
        "certificate",
    ),
    RequestKind.RESULT: (
        mark("Poser une question sur un résultat"),
        mark("Sur un document que vous avez reçu."),
        "biology",
    ),
    RequestKind.ADMIN: (mark("Faire une demande administrative"), mark("Papiers, dossier, facture…"), "administrative"),
}
_DAYS: Final = (  # ISO: Monday first
    mark("lundi"),
    mark("mardi"),
    mark("mercredi"),
    mark("jeudi"),
    mark("vendredi"),
    mark("samedi"),
    mark("dimanche"),
)


class PracticeBox(msgspec.Struct, frozen=True, kw_only=True):
    """What stands above an answer to a practice that said what it accepts. free: it may be answered in one's words."""

    facts: tuple[Fact, ...]
    absent: str
    choices: tuple[Row, ...]
    free: bool


def present_practice(*, language: Language, contact: Contact, conversation: str, at: datetime) -> PracticeBox:
    """Return what stands above an answer in a conversation."""
    rules = contact.rules or PracticeRules()
    return PracticeBox(
        facts=practice_facts(rules, language),
        absent=absence_of(rules, language, at),
        choices=practice_choices(contact, language, answers=conversation),
        free=rules.free_answers or not rules.kinds,
    )


def practice_choices(contact: Contact, language: Language, *, answers: str) -> tuple[Row, ...]:
    """Return the kinds a practice takes, each leading to its form."""
    _ = language.gettext
    kinds = contact.rules.kinds if contact.rules else ()
    more = f"&reponse={answers}" if answers else ""
    return tuple(
        Row(
            title=_(KIND_NAMES[kind][0]),
            href=f"{ASKING}/{contact.key}?genre={WIRE[kind]}{more}",
            icon=KIND_NAMES[kind][2],
            hue="sage",
            notes=(_(KIND_NAMES[kind][1]),),
        )
        for kind in RequestKind
        if kind in kinds
    )


def practice_facts(rules: PracticeRules, language: Language) -> tuple[Fact, ...]:
    """Return when a practice reads, when it answers, how often it may be asked."""
    _ = language.gettext
    found = []
    if rules.hours:
        found.append(
            Fact(
                _("Messages lus"),
                (" ; " if language.code == "fr" else "; ").join(_by_days(rules.hours, language)),
            )
        )
    if rules.answer_days is not None:
        days = language.ngettext("sous %(num)s jour ouvré", "sous %(num)s jours ouvrés", rules.answer_days)
        found.append(Fact(_("Réponse attendue"), days % {"num": rules.answer_days}))
    if rules.quota is not None:
        found.append(Fact(_("Vous pouvez faire"), _often(rules.quota, language)))
    return tuple(found)


def _often(quota: Quota, language: Language) -> str:
    said = {
        Period.DAY: language.ngettext("%(num)s demande par jour", "%(num)s demandes par jour", quota.requests),
        Period.WEEK: language.ngettext("%(num)s demande par semaine", "%(num)s demandes par semaine", quota.requests),
        Period.MONTH: language.ngettext("%(num)s demande par mois", "%(num)s demandes par mois", quota.requests),
    }
    return said[quota.per] % {"num": quota.requests}


def _by_days(hours: Sequence[Opening], language: Language) -> list[str]:
    """Return each set of days once, with all its hours."""
    spans: dict[tuple[int, ...], list[str]] = {}
    for one in hours:
        spans.setdefault(tuple(sorted(set(one.days))), []).append(f"{one.opens} – {one.closes}")
    between = language.gettext(" et ")
    return [f"{_days(days, language)}, {between.join(said)}" for days, said in spans.items()]


def _days(days: tuple[int, ...], language: Language) -> str:
    names = [language.gettext(_DAYS[day - 1]) for day in days]
    if days[-1] - days[0] > 1 and days == tuple(range(days[0], days[-1] + 1)):  # two days are named both
        return language.gettext("du %(first)s au %(last)s") % {"first": names[0], "last": names[-1]}
    return ", ".join(names)


def absence_of(rules: PracticeRules, language: Language, at: datetime) -> str:
    """Return until when nobody reads messages, or when a request will be handed over; empty when somebody reads now."""
    gone = away(rules, at=at)
    if gone is None:
        return _closed(rules, language, at)
    told = language.gettext("Absence jusqu'au %(day)s inclus. Un message est remis quand même.")
    absent = told % {"day": language.plain_date(gone.last)}
    return f"{absent} {language.gettext('En attendant :')} {gone.instead}" if gone.instead else absent


def _closed(rules: PracticeRules, language: Language, at: datetime) -> str:
    opens = opens_again(rules, at=at)
    if opens is None:
        return ""
    told = language.gettext("Fermé en ce moment. Une demande faite maintenant sera remise le %(day)s à %(time)s.")
    return told % {"day": language.plain_date(opens), "time": language.time(opens)}
