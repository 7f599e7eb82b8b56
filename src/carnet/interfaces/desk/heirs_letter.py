"""The answer to an heir on paper: granted, and whom to give it to; refused, with the reason and what is left.

Source: R1111-7 CSP (a refusal is reasoned, and keeps nobody from a medical certificate that tells no secret).
"""

from typing import Any

from carnet.access.api import HeirsRequest
from carnet.design.language import Language, mark
from carnet.interfaces.desk.presenters.heirs import facts_of
from carnet.spaces.api import plain

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


def heirs_letter(request: HeirsRequest, *, language: Language) -> bytes:
    """Return one A4 page. The request has its answer."""
    from fpdf import FPDF  # noqa: PLC0415 - forty megabytes that a process which prints nothing never needs

    _ = language.gettext
    heading = _("Réponse à votre demande %(number)s") % {"number": request.number}
    sheet = FPDF(format="A4")
    sheet.set_creation_date(request.answered_at)
    sheet.set_title(plain(heading))
    sheet.set_lang(language.code)
    sheet.set_margins(25, 30)
    sheet.add_page()
    _text(sheet, heading, size=18, style="B")
    sheet.ln(6)
    for words in GRANTED if request.granted else REFUSED:
        _text(sheet, _(words), size=12)
        sheet.ln(3)
    sheet.ln(3)
    for fact in facts_of(request, language):
        _text(sheet, f"{fact.term} : {fact.value}" if language.code == "fr" else f"{fact.term}: {fact.value}", size=11)
    sheet.ln(4)
    _text(sheet, _("Code de la santé publique, articles L. 1110-4 V, L. 1111-7 et R. 1111-7."), size=9)
    return bytes(sheet.output())


def _text(sheet: Any, text: str, *, size: int, style: str = "") -> None:
    sheet.set_font("Helvetica", style, size)
    sheet.multi_cell(0, size * 0.5, plain(text), new_x="LMARGIN", new_y="NEXT")
