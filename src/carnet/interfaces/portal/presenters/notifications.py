"""The notification centre: each item read or unread, for this reader alone."""

from datetime import datetime

import msgspec

from carnet.design.language import Language, mark
from carnet.design.parts import Action, Hue, Mark, PageLinks, Row, page_links
from carnet.design.vocabulary import profession
from carnet.interfaces.portal.presenters.access import dispute_action

ADDRESS = "/notifications"


class NotificationFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One notification. event: code of the national list; actor may be empty; document: id to open, if it still is;
    party: the professional an access is about, as forms send them back.
    """

    id: str
    event: str
    at: datetime
    read: bool
    actor: str = ""
    profession: str = ""
    title: str = ""
    document: str | None = None
    party: str = ""


class Wording(msgspec.Struct, frozen=True):
    """How an event reads. Placeholders: %(actor)s, %(title)s."""

    text: str
    icon: str
    hue: Hue = "teal"


_RECORD = "REPRISE_DMP"
"""Told of all its documents by one of them: its author is not theirs."""

WORDINGS: dict[str, Wording] = {
    "AJOUT_DOCUMENT": Wording(mark("Nouveau document : %(title)s"), "documents"),
    "MODIF_DOCUMENT": Wording(mark("Document mis à jour : %(title)s"), "replaced"),
    "SUPP_DOC": Wording(mark("Un document a été supprimé par son auteur"), "trash", "honey"),
    _RECORD: Wording(mark("Votre ancien DMP a été repris dans vos documents"), "documents", "teal"),
    "CONSULT_DOCUMENT": Wording(mark("Un document a été consulté : %(title)s"), "eye"),
    "ACCES_DMP_PS": Wording(mark("Premier accès d'un professionnel à votre espace : %(actor)s"), "access", "clay"),
    "ACCES_BRIS_GLACE": Wording(mark("Accès en urgence à votre espace : %(actor)s"), "warning", "clay"),
    "BLOCAGE_ACCES": Wording(
        mark("%(actor)s, que vous avez désigné administrateur, a bloqué un accès"), "ban", "honey"
    ),
    "COPIE_PRETE": Wording(mark("La copie de vos données est prête"), "download", "teal"),
    "RESULTAT_RETENU": Wording(mark("Un résultat va vous être expliqué"), "calendar", "honey"),
    "RECEPTION_MESSAGE": Wording(mark("Vous avez un nouveau message"), "mail", "sky"),
    "ECHEC_MESSAGE": Wording(mark("Un de vos messages n'a pas pu être remis"), "mail", "honey"),
    "RAPPEL_RDV_USAGER": Wording(mark("Un rendez-vous de votre agenda approche"), "calendar", "teal"),
    "RAPPEL_AGENDA": Wording(mark("Un rappel de votre agenda vous attend"), "bell", "plum"),
    "INVITATION_PROCHE": Wording(mark("Quelqu'un vous demande d'agir à sa place"), "people", "clay"),
    "DELEGATION": Wording(mark("Du nouveau chez ceux qui agissent pour vous"), "people", "honey"),
    "DELEGATION_FIN": Wording(mark("Une aide ou une représentation se termine bientôt"), "calendar", "honey"),
    "NOUVEAU_PROCHE": Wording(mark("Du nouveau dans l'espace d'un de vos proches"), "people", "sky"),
    "REMISE_VISIBILITE_AUTO": Wording(mark("Un document est de nouveau visible : %(title)s"), "eye"),
}
UNKNOWN = Wording(mark("Du nouveau dans votre espace"), "bell")


class NotificationsPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `notifications.html` shows."""

    rows: tuple[Row, ...]
    unread: str
    mark_all: Action | None
    pages: PageLinks | None


def present_notifications(
    *, language: Language, items: tuple[NotificationFacts, ...], unread: int, page: int = 1, pages: int = 1
) -> NotificationsPage:
    """Return the centre. items: this page's, newest first; unread: over all pages."""
    _ = language.gettext
    return NotificationsPage(
        rows=tuple(notification_row(item, language) for item in items),
        unread=language.ngettext("%(num)s non lue", "%(num)s non lues", unread) % {"num": unread}
        if unread
        else _("Tout est lu"),
        mark_all=Action(_("Tout marquer comme lu"), f"{ADDRESS}/tout-lire", "check", post=True) if unread else None,
        pages=page_links(current=page, total=pages, address=lambda number: f"{ADDRESS}?page={number}"),
    )


def notification_row(item: NotificationFacts, language: Language) -> Row:
    """One notification as a line; its button turns read into unread and back."""
    _ = language.gettext
    wording = WORDINGS.get(item.event, UNKNOWN)
    words = {
        "title": _("« %(title)s »") % {"title": item.title} if item.title else _("document"),
        "actor": _actor(item, language),
    }
    named = item.actor and "%(actor)s" not in wording.text and item.event != _RECORD
    by = _("par %(actor)s") % words if named else ""
    title = _(wording.text) % words
    turn = (
        Action(_("Marquer non lue"), f"{ADDRESS}/{item.id}/non-lue", post=True, tone="quiet", spoken=f": {title}")
        if item.read
        else Action(_("Marquer lue"), f"{ADDRESS}/{item.id}/lue", "check", post=True, spoken=f": {title}")
    )
    return Row(
        title=title,
        href=_leads_to(item),
        icon=wording.icon,
        hue=wording.hue,
        meta=tuple(part for part in (language.moment(item.at), by) if part),
        marks=() if item.read else (Mark("new", _("Non lue")),),
        unread=not item.read,
        actions=(
            *((dispute_action(item.party, language, spoken=title),) if item.party else ()),
            turn,
            Action(_("Supprimer"), f"{ADDRESS}/{item.id}/supprimer", "trash", "quiet", post=True, spoken=f": {title}"),
        ),
        anchor=f"n-{item.id}",
    )


def _leads_to(item: NotificationFacts) -> str | None:
    if item.event == _RECORD:
        return "/documents?tri=ajout"
    if item.document:
        return f"/documents/{item.document}?notification={item.id}"
    if item.event in {"RECEPTION_MESSAGE", "ECHEC_MESSAGE"}:
        return "/messages"
    if item.event in {"INVITATION_PROCHE", "DELEGATION", "DELEGATION_FIN", "NOUVEAU_PROCHE"}:
        return "/proches"
    if item.event in {"RAPPEL_RDV_USAGER", "RAPPEL_AGENDA"}:
        return "/agenda"
    if item.event == "BLOCAGE_ACCES":
        return "/acces"
    if item.event == "COPIE_PRETE":
        return "/mes-donnees"
    return "/accueil#resultats" if item.event == "RESULTAT_RETENU" else None


def _actor(item: NotificationFacts, language: Language) -> str:
    if item.actor and item.profession:
        return f"{item.actor}, {profession(item.profession, language)}"
    return item.actor or language.gettext("un professionnel")
