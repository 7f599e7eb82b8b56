"""The inbox: its folders, a page of conversations, drafts, what a search found. Words of professionals stay words."""

from collections.abc import Sequence
from urllib.parse import urlencode

import msgspec
from markupsafe import Markup

from carnet.design.found_words import found_words
from carnet.design.language import Language
from carnet.design.parts import Action, Mark, Option, Row
from carnet.formats.searching.finding import Piece
from carnet.messaging.api import Address, ConversationLine, Draft, Folder, FoundConversation, Inbox, written_mark

ADDRESS = "/messages"
FOLDERS = {
    "reception": Folder.ALL,
    "non-lus": Folder.UNREAD,
    "envoyes": Folder.SENT,
    "termines": Folder.ENDED,
    "corbeille": Folder.BIN,
}
DRAFTS = "brouillons"
MANY = 1000


class InboxPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `messages.html` shows. older, latest: where the list goes on and where it begins; empty: why nothing is
    listed; here: the address the list is asked again at; note: what happens to what lies here.
    """

    rows: tuple[Row, ...]
    folders: tuple[Option, ...]
    folder: str
    words: str
    count: str
    empty_box: bool
    write: Action | None
    older: str = ""
    latest: str = ""
    empty: tuple[str, str] = ("", "")
    here: str = ADDRESS
    note: str = ""


def present_inbox(
    *,
    language: Language,
    found: Inbox,
    folder: str,
    after: str = "",
    bin_days: int = 0,
) -> InboxPage:
    """Return a folder. folder: key of FOLDERS; after: where this page begins, as its address says; bin_days: how long a
    conversation lies in the bin.
    """
    _ = language.gettext
    total = language.ngettext("%(num)s conversation", "%(num)s conversations", found.total) % {"num": found.total}
    here = _address(folder, after)
    return InboxPage(
        rows=tuple(line_row(one, language) for one in found.lines),
        folders=_folders(language, folder, found),
        folder=folder,
        words="",
        count=_("1 000 conversations ou plus") if found.total >= MANY else total,
        empty_box=not found.total and folder == "reception" and not found.drafts,
        write=_write(language) if found.may_begin else None,
        older=_address(folder, written_mark(found.after)) if found.after else "",
        latest=_address(folder) if after else "",
        empty=_empty(language, folder, bin_days),
        here=here,
        note=_emptied(language, bin_days) if folder == "corbeille" else "",
    )


def present_found(
    *,
    language: Language,
    found: Sequence[FoundConversation],
    words: str,
    unread: Inbox,
) -> InboxPage:
    """Return what a search found, over all folders but the bin."""
    _ = language.gettext
    total = language.ngettext("%(num)s conversation", "%(num)s conversations", len(found)) % {"num": len(found)}
    return InboxPage(
        rows=tuple(_found_row(one, language) for one in found),
        folders=_folders(language, "", unread),
        folder="",
        words=words,
        count=total,
        empty_box=False,
        write=_write(language) if unread.may_begin else None,
        empty=(_("Rien trouvé"), _("Essayez un autre mot. La corbeille n'est pas fouillée.")),
        here=f"{ADDRESS}?{urlencode({'q': words})}",
    )


def present_drafts(
    *,
    language: Language,
    drafts: Sequence[Draft],
    unread: Inbox,
) -> InboxPage:
    """Return the folder of what was begun."""
    _ = language.gettext
    total = language.ngettext("%(num)s brouillon", "%(num)s brouillons", len(drafts)) % {"num": len(drafts)}
    return InboxPage(
        rows=tuple(_draft_row(one, language) for one in drafts),
        folders=_folders(language, DRAFTS, unread),
        folder=DRAFTS,
        words="",
        count=total,
        empty_box=False,
        write=_write(language) if unread.may_begin else None,
        empty=(_("Aucun brouillon"), _("Ce que vous commencez à écrire sans l'envoyer se garde ici.")),
        here=_address(DRAFTS),
    )


def line_row(line: ConversationLine, language: Language) -> Row:
    """Return a conversation as a line of a list."""
    _ = language.gettext
    first = line.head.people[0] if line.head.people else Address("")
    marks = [Mark("new", _("Nouveau"), "new")] if line.unread else []
    if line.ended:
        marks.append(Mark("plain", _("Échange terminé"), "lock"))
    if line.draft:
        marks.append(Mark("mine", _("Brouillon"), "edit"))
    if line.head.attachments:
        marks.append(Mark("plain", _("Pièce jointe"), "file"))
    if line.apart:
        marks.append(Mark("masked", _("Pour vous seul"), "eye-off"))
    said = _("Vous : %(text)s") % {"text": line.head.excerpt} if line.head.mine else line.head.excerpt
    return Row(
        title=line.head.subject or _("(sans objet)"),
        href=f"{ADDRESS}/{line.conversation_id.hex}",
        icon="mail",
        hue="sky",
        meta=(first.name or first.address, language.moment(line.last_at)),
        notes=(said,) if said else (),
        marks=tuple(marks),
        unread=line.unread > 0,
    )


def _found_row(one: FoundConversation, language: Language) -> Row:
    """A conversation that answers: the words around what was looked for instead of its latest ones."""
    plain, how = line_row(one.line, language), one.answer
    title = _marked(how.subject) if any(piece.hit for piece in how.subject) else plain.title
    href = f"{plain.href}#m-{how.message.hex}" if how.message else plain.href
    notes = (_marked(how.snippet),) if how.snippet else plain.notes
    return msgspec.structs.replace(plain, title=title, notes=notes, href=href)


def _marked(pieces: Sequence[Piece]) -> Markup:
    return found_words((one.text, one.hit) for one in pieces)


def _draft_row(one: Draft, language: Language) -> Row:
    _ = language.gettext
    begun = f"{ADDRESS}/ecrire?brouillon={one.draft_id.hex}"
    address = f"{ADDRESS}/{one.conversation.hex}#repondre" if one.conversation else begun
    delete = Action(
        _("Supprimer"),
        f"{ADDRESS}/brouillons/{one.draft_id.hex}/supprimer",
        "trash",
        "quiet",
        post=True,
        spoken=one.subject,
    )
    kind = _("Réponse") if one.conversation else _("Nouveau message")
    return Row(
        title=one.subject or _("(sans objet)"),
        href=address,
        icon="edit",
        hue="honey",
        meta=tuple(part for part in (kind, one.to, language.moment(one.at)) if part),
        notes=(one.text[:140],) if one.text else (),
        actions=(delete,),
    )


def _folders(language: Language, current: str, found: Inbox) -> tuple[Option, ...]:
    _ = language.gettext
    labels = {
        "reception": _("Réception"),
        "non-lus": _("Non lus"),
        "envoyes": _("Envoyés"),
        DRAFTS: _("Brouillons"),
        "termines": _("Terminés"),
        "corbeille": _("Corbeille"),
    }
    counts = {"non-lus": found.unread, DRAFTS: found.drafts}
    shown = {key: f"{label} ({min(counts[key], 99)})" if counts.get(key) else label for key, label in labels.items()}
    return tuple(Option(_address(key), label, key == current) for key, label in shown.items())


def _empty(language: Language, folder: str, bin_days: int) -> tuple[str, str]:
    _ = language.gettext
    words = {
        "non-lus": (_("Tout est lu"), _("Les nouveaux messages se montrent ici.")),
        "envoyes": (_("Rien d'envoyé"), _("Les conversations où vous avez écrit se retrouvent ici.")),
        "termines": (
            _("Rien de terminé"),
            _("Les échanges auxquels un professionnel a mis fin et ceux que vous rangez se retrouvent ici."),
        ),
        "corbeille": (_("La corbeille est vide"), _emptied(language, bin_days)),
    }
    return words.get(folder, (_("Aucune conversation ici"), _("Regardez dans un autre dossier.")))


def _write(language: Language) -> Action:
    return Action(language.gettext("Écrire"), f"{ADDRESS}/ecrire", "edit", "primary")


def _address(folder: str, after: str = "") -> str:
    asked = {"dossier": folder if folder != "reception" else "", "suite": after}
    words = urlencode({name: value for name, value in asked.items() if value})
    return f"{ADDRESS}?{words}" if words else ADDRESS


def _emptied(language: Language, days: int) -> str:
    told = language.ngettext(
        "Ce que vous mettez à la corbeille y est supprimé pour de bon après %(num)s jour.",
        "Ce que vous mettez à la corbeille y est supprimé pour de bon après %(num)s jours.",
        days,
    )
    return told % {"num": days}
