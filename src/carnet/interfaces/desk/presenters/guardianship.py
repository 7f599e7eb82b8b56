"""Guardians in words: what a judgment says, what may be answered, and one request as its page and letter tell it."""

from datetime import date, datetime
from typing import Final

from carnet.access.api import GuardianshipRequest, Measure, NotRecorded
from carnet.design.language import Language, mark
from carnet.design.parts import Fact, Mark
from carnet.interfaces.desk.presenters.two_agents import Kind, asker_facts, day_facts
from carnet.spaces.api import Script

MEASURES: Final[dict[Measure, str]] = {
    Measure.TUTELLE: mark("Tutelle"),
    Measure.CURATELLE: mark("Curatelle"),
    Measure.HABILITATION: mark("Habilitation familiale"),
    Measure.OVER: mark("Fin de la mesure confiée à cette personne"),
}
HINTS: Final[dict[Measure, str]] = {
    Measure.TUTELLE: mark("Elle lit l'espace et y agit."),
    Measure.CURATELLE: mark("Elle lit l'espace, et n'y change rien."),
    Measure.HABILITATION: mark("Elle lit l'espace et y agit, comme le juge l'a permis."),
    Measure.OVER: mark("Mainlevée, ou remplacement par quelqu'un d'autre."),
}
REFUSALS: Final[dict[NotRecorded, str]] = {
    NotRecorded.PROOF: mark("Le jugement n'est pas lisible, ou ne nomme pas ces personnes"),
    NotRecorded.OTHER: mark("Le jugement dit autre chose, ou n'est plus en vigueur"),
}


def facts_of(request: GuardianshipRequest, language: Language) -> tuple[Fact, ...]:
    """Return what a request says, for the page and the letter."""
    _ = language.gettext
    file = request.file
    facts = [
        Fact(_("Personne protégée"), f"{file.person}, {_born(file.born, language)}"),
        Fact(_("Confiée à"), f"{file.guardian.name}, {_born(file.guardian.birth_date, language)}"),
        Fact(_("Ce que dit le jugement"), _(MEASURES[request.measure])),
        Fact(_("Tribunal"), file.court),
        Fact(_("Jugement du"), language.long_date(file.judged_on)),
        Fact(_("Numéro du jugement"), file.number),
    ]
    if file.until:
        facts.append(Fact(_("Dernier jour de la mesure"), language.long_date(file.until)))
    facts += asker_facts(request.asker, request.shown, language)
    facts += day_facts(request, language)
    if request.reason:
        facts.append(Fact(_("Raison du refus"), _(REFUSALS[request.reason])))
    return tuple(facts)


def _born(born: str, language: Language) -> str:
    try:
        return language.plain_date(date.fromisoformat(born))
    except ValueError:  # partial: the register knows no day
        return born


def _settled(request: GuardianshipRequest, language: Language, _at: datetime) -> Mark:
    _ = language.gettext
    return Mark("ok", _("Fait"), "check") if request.granted else Mark("plain", _("Refusé"), "ban")


def _grant(request: GuardianshipRequest) -> str:
    over = request.measure is Measure.OVER
    return mark("Mettre fin à la mesure") if over else mark("Enregistrer la mesure")


GUARDIANSHIP: Final[Kind[GuardianshipRequest]] = Kind(
    address="/guichet/tutelles",
    current="guardianship",
    name=mark("Tutelles"),
    title=mark("Mesures de protection"),
    lead=mark(
        "Tutelles, curatelles, habilitations familiales, et leur fin. Celui qui enregistre une demande n'y répond "
        "jamais."
    ),
    icon="people",
    script=Script.GUARDIANSHIP,
    form_at="tutelle",
    first="mesure",
    choices={"mesure": MEASURES},
    hints=HINTS,
    scan=mark("Voir le jugement"),
    hint=mark(
        "Les deux personnes, la mesure et ses dates doivent être celles du jugement. Toutes deux en sont prévenues."
    ),
    refusals=REFUSALS,
    identifier=lambda one: one.request,
    facts=facts_of,
    grant=_grant,
    settled=_settled,
)
