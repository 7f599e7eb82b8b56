"""Those who help me, and whom I am asked to help: words and buttons; and the form of an invitation."""

from datetime import datetime

import msgspec

from carnet.design.language import Language, last_day
from carnet.design.parts import Action, ConfirmPage, Form, Option, Row
from carnet.design.shell import Crumb
from carnet.design.vocabulary import CATEGORIES
from carnet.interfaces.portal.presenters.shell import PROFILES

INVITE, ANSWER, END, STOP, SECOND = (
    "/proches/inviter",
    "/proches/repondre",
    "/proches/terminer",
    "/proches/cesser",
    "/proches/second-parent",
)
UNTIL = "date"
AGENDA_ONLY, EVERYTHING = "agenda", "tout"
"""The parts a carer is given, as the form sends them back."""
LIVING = frozenset({"waiting", "later", "active"})


class CarerFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who acts, or is asked to act, in the space of who reads. standing: see `access.Standing`."""

    id: str
    name: str
    kind: str
    basis: str
    standing: str
    starts_at: datetime
    ends_at: datetime
    answer_by: datetime | None
    withheld: tuple[str, ...]
    messages: bool = False
    documents: bool = True
    agenda: bool = False


class InvitePage(msgspec.Struct, frozen=True, kw_only=True):
    """What `invite_carer.html` shows."""

    heading: str
    lead: str
    crumbs: tuple[Crumb, ...]
    action: str
    form: Form
    purposes: tuple[Option, ...]
    parts: tuple[Option, ...]
    withheld: tuple[Option, ...]
    declaration: str


def carer_row(one: CarerFacts, language: Language) -> Row:
    """Somebody who acts for me, with what ends it."""
    _ = language.gettext
    standing = {
        "waiting": _("Invité : n'a pas encore répondu"),
        "later": _("À partir du %(day)s") % {"day": language.long_date(one.starts_at)},
        "active": _("Peut agir dans votre espace"),
        "expired": _("N'a pas répondu à temps"),
        "refused": _("A refusé"),
        "over": _("Terminé"),
    }[one.standing]
    until = one.answer_by if one.standing == "waiting" and one.answer_by else one.ends_at
    notes = [_("Jusqu'au %(day)s") % {"day": language.long_date(last_day(until))}] if one.standing in LIVING else []
    if one.withheld:
        left_out = ", ".join(_(CATEGORIES[code].label) for code in one.withheld if code in CATEGORIES)
        notes.append(_("Sauf : %(categories)s") % {"categories": left_out})
    if one.messages:
        notes.append(_("Lit vos messages et y répond pour vous"))
    if one.agenda:
        notes.append(_("Lit votre agenda et y écrit") if one.documents else _("Votre agenda, et rien d'autre"))
    end = Action(_("Mettre fin"), f"{END}?qui={one.id}", "close", "quiet", spoken=one.name)
    return Row(
        title=one.name,
        icon="people",
        hue="sage",
        meta=(_role(one, language), standing),
        notes=tuple(notes),
        actions=(end,) if one.kind == "carer" and one.standing in LIVING else (),
    )


def _role(one: CarerFacts, language: Language) -> str:
    _ = language.gettext
    return {
        "parental": _("Votre représentant légal"),
        "tutelle": _("Votre tuteur"),
        "curatelle": _("Votre curateur : lit sans rien changer"),
        "habilitation": _("Habilitation familiale"),
        "chosen": _("Votre aidant"),
    }.get(one.basis, "")


def present_invite(
    *, language: Language, form: Form, chosen: frozenset[str] = frozenset(), second_parent: str = ""
) -> InvitePage:
    """Return the form. second_parent: name of the child whose second representative is invited."""
    _ = language.gettext
    crumbs = (Crumb(_("Mes proches"), PROFILES),)
    if second_parent:
        return InvitePage(
            heading=_("Inviter l'autre représentant légal"),
            lead=_("De %(name)s. S'il accepte, vous gérez cet espace tous les deux.") % {"name": second_parent},
            crumbs=crumbs,
            action=SECOND,
            form=form,
            purposes=(),
            parts=(),
            withheld=(),
            declaration=_("Cette personne a l'autorité parentale."),
        )
    purpose, part = form.value("motif") or "hospital", form.value("partie") or EVERYTHING
    labels = (
        ("hospital", _("Accompagner à l'hôpital : 2 semaines")),
        ("return-home", _("Le retour à la maison : 6 semaines")),
        ("everyday", _("M'aider au quotidien : un an")),
        (UNTIL, _("Aux dates que je choisis")),
    )
    return InvitePage(
        heading=_("Inviter un aidant"),
        lead=_(
            "Il pourra lire, ajouter, modifier et supprimer ce que vous lui confiez. Il ne pourra ni changer vos accès"
            " et vos réglages, ni fermer votre espace, ni inviter quelqu'un."
        ),
        crumbs=crumbs,
        action=INVITE,
        form=form,
        purposes=tuple(Option(value, label, value == purpose) for value, label in labels),
        parts=tuple(
            Option(value, label, value == part, hint)
            for value, label, hint in (
                (EVERYTHING, _("Mes documents, sauf ceux que j'écarte ci-dessous"), ""),
                (AGENDA_ONLY, _("Mon agenda seulement"), _("Ni documents, ni messages : il n'en saura rien.")),
            )
        ),
        withheld=tuple(Option(code, _(look.label), code in chosen) for code, look in CATEGORIES.items()),
        declaration=_("Je choisis librement cette personne pour m'aider."),
    )


def present_end(*, language: Language, one: CarerFacts) -> ConfirmPage:
    """Return the question before an end."""
    _ = language.gettext
    return ConfirmPage(
        heading=_("Mettre fin à l'aide de %(name)s ?") % {"name": one.name},
        lead="",
        consequences=(
            _("Cette personne ne pourra plus venir dans votre espace, dès maintenant."),
            _("Ce qu'elle a fait reste écrit dans votre journal."),
        ),
        confirm=Action(_("Mettre fin"), END, "close", "danger", post=True, values={"qui": one.id}),
        cancel=Action(_("Ne rien changer"), PROFILES),
        crumbs=(Crumb(_("Mes proches"), PROFILES),),
    )
