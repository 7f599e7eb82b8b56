"""Messages: a conversation, writing. What a professional wrote is shown as words only."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from carnet.design.language import Language
from carnet.design.parts import Action, ConfirmPage, Form, Mark, Option, Row
from carnet.design.shell import Crumb, FieldError
from carnet.design.vocabulary import category
from carnet.interfaces.portal.presenters.inbox import ADDRESS
from carnet.interfaces.portal.presenters.message_fates import fates
from carnet.interfaces.portal.presenters.practices import PracticeBox
from carnet.journeys.api import proposed_category
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.errors import Problem
from carnet.messaging.api import (
    Address,
    Attachment,
    AttachmentKind,
    Contact,
    Conversation,
    Message,
    MessageState,
    Place,
)

ACCEPT = ".pdf,.txt,.rtf,.jpg,.jpeg,.png,.tif,.tiff"
Side = Literal["theirs", "mine"]


class FileView(msgspec.Struct, frozen=True, kw_only=True):
    """An attachment beside a message. save: the one tap into the record, None when it is there or cannot be; proposed:
    the category it would be kept in.
    """

    name: str
    meta: str
    href: str
    save: Action | None
    saved: str
    note: str
    proposed: str = ""


class MessageView(msgspec.Struct, frozen=True, kw_only=True):
    """One message of a conversation. notes: what was odd or became of it, in words; automatic: answered at once."""

    side: Side
    anchor: str
    who: str
    address: str
    to: str
    when: str
    stamp: str
    text: str
    signature: str
    files: tuple[FileView, ...]
    notes: tuple[Mark, ...]
    automatic: str = ""


class ConversationPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `conversation.html` shows. answer: False when nobody can be answered; closed says why; places: where the
    conversation may be put; apart: it is kept from those who act for the person.
    """

    crumbs: tuple[Crumb, ...]
    subject: str
    messages: tuple[MessageView, ...]
    answer: bool
    closed: str
    form: Form
    address: str
    accept: str
    file_hint: str
    to_all: bool
    documents: tuple[Option, ...]
    request_id: str
    places: tuple[Action, ...]
    export: Action
    practice: PracticeBox | None = None
    apart: bool = False
    keep_apart: Action | None = None
    signature: str = ""


class WritePage(msgspec.Struct, frozen=True, kw_only=True):
    """What `write.html` shows."""

    crumbs: tuple[Crumb, ...]
    form: Form
    contacts: tuple[Option, ...]
    documents: tuple[Option, ...]
    accept: str
    file_hint: str
    request_id: str
    asked: tuple[Row, ...] = ()
    signature: str = ""


def present_conversation(
    *,
    language: Language,
    found: Conversation,
    form: Form,
    request_id: str,
    documents: Sequence[tuple[str, str]],
    max_bytes: int,
    reader: Actor,
    practice: PracticeBox | None = None,
) -> ConversationPage:
    """Return one conversation. documents: (id, title) the person may send along; reader: the person, or who acts for
    them; practice: what who wrote accepts.
    """
    _ = language.gettext
    line = found.line
    here = _here(found)
    shown = tuple(one for one in found.messages if one.state is not MessageState.DRAFT)
    mine = reader.kind is ActorKind.PERSON
    closed = _("Le professionnel a mis fin à cet échange : vous ne pouvez plus y répondre.") if line.ended else ""
    return ConversationPage(
        crumbs=(Crumb(_("Messages"), ADDRESS),),
        subject=line.head.subject or _("(sans objet)"),
        messages=tuple(
            message_view(one, here, language, reader=reader, people=line.head.people, saving=found.may_write)
            for one in shown
        ),
        answer=found.may_answer,
        closed=closed,
        form=form,
        address=f"{here}/repondre",
        accept=ACCEPT,
        file_hint=_file_hint(language, max_bytes),
        to_all=len(line.head.people) > 1,
        documents=tuple(Option(value, label) for value, label in documents),
        request_id=request_id,
        places=_places(found, here, language, reader=reader) if found.may_write else (),
        export=Action(_("Télécharger"), f"{here}/exporter", "download", "quiet"),
        apart=line.apart,
        keep_apart=Action(_("Garder pour moi"), f"{here}/pour-moi", "eye-off", "quiet")
        if mine and not line.apart
        else None,
        signature=_signing(reader, language),
        practice=practice,
    )


def _signing(reader: Actor, language: Language) -> str:
    if reader.kind is ActorKind.PERSON:
        return ""
    return language.gettext("Votre message sera signé de votre nom : %(name)s.") % {"name": reader.name}


