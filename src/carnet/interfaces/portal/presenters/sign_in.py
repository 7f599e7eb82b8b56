"""Signing in and proving again who one is before a weighty act."""

from typing import Literal
from urllib.parse import urlencode

import msgspec

from carnet.design.language import Language
from carnet.design.parts import Action

Trouble = Literal["", "cancelled", "expired", "no_space", "failed", "signed_out", "idle"]


class SignInPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `sign_in.html` shows."""

    heading: str
    trouble: str
    tone: str
    person: Action
    professional: Action
    own: Action | None = None


class StepUpPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `step_up.html` shows."""

    heading: str
    lead: str
    confirm: Action
    cancel: Action
    own: Action | None = None


def present_sign_in(
    *, language: Language, provider: str, trouble: Trouble = "", back: str = "", own: bool = False
) -> SignInPage:
    """Return the sign-in page. provider: the identity provider's name; back: where to go afterwards (a local path)."""
    _ = language.gettext
    words = {
        "": "",
        "cancelled": _("Vous avez interrompu la connexion. Vous pouvez recommencer quand vous voulez."),
        "expired": _("La connexion a pris trop de temps. Recommencez, tout simplement."),
        "no_space": _("Aucun espace n'est ouvert à ce nom. Si cela vous étonne, contactez le service d'aide."),
        "failed": _("La connexion n'a pas abouti. Recommencez dans un instant."),
        "signed_out": _("Votre session est fermée. À bientôt."),
        "idle": _("Votre session s'est fermée après un moment sans activité, pour protéger vos données."),
    }[trouble]
    suffix = "?" + urlencode({"retour": back}) if back else ""
    return SignInPage(
        heading=_("Se connecter"),
        trouble=words,
        tone="success" if trouble == "signed_out" else "info" if trouble in ("cancelled", "idle") else "warning",
        person=Action(
            _("Continuer avec %(provider)s") % {"provider": provider},
            f"/connexion/personne{suffix}",
            "sign-in",
            "primary",
        ),
        professional=Action(_("Je suis professionnel de santé"), "/pro/connexion", "professional"),
        own=Action(_("Avec ma clé d'accès ou mon mot de passe"), f"/connexion/autrement{suffix}", "lock")
        if own
        else None,
    )


def present_step_up(*, language: Language, provider: str, back: str, cancel: str, own: bool = False) -> StepUpPage:
    """Return the page that asks for a fresh proof. back: the address of the act; cancel: where else to go."""
    _ = language.gettext
    return StepUpPage(
        heading=_("Confirmez que c'est bien vous"),
        lead=_("Ce que vous allez faire est important. Identifiez-vous à nouveau pour continuer."),
        confirm=Action(
            _("M'identifier avec %(provider)s") % {"provider": provider},
            "/confirmer-identite/personne?" + urlencode({"retour": back}),
            "lock",
            "primary",
        ),
        cancel=Action(_("Annuler"), cancel),
        own=Action(
            _("Avec ma clé d'accès ou mon mot de passe"),
            "/confirmer-identite/autrement?" + urlencode({"retour": back}),
            "lock",
        )
        if own
        else None,
    )
