"""The way in: signing in, and finding one person by a whole INS, a name and a date. No list is ever shown."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import msgspec

from carnet.design.language import Language, mark
from carnet.design.parts import Action, Cell, Form, Option
from carnet.design.shell import FieldError, Tone
from carnet.kernel.errors import Problem
from carnet.spaces.api import Channel, ContactLine

_MOTIVES: Final[dict[str, tuple[Tone, str]]] = {
    "sign_in": ("info", mark("Connectez-vous pour continuer.")),
    "signed_out": ("success", mark("Votre session est fermée.")),
    "idle": ("info", mark("Votre session s'est fermée après un moment sans activité.")),
    "cancelled": ("info", mark("Vous avez interrompu la connexion. Vous pouvez recommencer quand vous voulez.")),
    "expired": ("warning", mark("La connexion a pris trop de temps. Recommencez, tout simplement.")),
    "failed": ("warning", mark("La connexion n'a pas abouti. Recommencez dans un instant.")),
    "not_recognised": ("warning", mark("Vous êtes identifié, mais le guichet ne peut pas s'ouvrir pour vous.")),
}
_DETAILS: Final[dict[str, str]] = {
    "not-an-agent": mark("Vous n'êtes pas inscrit comme agent. Adressez-vous à votre responsable."),
    "weak-authentication": mark("Un second facteur est nécessaire : clé, carte ou application."),
}
CHANNELS: Final[dict[Channel, str]] = {
    Channel.PHONE: mark("Au téléphone"),
    Channel.COUNTER: mark("Au guichet"),
    Channel.POST: mark("Par courrier"),
}
SCRIPTS: Final[dict[str, str]] = {
    "objection": mark("Opposition"),
    "retraction": mark("Opposition levée"),
    "activation": mark("Aide à l'activation"),
    "closing": mark("Fermeture"),
    "lost-access": mark("Accès perdu"),
    "dispute": mark("Accès contesté"),
    "screen": mark("Pages suivies"),
    "new-code": mark("Nouvelle lettre"),
    "heirs": mark("Demande d'ayant droit"),
    "mistaken-death": mark("Décès noté par erreur"),
    "guardianship": mark("Mesure de protection"),
}
OUTCOMES: Final[dict[str, str]] = {
    "done": mark("Demande traitée"),
    "informed": mark("Personne renseignée"),
    "refused": mark("Demande refusée (identité non prouvée)"),
    "given-up": mark("Contact interrompu"),
    "left-open": mark("Demande laissée ouverte"),
    "not-found": mark("Personne non retrouvée"),
}


class EntrancePage(msgspec.Struct, frozen=True, kw_only=True):
    """What `entrance.html` shows. trouble: what to say about the last sign-in, empty when nothing."""

    trouble: str
    tone: Tone
    sign_in: Action


class HomePage(msgspec.Struct, frozen=True, kw_only=True):
    """What `home.html` shows: the search, and what this agent did today."""

    form: Form
    channels: tuple[Option, ...]
    nobody: str
    headings: tuple[str, ...]
    today: tuple[tuple[Cell, ...], ...]


def present_entrance(*, language: Language, provider: str, motive: str = "", detail: str = "") -> EntrancePage:
    """Return the first page. motive, detail: codes from the address; unknown ones say nothing."""
    _ = language.gettext
    tone, words = _MOTIVES.get(motive, ("info", ""))
    more = _DETAILS.get(detail, "") if motive == "not_recognised" else ""
    return EntrancePage(
        trouble=" ".join(_(part) for part in (words, more) if part),
        tone=tone,
        sign_in=Action(
            _("S'identifier avec %(provider)s") % {"provider": provider}, "/guichet/connexion", "sign-in", "primary"
        ),
    )


def present_home(
    *,
    language: Language,
    today: tuple[ContactLine, ...],
    typed: Mapping[str, str] | None = None,
    problems: tuple[Problem, ...] = (),
    nobody: bool = False,
) -> HomePage:
    """Return the agent's first page. typed: shown again to be corrected; nobody: it was right and led nowhere."""
    _ = language.gettext
    typed = typed or {}
    chosen = typed.get("canal", str(Channel.PHONE))
    sentence = _(
        "Personne ne correspond à ce numéro, ce nom et cette date ensemble. Faites-les vérifier : nous ne disons pas "
        "lequel ne correspond pas, ni si quelqu'un porte ce numéro."
    )
    return HomePage(
        form=Form(typed, tuple(FieldError(one.path or "ins", one.text(language.code)) for one in problems)),
        channels=tuple(Option(str(code), _(words), chosen == code) for code, words in CHANNELS.items()),
        nobody=sentence if nobody else "",
        headings=(_("Heure"), _("Moyen"), _("Démarche"), _("Fin")),
        today=tuple(_line(one, language) for one in today),
    )


def _line(one: ContactLine, language: Language) -> tuple[Cell, ...]:
    _ = language.gettext
    open_ = one.ended_at is None
    began: datetime = one.began_at
    return (
        Cell(language.time(began), f"/guichet/contact/{one.contact}" if open_ else None),
        Cell(_(CHANNELS[Channel(one.channel)])),
        Cell(_(SCRIPTS[one.script]) if one.script else "—"),
        Cell(_(OUTCOMES[one.outcome]) if one.outcome else _("En cours")),
    )
