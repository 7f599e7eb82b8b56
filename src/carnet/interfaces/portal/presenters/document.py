"""One document: what it is, what it says, who can see it and why, who did.

Deliberately ignores how a preview is made: the handler says which kind there is and from which addresses.
"""

from datetime import datetime
from typing import Literal

import msgspec

from carnet.design.language import Language
from carnet.design.parts import Action, Fact, Mark, Moment, Row
from carnet.design.shell import Crumb
from carnet.design.vocabulary import category, media
from carnet.interfaces.portal.presenters.documents import document_marks
from carnet.interfaces.portal.presenters.facts import DocumentFacts, PartyFacts, TraceFacts
from carnet.interfaces.portal.presenters.people import author_words, party_meta
from carnet.interfaces.portal.presenters.sentences import moment

Why = Literal["", "format", "protected", "too_large", "damaged", "deleted"]
Reason = Literal["authorised", "organisation", "team", "author", "administrator"]


class PreviewFacts(msgspec.Struct, frozen=True, kw_only=True):
    """How the content can be shown. frame: a page of ours in a sandboxed frame (`address`); none: nothing to show."""

    kind: Literal["frame", "none"]
    address: str = ""
    why: Why = ""


class ReaderFacts(msgspec.Struct, frozen=True):
    """Someone who may open this document today, and the rule that lets them."""

    party: PartyFacts
    reason: Reason


class VersionFacts(msgspec.Struct, frozen=True):
    """One version of a document the person may know of, and when it came."""

    id: str
    received_at: datetime


class DocumentDetailFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The document with what surrounds it. readers: empty when masked or nobody is authorised; traces: newest first,
    only those about this document; versions: oldest first, this one among them (counted as the person sees them, so
    that a number never tells of one they may not know of); apart: the person keeps it out of the simple session;
    mine: the reader's own space: who acts for them learns neither who sees it nor who came.
    """

    document: DocumentFacts
    type_label: str
    media_type: str
    size: int
    preview: PreviewFacts
    readers: tuple[ReaderFacts, ...]
    traces: tuple[TraceFacts, ...]
    versions: tuple[VersionFacts, ...] = ()
    apart: bool = False
    mine: bool = True


class DocumentPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `document.html` shows."""

    crumbs: tuple[Crumb, ...]
    title: str
    marks: tuple[Mark, ...]
    preview: PreviewFacts
    preview_title: str
    preview_reason: str
    facts: tuple[Fact, ...]
    visibility: str
    readers: tuple[Row, ...]
    change_visibility: Action
    hide_from: Action
    keep_apart: Action
    visibility_note: str
    history: tuple[Moment, ...]
    activity: str
    download: Action
    manage: tuple[Action, ...]
    newer: str | None
    version: str
    earlier: Action | None
    later: Action | None
    mine: bool = True


def present_document(*, language: Language, facts: DocumentDetailFacts) -> DocumentPage:
    """Return the page of one document."""
    _ = language.gettext
    document = facts.document
    address = f"/documents/{document.id}"
    place = next((n for n, one in enumerate(facts.versions) if one.id == document.id), 0)
    return DocumentPage(
        crumbs=(Crumb(_("Documents"), "/documents"),),
        title=document.title,
        marks=document_marks(document, language),
        preview=facts.preview,
        preview_title=_("Aperçu de %(title)s") % {"title": document.title},
        preview_reason=preview_reason(facts.preview.why, language),
        facts=_facts(facts, language),
        visibility=_visibility(facts, language),
        readers=tuple(_reader(reader, language) for reader in facts.readers),
        change_visibility=_change(document, address, language),
        hide_from=Action(
            _("Cacher à quelqu'un…"), f"/acces/limites/ajouter?document={document.id}", "eye-off", "quiet"
        ),
        keep_apart=_apart(address, language, apart=facts.apart),
        visibility_note=_("Vous pouvez changer d'avis à tout moment.")
        if document.mine
        else _("L'auteur du document le voit toujours. Vous pouvez changer d'avis à tout moment."),
        history=tuple(moment(trace, language, link=False, full_date=True) for trace in facts.traces),
        activity=f"/activite?document={document.id}",
        download=Action(_("Télécharger"), f"{address}/telecharger", "download", "primary"),
        manage=(
            Action(_("Modifier"), f"{address}/modifier", "edit"),
            Action(_("Supprimer"), f"{address}/supprimer", "trash", "quiet"),
        )
        if document.mine
        else (),
        newer=f"/documents/{facts.versions[-1].id}" if document.superseded and facts.versions else None,
        version=_("Version %(num)s sur %(total)s") % {"num": place + 1, "total": len(facts.versions)}
        if len(facts.versions) > 1
        else "",
        earlier=_version(facts.versions[place - 1], _("Version précédente"), "left", language) if place else None,
        later=_version(facts.versions[place + 1], _("Version suivante"), "right", language)
        if place + 1 < len(facts.versions)
        else None,
        mine=facts.mine,
    )