def _places(found: Conversation, here: str, language: Language, *, reader: Actor) -> tuple[Action, ...]:
    """Where this conversation may go from where it is; out of the bin for good, who may."""
    _ = language.gettext

    def put(label: str, place: str, icon: str) -> Action:
        return Action(label, f"{here}/ranger", icon, "quiet", post=True, values={"ou": place})

    if found.line.place is Place.BIN:
        back = put(_("Remettre en réception"), Place.INBOX, "left")
        gone = Action(_("Supprimer pour de bon"), f"{here}/supprimer", "trash", "quiet")
        return (back,) if reader.kind is ActorKind.CARER else (back, gone)
    away = put(_("Mettre à la corbeille"), Place.BIN, "trash")
    if found.line.place is Place.ARCHIVE:
        return put(_("Remettre en réception"), Place.INBOX, "left"), away
    return put(_("Ranger"), Place.ARCHIVE, "check"), away


def present_writing(
    *,
    language: Language,
    contacts: Sequence[Contact],
    form: Form,
    request_id: str,
    documents: Sequence[tuple[str, str]],
    max_bytes: int,
    reader: Actor,
    asked: tuple[Row, ...] = (),
) -> WritePage:
    """Return the page to write to somebody who wrote before. asked: those who said what they accept, on their page."""
    chosen = form.value("destinataires")
    return WritePage(
        crumbs=(Crumb(language.gettext("Messages"), ADDRESS),),
        form=form,
        contacts=tuple(
            Option(one.address.address, name_of(one.address), one.address.address == chosen)
            for one in contacts
            if not one.ended and one.rules is None
        ),
        documents=tuple(Option(value, label) for value, label in documents),
        accept=ACCEPT,
        file_hint=_file_hint(language, max_bytes),
        request_id=request_id,
        asked=asked,
        signature=_signing(reader, language),
    )


def present_deletion(*, language: Language, found: Conversation) -> ConfirmPage:
    """Return the question before a conversation is deleted; first, what will not leave because of it."""
    _ = language.gettext
    waiting = _waiting(found, language)
    consequences = (
        *waiting,
        _("Les messages et leurs pièces jointes sont supprimés pour vous, définitivement."),
        _("Les documents que vous avez enregistrés restent dans votre espace."),
        _("Le professionnel garde les siens."),
    )
    values = {"retirer": "1"} if waiting else {}
    confirm = Action(_("Supprimer"), f"{_here(found)}/supprimer", "trash", "danger", post=True, values=values)
    return _question(language, found, _("Supprimer cette conversation ?"), consequences, confirm)


def _waiting(found: Conversation, language: Language) -> tuple[str, ...]:
    """Say of each message that has not left yet to whom it will not go."""
    _ = language.gettext
    said = []
    for one in (one for message in found.messages for one in message.deliveries if one.state == "queued"):
        who = one.address.name or one.address.address
        if one.not_before is not None and one.tries == 0:
            when = {"day": language.plain_date(one.not_before), "time": language.time(one.not_before), "who": who}
            told = _("Votre demande à %(who)s, qui devait partir le %(day)s à %(time)s, ne part pas : vous la retirez.")
            said.append(told % when)
        else:
            told = _("Votre message à %(who)s, qui n'est pas encore parti, ne part pas : vous le retirez.")
            said.append(told % {"who": who})
    return tuple(dict.fromkeys(said))


def present_keeping(*, language: Language, found: Conversation) -> ConfirmPage:
    """Return the question before a conversation is kept from those who act for the person."""
    _ = language.gettext
    consequences = (
        _("Ni vos représentants légaux ni vos aidants ne la verront plus, ni ce qui y sera écrit ensuite."),
        _("Rien ne leur dira qu'elle existe."),
        _("On ne peut pas revenir en arrière : ainsi, personne ne peut vous le demander."),
    )
    confirm = Action(_("Garder pour moi"), f"{_here(found)}/pour-moi", "eye-off", "primary", post=True)
    return _question(language, found, _("Garder cette conversation pour vous ?"), consequences, confirm)


def _question(
    language: Language, found: Conversation, heading: str, consequences: tuple[str, ...], confirm: Action
) -> ConfirmPage:
    _ = language.gettext
    return ConfirmPage(
        heading=heading,
        lead=found.line.head.subject,
        consequences=consequences,
        confirm=confirm,
        cancel=Action(_("Annuler"), _here(found)),
        crumbs=(Crumb(_("Messages"), ADDRESS),),
    )


