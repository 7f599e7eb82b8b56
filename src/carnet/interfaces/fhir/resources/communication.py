"""A message between a professional and a person as a FHIR Communication, read and written.

What we read: one recipient (the person, by INS; or a professional, by `mailto:`, the person being its subject), a
topic, text and files inline, what it answers, whether it ends the exchange. What we write: what the person wrote, or a
colleague; documents of the record are references to DocumentReference, to be asked for there. Source: FHIR R4
Communication; RFC 2392 (`mid:` names a mail); mes.md §3.8.
"""

import base64
import re
from collections.abc import Container, Mapping
from typing import Any, Final
from uuid import UUID

import msgspec

from carnet.identity.api import Ins
from carnet.interfaces.fhir.errors import malformed
from carnet.interfaces.fhir.resources.answers import instant
from carnet.interfaces.fhir.resources.document_reference import decode
from carnet.interfaces.fhir.resources.elements import Node, missing
from carnet.interfaces.fhir.resources.patient import agreed, claim_of_reference, required_ins
from carnet.interfaces.fhir.resources.references import Entries, Resolver
from carnet.kernel.actors import Actor
from carnet.kernel.errors import Invalid, Problem, Unsupported
from carnet.kernel.ids import SpaceId, parse_routable, routable
from carnet.messaging.api import (
    Accepted,
    Address,
    Attachment,
    ColleagueLetter,
    LetterToProfessional,
    NewFile,
    ProfessionalWriting,
    read_address,
)

CATEGORIES: Final = "https://carnet.invalid/fhir/CodeSystem/communication-category"
COLLEAGUE: Final = "colleague"
ENDS: Final = "https://carnet.invalid/fhir/StructureDefinition/communication-ends-exchange"
_MAILTO: Final = "mailto:"
URI: Final = "urn:ietf:rfc:3986"
MOST_ANSWERED: Final = 20
_MID: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,200}@[A-Za-z0-9.-]{1,200}")
_MEDIA_TYPE: Final = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+-]{0,100}")
_STATUSES: Final = frozenset({"completed", "in-progress"})
_ELSEWHERE: Final = Problem(
    "content-elsewhere",
    "Les fichiers accompagnent le message (contentAttachment.data) ; un document s'envoie par DocumentReference.",
    "Files come with the message (contentAttachment.data); a document is sent as a DocumentReference.",
)


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What a Communication says: about whom (a person, who gets it unless `colleague` does), and what."""

    ins: Ins
    writing: ProfessionalWriting
    colleague: Address | None = None


def read_communication(tree: dict[str, Any], *, accepted_oids: frozenset[str], domain: str) -> Given:
    """Return what a Communication says. domain: of persons' addresses. Raises Malformed, Invalid or Unsupported."""
    said = Node(tree, "Communication")
    if said.resource_type != "Communication":
        raise malformed(
            "resource-type", "Une Communication est attendue.", "A Communication is expected.", said.at("resourceType")
        )
    if said.required("status") not in _STATUSES:
        raise _not_understood(said.at("status"))
    topic = said.node("topic")
    texts, files = _payload(said)
    own_name = next((one.text("value") for one in said.nodes("identifier") if one.text("value")), None)
    writing = ProfessionalWriting(
        subject=(topic.text("text") if topic else None) or "",
        text="\n\n".join(texts),
        files=files,
        answers=tuple(_answered(one, domain) for one in said.nodes("inResponseTo")[:MOST_ANSWERED]),
        ends=said.flag(ENDS, default=False),
        sent_as=own_name,
        sender=_sender(said),
    )
    colleague = _colleague(said)
    return Given(ins=_person(said, accepted_oids, colleague=colleague), writing=writing, colleague=colleague)


def accepted_communication(tree: dict[str, Any], accepted: Accepted) -> dict[str, Any]:
    """Return what was accepted: its name as a mail, by which it may be answered; nothing of its content or person."""
    mailbox = {"system": "email", "value": accepted.sender.address}
    return {
        "resourceType": "Communication",
        "contained": [{"resourceType": "PractitionerRole", "id": "sender", "telecom": [mailbox]}],
        "identifier": [*tree.get("identifier", []), _mid(accepted.message_id)],
        "status": "in-progress",
        "sender": {"reference": "#sender"},
    }


def communication_resource(one: LetterToProfessional, *, actor: Actor, visible: Container[UUID]) -> dict[str, Any]:
    """Return what a person wrote. visible: the documents of the record this professional may read now; of the others
    nothing is said.
    """
    letter, person = one.letter, {"reference": f"Patient/{one.space.hex}"}
    parts: list[dict[str, Any]] = [{"contentString": text} for text in (letter.text, letter.signature) if text]
    for file in one.attachments:
        if file.document is None:
            parts.append({"contentAttachment": _file(file, one.contents.get(file.number))})
        elif file.document in visible:
            to = f"DocumentReference/{routable(SpaceId(one.space), file.document)}"
            parts.append({"contentReference": {"reference": to}})
    found = {
        "resourceType": "Communication",
        "id": routable(SpaceId(one.space), one.message),
        "identifier": [_mid(letter.message_id.strip("<>"))],
        "inResponseTo": [{"identifier": _mid(letter.in_reply_to.strip("<>"))}] if letter.in_reply_to else [],
        "status": "completed",
        "subject": person,
        "topic": {"text": letter.subject} if letter.subject else None,
        "sent": instant(one.at),
        "recipient": [{"identifier": {"system": "https://rpps.esante.gouv.fr", "value": actor.identifier}}],
        "sender": person,
        "payload": parts,
    }
    return {name: value for name, value in found.items() if value}


