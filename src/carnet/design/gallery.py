"""Sample data for the gallery page, where every shared component can be looked at. For builders, so French only."""

import re
from functools import lru_cache

import msgspec

from carnet.design.environment import ICONS, STATIC
from carnet.design.parts import (
    Action,
    Cell,
    Chip,
    Day,
    Fact,
    Form,
    Mark,
    Moment,
    Option,
    PageLinks,
    Row,
    RowGroup,
    page_links,
)
from carnet.design.shell import Crumb, FieldError, Notice

_LEAD = "Une phrase courte qui aide, sans jargon."


class Samples(msgspec.Struct, frozen=True, kw_only=True):
    """What `pages/gallery.html` shows."""

    heading: str = "Galerie des composants"
    lead: str = _LEAD
    word: str = "Libellé"
    crumbs: tuple[Crumb, ...] = (Crumb("Accueil", "/"),)
    actions: tuple[Action, ...] = (
        Action("Principal", "#contenu", "plus", "primary"),
        Action("Secondaire", "#contenu", "eye"),
        Action("Grave", "#contenu", "trash", "danger"),
        Action("Discret", "#contenu", "", "quiet"),
        Action("Envoi", "#contenu", "check", post=True),
    )
    marks: tuple[Mark, ...] = (
        Mark("new", "Nouveau", "new"),
        Mark("masked", "Masqué aux professionnels", "eye-off"),
        Mark("replaced", "Remplacé", "replaced"),
        Mark("mine", "Ajouté par vous", "person"),
        Mark("ok", "Confirmé", "check"),
        Mark("danger", "Bloqué", "ban"),
        Mark("info", "À savoir", "info"),
        Mark("plain", "Neutre"),
    )
    notices: tuple[Notice, ...] = (
        Notice("info", _LEAD),
        Notice("success", "C'est enregistré.", "#contenu", "Voir"),
        Notice("warning", "Une version plus récente existe."),
        Notice("danger", "L'envoi n'a pas abouti."),
    )
    groups: tuple[RowGroup, ...] = (
        RowGroup(
            "novembre 2026",
            (
                Row(
                    title="Bilan sanguin",
                    href="#contenu",
                    icon="biology",
                    hue="plum",
                    meta=("12 nov. 2026", "Laboratoire des Lilas"),
                    marks=(Mark("new", "Nouveau", "new"),),
                    unread=True,
                ),
                Row(title="Ordonnance", href="#contenu", icon="care", hue="clay", meta=("3 nov. 2026", "Dr Anne Roux")),
            ),
        ),
    )
    chips: tuple[Chip, ...] = (
        Chip("Tous", "#contenu", 24, current=True, icon="documents"),
        Chip("Analyses", "#contenu", 3, icon="biology"),
    )
    options: tuple[Option, ...] = (
        Option("#contenu", "Premier choix", chosen=True, hint=_LEAD),
        Option("#autre", "Second choix"),
    )
    pages: PageLinks | None = page_links(current=4, total=9, address=lambda number: f"#page-{number}")
    days: tuple[Day, ...] = (
        Day(
            "samedi 21 novembre 2026",
            (
                Moment(
                    when="14 h 05", stamp="2026-11-21T14:05:00+01:00", sentence="Le Dr Roux a consulté un document."
                ),
                Moment(
                    when="9 h 12",
                    stamp="2026-11-21T09:12:00+01:00",
                    sentence="Accès en urgence.",
                    icon="warning",
                    details=("Hôpital du Parc",),
                    alert=True,
                ),
            ),
        ),
    )
    facts: tuple[Fact, ...] = (Fact("Auteur", "Dr Anne Roux"), Fact("Catégorie", "Analyses", "#contenu"))
    headings: tuple[str, ...] = ("Document", "Date", "Taille")
    lines: tuple[tuple[Cell, ...], ...] = (
        (Cell("Bilan sanguin", "#contenu"), Cell("12 nov. 2026"), Cell("1,2 Mo")),
        (Cell("Ordonnance", "#contenu"), Cell("3 nov. 2026"), Cell("84 ko")),
    )
    form: Form = Form({"titre": "Radio ?"}, (FieldError("titre", "Le titre contient un signe interdit : ?"),))
    drawings: tuple[str, ...] = ()
    icons: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def samples() -> Samples:
    """Return the sample data, with every icon and drawing of the sprite."""
    names = re.findall(r'<symbol id="([^"]+)"', (STATIC / ICONS).read_text())
    return Samples(
        drawings=tuple(name[2:] for name in names if name.startswith("d-") and name != "d-welcome"),
        icons=tuple(name for name in names if not name.startswith("d-") and name != "wordmark"),
    )
