"""When something cannot be done: told briefly, with what to do next. Never says why somebody is absent."""

import msgspec

from carnet.design.language import Language, mark
from carnet.design.parts import Action, ErrorPage


class Trouble(msgspec.Struct, frozen=True):
    """An error status in words."""

    heading: str
    lead: str
    advice: tuple[str, ...] = ()
    drawing: str = "trouble"


TROUBLES: dict[int, Trouble] = {
    400: Trouble(
        mark("Cela ne peut pas se faire"),
        mark("Rien n'a été changé."),
        (mark("Revenez au contact pour voir où en est l'espace."),),
    ),
    403: Trouble(
        mark("Cette action n'est pas possible"),
        mark("Elle n'est pas de votre ressort, ou la page est restée ouverte trop longtemps."),
        (mark("Rien n'a été changé."),),
        "access",
    ),
    404: Trouble(
        mark("Rien à cette adresse"),
        mark("Un contact ne s'ouvre que pour l'agent qui l'a commencé, et pendant une heure."),
        (mark("Recherchez à nouveau la personne."),),
        "search",
    ),
    409: Trouble(
        mark("Cela a déjà changé"),
        mark("Quelqu'un vient de modifier cela."),
        (mark("Rechargez la page pour voir où en sont les choses."),),
    ),
    413: Trouble(
        mark("Ce fichier est trop grand"),
        mark("Rien n'a été enregistré."),
        (mark("Numérisez la lettre en noir et blanc, ou page par page."),),
        "documents",
    ),
    429: Trouble(
        mark("Trop de recherches sans résultat"),
        mark("Par prudence, la recherche fait une courte pause."),
        (mark("Faites épeler le nom et relire le numéro, puis réessayez dans une minute."),),
        "calm",
    ),
    500: Trouble(
        mark("Une erreur est survenue de notre côté"),
        mark("Ce n'est pas votre faute, et rien n'est perdu."),
        (mark("Réessayez dans quelques minutes. Si cela revient, donnez cette référence à votre responsable."),),
    ),
    503: Trouble(
        mark("Carnet est momentanément indisponible"),
        mark("Le service reprend très bientôt."),
        (mark("Proposez à la personne de la rappeler."),),
        "calm",
    ),
}
ALIASES = {405: 404, 410: 404, 401: 403, 415: 400, 502: 503, 504: 503}
_OURS = 500


def present_trouble(
    *, language: Language, status: int, told: str = "", reference: str = "", signed_in: bool = False
) -> ErrorPage:
    """Return the page of an HTTP status; an unknown one reads as 400 or 500 by its class. told: a better lead."""
    _ = language.gettext
    found = TROUBLES.get(ALIASES.get(status, status)) or TROUBLES[_OURS if status >= _OURS else 400]
    address = "/guichet/accueil" if signed_in else "/guichet"
    return ErrorPage(
        status=status,
        heading=_(found.heading),
        lead=told or _(found.lead),
        advice=tuple(map(_, found.advice)),
        actions=(Action(_("Revenir à l'accueil du guichet"), address, "home", "primary"),),
        drawing=found.drawing,
        reference=reference,
    )