def _here(found: Conversation) -> str:
    return f"{ADDRESS}/{found.line.conversation_id.hex}"


def writing_errors(problems: Sequence[Problem], language: Language) -> tuple[FieldError, ...]:
    """The domain's problems as errors of the form; one without a field points at the text."""
    return tuple(FieldError(problem.path or "texte", problem.text(language.code)) for problem in problems)


def name_of(address: Address) -> str:
    """Return how a mailbox is called: the name its owner gives, always beside the address their operator proved."""
    return f"{address.name} ({address.address})" if address.name else address.address


def message_view(
    message: Message,
    here: str,
    language: Language,
    *,
    reader: Actor,
    people: Sequence[Address] = (),
    saving: bool = True,
) -> MessageView:
    """Return one message. people: the professionals of the conversation; saving: whether its files may be kept."""
    _ = language.gettext
    letter = message.letter
    return MessageView(
        side="mine" if message.mine else "theirs",
        anchor=f"m-{message.message_id.hex}",
        who=_writer(message, reader, language),
        address="" if message.mine or not letter.sender.name else letter.sender.address,
        to=_to(message, people, language),
        when=language.moment(message.at),
        stamp=message.at.isoformat(),
        text=letter.text,
        signature=letter.signature,
        automatic=letter.automatic,
        files=tuple(_file(one, message, here, language, saving=saving) for one in message.attachments),
        notes=(*_oddities(letter.notes, language, ends=letter.ends), *fates(message.deliveries, reader, language)),
    )


def _to(message: Message, people: Sequence[Address], language: Language) -> str:
    """To whom a message went; of one that came, which other professionals got it too."""
    _ = language.gettext
    everybody = (*message.letter.to, *message.letter.cc)
    if message.mine:
        return _("À %(people)s") % {"people": ", ".join(one.name or one.address for one in everybody)}
    known = {one.address for one in people} - {message.letter.sender.address}
    others = [one.name or one.address for one in everybody if one.address in known]
    return _("Aussi à %(people)s") % {"people": ", ".join(others)} if others else ""


def _writer(message: Message, reader: Actor, language: Language) -> str:
    """Who wrote a message, as this reader calls them."""
    letter = message.letter
    if not message.mine:
        return letter.sender.name or letter.sender.address
    if message.author == reader.delegation:
        return language.gettext("Vous")
    return letter.written_by or letter.sender.name


def _file(one: Attachment, message: Message, here: str, language: Language, *, saving: bool) -> FileView:
    _ = language.gettext
    described = one.description
    own = f"{here}/pieces/{message.message_id.hex}/{one.number}"
    may_save = saving and not message.mine and one.saved_as is None and one.document is None
    clinical = described.kind is AttachmentKind.CLINICAL
    return FileView(
        name=described.title or described.name,
        meta=language.size(one.size),
        href=f"{ADDRESS}/pieces/{message.message_id.hex}/{one.number}",
        save=Action(
            _("Enregistrer dans mes documents"),
            f"{own}/enregistrer",
            "documents",
            post=True,
            tone="primary" if clinical else "secondary",
            spoken=f": {described.title or described.name}",
        )
        if may_save
        else None,
        saved=f"/documents/{one.saved_as.hex}" if one.saved_as else "",
        note=_("document de votre espace") if one.document else "",
        proposed=_("sera rangé dans « %(category)s »") % {"category": _(category(proposed_category(described)).label)}
        if may_save
        else "",
    )


def _oddities(notes: tuple[str, ...], language: Language, *, ends: bool) -> tuple[Mark, ...]:
    _ = language.gettext
    words = {
        "encrypted": Mark("info", _("Message chiffré : ouvrez la pièce jointe avec votre logiciel"), "lock"),
        "signed": Mark("plain", _("Signé par son auteur (signature non vérifiée ici)"), "check"),
        "calendar": Mark("plain", _("Contient un rendez-vous"), "calendar"),
        "shortened": Mark("info", _("Texte très long : la fin n'est pas montrée"), "info"),
    }
    found = [words[one] for one in notes if one in words]
    return (*found, Mark("plain", _("Fin de l'échange"), "lock")) if ends else tuple(found)


def _file_hint(language: Language, max_bytes: int) -> str:
    return language.gettext("PDF, photos ou texte, %(size)s en tout.") % {"size": language.size(max_bytes)}
