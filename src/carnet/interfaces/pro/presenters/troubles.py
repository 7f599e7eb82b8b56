"""When something cannot be done: told briefly, with what to do next. Never says why something is absent."""

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
        mark("Cette demande n'a pas été comprise"),
        mark("Rien n'a été changé."),
        (mark("Revenez à la page précédente et recommencez."),),
    ),
    403: Trouble(
        mark("Cette action n'est pas possible"),
        mark("Vous n'avez pas le droit de faire cela, ou la page est restée ouverte trop longtemps."),
        (mark("Rien n'a été changé."),),
        "access",
    ),
    404: Trouble(
        mark("Rien à cette adresse"),
        mark("Un dossier ouvert ne l'est que pour votre session : son adresse ne sert plus ensuite, ni ailleurs."),
        (mark("Cherchez à nouveau le patient avec son matricule INS."),),
        "search",
    ),
    409: Trouble(
        mark("Cela a déjà changé"),
        mark("Quelqu'un, ou vous dans une autre fenêtre, vient de modifier cela."),
        (mark("Rechargez la page pour voir où en sont les choses."),),
    ),
    413: Trouble(
        mark("Ce fichier est trop grand"),
        mark("Rien n'a été déposé."),
        (mark("Envoyez un fichier plus léger, ou le document en plusieurs fois."),),
        "documents",
    ),
    429: Trouble(
        mark("Trop de recherches sans résultat"),
        mark("Par prudence, la recherche fait une courte pause."),
        (mark("Vérifiez le matricule sur la carte du patient, puis réessayez dans une minute."),),
        "calm",
    ),
    500: Trouble(
        mark("Une erreur est survenue de notre côté"),
        mark("Ce n'est pas votre faute, et rien n'est perdu."),
        (mark("Réessayez dans quelques minutes. Si cela revient, donnez cette référence au service d'aide."),),
    ),
    503: Trouble(
        mark("Carnet est momentanément indisponible"),
        mark("Les documents sont en sécurité. Le service reprend très bientôt."),
        (mark("Réessayez dans quelques minutes. Soignez sans attendre."),),
        "calm",
    ),
}
ALIASES = {405: 404, 410: 404, 401: 403, 415: 400, 422: 400, 502: 503, 504: 503}
_OURS = 500


def present_trouble(
    *, language: Language, status: int, told: str = "", reference: str = "", signed_in: bool = False
) -> ErrorPage:
    """Return the page of an HTTP status; an unknown one reads as 400 or 500 by its class. told: a better lead."""
    _ = language.gettext
    found = TROUBLES.get(ALIASES.get(status, status)) or TROUBLES[_OURS if status >= _OURS else 400]
    onward = (
        Action(_("Trouver un patient"), "/pro/patient", "search", "primary")
        if signed_in
        else Action(_("Aller à l'accueil"), "/pro", "home", "primary")
    )
    return ErrorPage(
        status=status,
        heading=_(found.heading),
        lead=told or _(found.lead),
        advice=tuple(map(_, found.advice)),
        actions=(onward,),
        drawing=found.drawing,
        reference=reference,
    )
