"""The way in: signing in, and finding one patient by a complete INS. There is no list to choose from."""

from collections.abc import Sequence
from datetime import date
from typing import Final

import msgspec

from carnet.design.language import Language, mark
from carnet.design.parts import Action, Form, Option
from carnet.design.shell import FieldError, Tone
from carnet.kernel.errors import Problem

_MOTIVES: Final[dict[str, tuple[Tone, str]]] = {
    "sign_in": ("info", mark("Connectez-vous pour continuer.")),
    "signed_out": ("success", mark("Votre session est fermée.")),
    "idle": (
        "info",
        mark("Votre session s'est fermée après un moment sans activité, pour protéger les données des patients."),
    ),
    "cancelled": ("info", mark("Vous avez interrompu la connexion. Vous pouvez recommencer quand vous voulez.")),
    "expired": ("warning", mark("La connexion a pris trop de temps. Recommencez, tout simplement.")),
    "failed": ("warning", mark("La connexion n'a pas abouti. Recommencez dans un instant.")),
    "not_recognised": ("warning", mark("Vous êtes identifié, mais cet espace ne peut pas s'ouvrir pour vous.")),
}
_DETAILS: Final[dict[str, str]] = {
    "professional-not-listed": mark(
        "Vous n'êtes pas dans l'annuaire des professionnels de santé, ou n'y êtes plus en exercice."
    ),
    "organisation-not-listed": mark("La structure pour laquelle vous exercez n'est pas dans l'annuaire."),
    "not-practising-there": mark("L'annuaire ne dit pas que vous exercez dans cette structure."),
    "weak-authentication": mark("Une authentification forte et nominative est nécessaire."),
}


MOTIVES: Final[dict[str, str]] = {
    "consultation": mark("La personne est devant moi, ou en téléconsultation"),
    "coordination": mark("Je prépare ou je coordonne ses soins"),
    "opinion": mark("Un confrère me demande mon avis"),
}
"""Why a file is opened, as the trace keeps it."""


class EntrancePage(msgspec.Struct, frozen=True, kw_only=True):
    """What `entrance.html` shows. trouble: what to say about the last sign-in, empty when nothing."""

    trouble: str
    tone: Tone
    sign_in: Action
    person: Action


class FindPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `find.html` shows."""

    form: Form
    nobody: str
    motives: tuple[Option, ...]
    rules: str = ""


def present_entrance(*, language: Language, provider: str, motive: str = "", detail: str = "") -> EntrancePage:
    """Return the first page. motive, detail: codes from the address; unknown ones say nothing."""
    _ = language.gettext
    tone, words = _MOTIVES.get(motive, ("info", ""))
    more = _DETAILS.get(detail, "") if motive == "not_recognised" else ""
    return EntrancePage(
        trouble=" ".join(_(part) for part in (words, more) if part),
        tone=tone,
        sign_in=Action(
            _("S'identifier avec %(provider)s") % {"provider": provider}, "/pro/connexion", "professional", "primary"
        ),
        person=Action(_("Je viens pour mon propre carnet"), "/connexion", "person", "quiet"),
    )


def present_find(
    *,
    language: Language,
    typed: str = "",
    motive: str = "",
    problems: tuple[Problem, ...] = (),
    nobody: bool = False,
    rules: str = "",
) -> FindPage:
    """Return the search. motive: the reason chosen, the usual one by default. typed: shown again only when it has to be
    corrected; nobody: it was right and led nowhere.
    """
    errors = tuple(FieldError("ins", problem.text(language.code)) for problem in problems[:1])
    sentence = language.gettext(
        "Aucun espace ne peut être ouvert avec ce matricule. La personne n'en a pas, l'a fermé, ou ne souhaite pas "
        "que vous y accédiez : nous ne disons pas laquelle de ces raisons."
    )
    chosen = motive if motive in MOTIVES else next(iter(MOTIVES))
    return FindPage(
        form=Form({"ins": typed} if errors else {}, errors),
        nobody=sentence if nobody else "",
        motives=tuple(Option(code, language.gettext(words), code == chosen) for code, words in MOTIVES.items()),
        rules=rules,
    )


def present_rules(*, language: Language, day: date, opened: Sequence[str], closed: Sequence[str]) -> str:
    """Say what a change of the matrix opens and closes to the reader's own profession; "" when it is not concerned."""
    _ = language.gettext
    said = [_("vous pouvez lire : %(what)s") % {"what": ", ".join(opened)}] if opened else []
    said += [_("vous ne pouvez plus lire : %(what)s") % {"what": ", ".join(closed)}] if closed else []
    words = {"day": language.plain_date(day), "what": " ; ".join(said)}
    return _("Règles de lecture, à partir du %(day)s : %(what)s.") % words if said else ""
