"""Who may read: authorised and blocked professionals and organisations, and the acts that change it."""

from datetime import datetime
from typing import Literal

import msgspec

from carnet.design.language import Language
from carnet.design.parts import Action, ConfirmPage, Form, Mark, Option, Row
from carnet.design.shell import Crumb
from carnet.interfaces.portal.presenters.access_tabs import LIST, access_tabs
from carnet.interfaces.portal.presenters.facts import PartyFacts
from carnet.interfaces.portal.presenters.people import party_meta

ADDRESS = "/acces"


class AccessFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One standing of a professional or an organisation towards the space. id: what the forms send back; origin: who
    recorded it; until: None without an end; first_used: None when never used.
    """

    id: str
    party: PartyFacts
    standing: Literal["authorised", "blocked"]
    since: datetime
    until: datetime | None = None
    origin: Literal["person", "professional"] = "person"
    administrator: bool = False
    first_used: datetime | None = None


class AccessPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `access.html` shows."""

    authorised: tuple[Row, ...]
    blocked: tuple[Row, ...]
    authorise: Action
    tabs: tuple[Option, ...]


class DirectoryPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `directory.html` shows: a search, and who was found."""

    heading: str
    lead: str
    crumbs: tuple[Crumb, ...]
    form: Form
    asked: bool
    count: str
    results: tuple[Row, ...]


def present_access(*, language: Language, standings: tuple[AccessFacts, ...]) -> AccessPage:
    """Return the page of who may read."""
    _ = language.gettext
    return AccessPage(
        authorised=tuple(_authorised(item, language) for item in standings if item.standing == "authorised"),
        blocked=tuple(_blocked(item, language) for item in standings if item.standing == "blocked"),
        authorise=Action(_("Autoriser quelqu'un"), f"{ADDRESS}/autoriser", "plus", "primary"),
        tabs=access_tabs(LIST, language),
    )


def present_directory(
    *, language: Language, form: Form, found: tuple[PartyFacts, ...] | None, standings: tuple[AccessFacts, ...]
) -> DirectoryPage:
    """Return the directory search. found: None before anything was asked."""
    _ = language.gettext
    known = {item.party.id: item for item in standings}
    results = tuple(_candidate(party, known.get(party.id), language) for party in found or ())
    return DirectoryPage(
        heading=_("Autoriser un professionnel"),
        lead=_("Cherchez par nom, métier, établissement ou ville. Vous pouvez aussi bloquer quelqu'un par avance."),
        crumbs=(Crumb(_("Qui a accès"), ADDRESS),),
        form=form,
        asked=found is not None,
        count=language.ngettext("%(num)s résultat", "%(num)s résultats", len(results)) % {"num": len(results)},
        results=results,
    )


def present_blocking(*, language: Language, party: PartyFacts) -> ConfirmPage:
    """The question before someone is blocked."""
    _ = language.gettext
    return ConfirmPage(
        heading=_("Bloquer %(name)s ?") % {"name": party.name},
        lead=" · ".join(party_meta(party, language)),
        consequences=(
            _("Cette personne ne pourra plus lire aucun de vos documents, même en le demandant."),
            _("Elle pourra encore vous envoyer des documents : c'est une obligation de soin."),
            _("Elle n'est pas prévenue. Vous pourrez la débloquer quand vous voudrez."),
        ),
        confirm=Action(_("Bloquer"), f"{ADDRESS}/bloquer", "ban", "danger", post=True, values={"qui": party.id}),
        cancel=Action(_("Ne rien changer"), ADDRESS),
        crumbs=(Crumb(_("Qui a accès"), ADDRESS),),
    )


def present_ending(*, language: Language, access: AccessFacts) -> ConfirmPage:
    """The question before an authorisation ends."""
    _ = language.gettext
    return ConfirmPage(
        heading=_("Mettre fin à l'accès de %(name)s ?") % {"name": access.party.name},
        lead=" · ".join(party_meta(access.party, language)),
        consequences=(
            _("L'accès s'arrête tout de suite."),
            _("Lors d'un prochain rendez-vous, votre accord pourra vous être redemandé."),
        ),
        confirm=Action(
            _("Mettre fin à l'accès"), f"{ADDRESS}/terminer", "lock", "danger", post=True, values={"acces": access.id}
        ),
        cancel=Action(_("Ne rien changer"), ADDRESS),
        crumbs=(Crumb(_("Qui a accès"), ADDRESS),),
    )


def _authorised(item: AccessFacts, language: Language) -> Row:
    _ = language.gettext
    origin = (
        _("Accès donné par vous le %(date)s")
        if item.origin == "person"
        else _("Accès déclaré par ce professionnel le %(date)s")
    )
    used = (
        _("Première consultation le %(date)s") % {"date": language.short_date(item.first_used)}
        if item.first_used
        else _("N'a encore rien consulté")
    )
    marks = [Mark("info", _("Voit aussi les documents masqués"), "eye")] if item.administrator else []
    if item.until:
        marks.append(Mark("plain", _("Jusqu'au %(date)s") % {"date": language.short_date(item.until)}, "calendar"))
    return Row(
        title=item.party.name,
        icon=_picture(item.party),
        meta=party_meta(item.party, language),
        notes=(origin % {"date": language.short_date(item.since)}, used),
        marks=tuple(marks),
        actions=(
            Action(
                _("Mettre fin"),
                f"{ADDRESS}/terminer?acces={item.id}",
                "lock",
                spoken=_("à l'accès de %(name)s") % {"name": item.party.name},
            ),
            Action(_("Bloquer"), f"{ADDRESS}/bloquer?qui={item.party.id}", "ban", "quiet", spoken=item.party.name),
        ),
    )


def _blocked(item: AccessFacts, language: Language) -> Row:
    _ = language.gettext
    return Row(
        title=item.party.name,
        icon=_picture(item.party),
        hue="clay",
        meta=party_meta(item.party, language),
        notes=(_("Bloqué depuis le %(date)s") % {"date": language.short_date(item.since)},),
        marks=(Mark("danger", _("Bloqué"), "ban"),),
        actions=(
            Action(
                _("Débloquer"),
                f"{ADDRESS}/debloquer",
                "unlock",
                post=True,
                spoken=item.party.name,
                values={"acces": item.id},
            ),
        ),
    )


def _candidate(party: PartyFacts, known: AccessFacts | None, language: Language) -> Row:
    _ = language.gettext
    marks: tuple[Mark, ...] = ()
    actions: tuple[Action, ...] = (
        Action(_("Autoriser"), f"{ADDRESS}/autoriser", "check", post=True, spoken=party.name, values={"qui": party.id}),
        Action(_("Bloquer"), f"{ADDRESS}/bloquer?qui={party.id}", "ban", "quiet", spoken=party.name),
    )
    if known and known.standing == "authorised":
        marks, actions = (Mark("ok", _("Déjà autorisé"), "check"),), actions[1:]
    elif known:
        marks = (Mark("danger", _("Bloqué"), "ban"),)
        actions = (_blocked(known, language).actions[0],)
    return Row(title=party.name, icon=_picture(party), meta=party_meta(party, language), marks=marks, actions=actions)


def _picture(party: PartyFacts) -> str:
    return "professional" if party.kind == "professional" else "organisation"
