"""Closing one's space, and what is left to its holder once it is closed: words, dates and choices."""

from datetime import datetime

import msgspec

from carnet.design.language import Language
from carnet.design.parts import Action, ConfirmPage, Fact, Option
from carnet.design.shell import Crumb

CLOSE = "/fermer-mon-espace"
CLOSED = "/espace-ferme"
KEEP, ERASE = "garder", "effacer"
CHILD = "enfant-"
"""How the fields of children begin; the delegation follows."""


class ChildFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Whom one represents. choices: what may be chosen, empty when it is the person's own word; shared: another
    representative acts there too; adult: under a measure of the court's.
    """

    field: str
    name: str
    choices: tuple[str, ...]
    chosen: str
    shared: bool
    kept_until: datetime
    adult: bool = False


class ChildQuestion(msgspec.Struct, frozen=True):
    """What is asked about a child, or only said when there is nothing to choose."""

    field: str
    legend: str
    said: str
    options: tuple[Option, ...]


class ClosePage(msgspec.Struct, frozen=True, kw_only=True):
    """What `close.html` shows."""

    heading: str
    consequences: tuple[str, ...]
    choices: tuple[Option, ...]
    children: tuple[ChildQuestion, ...]
    take: Action
    crumbs: tuple[Crumb, ...]
    cancel: Action


class ClosedFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Where a closed or suspended space stands. due_at: when it closes (suspended) or is erased; number: of the
    certificate there will be, while an erasure is asked.
    """

    state: str
    since: datetime | None
    due_at: datetime | None
    by_holder: bool
    erased_if_asked_at: datetime
    number: str = ""


class ClosedPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `closed.html` shows."""

    heading: str
    lead: str
    lines: tuple[str, ...]
    facts: tuple[Fact, ...]
    number: str
    actions: tuple[Action, ...]


def present_close(
    *,
    language: Language,
    kept_until: datetime,
    erased_on: datetime,
    erase: bool,
    children: tuple[ChildFacts, ...] = (),
) -> ClosePage:
    """Return the page that asks whether to close. erase: the choice made before identity was asked for again."""
    _ = language.gettext
    return ClosePage(
        heading=_("Fermer mon espace"),
        consequences=(
            _("Plus personne n'entre dans votre espace, ni vos soignants, ni vous."),
            _("Les accès que vous aviez donnés s'arrêtent tout de suite. Les blocages restent notés."),
            _("Plus aucun document n'y arrive. Vos soins et vos remboursements ne changent pas."),
            _("Vous pouvez le rouvrir quand vous voulez, en vous connectant."),
        ),
        choices=(
            Option(
                KEEP,
                _("Garder mes données sous clé"),
                not erase,
                _("Personne ne peut les lire. Si je rouvre, je les retrouve. Elles sont effacées le %(date)s.")
                % {"date": language.long_date(kept_until)},
            ),
            Option(
                ERASE,
                _("Faire effacer mes données"),
                erase,
                _("Elles sont effacées pour toujours le %(date)s. Jusque-là, je peux changer d'avis.")
                % {"date": language.long_date(erased_on)},
            ),
        ),
        children=tuple(_about(one, language) for one in children),
        take=Action(_("D'abord, prendre une copie de mes données"), "/mes-donnees", "download"),
        crumbs=(Crumb(_("Mes réglages"), "/reglages"),),
        cancel=Action(_("Ne rien changer"), "/reglages"),
    )


def _about(one: ChildFacts, language: Language) -> ChildQuestion:
    _ = language.gettext
    name = {"name": one.name}
    if one.adult:
        own = _(
            "Il ne change pas. Vous n'y entrez plus tant que le vôtre est fermé, et la mesure reste enregistrée."
            " %(name)s garde le sien, et peut le fermer ou appeler le 3422. Si le juge nomme quelqu'un d'autre, le"
            " service d'aide l'enregistre au vu de la décision."
        )
        return ChildQuestion(one.field, _("L'espace de %(name)s") % name, own % name, ())
    if not one.choices:
        own = _("L'espace de %(name)s ne change pas : à son âge, c'est à %(name)s d'en décider.") % name
        return ChildQuestion(one.field, _("L'espace de %(name)s") % name, own, ())
    others = _("L'autre représentant légal continue.") if one.shared else _("Personne d'autre n'y agit.")
    day = {"date": language.long_date(one.kept_until)}
    words = {
        "keep": (
            _("Le laisser comme il est"),
            _(
                "Ses soignants y ajoutent des documents. Vous n'y entrez plus tant que votre espace est fermé."
                " %(others)s"
            )
            % {"others": others},
        ),
        "hand-over": (
            _("Le laisser à l'autre représentant légal"),
            _("Vous n'y entrez plus. L'autre représentant continue, en est averti, et peut vous y inviter de nouveau."),
        ),
        "close": (
            _("Le fermer aussi"),
            _(
                "Plus personne n'y entre et rien n'y arrive. Tout est gardé sous clé jusqu'au %(date)s."
                " Un représentant légal peut le rouvrir, page « Mes proches »."
            )
            % day,
        ),
    }
    options = tuple(Option(code, words[code][0], code == one.chosen, words[code][1]) for code in one.choices)
    return ChildQuestion(one.field, _("Que faire de l'espace de %(name)s ?") % name, "", options)


def present_closed(*, language: Language, facts: ClosedFacts) -> ClosedPage:
    """Return the one page there is while a space is closed or suspended."""
    made = {"SUSPENDED": _suspended, "DELETION_REQUESTED": _asked}.get(facts.state, _closed)
    return made(language, facts)


def present_erase(*, language: Language, erased_on: datetime) -> ConfirmPage:
    """Return the question before an erasure is asked for."""
    _ = language.gettext
    day = {"date": language.long_date(erased_on)}
    return ConfirmPage(
        heading=_("Faire effacer mes données ?"),
        lead=_("La loi laisse trois mois au plus ; ici, ce sera le %(date)s.") % day,
        consequences=(
            _("Ce jour-là, la clé qui ouvre vos données est détruite : personne ne pourra plus jamais les lire."),
            _("Jusque-là, vous pouvez annuler en vous connectant."),
            _("Ce que vos soignants gardent dans leurs propres dossiers n'est pas effacé."),
            _("Un certificat prouve l'effacement ; son numéro vous est donné tout de suite."),
        ),
        confirm=Action(_("Demander l'effacement"), f"{CLOSED}/effacer", "trash", "danger", post=True),
        cancel=Action(_("Ne rien changer"), CLOSED),
    )


def _closed(language: Language, facts: ClosedFacts) -> ClosedPage:
    _ = language.gettext
    asked = {"date": language.long_date(facts.erased_if_asked_at)}
    return ClosedPage(
        heading=_("Votre espace est fermé"),
        lead=_("Plus personne n'y entre, ni vos soignants, ni vous."),
        lines=(_("Ce qu'il contenait est gardé sous clé. Si vous le rouvrez, vous retrouvez tout."),),
        facts=_dates(language, facts, _("Fermé le"), _("Données effacées le")),
        number="",
        actions=(
            Action(_("Rouvrir mon espace"), f"{CLOSED}/rouvrir", "unlock", "primary", post=True),
            Action(_("Faire effacer mes données le %(date)s") % asked, f"{CLOSED}/effacer", "trash"),
        ),
    )


def _asked(language: Language, facts: ClosedFacts) -> ClosedPage:
    _ = language.gettext
    return ClosedPage(
        heading=_("L'effacement de vos données est demandé"),
        lead=_("Votre espace est fermé. Vous pouvez annuler l'effacement jusqu'au jour où il a lieu."),
        lines=(_("Pour rouvrir votre espace, annulez d'abord l'effacement."),),
        facts=_dates(language, facts, _("Demandé le"), _("Données effacées le")),
        number=facts.number,
        actions=(Action(_("Annuler l'effacement"), f"{CLOSED}/garder", "check", "primary", post=True),),
    )


def _suspended(language: Language, facts: ClosedFacts) -> ClosedPage:
    _ = language.gettext
    return ClosedPage(
        heading=_("Votre espace est suspendu"),
        lead=_("Quelque chose d'anormal s'est passé : personne n'y entre, pour protéger vos données."),
        lines=(
            _("Vos données sont intactes."),
            _("Pour vous opposer à la fermeture ou demander pourquoi, appelez le service d'aide, au 3422."),
        ),
        facts=_dates(language, facts, _("Suspendu le"), _("Fermé, si vous ne vous y opposez pas, le")),
        number="",
        actions=(),
    )


def _dates(language: Language, facts: ClosedFacts, began: str, ends: str) -> tuple[Fact, ...]:
    given = ((began, facts.since), (ends, facts.due_at))
    return tuple(Fact(term, language.long_date(at)) for term, at in given if at is not None)
