"""Signing in with a way of one's own, and keeping those ways: what the pages show."""

from datetime import datetime

import msgspec

from carnet.design.language import Language
from carnet.design.parts import Action, Form, Option, Row
from carnet.design.shell import FieldError
from carnet.identity.api import Credential, Kind
from carnet.kernel.errors import CarnetError

_FIELDS = frozenset({"identifiant", "mot_de_passe", "adresse", "code", "conditions"})


class OwnSignInPage(msgspec.Struct, frozen=True, kw_only=True):
    """Passkey and password. ask, take: where the script asks, and its form goes; password: where that form goes."""

    heading: str
    lead: str
    form: Form
    keys: bool
    ask: str
    take: str
    password: str
    back: str


class CodePage(msgspec.Struct, frozen=True, kw_only=True):
    """The page that asks for a code of the moment."""

    heading: str
    lead: str
    action: str
    form: Form


class WaysPage(msgspec.Struct, frozen=True, kw_only=True):
    """The ways of one's own, in the settings."""

    heading: str
    lead: str
    rows: tuple[Row, ...]
    keys: bool
    channels: tuple[Option, ...]
    form: Form


def present_own_sign_in(
    *, language: Language, keys: bool, again: bool, back: str, refusal: CarnetError | None = None
) -> OwnSignInPage:
    """Return the page. keys: whether browsers make passkeys for this address; again: a fresh proof is wanted."""
    _ = language.gettext
    return OwnSignInPage(
        heading=_("Confirmez que c'est bien vous") if again else _("Se connecter autrement"),
        lead=_("Avec le moyen que vous avez choisi en ouvrant votre espace."),
        form=form_of({}, refusal, language),
        keys=keys,
        ask="/confirmer-identite/cle/demande" if again else "/connexion/cle/demande",
        take="/connexion/cle",
        password="/confirmer-identite/mot-de-passe" if again else "/connexion/mot-de-passe",
        back=back,
    )


def present_code(*, language: Language, action: str, refusal: CarnetError | None = None) -> CodePage:
    """Return the page that asks for the code just sent."""
    _ = language.gettext
    return CodePage(
        heading=_("Un code vous a été envoyé"),
        lead=_("Recopiez ses six chiffres. Il vaut dix minutes."),
        action=action,
        form=form_of({}, refusal, language),
    )


def present_ways(
    *,
    language: Language,
    credentials: list[Credential],
    keys: bool,
    now: datetime,
    typed: dict[str, str] | None = None,
    refusal: CarnetError | None = None,
) -> WaysPage:
    """Return the page of the settings."""
    _ = language.gettext
    return WaysPage(
        heading=_("Mes moyens de connexion"),
        lead=_("Ceux que vous gardez vous-même, à côté de votre identité numérique."),
        rows=tuple(_row(one, language, now) for one in credentials),
        keys=keys,
        channels=channel_options(language, (typed or {}).get("canal", "")),
        form=form_of(typed or {}, refusal, language),
    )


def channel_options(language: Language, chosen: str) -> tuple[Option, ...]:
    """Return where codes may go."""
    _ = language.gettext
    return (
        Option("email", _("par e-mail"), chosen=chosen != "sms"),
        Option("sms", _("par SMS"), chosen=chosen == "sms"),
    )


def form_of(typed: dict[str, str], refusal: CarnetError | None, language: Language) -> Form:
    """Return a form shown again: what was typed (never a password) and what to correct."""
    kept = {name: value for name, value in typed.items() if name not in {"mot_de_passe", "_csrf_token"}}
    problems = refusal.problems if refusal else ()
    errors = tuple(
        FieldError(one.path if one.path in _FIELDS else "identifiant", one.text(language.code)) for one in problems
    )
    return Form(kept, errors)


def _row(one: Credential, language: Language, now: datetime) -> Row:
    _ = language.gettext
    used = (
        _("Utilisé le %(moment)s") % {"moment": language.moment(one.last_used_at)}
        if one.last_used_at
        else _("Pas encore utilisé")
    )
    waits = (
        (_("Utilisable à partir du %(moment)s") % {"moment": language.moment(one.usable_from)},)
        if one.usable_from > now
        else ()
    )
    key = one.kind is Kind.PASSKEY
    return Row(
        title=one.label or _("Clé d'accès"),
        icon="device" if key else "lock",
        meta=(_("Clé d'accès") if key else _("Mot de passe et code"), used),
        notes=waits,
        actions=(
            Action(
                _("Retirer"),
                "/reglages/connexion/retirer",
                "trash",
                "quiet",
                post=True,
                spoken=one.label,
                values={"moyen": str(one.public_id)},
            ),
        ),
    )
