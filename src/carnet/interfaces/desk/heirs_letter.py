"""The answer to an heir on paper: granted, and whom to give it to; refused, with the reason and what is left.

Source: R1111-7 CSP (a refusal is reasoned, and keeps nobody from a medical certificate that tells no secret).
"""

from carnet.access.api import HeirsRequest
from carnet.design.language import mark

GRANTED = (
    mark(
        "Votre demande est acceptée. Le médecin que vous avez désigné peut lire l'espace de santé de cette personne "
        "pendant trente jours. Il vous dira ce qui répond à votre motif ; il est tenu au secret pour le reste."
    ),
    mark(
        "Donnez-lui cette lettre, avec le numéro de sécurité sociale de la personne décédée : il ouvre l'espace dans "
        "Carnet comme celui d'un patient."
    ),
    mark("Il ne verra ni ce que la personne avait masqué ou gardé à part, ni ses messages."),
)
REFUSED = (
    mark("Votre demande est refusée."),
    mark(
        "Ce refus n'empêche pas qu'un médecin vous remette un certificat, s'il ne contient rien que le secret couvre "
        "(article R. 1111-7 du code de la santé publique)."
    ),
    mark(
        "Vous pouvez compléter votre demande et la présenter de nouveau, saisir la Commission d'accès aux documents "
        "administratifs dans les deux mois, puis le tribunal."
    ),
)
LAW = mark("Code de la santé publique, articles L. 1110-4 V, L. 1111-7 et R. 1111-7.")


def said(request: HeirsRequest) -> tuple[str, ...]:
    """Return the paragraphs of an answer, French ones to translate."""
    return GRANTED if request.granted else REFUSED
