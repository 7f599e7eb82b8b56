"""A contact under way: what is shown to prove who somebody is, where their space stands, which scripts fit.

An agent learns the state of a space and dates, nothing of what is in it: there is nothing else in these facts.
"""

from datetime import datetime
from typing import Final

import msgspec

from carnet.design.language import Language, mark
from carnet.design.parts import Action, Fact, Form, Option, Row
from carnet.design.shell import Crumb, FieldError
from carnet.interfaces.desk.presenters.entrance import CHANNELS, OUTCOMES, SCRIPTS
from carnet.interfaces.desk.presenters.scripts import TEXTS
from carnet.interfaces.desk.presenters.tickets import TicketCard, ends, present_ticket, reasons
from carnet.kernel.errors import Problem
from carnet.spaces.api import (
    ACCEPTED,
    Asker,
    Channel,
    DeskContact,
    DeskStanding,
    DeskTicket,
    Receipt,
    Script,
    Shown,
    State,
    askers,
    left_open,
    offered,
)

SHOWN: Final[dict[Shown, str]] = {
    Shown.IDENTITY_CARD: mark("Carte nationale d'identité"),
    Shown.PASSPORT: mark("Passeport"),
    Shown.RESIDENCE_PERMIT: mark("Titre de séjour"),
    Shown.COPY: mark("Copie d'une pièce d'identité, et lettre signée"),
    Shown.VITALE_CARD: mark("Numéro de série de sa carte Vitale, lu à voix haute"),
    Shown.CALL_BACK: mark("Rappel au numéro connu de l'assurance maladie"),
    Shown.INSURER_FILE: mark("Réponses justes sur son dossier d'assurance maladie (adresse, caisse)"),
    Shown.REPRESENTATION: mark("Pour un représentant : livret de famille, jugement, ou dossier d'assurance maladie"),
}
ASKERS: Final[dict[Asker, str]] = {
    Asker.PERSON: mark("La personne elle-même"),
    Asker.REPRESENTATIVE: mark("Son représentant (parent d'un mineur, tuteur), qui le prouve aussi"),
    Asker.HEIR: mark("Un proche de la personne décédée, qui prouve sa propre identité (au guichet ou par courrier)"),
}
_ALIVE: Final[dict[Asker, str]] = {
    Asker.PERSON: mark("La personne elle-même : le décès est une erreur (guichet ou courrier)"),
    Asker.REPRESENTATIVE: mark("Son représentant, qui le prouve aussi : le décès est une erreur (guichet ou courrier)"),
}
STATES: Final[dict[State | None, str]] = {
    State.ELIGIBLE: mark("Pas encore informée"),
    State.NOTIFIED: mark("Informée, espace pas encore ouvert"),
    State.OPPOSED: mark("Opposée : aucun espace"),
    State.OPEN: mark("Espace ouvert, jamais activé"),
    State.ACTIVE: mark("Espace activé"),
    State.SUSPENDED: mark("Espace suspendu"),
    State.CLOSED: mark("Espace fermé"),
    State.DELETION_REQUESTED: mark("Espace fermé, suppression demandée"),
    State.DELETED: mark("Espace supprimé"),
    State.NOT_ELIGIBLE: mark("Sans droits ouverts"),
    State.DECEASED: mark("Décès enregistré"),
}
_TOLD: Final[dict[str, str]] = {"email": mark("par e-mail"), "post": mark("par lettre")}


class ContactPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `contact.html` shows. needed: how many proofs; checked: how identity was proved, empty while it is not.

    tickets: what earlier contacts left open, closed for one of `ends`; left: what this one may leave, for a reason.
    """

    address: str
    channel: str
    facts: tuple[Fact, ...]
    checked: str
    form: Form
    askers: tuple[Option, ...]
    proofs: tuple[Option, ...]
    needed: int
    scripts: tuple[Row, ...]
    outcomes: tuple[Option, ...]
    tickets: tuple[TicketCard, ...]
    ends: tuple[Option, ...]
    left: tuple[Option, ...]
    reasons: tuple[Option, ...]
    crumbs: tuple[Crumb, ...]


class ScriptPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `script.html` shows. letter: whether a scanned letter must be attached; code: whether one is typed."""

    address: str
    title: str
    lead: str
    say: tuple[str, ...]
    act: str
    icon: str
    more: str
    letter: bool
    code: bool
    form: Form
    back: Action
    crumbs: tuple[Crumb, ...]


class ReceiptPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `receipt.html` shows: to read out, hand over or print."""

    heading: str
    lead: str
    facts: tuple[Fact, ...]
    token: str
    back: Action


def address_of(contact: DeskContact) -> str:
    """Return where a contact is."""
    return f"/guichet/contact/{contact.contact}"


def present_contact(
    *,
    language: Language,
    contact: DeskContact,
    standing: DeskStanding,
    tickets: tuple[DeskTicket, ...],
    at: datetime,
    problems: tuple[Problem, ...] = (),
) -> ContactPage:
    """Return the page of a contact: identity first, then what can be done."""
    _ = language.gettext
    accepted, needed = ACCEPTED[contact.channel]
    who = askers(standing.state)
    says = ASKERS | (_ALIVE if standing.state is State.DECEASED else {})
    counting = accepted | {Shown.REPRESENTATION}
    address = address_of(contact)
    return ContactPage(
        address=address,
        channel=_(CHANNELS[contact.channel]),
        facts=_facts(standing, language),
        checked=_checked(contact, language),
        form=Form(errors=tuple(FieldError(one.path or "preuves", one.text(language.code)) for one in problems)),
        askers=tuple(Option(str(one), _(says[one]), one is who[0]) for one in who),
        proofs=tuple(Option(str(code), _(words)) for code, words in SHOWN.items() if code in counting),
        needed=needed,
        scripts=_scripts(standing, contact, language),
        outcomes=tuple(
            Option(code, _(words), code == ("done" if contact.deeds else "informed"))
            for code, words in OUTCOMES.items()
            if code not in {"not-found", "left-open"}
        ),
        tickets=tuple(present_ticket(one, language, at, within=address) for one in tickets),
        ends=ends(language),
        left=tuple(Option(str(one), _(SCRIPTS[one])) for one in left_open(standing.state)),
        reasons=reasons(language),
        crumbs=(Crumb(_("Guichet"), "/guichet/accueil"),),
    )


def present_script(
    *, language: Language, contact: DeskContact, script: Script, problems: tuple[Problem, ...] = ()
) -> ScriptPage:
    """Return what to say and the button that does it."""
    _ = language.gettext
    text, address = TEXTS[script], address_of(contact)
    return ScriptPage(
        address=f"{address}/demarche/{script}",
        title=_(text.title),
        lead=_(text.lead),
        say=tuple(map(_, text.say)),
        act=_(text.act),
        icon=text.icon,
        more=_(text.more) if text.more else "",
        letter=script is Script.OBJECTION and contact.channel is Channel.POST,
        code=script is Script.SCREEN,
        form=Form(errors=tuple(FieldError(one.path or "lettre", one.text(language.code)) for one in problems)),
        back=Action(_("Ne rien faire"), address, "", "quiet"),
        crumbs=(Crumb(_("Contact"), address),),
    )


def present_receipt(*, language: Language, contact: DeskContact, script: Script, receipt: Receipt) -> ReceiptPage:
    """Return the receipt: it names nobody, and whoever shows it can have it checked."""
    _ = language.gettext
    objected = script is Script.OBJECTION
    token = " ".join(receipt.token[start : start + 4] for start in range(0, len(receipt.token), 4))
    return ReceiptPage(
        heading=_("Opposition enregistrée") if objected else _("Opposition levée : l'espace est ouvert"),
        lead=_("Remettez ce reçu à la personne, ou dictez-le. Il ne porte pas son nom."),
        facts=(Fact(_("Enregistrée le"), language.moment(receipt.at)), Fact(_("Numéro du reçu"), token)),
        token=token,
        back=Action(_("Revenir au contact"), address_of(contact), "left", "primary"),
    )


def _scripts(standing: DeskStanding, contact: DeskContact, language: Language) -> tuple[Row, ...]:
    """Return what may be done: heirs are of a space there is, a judgment is not shown by phone."""
    _ = language.gettext
    no_space, by_phone = standing.space is None, contact.channel is Channel.PHONE
    left_out = {Script.HEIRS: no_space, Script.GUARDIANSHIP: no_space or by_phone}
    return tuple(
        Row(
            title=_(TEXTS[one].title),
            href=f"{address_of(contact)}/demarche/{one}",
            icon=TEXTS[one].icon,
            notes=(_(TEXTS[one].lead),),
        )
        for one in offered(standing.state, contact.asker)
        if not left_out.get(one, False)
    )


def _facts(standing: DeskStanding, language: Language) -> tuple[Fact, ...]:
    _ = language.gettext
    facts = [Fact(_("Où en est l'espace"), _(STATES.get(standing.state, mark("Inconnu"))))]
    if standing.since:
        facts.append(Fact(_("Depuis le"), language.long_date(standing.since)))
    if standing.told_at and standing.told_by:
        told = f"{language.long_date(standing.told_at)}, {_(_TOLD[standing.told_by])}"
        facts.append(Fact(_("Informée le"), told))
    if standing.state is State.NOTIFIED and standing.opens_at:
        facts.append(Fact(_("S'ouvrira le"), language.long_date(standing.opens_at)))
    if standing.activated_at:
        facts.append(Fact(_("Activé le"), language.long_date(standing.activated_at)))
    return tuple(facts)


def _checked(contact: DeskContact, language: Language) -> str:
    if contact.checked_at is None or contact.asker is None:
        return ""
    _ = language.gettext
    proofs = ", ".join(_(SHOWN[one]) for one in sorted(contact.shown))
    return f"{_(ASKERS[contact.asker])} — {proofs}"
