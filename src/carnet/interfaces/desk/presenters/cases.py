"""Accesses people do not know, emergencies to review: a number, a professional, a deadline. No patient, no content."""

from datetime import datetime
from typing import Final

import msgspec

from carnet.access.api import Outcome, ReviewCase
from carnet.design.language import Language, mark
from carnet.design.parts import Mark, Option

KINDS: Final[dict[str, str]] = {
    "dispute": mark("Accès contesté par la personne"),
    "emergency": mark("Accès en urgence à vérifier"),
}
OUTCOMES: Final[dict[Outcome, str]] = {
    Outcome.JUSTIFIED: mark("Accès justifié : le professionnel a expliqué pourquoi"),
    Outcome.UNJUSTIFIED: mark("Accès injustifié : transmis pour suites"),
    Outcome.RECOGNISED: mark("La personne reconnaît finalement cet accès"),
    Outcome.WITHDRAWN: mark("La personne retire sa contestation"),
}


class CaseCard(msgspec.Struct, frozen=True, kw_only=True):
    """One open case."""

    address: str
    number: str
    title: str
    who: str
    opened: str
    due: str
    marks: tuple[Mark, ...]


class CasesPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `cases.html` shows."""

    cases: tuple[CaseCard, ...]
    outcomes: tuple[Option, ...]


def present_cases(*, language: Language, cases: tuple[ReviewCase, ...], at: datetime) -> CasesPage:
    """Return the open cases, the most urgent first."""
    _ = language.gettext
    return CasesPage(
        cases=tuple(
            CaseCard(
                address=f"/guichet/signalements/{one.case}",
                number=one.case.hex[:8].upper(),
                title=_(KINDS.get(one.kind, mark("Signalement"))),
                who=f"{one.name} · RPPS {one.rpps}" + (f" · FINESS {one.finess}" if one.finess else ""),
                opened=language.long_date(one.opened_at),
                due=language.long_date(one.due_at),
                marks=(Mark("danger", _("En retard"), "warning"),) if one.is_late(at) else (),
            )
            for one in cases
        ),
        outcomes=tuple(Option(str(code), _(words)) for code, words in OUTCOMES.items()),
    )