def colleague_communication(
    one: ColleagueLetter, *, actor: Actor, contents: Mapping[int, bytes] | None = None
) -> dict[str, Any]:
    """Return what another professional wrote about a patient: by the INS the message names, never by a space of ours.

    contents: bytes of its files by number, when asked for.
    """
    letter, numbers = one.letter, contents or {}
    parts: list[dict[str, Any]] = [{"contentString": letter.text}] if letter.text else []
    parts += [{"contentAttachment": _file(file, numbers.get(file.number))} for file in one.files]
    sender = {"system": URI, "value": f"{_MAILTO}{letter.sender.address}"}
    found = {
        "resourceType": "Communication",
        "id": one.mail.hex,
        "identifier": [_mid(letter.message_id.strip("<>"))] if letter.message_id else [],
        "inResponseTo": [{"identifier": _mid(letter.in_reply_to.strip("<>"))}] if letter.in_reply_to else [],
        "status": "completed",
        "category": [{"coding": [{"system": CATEGORIES, "code": COLLEAGUE}]}],
        "subject": {"type": "Patient", "identifier": {"value": one.about}},
        "topic": {"text": letter.subject} if letter.subject else None,
        "received": instant(one.at),
        "recipient": [{"identifier": {"system": "https://rpps.esante.gouv.fr", "value": actor.identifier}}],
        "sender": {"identifier": sender, **({"display": letter.sender.name} if letter.sender.name else {})},
        "payload": parts,
    }
    return {name: value for name, value in found.items() if value}


def _sender(said: Node) -> str:
    """Return the mailbox it is written from, named by `mailto:`; "" leaves it to us."""
    sender = said.node("sender")
    identifier = sender.node("identifier") if sender else None
    value = (identifier.text("value") if identifier else None) or ""
    return value.removeprefix(_MAILTO) if value.startswith(_MAILTO) else ""


def _colleague(said: Node) -> Address | None:
    """Return the professional's mailbox a message goes to: its recipient is named by `mailto:`."""
    recipients = said.nodes("recipient")
    identifier = recipients[0].node("identifier") if len(recipients) == 1 else None
    value = identifier.text("value") if identifier else None
    if identifier is None or value is None or not value.startswith(_MAILTO):
        return None
    address = read_address(value.removeprefix(_MAILTO))
    if address is None:
        raise malformed("mailbox", "Ce n'est pas une adresse.", "This is not an address.", identifier.at("value"))
    return address


def _person(said: Node, accepted: frozenset[str], *, colleague: Address | None) -> Ins:
    """Return whom it is about: its recipient, or its subject when it goes to a professional."""
    recipients = said.nodes("recipient")
    if not recipients:
        raise missing(said.at("recipient"))
    if len(recipients) > 1:
        raise _not_understood(said.at("recipient"))
    subject = said.node("subject")
    resolver = Resolver(said, Entries())
    named = [*(() if colleague else recipients), *([subject] if subject else [])]
    if not named:
        raise missing(said.at("subject"))
    return required_ins(agreed([claim_of_reference(one, resolver, accepted) for one in named]), path=named[0].path)


def _payload(said: Node) -> tuple[list[str], tuple[NewFile, ...]]:
    texts: list[str] = []
    files: list[NewFile] = []
    for part in said.nodes("payload"):
        text, attached = part.text("contentString"), part.node("contentAttachment")
        if text is not None:
            texts.append(text)
        elif attached is not None:
            files.append(_new_file(attached))
        else:
            raise Unsupported(Problem(_ELSEWHERE.code, _ELSEWHERE.fr, _ELSEWHERE.en, part.path))
    return texts, tuple(files)


def _new_file(attached: Node) -> NewFile:
    written = attached.data("data")
    if written is None:
        raise Unsupported(Problem(_ELSEWHERE.code, _ELSEWHERE.fr, _ELSEWHERE.en, attached.path))
    kind = attached.required("contentType").partition(";")[0].strip().lower()
    if _MEDIA_TYPE.fullmatch(kind) is None or kind.startswith(("message/", "multipart/")):
        raise malformed(
            "content-type", "Ce type n'en est pas un.", "This is not a media type.", attached.at("contentType")
        )
    name = " ".join((attached.text("title") or "document").split())[:120]
    return NewFile(name=name, media_type=kind, content=decode(written, path=attached.at("data")))


def _answered(reference: Node, domain: str) -> str:
    """Return the Message-ID of what is answered: a `mid:`, or one of the Communications read here."""
    identifier = reference.node("identifier")
    if identifier is not None:
        name = identifier.required("value").removeprefix("mid:").strip("<>")
        if _MID.fullmatch(name):
            return name
    parsed = parse_routable((reference.text("reference") or "").rpartition("/")[2])
    if parsed is None:
        raise Invalid(
            Problem(
                "answered-unknown",
                "Ce à quoi ce message répond se désigne par son identifiant mid: ou par Communication/{id}.",
                "What this message answers is named by its mid: identifier or by Communication/{id}.",
                reference.path,
            )
        )
    return f"{parsed[1].hex}@{domain}"


def _file(file: Attachment, content: bytes | None) -> dict[str, Any]:
    described = file.description
    said = {"contentType": described.media_type, "title": described.name, "size": file.size}
    return said if content is None else said | {"data": base64.b64encode(content).decode()}


def _mid(name: str) -> dict[str, str]:
    return {"system": URI, "value": f"mid:{name}"}


def _not_understood(path: str) -> Unsupported:
    return Unsupported(
        Problem(
            "communication-not-understood",
            "Un message va à une seule personne, avec le statut « completed » ou « in-progress ».",
            "A message goes to one person, with the status “completed” or “in-progress”.",
            path,
        )
    )