def _version(version: VersionFacts, label: str, icon: str, language: Language) -> Action:
    spoken = language.gettext("du %(date)s") % {"date": language.short_date(version.received_at)}
    return Action(label, f"/documents/{version.id}", icon, "quiet", spoken=spoken)


def _facts(facts: DocumentDetailFacts, language: Language) -> tuple[Fact, ...]:
    _ = language.gettext
    document = facts.document
    lines = [
        Fact(_("Catégorie"), _(category(document.category).label), f"/documents?categorie={document.category}"),
        Fact(_("Type"), facts.type_label),
        Fact(_("Date du document"), language.long_date(document.about)),
        Fact(_("Auteur"), author_words(document.author, language)),
    ]
    if document.author.organisation:
        lines.append(Fact(_("Établissement"), document.author.organisation))
    lines.append(Fact(_("Ajouté le"), language.moment(document.added_at)))
    lines.append(Fact(_("Fichier"), f"{media(facts.media_type, language)}, {language.size(facts.size)}"))
    return tuple(lines)


def _visibility(facts: DocumentDetailFacts, language: Language) -> str:
    _ = language.gettext
    if facts.document.mine and (facts.document.masked or not facts.readers):
        return _("Aujourd'hui, vous seul pouvez l'ouvrir.")
    if facts.document.masked:
        return _("Ce document est masqué : seuls vous et son auteur pouvez l'ouvrir.")
    if not facts.readers:
        return _("Aujourd'hui, personne d'autre que vous et son auteur ne peut l'ouvrir.")
    if facts.document.mine:
        return _("Vous, et les personnes que vous avez autorisées et dont le métier le justifie :")
    return _("Vous, son auteur, et les personnes que vous avez autorisées et dont le métier le justifie :")


def _reader(reader: ReaderFacts, language: Language) -> Row:
    _ = language.gettext
    why = {
        "authorised": _("Accès donné par vous"),
        "organisation": _("Accès donné par vous à son établissement"),
        "team": _("Accès donné à cette équipe"),
        "author": _("Auteur du document"),
        "administrator": _("Vous lui avez confié tous vos documents, même masqués"),
    }[reader.reason]
    icon = "organisation" if reader.party.kind == "organisation" else "professional"
    return Row(title=reader.party.name, icon=icon, meta=party_meta(reader.party, language)[:1], notes=(why,))


def _change(document: DocumentFacts, address: str, language: Language) -> Action:
    _ = language.gettext
    if document.masked:
        return Action(_("Rendre visible aux professionnels"), f"{address}/montrer", "eye", post=True)
    return Action(_("Masquer aux professionnels"), f"{address}/masquer", "eye-off", post=True)


def _apart(address: str, language: Language, *, apart: bool) -> Action:
    _ = language.gettext
    if apart:
        return Action(_("Ne plus garder à part"), f"{address}/a-part", "unlock", post=True, values={"apart": "0"})
    return Action(_("Garder à part"), f"{address}/a-part", "lock", post=True, values={"apart": "1"})


def preview_reason(why: Why, language: Language) -> str:
    """Why the content cannot be shown, and what to do."""
    _ = language.gettext
    return {
        "": "",
        "format": _("Ce format ne peut pas être affiché ici. Téléchargez le fichier pour le lire."),
        "protected": _("Ce fichier est protégé par un mot de passe. Téléchargez-le pour l'ouvrir."),
        "too_large": _("Ce fichier est trop grand pour être affiché ici. Téléchargez-le pour le lire."),
        "damaged": _("Ce fichier ne peut pas être affiché. L'original reste disponible au téléchargement."),
        "deleted": _("Son auteur a supprimé ce document : son contenu ne peut plus être lu."),
    }[why]
