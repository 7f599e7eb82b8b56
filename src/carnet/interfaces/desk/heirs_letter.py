"""The answer to an heir on paper: granted, and whom to give it to; refused, with the reason and what is left.

Source: R1111-7 CSP (a refusal is reasoned, and keeps nobody from a medical certificate that tells no secret).
"""

from datetime import datetime

from carnet.access.api import HeirsRequest
from carnet.design.language import Language, mark
from carnet.design.paper import new_sheet, write
from carnet.interfaces.desk.presenters.heirs import facts_of

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


def heirs_letter(request: HeirsRequest, *, at: datetime, language: Language) -> bytes:
    """Return one A4 page. at: when it was answered."""
    _ = language.gettext
    heading = _("Réponse à votre demande %(number)s") % {"number": request.number}
    sheet = new_sheet(heading, at=at, language=language)
    write(sheet, heading, size=18, style="B")
    sheet.ln(6)
    for words in GRANTED if request.granted else REFUSED:
        write(sheet, _(words), size=12)
        sheet.ln(3)
    sheet.ln(3)
    for fact in facts_of(request, language):
        write(sheet, f"{fact.term} : {fact.value}" if language.code == "fr" else f"{fact.term}: {fact.value}", size=11)
    sheet.ln(4)
    write(sheet, _("Code de la santé publique, articles L. 1110-4 V, L. 1111-7 et R. 1111-7."), size=9)
    return bytes(sheet.output())
