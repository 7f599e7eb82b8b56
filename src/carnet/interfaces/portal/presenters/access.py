"""Who may read: authorised and blocked professionals and organisations, and the acts that change it."""

from datetime import datetime
from typing import Literal

import msgspec

from carnet.design.language import Language, last_day
from carnet.design.parts import Action, ConfirmPage, Form, Mark, Option, Row
from carnet.design.shell import Crumb
from carnet.interfaces.portal.presenters.access_tabs import LIST, access_tabs
from carnet.interfaces.portal.presenters.facts import PartyFacts
from carnet.interfaces.portal.presenters.people import party_meta
from carnet.interfaces.portal.presenters.restrictions import ADD

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


class DisputeFacts(msgspec.Struct, frozen=True, kw_only=True):
    """An access the person does not know, and what became of the case. outcome: empty while it is open."""

    name: str
    opened_at: datetime
    due_at: datetime
    closed_at: datetime | None = None
    outcome: str = ""


class AccessPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `access.html` shows."""

    authorised: tuple[Row, ...]
    blocked: tuple[Row, ...]
    authorise: Action
    tabs: tuple[Option, ...]
    disputes: tuple[Row, ...]
    team: Action | None
    code: Action | None
    code_words: str
    lead: str


class DirectoryPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `directory.html` shows: a search, and who was found."""

    heading: str
    lead: str
    crumbs: tuple[Crumb, ...]
    form: Form
    asked: bool
    count: str
    results: tuple[Row, ...]
    document: str = ""
    purpose: str = ""


