"""What the person hides, from whom, and for how long: each wish a sentence, and one form to write a new one."""

from datetime import datetime
from typing import Literal

import msgspec

from carnet.design.language import Language, last_day
from carnet.design.parts import Action, Form, Option, Row
from carnet.design.shell import Crumb
from carnet.design.vocabulary import CATEGORIES, PROFESSIONS, category, profession
from carnet.interfaces.portal.presenters.access_tabs import LIMITS, access_tabs
from carnet.interfaces.portal.presenters.facts import PartyFacts

ADD = f"{LIMITS}/ajouter"
EVERYTHING, TO_COME, SHELF, ONE = "tout", "a-venir", "categorie", "document"
HIDE, ONLY = "cacher", "reserver"
ALL, TRADE, NAMED = "tous", "metier", "nommes"


class RestrictionFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One wish in force. title: of the document it is about; parties: names of the people and places it names."""

    id: str
    effect: Literal["hide", "only"]
    category: str = ""
    document: str | None = None
    about_document: bool = False
    title: str = ""
    to_come: bool = False
    everyone: bool = False
    professions: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()
    since: datetime
    until: datetime | None = None


class LimitsPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `limits.html` shows."""

    tabs: tuple[Option, ...]
    rows: tuple[Row, ...]
    add: Action
    heading: str
    nothing: str
    defaults: tuple[Option, ...]
    topics: Action | None


class AddLimitPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `add_limit.html` shows: what, from whom, how long."""

    heading: str
    crumbs: tuple[Crumb, ...]
    form: Form
    document: str
    whats: tuple[Option, ...]
    categories: tuple[Option, ...]
    effects: tuple[Option, ...]
    whos: tuple[Option, ...]
    professions: tuple[Option, ...]
    parties: tuple[Option, ...]
    search: str


def present_limits(
    *, language: Language, restrictions: tuple[RestrictionFacts, ...], masked_by_default: bool, mine: bool = True
) -> LimitsPage:
    """Return the list of wishes and the default for new documents.

    mine: of one's own space; else those that representatives wrote, whose default is beside the emergencies.
    """
    _ = language.gettext
    return LimitsPage(
        tabs=access_tabs(LIMITS, language, mine=mine),
        rows=tuple(_row(one, language, mine=mine) for one in restrictions),
        add=Action(_("Cacher quelque chose"), ADD, "eye-off", "primary"),
        heading=_("Ce que je cache") if mine else _("Ce qui est caché"),
        nothing=_("Vous ne cachez rien de particulier. Les documents masqués un à un sont marqués dans vos documents.")
        if mine
        else _("Ses représentants ne cachent rien de particulier."),
        defaults=default_options(language, masked_by_default=masked_by_default) if mine else (),
        topics=Action(_("Garder des sujets à part"), "/reglages/sujets", "lock") if mine else None,
    )


def default_options(language: Language, *, masked_by_default: bool) -> tuple[Option, ...]:
    """Return the two answers to "a document arrives: who sees it?"."""
    _ = language.gettext
    return (
        Option(
            "visible",
            _("Visible des professionnels que j'ai autorisés"),
            not masked_by_default,
            _("Ils trouvent l'information utile pour vous soigner. Vous pouvez masquer un document à tout moment."),
        ),
        Option(
            "masque",
            _("Masqué"),
            masked_by_default,
            _("Seuls vous et l'auteur le voyez, tant que vous ne le rendez pas visible."),
        ),
    )


def present_add_limit(
    *,
    language: Language,
    form: Form,
    parties: tuple[PartyFacts, ...],
    document: str = "",
    title: str = "",
    mine: bool = True,
) -> AddLimitPage:
    """Return the form. parties: whom the person knows already; document, title: when it is about one document.

    mine: of one's own space, not that of a child one acts for.
    """
    _ = language.gettext
    what = form.value("quoi") or (ONE if document else SHELF)
    who = form.value("qui") or (NAMED if parties else TRADE)
    effect = form.value("effet") or HIDE
    whats = [
        (SHELF, _("Une catégorie de documents"), ""),
        (TO_COME, _("Tout ce qui arrivera à partir d'aujourd'hui"), _("Ce qui est déjà là ne change pas.")),
        (EVERYTHING, _everything(language, mine=mine), ""),
    ]
    if document:
        whats.insert(0, (ONE, _("Ce document : « %(title)s »") % {"title": title}, _("Toutes ses versions.")))
    named = {value for value in form.value("parties").split() if value}
    return AddLimitPage(
        heading=_("Cacher « %(title)s »") % {"title": title} if document else _("Cacher quelque chose"),
        crumbs=(
            Crumb(title, f"/documents/{document}")
            if document
            else Crumb(_("Ce que je cache") if mine else _("Ce qui est caché"), LIMITS),
        ),
        form=form,
        document=document,
        whats=tuple(Option(value, label, value == what, hint) for value, label, hint in whats),
        categories=tuple(
            Option(code, _(look.label), code == form.value("categorie")) for code, look in CATEGORIES.items()
        ),
        effects=(
            Option(HIDE, _("Le cacher à…"), effect == HIDE),
            Option(ONLY, _("Ne le montrer qu'à…"), effect == ONLY, _("Tous les autres ne le voient plus.")),
        ),
        whos=(
            Option(NAMED, _("Des personnes ou des lieux"), who == NAMED),
            Option(TRADE, _("Un métier"), who == TRADE),
            Option(ALL, _("Tout le monde"), who == ALL, _("Seulement pour cacher.")),
        ),
        professions=tuple(
            sorted(
                (Option(code, _capital(_(word)), code == form.value("metier")) for code, word in PROFESSIONS.items()),
                key=lambda option: option.label,
            )
        ),
        parties=tuple(Option(one.id, one.name, one.id in named) for one in parties),
        search=f"/acces/autoriser?pour=cacher{f'&document={document}' if document else ''}",
    )


def restriction_sentence(one: RestrictionFacts, language: Language, *, mine: bool = True) -> str:
    """Return the wish as a sentence: "Les infirmiers ne voient pas « Bilan »"."""
    _ = language.gettext
    words = {"what": _what(one, language, mine=mine), "who": _who(one, language)}
    return (
        _("%(what)s : caché à %(who)s") % words
        if one.effect == "hide"
        else _("%(what)s : montré seulement à %(who)s") % words
    )


def _row(one: RestrictionFacts, language: Language, *, mine: bool) -> Row:
    _ = language.gettext
    sentence = restriction_sentence(one, language, mine=mine)
    until = (
        _("Jusqu'au %(date)s") % {"date": language.short_date(last_day(one.until))}
        if one.until
        else _("Jusqu'à ce que vous changiez d'avis")
    )
    return Row(
        title=sentence,
        href=f"/documents/{one.document}" if one.document else None,
        icon="eye-off" if one.effect == "hide" else "eye",
        hue="clay" if one.effect == "hide" else "sage",
        meta=(_("Depuis le %(date)s") % {"date": language.short_date(one.since)}, until),
        actions=(
            Action(
                _("Ne plus cacher"),
                f"{LIMITS}/terminer",
                "eye",
                post=True,
                spoken=f": {sentence}",
                values={"limite": one.id},
            ),
        ),
    )


def _everything(language: Language, *, mine: bool) -> str:
    return language.gettext("Tous mes documents") if mine else language.gettext("Tous les documents")


def _what(one: RestrictionFacts, language: Language, *, mine: bool) -> str:
    _ = language.gettext
    if one.about_document:
        return _("« %(title)s »") % {"title": one.title} if one.title else _("Un document")
    if one.category:
        return _(category(one.category).label)
    return _("Tout ce qui arrive") if one.to_come else _everything(language, mine=mine)


def _who(one: RestrictionFacts, language: Language) -> str:
    if one.everyone:
        return language.gettext("tout le monde")
    trades = (language.gettext("métier %(name)s") % {"name": profession(code, language)} for code in one.professions)
    return ", ".join((*one.parties, *trades))


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]
