"""The agenda as a page: what is to come, what is past, the forms. Says on every page that it books nothing."""

from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from carnet.agenda.api import PAGE, Agenda, Entry, Kind, Status
from carnet.design.clocks import clock_name
from carnet.design.language import Language
from carnet.design.parts import Action, ConfirmPage, Form, Mark, PageLinks, Row, RowGroup, page_links
from carnet.design.shell import Crumb

ADDRESS = "/agenda"
ADD, REMIND = f"{ADDRESS}/ajouter", f"{ADDRESS}/rappel"


class AgendaPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `agenda.html` shows."""

    lead: str
    add: Action | None
    remind: Action | None
    coming: tuple[RowGroup, ...]
    past: tuple[Row, ...]
    pages: PageLinks | None


class EntryFormPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `agenda_form.html` shows. appointment: its fields, not those of a reminder; submit: the button's words.

    hour: what the field of the hour is called; by whose clock it is, where that is not Paris's.
    """

    heading: str
    lead: str
    crumbs: tuple[Crumb, ...]
    action: str
    form: Form
    appointment: bool
    submit: str
    hour: str


def present_agenda(
    *, language: Language, agenda: Agenda, writers: dict[UUID, str], mine: UUID | None, today: date, page: int
) -> AgendaPage:
    """Return the page. writers: names of who wrote for the person, as far as the reader may know; mine: the
    delegation the reader rests on, None in their own space.
    """
    _ = language.gettext
    rows = {one.entry_id: _row(one, agenda, language, writers, mine, today) for one in (*agenda.coming, *agenda.past)}
    months: dict[str, list[Row]] = {}
    for one in agenda.coming:
        months.setdefault(language.month(one.day), []).append(rows[one.entry_id])
    write = agenda.may_write
    return AgendaPage(
        lead=not_booking(language),
        add=Action(_("Noter un rendez-vous"), ADD, "plus", "primary") if write else None,
        remind=Action(_("Noter un rappel"), REMIND, "bell") if write else None,
        coming=tuple(RowGroup(month, tuple(found)) for month, found in months.items()),
        past=tuple(rows[one.entry_id] for one in agenda.past),
        pages=page_links(
            current=page,
            total=-(-agenda.past_total // PAGE),
            address=lambda number: f"{ADDRESS}?page={number}#passe",
        ),
    )


def not_booking(language: Language) -> str:
    """Say what an agenda does not do (mes.md G4)."""
    return language.gettext(
        "Pour ne rien oublier. Ce n'est pas un outil de réservation : ce que vous écrivez ici ne prend, ne déplace ni"
        " n'annule aucun rendez-vous."
    )


def _row(
    one: Entry, agenda: Agenda, language: Language, writers: dict[UUID, str], mine: UUID | None, today: date
) -> Row:
    _ = language.gettext
    words = one.words
    title = words.title or words.party
    address = f"{ADDRESS}/{one.entry_id.hex}"
    spoken = f": {title}, {language.long_date(one.day)}"
    off = one.status is Status.CANCELLED
    notes = [text for text in (*words.address.splitlines(), *words.note.splitlines()) if text]
    if one.by is not None:
        notes.append(_written_by(one.by, language, writers, mine))
    actions = (
        Action(_("Modifier"), f"{address}/modifier", "edit", "quiet", spoken=spoken),
        *(
            ()
            if off or one.kind is Kind.REMINDER or one in agenda.past
            else (Action(_("Annuler"), f"{address}/annuler", "close", "quiet", spoken=spoken),)
        ),
        Action(_("Supprimer"), f"{address}/supprimer", "trash", "quiet", spoken=spoken),
    )
    return Row(
        title=title,
        icon="calendar" if one.kind is Kind.APPOINTMENT else "bell",
        hue="honey" if off else "teal" if one.kind is Kind.APPOINTMENT else "plum",
        meta=tuple(
            part for part in (when(one, language), words.party if words.title else "", words.speciality) if part
        ),
        notes=tuple(notes),
        marks=_marks(one, language, today),
        actions=actions if agenda.may_write else (),
        anchor=f"e-{one.entry_id.hex}",
    )


def when(one: Entry, language: Language) -> str:
    """Return the day of an entry; of an appointment its hour too, and by whose clock where it is not Paris's."""
    _ = language.gettext
    day = language.long_date(one.day)
    if one.kind is Kind.REMINDER:
        return day
    time = language.at_clock_of(ZoneInfo(one.zone)).time(one.starts_at)
    clock = clock_name(one.zone, code=language.code)
    return _("%(day)s à %(time)s") % {"day": day, "time": time} + (f" ({clock})" if clock else "")


def _marks(one: Entry, language: Language, today: date) -> tuple[Mark, ...]:
    _ = language.gettext
    found = [Mark("danger", _("Annulé"), "close")] if one.status is Status.CANCELLED else []
    if one.kind is Kind.REMINDER:
        found.append(Mark("info", _("Rappel")))
    if one.day == today:
        found.append(Mark("new", _("Aujourd'hui")))
    return tuple(found)


def _written_by(by: UUID, language: Language, writers: dict[UUID, str], mine: UUID | None) -> str:
    _ = language.gettext
    if by == mine:
        return _("Écrit par vous.")
    name = writers.get(by)
    return _("Écrit par %(name)s.") % {"name": name} if name else _("Écrit par un de ses proches.")


def present_form(*, language: Language, kind: Kind, form: Form, entry: UUID | None = None) -> EntryFormPage:
    """Return the form of an appointment or of a reminder; entry: the one that is changed, None for a new one."""
    _ = language.gettext
    appointment = kind is Kind.APPOINTMENT
    new = _("Noter un rendez-vous") if appointment else _("Noter un rappel")
    change = _("Modifier le rendez-vous") if appointment else _("Modifier le rappel")
    told = _("Vous serez prévenu le jour même. Le message ne dira pas de quoi il s'agit.")
    clock = clock_name(form.value("horloge"), code=language.code)
    return EntryFormPage(
        heading=change if entry else new,
        lead=not_booking(language) if appointment else told,
        crumbs=(Crumb(_("Agenda"), ADDRESS),),
        action=f"{ADDRESS}/{entry.hex}/modifier" if entry else ADD if appointment else REMIND,
        form=form,
        appointment=appointment,
        submit=_("Enregistrer"),
        hour=f"{clock[0].upper()}{clock[1:]}" if clock else _("Heure"),
    )


def present_question(*, language: Language, one: Entry, cancel: bool) -> ConfirmPage:
    """Return the question before an appointment is said to be cancelled, or an entry is deleted."""
    _ = language.gettext
    title = one.words.title or one.words.party
    address = f"{ADDRESS}/{one.entry_id.hex}"
    if cancel:
        heading, stays = _("Noter ce rendez-vous comme annulé ?"), _("Il reste dans votre agenda, marqué « Annulé ».")
        warn = _("Personne n'est prévenu : pour l'annuler vraiment, appelez le cabinet ou l'établissement.")
        confirm = Action(_("Noter comme annulé"), f"{address}/annuler", "close", "danger", post=True)
    else:
        heading, stays = _("Supprimer de l'agenda ?"), _("Il n'en restera rien, sauf la trace de sa suppression.")
        warn = _("Personne n'est prévenu : un rendez-vous pris le reste.")
        confirm = Action(_("Supprimer"), f"{address}/supprimer", "trash", "danger", post=True)
    return ConfirmPage(
        heading=heading,
        lead=f"{title}, {when(one, language)}",
        consequences=(stays, warn) if one.kind is Kind.APPOINTMENT else (stays,),
        confirm=confirm,
        cancel=Action(_("Ne rien changer"), ADDRESS),
        crumbs=(Crumb(_("Agenda"), ADDRESS),),
    )
