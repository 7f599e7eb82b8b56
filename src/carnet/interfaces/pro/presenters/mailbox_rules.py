"""A professional's mailboxes and what each accepts from persons."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from carnet.design.language import Language, mark
from carnet.design.parts import Form, Option, Row
from carnet.design.shell import Crumb
from carnet.messaging.api import WIRE, KnownRules, OwnedMailbox, PracticeRules, RequestKind, hours_text

KINDS: Final = {
    RequestKind.RENEWAL: mark("Renouvellement d'ordonnance"),
    RequestKind.CERTIFICATE: mark("Certificat"),
    RequestKind.RESULT: mark("Question sur un résultat"),
    RequestKind.ADMIN: mark("Demande administrative"),
}
_PERIODS: Final = {"jour": mark("par jour"), "semaine": mark("par semaine"), "mois": mark("par mois")}


class MailboxesPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `mailboxes.html` shows."""

    rows: tuple[Row, ...]


class MailboxPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `mailbox.html` shows. visitors: whether it is a place's, which a person may have visited."""

    crumbs: tuple[Crumb, ...]
    mailbox: str
    address: str
    form: Form
    kinds: tuple[Option, ...]
    periods: tuple[Option, ...]
    visitors: bool


def present_mailboxes(
    *, language: Language, mailboxes: Sequence[tuple[str, OwnedMailbox]], set_: Mapping[str, KnownRules]
) -> MailboxesPage:
    """Return the list of mailboxes, each with what names it and what it accepts."""
    return MailboxesPage(
        rows=tuple(
            Row(
                title=one.address,
                href=f"/pro/boites/{key}",
                icon="mail",
                hue="sky",
                meta=(one.label,) if one.label else (),
                notes=(_said(set_.get(one.address), language),),
            )
            for key, one in mailboxes
        )
    )


def present_mailbox(*, language: Language, mailbox: OwnedMailbox, address: str, form: Form) -> MailboxPage:
    """Return the page of one mailbox. form: the rules in force, or what was typed."""
    _ = language.gettext
    return MailboxPage(
        crumbs=(Crumb(_("Ma session"), "/pro/compte"), Crumb(_("Mes boîtes"), "/pro/boites")),
        mailbox=mailbox.address,
        address=address,
        form=form,
        kinds=tuple(
            Option(f"genre-{word}", _(KINDS[kind]), form.value(f"genre-{word}") == "oui") for kind, word in WIRE.items()
        ),
        periods=tuple(
            Option(word, _(label), (form.value("periode") or "semaine") == word) for word, label in _PERIODS.items()
        ),
        visitors=mailbox.kind != "PER",
    )


def as_typed(rules: PracticeRules) -> Form:
    """Return rules as the form shows them."""
    words = {"day": "jour", "week": "semaine", "month": "mois"}
    absent = rules.absences[0] if rules.absences else None
    typed = {
        "horaires": hours_text(rules.hours),
        "quota": str(rules.quota.requests) if rules.quota else "",
        "periode": words[rules.quota.per] if rules.quota else "",
        "delai": str(rules.answer_days or ""),
        "absent_du": absent.first.isoformat() if absent else "",
        "absent_au": absent.last.isoformat() if absent else "",
        "absent_remplacant": absent.instead if absent else "",
        "automatique": rules.automatic,
        "automatique_en": rules.automatic_english,
        "libres": "oui" if rules.free_answers else "",
        "visiteurs": "oui" if rules.visitors else "",
    }
    return Form(typed | {f"genre-{WIRE[kind]}": "oui" for kind in rules.kinds})


def _said(known: KnownRules | None, language: Language) -> str:
    _ = language.gettext
    if known is None:
        return _("Rien de réglé : chacun écrit comme il veut.")
    kinds = ", ".join(_(KINDS[kind]) for kind in known.rules.kinds) or _("messages libres")
    way = {
        "page": _("réglé ici le %(moment)s"),
        "fhir": _("réglé par votre logiciel le %(moment)s"),
        "mail": _("réglé par un courriel le %(moment)s"),
    }[known.way]
    return f"{kinds} — {way % {'moment': language.moment(known.set_at)}}"
