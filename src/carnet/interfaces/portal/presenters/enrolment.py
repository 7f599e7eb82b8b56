"""Before there is a space: what the pages of saying no, saying yes and checking a receipt show."""

import re

import msgspec

from carnet.design.language import Language
from carnet.design.parts import Action, Fact, Form
from carnet.design.shell import FieldError
from carnet.kernel.errors import Problem
from carnet.spaces.api import Receipt, Standing, State

_GROUP = 5
_DAY = re.compile(r"\s*(\d{1,2})\D(\d{1,2})\D(\d{4})\s*")


class ProvePage(msgspec.Struct, frozen=True, kw_only=True):
    """A form that asks for what the letter says. action: where it posts; card: whether the Vitale card is asked for."""

    heading: str
    lead: str
    action: str
    submit: str
    form: Form
    card: bool
    identity: Action | None
    other: Action


class StandingPage(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody who proved who they are may say. facts: where they stand; tone of the sentence on top."""

    heading: str
    tone: str
    told: str
    facts: tuple[Fact, ...]
    consequences: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    receipt: str = ""
    number: str = ""


class ReceiptWords(msgspec.Struct, frozen=True):
    """What a receipt says."""

    heading: str
    sentences: tuple[str, ...]


class CheckPage(msgspec.Struct, frozen=True, kw_only=True):
    """The page that checks a receipt. tone and told: what came out, empty before anything was asked."""

    form: Form
    tone: str = ""
    told: str = ""
    download: str = ""


def present_prove(
    *,
    language: Language,
    opening: bool,
    card: bool,
    provider: str,
    typed: dict[str, str] | None = None,
    problems: tuple[Problem, ...] = (),
) -> ProvePage:
    """Return the form. opening: to open the space, else to refuse it; provider: empty when there is none."""
    _ = language.gettext
    errors = tuple(FieldError("code", one.text(language.code)) for one in problems[:1])
    at = "/activation" if opening else "/opposition"
    identity = Action(
        _("Continuer avec %(provider)s") % {"provider": provider + ("+" if opening else "")},
        "/connexion/personne?retour=/bienvenue" if opening else "/opposition/identite",
        "sign-in",
        "secondary",
    )
    return ProvePage(
        heading=_("Ouvrir mon espace maintenant") if opening else _("Refuser l'ouverture de mon espace"),
        lead=_("Sans attendre la date écrite dans votre lettre.")
        if opening
        else _("C'est votre droit. Vous n'avez ni compte à créer, ni raison à donner."),
        action=at,
        submit=_("Continuer"),
        form=Form(typed or {}, errors),
        card=card,
        identity=identity if provider else None,
        other=Action(_("Refuser l'ouverture de mon espace"), "/opposition", "", "quiet")
        if opening
        else Action(_("Ouvrir plutôt mon espace maintenant"), "/activation", "", "quiet"),
    )


def present_standing(*, language: Language, standing: Standing, said: Receipt | None) -> StandingPage:
    """Return what may be said from here. said: the receipt of what was just said."""
    _ = language.gettext
    receipt = said or standing.receipt
    link = f"/opposition/recepisse?jeton={receipt.token}" if receipt else ""
    number = grouped(receipt.token) if receipt else ""
    who = (Fact(_("Pour"), standing.name),) if standing.name else ()
    if standing.state is State.OPPOSED:
        return StandingPage(
            heading=_("Votre refus est enregistré"),
            tone="success",
            told=_("Aucun espace ne s'ouvrira à ce nom. Gardez votre récépissé : il prouve ce que vous avez dit."),
            facts=(*who, Fact(_("Refusé le"), language.moment(standing.since))),
            actions=(
                Action(
                    _("Finalement, je veux un espace"),
                    "/opposition/revenir",
                    "replaced",
                    "secondary",
                    post=True,
                ),
            ),
            receipt=link,
            number=number,
        )
    if standing.state is State.OPEN:
        return StandingPage(
            heading=_("Votre espace est ouvert"),
            tone="success" if said else "info",
            told=_("Vous pouvez y entrer, et le fermer à tout moment."),
            facts=who,
            actions=(Action(_("Entrer dans mon espace"), "/activation", "sign-in", "primary"),),
            receipt=link,
            number=number,
        )
    if standing.state in {State.ELIGIBLE, State.NOTIFIED}:
        return _question(language, standing, who)
    return StandingPage(
        heading=_("Rien ne peut être fait en ligne à ce nom"),
        tone="warning",
        told=_("Appelez le 3422, ou rendez-vous à un guichet : quelqu'un vous aidera."),
        facts=who,
    )


def _question(language: Language, standing: Standing, who: tuple[Fact, ...]) -> StandingPage:
    _ = language.gettext
    opens = (
        (Fact(_("Ouverture prévue, si vous ne dites rien"), language.long_date(standing.opens_on)),)
        if standing.opens_on
        else ()
    )
    return StandingPage(
        heading=_("Dernière question avant d'enregistrer"),
        tone="",
        told="",
        facts=(*who, *opens),
        consequences=(
            _("Aucun espace ne s'ouvrira, et personne ne pourra y déposer de documents."),
            _("Cela ne change rien à vos soins ni à vos remboursements."),
            _("Vous pourrez changer d'avis à tout moment."),
        ),
        actions=(
            Action(_("Je ne veux pas d'espace"), "/opposition/refuser", "close", "danger", post=True),
            Action(_("Ne rien enregistrer"), "/", "", "quiet"),
        ),
    )


def receipt_words(receipt: Receipt, language: Language) -> ReceiptWords:
    """Return what a receipt says in words."""
    _ = language.gettext
    moment = {"moment": language.moment(receipt.at)}
    if str(receipt.event) == "object":
        return ReceiptWords(
            _("Récépissé : refus d'un espace de santé"),
            (
                _("Le %(moment)s, la personne qui tient ce récépissé a refusé l'ouverture de son espace.") % moment,
                _("Aucun espace ne s'ouvre à son nom. Elle peut changer d'avis à tout moment."),
            ),
        )
    return ReceiptWords(
        _("Récépissé : refus retiré"),
        (
            _("Le %(moment)s, la personne qui tient ce récépissé est revenue sur son refus.") % moment,
            _("Son espace s'est ouvert aussitôt. Elle peut le fermer à tout moment."),
        ),
    )


def present_check(*, language: Language, typed: str, receipt: Receipt | None) -> CheckPage:
    """Return the page that checks receipts, with its answer when a number was given."""
    _ = language.gettext
    form = Form({"jeton": typed})
    if not typed:
        return CheckPage(form=form)
    if receipt is None:
        return CheckPage(
            form=form,
            tone="warning",
            told=_("Ce numéro n'est pas celui d'un récépissé donné ici. Vérifiez chaque lettre."),
        )
    told = " ".join(receipt_words(receipt, language).sentences)
    return CheckPage(
        form=form,
        tone="success",
        told=_("Ce récépissé est authentique.") + " " + told,
        download=f"/opposition/recepisse?jeton={receipt.token}",
    )


def grouped(token: str) -> str:
    """Return a token as people copy it: groups of five."""
    return " ".join(token[start : start + _GROUP] for start in range(0, len(token), _GROUP))


def born_on(text: str) -> str:
    """Return a birth date as typed by a French hand (31/12/1950) in ISO; anything else as it is."""
    found = _DAY.fullmatch(text)
    return f"{found[3]}-{int(found[2]):02d}-{int(found[1]):02d}" if found else text.strip()