def present_access(
    *,
    language: Language,
    standings: tuple[AccessFacts, ...],
    disputes: tuple[DisputeFacts, ...] = (),
    code_required: bool = False,
    mine: bool = True,
) -> AccessPage:
    """Return the page of who may read. mine: one's own space; else that of a child one acts for."""
    _ = language.gettext
    if not mine:
        return AccessPage(
            authorised=tuple(
                _authorised(item, language)
                for item in standings
                if item.standing == "authorised" and item.party.kind != "team"
            ),
            blocked=tuple(_blocked(item, language) for item in standings if item.standing == "blocked"),
            authorise=Action(_("Autoriser quelqu'un"), f"{ADDRESS}/autoriser", "plus", "primary"),
            tabs=access_tabs(LIST, language, mine=False),
            disputes=tuple(_dispute(one, language, mine=False) for one in disputes),
            team=None,
            code=None,
            code_words="",
            lead=_("Les professionnels et établissements qui peuvent lire les documents de cette personne."),
        )
    return AccessPage(
        authorised=tuple(_authorised(item, language) for item in standings if item.standing == "authorised"),
        blocked=tuple(_blocked(item, language) for item in standings if item.standing == "blocked"),
        authorise=Action(_("Autoriser quelqu'un"), f"{ADDRESS}/autoriser", "plus", "primary"),
        tabs=access_tabs(LIST, language),
        disputes=tuple(_dispute(one, language) for one in disputes),
        team=Action(_("Réunir une équipe"), f"{ADDRESS}/equipe", "professional"),
        code=Action(_("Code de consultation"), f"{ADDRESS}/code", "lock"),
        code_words=_("Un code est exigé de chaque soignant qui déclare votre accord.")
        if code_required
        else _("Un soignant peut déclarer votre accord sans code. Vous pouvez en exiger un."),
        lead=_("Les professionnels et établissements qui peuvent lire vos documents, dans la limite de leur métier."),
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


def present_naming(
    *, language: Language, form: Form, found: tuple[PartyFacts, ...] | None, document: str
) -> DirectoryPage:
    """Return the directory search for hiding something from somebody. document: the one it is about, or empty."""
    _ = language.gettext
    about = f"&document={document}" if document else ""
    results = tuple(
        Row(
            title=party.name,
            icon=_picture(party),
            meta=party_meta(party, language),
            actions=(Action(_("Choisir"), f"{ADD}?partie={party.id}{about}", "check", spoken=party.name),),
        )
        for party in found or ()
    )
    return DirectoryPage(
        heading=_("À qui cacher ?"),
        lead=_("Cherchez par nom, métier, établissement ou ville."),
        crumbs=(Crumb(_("Cacher quelque chose"), f"{ADD}?{about.removeprefix('&')}"),),
        form=form,
        asked=found is not None,
        count=language.ngettext("%(num)s résultat", "%(num)s résultats", len(results)) % {"num": len(results)},
        results=results,
        document=document,
        purpose="cacher",
    )


def _dispute(item: DisputeFacts, language: Language, *, mine: bool = True) -> Row:
    _ = language.gettext
    outcomes = {
        "justified": _("Réponse : cet accès était justifié."),
        "unjustified": _("Réponse : cet accès n'était pas justifié."),
        "recognised": _("Vous l'avez finalement reconnu.") if mine else _("Il a finalement été reconnu."),
        "withdrawn": _("Vous avez retiré votre question.") if mine else _("La question a été retirée."),
    }
    answer = (
        outcomes.get(item.outcome, _("Réponse donnée."))
        if item.closed_at
        else _("Réponse au plus tard le %(date)s. En attendant, cette personne ne voit rien.")
        % {"date": language.long_date(item.due_at)}
    )
    return Row(
        title=(
            _("Vous ne connaissez pas l'accès de %(name)s")
            if mine
            else _("Contesté par un représentant : l'accès de %(name)s")
        )
        % {"name": item.name},
        icon="help",
        hue="honey",
        meta=(_("Depuis le %(date)s") % {"date": language.short_date(item.opened_at)},),
        notes=(answer,),
        marks=() if item.closed_at else (Mark("info", _("En cours"), "info"),),
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
        marks.append(
            Mark("plain", _("Jusqu'au %(date)s") % {"date": language.short_date(last_day(item.until))}, "calendar")
        )
    return Row(
        title=item.party.name,
        icon=_picture(item.party),
        meta=party_meta(item.party, language),
        notes=(origin % {"date": language.short_date(item.since)}, used),
        marks=tuple(marks),
        actions=_acts_on(item, language),
    )


def _acts_on(item: AccessFacts, language: Language) -> tuple[Action, ...]:
    _ = language.gettext
    name = item.party.name
    if item.party.kind == "team":
        values = {"equipe": item.party.id.removeprefix("t-")}
        return (Action(_("Mettre fin"), f"{ADDRESS}/equipe/terminer", "lock", post=True, spoken=name, values=values),)
    end = Action(
        _("Mettre fin"),
        f"{ADDRESS}/terminer?acces={item.id}",
        "lock",
        spoken=_("à l'accès de %(name)s") % {"name": name},
    )
    change = _change(item.party, language)
    blocking = Action(_("Bloquer"), f"{ADDRESS}/bloquer?qui={item.party.id}", "ban", "quiet", spoken=name)
    if item.origin != "professional" or item.party.kind != "professional":
        return end, change, blocking
    return end, change, blocking, dispute_action(item.party.id, language, spoken=name)


def _change(party: PartyFacts, language: Language) -> Action:
    """Return the link to what one writes anew of a line: until when, and whether they are trusted."""
    _ = language.gettext
    spoken = _("l'accès de %(name)s") % {"name": party.name}
    return Action(_("Modifier"), f"{ADDRESS}/donner?qui={party.id}", "edit", "quiet", spoken=spoken)


def dispute_action(party: str, language: Language, *, spoken: str) -> Action:
    """Return the one tap of somebody who does not know an access."""
    label = language.gettext("Je ne connais pas cet accès")
    return Action(
        label, f"{ADDRESS}/contester", "help", "quiet", post=True, spoken=f": {spoken}", values={"qui": party}
    )


def _blocked(item: AccessFacts, language: Language) -> Row:
    _ = language.gettext
    since = (
        _("Bloqué depuis le %(date)s")
        if item.origin == "person"
        else _("Bloqué le %(date)s par un professionnel désigné administrateur")
    )
    return Row(
        title=item.party.name,
        icon=_picture(item.party),
        hue="clay",
        meta=party_meta(item.party, language),
        notes=(since % {"date": language.short_date(item.since)},),
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
        Action(_("Autoriser"), f"{ADDRESS}/donner?qui={party.id}", "check", spoken=party.name),
        Action(_("Bloquer"), f"{ADDRESS}/bloquer?qui={party.id}", "ban", "quiet", spoken=party.name),
    )
    if known and known.standing == "authorised":
        marks, actions = (Mark("ok", _("Déjà autorisé"), "check"),), (_change(party, language), actions[1])
    elif known:
        marks = (Mark("danger", _("Bloqué"), "ban"),)
        actions = (_blocked(known, language).actions[0],)
    return Row(title=party.name, icon=_picture(party), meta=party_meta(party, language), marks=marks, actions=actions)


def _picture(party: PartyFacts) -> str:
    return "organisation" if party.kind == "organisation" else "professional"
