"""Seeing one's own space as a professional would: what they would see, what not, and the reason for each."""

import msgspec

from carnet.design.language import Language, mark
from carnet.design.parts import Action, Form, Mark, Option, Row
from carnet.design.shell import Crumb
from carnet.interfaces.portal.presenters.access_tabs import SEE_AS, access_tabs
from carnet.interfaces.portal.presenters.documents import document_row
from carnet.interfaces.portal.presenters.facts import DocumentFacts, PartyFacts
from carnet.interfaces.portal.presenters.people import party_meta

WHY_NOT: dict[str, str] = {
    "matrix": mark("Son métier ne permet pas de lire ce genre de document"),
    "masked": mark("Vous l'avez masqué aux professionnels"),
    "restricted": mark("Vous le lui cachez"),
    "hidden": mark("Il n'est pas montré"),
    "no-authorisation": mark("Vous ne lui avez pas donné accès"),
    "blocked": mark("Vous l'avez bloqué"),
}
WHY_NOT_THEIRS: dict[str, str] = {
    **WHY_NOT,
    "masked": mark("Il est masqué aux professionnels"),
    "restricted": mark("Un représentant le lui cache"),
    "no-authorisation": mark("Aucun accès ne lui a été donné"),
    "blocked": mark("Cette personne est bloquée"),
}
"""The same in the space of a child one acts for."""
WHY: dict[str, str] = {
    "authorised-professional": mark("Accès donné"),
    "authorised-organisation": mark("Accès donné à son établissement"),
    "care-team": mark("Membre d'une équipe qui vous soigne"),
    "administrator": mark("Votre médecin de confiance"),
    "depositor": mark("Auteur du document"),
}
WHY_THEIRS: dict[str, str] = {
    **WHY,
    "care-team": mark("Membre d'une équipe de soins"),
    "administrator": mark("Médecin de confiance"),
}


class Seen(msgspec.Struct, frozen=True):
    """One document and the verdict. reason: a key of WHY or WHY_NOT."""

    document: DocumentFacts
    visible: bool
    reason: str


class SeeAsFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Who looks and from where (FINESS, name, chosen), whether they could come in at all today, and every document."""

    party: PartyFacts
    places: tuple[tuple[str, str, bool], ...] = ()
    enters: bool
    why_not: str = ""
    documents: tuple[Seen, ...]


class ChoosePage(msgspec.Struct, frozen=True, kw_only=True):
    """What `see_as_choose.html` shows: a search, who was found, whom the person knows already."""

    tabs: tuple[Option, ...]
    lead: str
    form: Form
    asked: bool
    results: tuple[Row, ...]
    known: tuple[Row, ...]


class SeeAsPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `see_as.html` shows."""

    crumbs: tuple[Crumb, ...]
    name: str
    heading: str
    shut: str
    meta: str
    enters: bool
    refusal: str
    visible: tuple[Row, ...]
    visible_count: str
    hidden: tuple[Row, ...]
    hidden_count: str
    limits: Action
    places: tuple[Option, ...]


def present_choose(
    *, language: Language, form: Form, found: tuple[PartyFacts, ...] | None, known: tuple[PartyFacts, ...], mine: bool
) -> ChoosePage:
    """Return the page that asks whose eyes. found: None before anything was asked. mine: on one's own space."""
    _ = language.gettext
    return ChoosePage(
        tabs=access_tabs(SEE_AS, language, mine=mine),
        lead=_("Choisissez un professionnel : vous verrez exactement ce qu'il verrait chez vous, et pourquoi.")
        if mine
        else _("Choisissez un professionnel : voyez ce qu'il verrait dans cet espace, et pourquoi."),
        form=form,
        asked=found is not None,
        results=tuple(_candidate(one, language) for one in found or ()),
        known=tuple(_candidate(one, language) for one in known),
    )


def present_see_as(*, language: Language, facts: SeeAsFacts, mine: bool = True) -> SeeAsPage:
    """Return the space as this professional would see it. mine: one's own, not that of a child one acts for."""
    _ = language.gettext
    why_not = WHY_NOT if mine else WHY_NOT_THEIRS
    name = {"name": facts.party.name}
    visible = tuple(one for one in facts.documents if one.visible)
    hidden = tuple(one for one in facts.documents if not one.visible)
    return SeeAsPage(
        crumbs=(Crumb(_("Voir comme…"), SEE_AS),),
        name=facts.party.name,
        heading=_("Comme %(name)s vous voit") % name if mine else _("Ce que voit %(name)s") % name,
        shut=_("Aujourd'hui, cette personne ne peut rien lire chez vous")
        if mine
        else _("Aujourd'hui, cette personne ne peut rien lire ici"),
        meta=" · ".join(party_meta(facts.party, language)),
        enters=facts.enters,
        refusal="" if facts.enters else _(why_not.get(facts.why_not, why_not["no-authorisation"])),
        visible=tuple(_row(one, language, mine=mine) for one in visible),
        visible_count=_count(len(visible), language),
        hidden=tuple(_row(one, language, mine=mine) for one in hidden),
        hidden_count=_count(len(hidden), language),
        limits=Action(_("Cacher autre chose"), f"/acces/limites/ajouter?partie={facts.party.id}", "eye-off"),
        places=tuple(
            Option(f"{SEE_AS}/{facts.party.id.removeprefix('p-')}?lieu={finess}", name, chosen)
            for finess, name, chosen in facts.places
        )
        if len(facts.places) > 1
        else (),
    )


def _count(number: int, language: Language) -> str:
    return language.ngettext("%(num)s document", "%(num)s documents", number) % {"num": number}


def _candidate(party: PartyFacts, language: Language) -> Row:
    return Row(
        title=party.name,
        href=f"{SEE_AS}/{party.id.removeprefix('p-')}",
        icon="professional",
        meta=party_meta(party, language),
    )


def _row(one: Seen, language: Language, *, mine: bool) -> Row:
    row = document_row(one.document, language)
    why, why_not = (WHY, WHY_NOT) if mine else (WHY_THEIRS, WHY_NOT_THEIRS)
    table, fallback = (why, "authorised-professional") if one.visible else (why_not, "hidden")
    reason = "masked" if one.reason == "hidden" and one.document.masked else one.reason
    said = language.gettext(table.get(reason, table[fallback]))
    verdict = Mark("ok", said, "eye") if one.visible else Mark("danger", said, "eye-off")
    return msgspec.structs.replace(row, marks=(verdict,), unread=False)
