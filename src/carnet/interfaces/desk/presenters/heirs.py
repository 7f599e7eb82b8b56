"""Heirs' requests in words: what they may ask and be answered, and one request as its page and letter tell it."""

from datetime import datetime
from typing import Final

from carnet.access.api import CHOSEN, Capacity, HeirsRequest, Purpose, Refusal
from carnet.design.language import Language, last_day, mark
from carnet.design.parts import Fact, Mark
from carnet.interfaces.desk.presenters.two_agents import Kind, UnderWay, day_facts
from carnet.spaces.api import Script

CAPACITIES: Final[dict[Capacity, str]] = {
    Capacity.HEIR: mark("Héritier"),
    Capacity.SPOUSE: mark("Conjoint"),
    Capacity.PACS: mark("Partenaire de PACS"),
    Capacity.PARTNER: mark("Concubin"),
    Capacity.PARENT: mark("Parent, ou titulaire de l'autorité parentale, d'un mineur décédé"),
}
PURPOSES: Final[dict[Purpose, str]] = {
    Purpose.CAUSES: mark("Connaître les causes de la mort"),
    Purpose.MEMORY: mark("Défendre la mémoire de la personne"),
    Purpose.RIGHTS: mark("Faire valoir ses droits"),
}
REFUSALS: Final[dict[Refusal, str]] = {
    Refusal.PERSON: mark("La personne l'a refusé de son vivant"),
    Refusal.NOT_ENTITLED: mark("La qualité n'est pas prouvée"),
    Refusal.MOTIVE: mark("La demande ne répond à aucun des trois motifs de la loi"),
    Refusal.PROOF: mark("La preuve jointe n'est pas lisible ou n'est pas la bonne"),
    Refusal.ALIVE: mark("Le décès avait été noté par erreur"),
}


def facts_of(request: HeirsRequest, language: Language) -> tuple[Fact, ...]:
    """Return what a request says, for the page and the letter."""
    _ = language.gettext
    facts = [
        Fact(_("Personne décédée"), request.file.deceased),
        Fact(_("Demandeur"), request.file.heir.name),
        Fact(_("Qualité"), _(CAPACITIES[request.capacity])),
    ]
    if request.motive:
        facts.append(Fact(_("Motif"), _(PURPOSES[request.motive])))
    facts.append(Fact(_("Médecin désigné"), f"{request.physician} · RPPS {request.rpps}"))
    facts += day_facts(request, language)
    if request.reason:
        facts.append(Fact(_("Refusée parce que"), _(REFUSALS[request.reason])))
    if request.until and request.ended_at is None:
        facts.append(Fact(_("Lecture possible jusqu'au"), language.long_date(last_day(request.until))))
    if request.ended_at:
        facts.append(Fact(_("Lecture terminée le"), language.long_date(request.ended_at)))
    return tuple(facts)


def _settled(request: HeirsRequest, language: Language, at: datetime) -> Mark:
    _ = language.gettext
    if not request.granted:
        return Mark("plain", _("Refusée"), "ban")
    return Mark("ok", _("Lecture en cours"), "unlock") if request.reads(at) else Mark("plain", _("Terminée"), "check")


def _meta(request: HeirsRequest, language: Language) -> tuple[str, ...]:
    return (language.gettext(CAPACITIES[request.capacity]),)


def _statement(request: HeirsRequest, language: Language) -> Fact | None:
    said = request.file.statement
    return Fact(language.gettext("Ce que la personne dit de son motif"), said) if said else None


def _grant(_request: HeirsRequest) -> str:
    return mark("Accepter")


HEIRS: Final[Kind[HeirsRequest]] = Kind(
    address="/guichet/ayants-droit",
    current="heirs",
    name=mark("Ayants droit"),
    title=mark("Ayants droit"),
    lead=mark("Demandes de proches de personnes décédées. Celui qui enregistre une demande n'y répond jamais."),
    icon="people",
    line=mark("Demandé le %(day)s"),
    own_line=mark("Vous l'avez enregistrée : un autre agent répond."),
    script=Script.HEIRS,
    form_at="ayant-droit",
    first="qualite",
    choices={"qualite": CAPACITIES, "motif": PURPOSES},
    journal=mark("Chaque consultation de cette demande est écrite dans le journal de la personne décédée."),
    hint=mark("Acceptée, elle laisse le médecin désigné lire pendant trente jours."),
    refusals={one: REFUSALS[one] for one in CHOSEN},
    identifier=lambda one: one.request,
    facts=facts_of,
    grant=_grant,
    settled=_settled,
    meta=_meta,
    statement=_statement,
    under_way=UnderWay(
        label=mark("Lectures en cours"),
        note=mark("Le médecin désigné lit en ce moment. Vous pouvez y mettre fin à tout instant."),
        act=mark("Mettre fin à la lecture"),
        lasts=lambda one, at: one.reads(at),
    ),
)
