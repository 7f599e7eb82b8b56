"""When something cannot be done: told kindly, with what to do. Never says why something is absent."""

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
        (mark("Revenez à l'accueil et recommencez. Rien n'a été changé."),),
        "access",
    ),
    404: Trouble(
        mark("Cette page n'existe pas"),
        mark("L'adresse est peut-être incomplète, ou ce que vous cherchez n'est plus là."),
        (mark("Vos documents, eux, sont toujours à leur place."),),
        "search",
    ),
    409: Trouble(
        mark("Cela a déjà changé"),
        mark("Quelqu'un, ou vous dans une autre fenêtre, vient de modifier cela."),
        (mark("Rechargez la page pour voir où en sont les choses."),),
    ),
    413: Trouble(
        mark("Ce fichier est trop grand"),
        mark("Rien n'a été ajouté."),
        (mark("Prenez une photo moins lourde, ou envoyez le document en plusieurs fois."),),
        "documents",
    ),
    429: Trouble(
        mark("Trop de demandes à la fois"),
        mark("Par prudence, nous faisons une courte pause."),
        (mark("Attendez une minute, puis rechargez la page."),),
        "calm",
    ),
    500: Trouble(
        mark("Une erreur est survenue de notre côté"),
        mark("Ce n'est pas votre faute, et vos documents sont en sécurité."),
        (mark("Réessayez dans quelques minutes. Si cela revient, donnez cette référence au service d'aide."),),
    ),
    503: Trouble(
        mark("Carnet est momentanément indisponible"),
        mark("Vos documents sont en sécurité. Le service reprend très bientôt."),
        (mark("Réessayez dans quelques minutes. En cas d'urgence médicale, appelez le 15 ou le 112."),),
        "calm",
    ),
}
ALIASES = {405: 404, 410: 404, 401: 403, 415: 400, 422: 400, 502: 503, 504: 503}


def present_error(
    *, language: Language, status: int, told: str = "", reference: str = "", signed_in: bool = False
) -> ErrorPage:
    """Return the page for an HTTP status; an unknown one reads as 400 or 500 by its class. told: a better lead."""
    _ = language.gettext
    known = ALIASES.get(status, status)
    trouble = TROUBLES.get(known) or TROUBLES[500 if status >= 500 else 400]  # noqa: PLR2004 - HTTP's classes
    home = Action(_("Aller à l'accueil"), "/accueil" if signed_in else "/", "home", "primary")
    return ErrorPage(
        status=status,
        heading=_(trouble.heading),
        lead=told or _(trouble.lead),
        advice=tuple(map(_, trouble.advice)),
        actions=(home,),
        drawing=trouble.drawing,
        reference=reference,
    )
