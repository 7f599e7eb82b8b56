"""What the person wants once they died, in their settings; and the answers to what they asked as an heir."""

from datetime import datetime
from typing import Final

import msgspec

from carnet.access.api import HeirsRequest, Purpose, Refusal
from carnet.design.language import Language, last_day, mark
from carnet.design.parts import Fact, Option
from carnet.design.shell import Crumb

ADDRESS: Final = "/demandes-ayant-droit"
SETTING: Final = "/reglages/apres-deces"
PURPOSES: Final[dict[Purpose, str]] = {
    Purpose.CAUSES: mark("Connaître les causes de la mort"),
    Purpose.MEMORY: mark("Défendre la mémoire de la personne"),
    Purpose.RIGHTS: mark("Faire valoir mes droits"),
}
REFUSALS: Final[dict[Refusal, str]] = {
    Refusal.PERSON: mark("La personne l'a refusé de son vivant."),
    Refusal.NOT_ENTITLED: mark("Votre qualité n'est pas prouvée."),
    Refusal.MOTIVE: mark("La demande ne répond à aucun des trois motifs de la loi."),
    Refusal.PROOF: mark("La preuve jointe n'est pas lisible ou n'est pas la bonne."),
}


class OwnRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One request of the person's, with what they may do about it."""

    heading: str
    said: tuple[str, ...]
    facts: tuple[Fact, ...]


class OwnRequestsPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `after_death.html` shows."""

    requests: tuple[OwnRequest, ...]
    crumbs: tuple[Crumb, ...]


def after_death_options(language: Language, *, refused: bool) -> tuple[Option, ...]:
    """Return the two answers, the one in force chosen."""
    _ = language.gettext
    law = _("Un médecin lit pour eux, et leur dit seulement ce qui répond à leur motif.")
    return (
        Option("loi", _("Mes proches pourront demander ce que la loi permet"), not refused, law),
        Option("personne", _("Personne ne pourra rien demander"), refused),
    )


def present_own_requests(*, language: Language, requests: tuple[HeirsRequest, ...], at: datetime) -> OwnRequestsPage:
    """Return what the person asked as an heir, the newest first."""
    _ = language.gettext
    return OwnRequestsPage(
        requests=tuple(_own(one, language, at=at) for one in requests),
        crumbs=(Crumb(_("Mes réglages"), "/reglages"),),
    )


def _own(request: HeirsRequest, language: Language, *, at: datetime) -> OwnRequest:
    _ = language.gettext
    facts = [Fact(_("Numéro"), request.number), Fact(_("Demandée le"), language.long_date(request.asked_at))]
    if request.motive:
        facts.append(Fact(_("Motif"), _(PURPOSES[request.motive])))
    facts.append(Fact(_("Médecin désigné"), request.physician))
    return OwnRequest(
        heading=_("Demande concernant %(name)s") % {"name": request.file.deceased},
        said=_said(request, language, at=at),
        facts=tuple(facts),
    )


def _said(request: HeirsRequest, language: Language, *, at: datetime) -> tuple[str, ...]:
    _ = language.gettext
    if request.granted is None:
        due = language.long_date(request.due_at)
        return (_("Votre demande attend sa réponse, prévue avant le %(day)s.") % {"day": due},)
    if request.reason:
        certificate = _("Un médecin peut tout de même vous remettre un certificat qui ne dit rien de secret.")
        return (_("Votre demande est refusée."), _(REFUSALS[request.reason]), certificate)
    if not request.reads(at) or request.until is None:
        return (_("Votre demande a été acceptée. La lecture par le médecin est terminée."),)
    until = language.long_date(last_day(request.until))
    return (
        _("Votre demande est acceptée. %(physician)s peut lire pour vous jusqu'au %(day)s.")
        % {"physician": request.physician, "day": until},
        _("Donnez-lui le nom, la date de naissance et le numéro de sécurité sociale de la personne décédée."),
        _("Il vous dira ce qui répond à votre motif, et se taira sur le reste."),
    )
