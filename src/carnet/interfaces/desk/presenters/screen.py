"""The plan of the page somebody is on: headings, fields and buttons it may show, sentences of error it shows."""

from datetime import datetime

import msgspec

from carnet.design.language import Language, mark
from carnet.design.parts import Action
from carnet.design.plan import Kind, Part
from carnet.design.shell import Crumb
from carnet.interfaces.desk.setting import ScreenPlan

_GROUPS: dict[Kind, str] = {
    "heading": mark("Titres"),
    "field": mark("Cases à remplir"),
    "button": mark("Boutons et liens"),
    "text": mark("Phrases possibles"),
}


class PlanGroup(msgspec.Struct, frozen=True):
    """What the page may show of one kind."""

    kind: Kind
    label: str
    texts: tuple[str, ...]


class ScreenPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `screen.html` shows. title: of the person's page; mark: another for each position of theirs."""

    address: str
    mark: str
    title: str
    place: str
    until: str
    errors: tuple[str, ...]
    groups: tuple[PlanGroup, ...]
    back: Action
    crumbs: tuple[Crumb, ...]


def present_screen(
    *, language: Language, address: str, mark: str, until: datetime, plan: ScreenPlan | None
) -> ScreenPage:
    """Return the page. plan: None before the person's first page."""
    _ = language.gettext
    errors = plan.errors if plan else ()
    if plan and plan.unknown_errors:
        errors = (*errors, _("Une phrase d'erreur est affichée, que nous ne montrons pas ici."))
    if plan is None:
        title = _("La personne n'a pas encore changé de page")
    elif not plan.path:
        title = _("La personne est dans l'espace d'un proche : rien n'en est montré")
    else:
        title = plan.title or plan.path
    return ScreenPage(
        address=f"{address}/ecran",
        mark=mark,
        title=title,
        place=plan.path if plan and plan.title else "",
        until=_("Jusqu'à %(until)s") % {"until": language.time(until)},
        errors=errors,
        groups=_grouped(plan.parts if plan else (), language),
        back=Action(_("Revenir au contact"), address, "left", "secondary"),
        crumbs=(Crumb(_("Contact"), address),),
    )


def _grouped(parts: tuple[Part, ...], language: Language) -> tuple[PlanGroup, ...]:
    groups = ((kind, label, tuple(one.text for one in parts if one.kind == kind)) for kind, label in _GROUPS.items())
    return tuple(PlanGroup(kind, language.gettext(label), texts) for kind, label, texts in groups if texts)
