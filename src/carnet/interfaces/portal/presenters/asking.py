"""Asking a practice: what it said of itself, the kinds it takes as large choices, one short form a kind."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from carnet.design.language import Language, mark
from carnet.design.parts import Fact, Form, Option, Row
from carnet.design.shell import Crumb
from carnet.interfaces.portal.presenters.inbox import ADDRESS
from carnet.interfaces.portal.presenters.messages import ACCEPT, name_of
from carnet.interfaces.portal.presenters.practices import (
    ASKING,
    KIND_NAMES,
    absence_of,
    practice_choices,
    practice_facts,
)
from carnet.messaging.api import FORMS, WIRE, Contact, PracticeRules, RequestKind

KINDS: Final = {WIRE[kind]: kind for kind in RequestKind}
"""The kinds as addresses of pages name them."""
_LABELS: Final = {
    "medicament": (mark("Quel traitement ?"), mark("Le nom écrit sur la boîte ou l'ordonnance suffit.")),
    "certificat": (mark("Quel certificat ?"), mark("Par exemple : pratique du judo.")),
    "avant": (mark("Pour quand ?"), ""),
    "precision": (mark("Autre chose à dire ?"), ""),
    "resultat": (
        mark("Sinon, dites de quel résultat il s'agit"),
        mark("Par exemple : ma prise de sang du 3 novembre."),
    ),
    "question": (mark("Votre question"), ""),
}


class FieldView(msgspec.Struct, frozen=True, kw_only=True):
    """One field of a short form. kind: "text", "long" or "day"."""

    name: str
    label: str
    hint: str
    required: bool
    kind: str
    most: int


class AskPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `ask_practice.html` shows: the choices, or the form of one. free: the blank page, as nothing is sorted."""

    crumbs: tuple[Crumb, ...]
    who: str
    facts: tuple[Fact, ...]
    absent: str
    choices: tuple[Row, ...]
    heading: str
    kind: str
    fields: tuple[FieldView, ...]
    free: bool
    about: bool
    answers: str
    back: str
    form: Form
    documents: tuple[Option, ...]
    accept: str
    file_hint: str
    request_id: str
    address: str


def present_asking(
    *,
    language: Language,
    contact: Contact,
    kind: RequestKind | None,
    answers: str,
    form: Form,
    documents: Sequence[tuple[str, str]],
    max_bytes: int,
    request_id: str,
    at: datetime,
) -> AskPage:
    """Return the page on which a practice is asked. answers: the conversation gone on with, empty for a new one."""
    _ = language.gettext
    rules = contact.rules or PracticeRules()
    here = f"{ASKING}/{contact.key}"
    return AskPage(
        crumbs=(Crumb(_("Messages"), ADDRESS), Crumb(_("Écrire"), f"{ADDRESS}/ecrire")),
        who=name_of(contact.address),
        facts=practice_facts(rules, language),
        absent=absence_of(rules, language, at),
        choices=() if kind else practice_choices(contact, language, answers=answers),
        heading=_(KIND_NAMES[kind][0]) if kind else "",
        kind=WIRE[kind] if kind else "",
        fields=tuple(_field(kind, language)) if kind else (),
        free=not rules.kinds,
        about=kind is RequestKind.RESULT,
        answers=answers,
        back=f"{here}?reponse={answers}" if answers else here,
        form=form,
        documents=tuple(Option(value, label, form.value("document") == value) for value, label in documents),
        accept=ACCEPT,
        file_hint=_("PDF, photos ou texte, %(size)s en tout.") % {"size": language.size(max_bytes)},
        request_id=request_id,
        address=here,
    )


def practice_rows(contacts: Sequence[Contact], language: Language) -> tuple[Row, ...]:
    """Return, for the page to write, those who said what they accept."""
    return tuple(
        Row(
            title=name_of(one.address),
            href=f"{ASKING}/{one.key}",
            icon="people",
            hue="sage",
            meta=tuple(language.gettext(KIND_NAMES[kind][0]) for kind in one.rules.kinds),
        )
        for one in contacts
        if one.rules is not None and not one.ended
    )


def _field(kind: RequestKind, language: Language) -> list[FieldView]:
    _ = language.gettext
    found = []
    for one in FORMS[kind]:
        label, hint = _LABELS[one.name]
        shape = "day" if one.day else "long" if one.name in {"question", "precision"} else "text"
        said = _(hint) if hint else ""
        found.append(
            FieldView(name=one.name, label=_(label), hint=said, required=one.required, kind=shape, most=one.most)
        )
    return found
