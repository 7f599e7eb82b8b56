"""Deaths noted by mistake in words: what may be answered, and one request as its page and letter tell it."""

from datetime import date, datetime
from typing import Final

from carnet.design.language import Language, mark
from carnet.design.parts import Fact, Mark
from carnet.interfaces.desk.presenters.two_agents import Kind, asker_facts, day_facts
from carnet.spaces.api import DeathContest, NotTakenBack, Script

REFUSALS: Final[dict[NotTakenBack, str]] = {
    NotTakenBack.PROOF: mark("La preuve n'est pas lisible, ou n'est pas celle de cette personne"),
    NotTakenBack.CONFIRMED: mark("L'état civil confirme le décès"),
}


def facts_of(contest: DeathContest, language: Language) -> tuple[Fact, ...]:
    """Return what a request says, for the page and the letter."""
    _ = language.gettext
    facts = (
        Fact(_("Personne"), contest.person),
        Fact(_("Date de naissance"), _born(contest.born, language)),
        *asker_facts(contest.asker, contest.shown, language),
        *day_facts(contest, language),
    )
    return (*facts, Fact(_("Raison du refus"), _(REFUSALS[contest.reason]))) if contest.reason else facts


def _born(born: str, language: Language) -> str:
    try:
        return language.long_date(date.fromisoformat(born))
    except ValueError:  # partial: the register knows no day
        return born


def _settled(contest: DeathContest, language: Language, _at: datetime) -> Mark:
    _ = language.gettext
    return Mark("ok", _("Corrigé"), "check") if contest.taken_back else Mark("plain", _("Refusé"), "ban")


def _grant(_contest: DeathContest) -> str:
    return mark("Corriger : la personne est en vie, son espace revient comme il était")


DEATHS: Final[Kind[DeathContest]] = Kind(
    address="/guichet/deces",
    current="deaths",
    name=mark("Décès"),
    title=mark("Décès notés par erreur"),
    lead=mark("Des personnes en vie, dont l'espace est bloqué. Celui qui enregistre une demande n'y répond jamais."),
    icon="edit",
    script=Script.MISTAKEN_DEATH,
    form_at="deces",
    first="lettre",
    hint=mark(
        "Le nom et la date doivent être ceux de la preuve. Corrigé, le décès ne peut plus être noté par un fichier "
        "sans que quelqu'un l'ait vérifié."
    ),
    refusals=REFUSALS,
    granted="taken-back",
    identifier=lambda one: one.contest,
    facts=facts_of,
    grant=_grant,
    settled=_settled,
)
