"""What contacts left open: a number, a kind, a reason, a date. Whom it is about is not there to be shown."""

from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from carnet.design.language import Language, mark
from carnet.design.parts import Mark, Option
from carnet.interfaces.desk.presenters.entrance import SCRIPTS
from carnet.spaces.api import IN_CONTACT, DeskTicket, Missing, TicketEnd

ADDRESS: Final = "/guichet/demandes"
REASONS: Final[dict[Missing, str]] = {
    Missing.PROOF: mark("Une preuve d'identité manque : la personne revient avec"),
    Missing.CALL_BACK: mark("Le contact a été coupé : la personne rappelle"),
    Missing.LETTER: mark("Un courrier est attendu"),
    Missing.OUTAGE: mark("Le service ne répondait pas"),
    Missing.QUESTION: mark("Une réponse d'un autre service est attendue"),
}
ENDS: Final[dict[TicketEnd, str]] = {
    TicketEnd.WITHDRAWN: mark("La personne n'en a plus besoin"),
    TicketEnd.NOT_POSSIBLE: mark("Cela ne peut pas se faire, et c'est expliqué"),
}


class TicketCard(msgspec.Struct, frozen=True, kw_only=True):
    """One open request. taken: by whom and when, empty while it is nobody's."""

    address: str
    number: str
    title: str
    reason: str
    left: str
    due: str
    taken: str
    marks: tuple[Mark, ...]
    late: bool


class TicketsPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `tickets.html` shows."""

    tickets: tuple[TicketCard, ...]


def present_tickets(
    *, language: Language, tickets: tuple[DeskTicket, ...], just_left: UUID | None = None, at: datetime
) -> TicketsPage:
    """Return what is open at a desk: the one just left, then the most urgent first."""
    left = next((one for one in tickets if one.ticket == just_left), None)
    others = tuple(present_ticket(one, language, at) for one in tickets if one is not left)
    if left is None:
        return TicketsPage(tickets=others)
    card, said = present_ticket(left, language, at), Mark("new", language.gettext("Numéro à donner maintenant"), "new")
    return TicketsPage(tickets=(msgspec.structs.replace(card, marks=(said, *card.marks), late=False), *others))


def present_ticket(one: DeskTicket, language: Language, at: datetime, *, within: str = "") -> TicketCard:
    """Return one open request. within: the address of the contact it is shown in."""
    _ = language.gettext
    left = {"agent": one.left_by, "when": language.long_date(one.left_at)}
    taken = {"agent": one.taken_by, "when": language.moment(one.taken_at)} if one.taken_at else {}
    return TicketCard(
        address=f"{within}/demandes/{one.ticket}" if within else f"{ADDRESS}/{one.ticket}",
        number=one.ticket.hex[:8].upper(),
        title=_(SCRIPTS[one.script]),
        reason=_(REASONS[Missing(one.reason)]),
        left=_("Laissée par l'agent %(agent)s le %(when)s.") % left,
        due=_("À faire avant le %(due)s.") % {"due": language.long_date(one.due_at)},
        taken=_("Reprise par l'agent %(agent)s, %(when)s.") % taken if taken else "",
        marks=(Mark("danger", _("En retard"), "warning"),) if one.is_late(at) else (),
        late=one.is_late(at),
    )


def ends(language: Language) -> tuple[Option, ...]:
    """Return why an agent may close a request in contact with the person."""
    return tuple(Option(str(one), language.gettext(ENDS[one])) for one in IN_CONTACT)


def reasons(language: Language) -> tuple[Option, ...]:
    """Return what may keep a contact from being finished."""
    return tuple(Option(str(one), language.gettext(words)) for one, words in REASONS.items())
