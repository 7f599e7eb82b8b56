"""The pages of "Accès", side by side: few choices at a time, each page one question."""

from carnet.design.language import Language
from carnet.design.parts import Option

LIST, EMERGENCY, LIMITS, SEE_AS, MATRIX = (
    "/acces",
    "/acces/urgence",
    "/acces/limites",
    "/acces/voir-comme",
    "/acces/qui-voit-quoi",
)


def access_tabs(current: str, language: Language, *, mine: bool = True) -> tuple[Option, ...]:
    """Return the tabs, the one at address `current` chosen. mine: of one's own space, not a child's."""
    _ = language.gettext
    labels = (
        (LIST, _("Qui a accès")),
        (EMERGENCY, _("En urgence")),
        (LIMITS, _("Ce que je cache") if mine else _("Ce qui est caché")),
        (SEE_AS, _("Voir comme…")),
        (MATRIX, _("Qui voit quoi")),
    )
    shown = labels if mine else labels[:4]
    return tuple(Option(address, label, address == current) for address, label in shown)
