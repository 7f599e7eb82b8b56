"""What the next page says about the act just done. Kept in a cookie as a code, never as words: nobody can forge one."""

from carnet.design.language import Language, mark
from carnet.design.shell import Notice, Tone

NOTICES: dict[str, tuple[Tone, str]] = {
    "checked": ("success", mark("L'identité est vérifiée. Vous pouvez agir.")),
    "helped": ("success", mark("C'est noté. La personne le lira dans son journal.")),
    "sessions": ("success", mark("Toutes les sessions de la personne sont fermées.")),
    "ended": ("success", mark("Le contact est terminé.")),
    "case": ("success", mark("Le signalement est clos. La personne le lira dans son journal.")),
    "closed": ("success", mark("L'espace est fermé. La personne en est prévenue.")),
}


def notice_of(code: str, language: Language) -> Notice | None:
    """Return the notice of a code, None for an unknown one."""
    known = NOTICES.get(code)
    return Notice(known[0], language.gettext(known[1])) if known else None
