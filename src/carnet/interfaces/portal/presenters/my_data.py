"""The copy of everything: what it holds, how far it is, where to take it."""

from datetime import datetime

import msgspec

from carnet.design.language import Language
from carnet.design.parts import Action, Fact
from carnet.design.shell import Crumb

ADDRESS = "/mes-donnees"


class CopyFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One copy. size, done, total: None where a simple session must not count what is in it."""

    id: str
    state: str
    asked_at: datetime
    expires_at: datetime
    size: int | None = None
    done: int | None = None
    total: int | None = None


class CopyLine(msgspec.Struct, frozen=True, kw_only=True):
    """One copy on the page. share: of 100, None when nothing is counted."""

    heading: str
    text: str
    working: bool
    share: int | None
    facts: tuple[Fact, ...]
    take: Action | None


class MyDataPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `my_data.html` shows."""

    heading: str
    lead: str
    inside: tuple[str, ...]
    copies: tuple[CopyLine, ...]
    care: str
    ask: Action | None
    working: bool
    crumbs: tuple[Crumb, ...]


def present_my_data(*, language: Language, copies: tuple[CopyFacts, ...], days: int) -> MyDataPage:
    """Return the page. copies: newest first; days: how long a copy can be taken."""
    _ = language.gettext
    working = any(one.state in {"asked", "making"} for one in copies)
    return MyDataPage(
        heading=_("Une copie de mes données"),
        lead=_("Vos documents, vos messages, votre journal et vos réglages, dans un seul fichier à garder chez vous."),
        inside=(
            _("vos documents, tels qu'ils sont arrivés, et une page qui les montre sans connexion"),
            _("le journal de votre espace, avec de quoi vérifier que rien n'en manque"),
            _("vos messages avec leurs pièces jointes, vos brouillons et qui vous a écrit"),
            _("votre agenda : rendez-vous et rappels"),
            _("votre identité, vos réglages, ceux qui ont accès, vos proches et vos moyens de connexion"),
            _("les mêmes documents, messages et rendez-vous dans un format pour logiciels (FHIR)"),
        ),
        copies=tuple(_line(one, language, days) for one in copies),
        care=_(
            "Elle est chiffrée tant qu'elle est chez nous. Une fois chez vous, gardez-la en lieu sûr : "
            "ne l'envoyez pas par e-mail."
        ),
        ask=None if working else Action(_("Préparer une copie"), ADDRESS, "download", "primary", post=True),
        working=working,
        crumbs=(Crumb(_("Mes réglages"), "/reglages"),),
    )


def present_childs_data(*, language: Language, name: str, copies: tuple[CopyFacts, ...] = (), days: int) -> MyDataPage:
    """Return the page in the space of a child one represents. name: the child's; copies: one's own of it."""
    _ = language.gettext
    working = any(one.state in {"asked", "making"} for one in copies)
    return MyDataPage(
        heading=_("Une copie de cet espace"),
        lead=_("Ce que vous pouvez voir dans l'espace de %(name)s, dans un seul fichier à garder chez vous.")
        % {"name": name},
        inside=(
            _("les documents, tels qu'ils sont arrivés, et une page qui les montre sans connexion"),
            _("les messages avec leurs pièces jointes"),
            _("l'agenda : rendez-vous et rappels"),
            _("l'identité, les réglages, et ceux qui ont accès"),
            _("qui est venu dans cet espace, et ce qui y a été fait en son nom"),
            _("les mêmes documents, messages et rendez-vous dans un format pour logiciels (FHIR)"),
        ),
        copies=tuple(_line(one, language, days, mine=False) for one in copies),
        care=_(
            "Elle est chiffrée tant qu'elle est chez nous, et ne peut plus être prise dès qu'une chose qu'elle "
            "contient ne vous est plus montrée. Le journal de cet espace dira que vous l'avez prise. Gardez-la en lieu "
            "sûr : ne l'envoyez pas par e-mail."
        ),
        ask=None if working else Action(_("Préparer une copie"), ADDRESS, "download", "primary", post=True),
        working=working,
        crumbs=(Crumb(_("Accueil"), "/accueil"),),
    )


def _line(one: CopyFacts, language: Language, days: int, *, mine: bool = True) -> CopyLine:
    _ = language.gettext
    asked = Fact(_("Demandée le"), language.moment(one.asked_at))
    if one.state == "ready":
        size = (Fact(_("Taille"), language.size(one.size)),) if one.size is not None else ()
        return CopyLine(
            heading=_("Votre copie est prête"),
            text=_("Un seul fichier ZIP. Si le téléchargement s'interrompt, il reprend où il en était."),
            working=False,
            share=None,
            facts=(asked, *size, Fact(_("Disponible jusqu'au"), language.moment(one.expires_at))),
            take=Action(_("Télécharger"), f"{ADDRESS}/{one.id}/copie.zip", "download", "primary"),
        )
    if one.state == "failed":
        return CopyLine(
            heading=_("Cette copie n'a pas pu être préparée"),
            text=_("Rien n'est perdu. Demandez-en une autre ; si cela recommence, appelez le 3422."),
            working=False,
            share=None,
            facts=(asked,),
            take=None,
        )
    counted = one.total is not None and one.done is not None and one.total > 0
    return CopyLine(
        heading=_("Votre copie se prépare"),
        text=(
            _("Vous pouvez quitter cette page : vous serez prévenu quand elle sera prête, pour %(days)s jours.")
            if mine
            else _("Vous pouvez quitter cette page : la copie vous y attendra, pendant %(days)s jours.")
        )
        % {"days": days},
        working=True,
        share=100 * (one.done or 0) // (one.total or 1) if counted else None,
        facts=(asked,),
        take=None,
    )
