"""A DocumentReference as sent, read into what its sender declares. Nothing is judged here: `records.establish` does.

Source: FHIR R4 DocumentReference; IHE MHD 4.2 §2:3.65.4.1.2 (comprehensive, minimal and uncontained metadata),
§2:3.105 (content inside); PDSm comprehensive DocumentReference. Deliberately ignored: encounter, related,
extensions (isArchived is set on what is stored, by PATCH).
"""

import binascii
from typing import Final

import msgspec

from carnet.formats.sniffing import ContentKind, kind_of_type
from carnet.interfaces.fhir.errors import malformed
from carnet.interfaces.fhir.resources.elements import Node, coding, first_coding, missing
from carnet.interfaces.fhir.resources.patient import Claim, claim_of
from carnet.interfaces.fhir.resources.people import author_of
from carnet.interfaces.fhir.resources.references import Entries, Resolver
from carnet.kernel.errors import Invalid, Problem
from carnet.kernel.ids import parse_routable
from carnet.records.api import Author, Coding, DeclaredDocument

_UNIQUE_ID: Final = "uniqueId"


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """One DocumentReference of a message. binary: path of the entry its content came in, None when inside."""

    declared: DeclaredDocument
    claim: Claim
    binary: Node | None
    warnings: tuple[Problem, ...] = ()


def read_document_reference(resource: Node, entries: Entries, *, accepted_oids: frozenset[str]) -> Sent:
    """Return what a DocumentReference declares. Raises Malformed or Invalid with the element's path."""
    if resource.resource_type != "DocumentReference":
        raise malformed(
            "resource-type", "Un DocumentReference est attendu.", "A DocumentReference is expected.", resource.path
        )
    if resource.required("status") != "current":
        raise _bad_status(resource, "status")
    if resource.text("docStatus") == "entered-in-error":
        raise _bad_status(resource, "docStatus")
    resolver = Resolver(resource, entries)
    content, attachment = _only_content(resource)
    data, binary = _content(attachment, resolver)
    claim = claim_of(resource, resolver, accepted_oids=accepted_oids)
    replaces, warnings = _relations(resource)
    context = resource.node("context") or Node({}, resource.at("context"))
    period = context.node("period") or Node({}, context.at("period"))
    declared = DeclaredDocument(
        content=data,
        content_type=_content_type(attachment, binary),
        size=attachment.integer("size"),
        hash=attachment.text("hash"),
        unique_id=_unique_id(resource),
        identifiers=_identifiers(resource),
        title=attachment.text("title"),
        description=resource.text("description"),
        language=attachment.text("language"),
        type=first_coding(resource.node("type")),
        category=_category(resource),
        format=_format(content),
        facility_type=first_coding(context.node("facilityType")),
        practice_setting=first_coding(context.node("practiceSetting")),
        labels=tuple(one for concept in resource.nodes("securityLabel") for one in _labels(concept)),
        events=tuple(one for concept in context.nodes("event") if (one := first_coding(concept))),
        described_at=resource.moment("date"),
        creation=attachment.moment("creation"),
        period_start=period.moment("start"),
        period_end=period.moment("end"),
        authors=_authors(resource, resolver),
        authenticator=_one(resource.node("authenticator"), resolver),
        custodian=_one(resource.node("custodian"), resolver),
        replaces=replaces,
        patient_display=claim.display,
        traits=claim.traits,
        path=resource.path,
    )
    return Sent(declared=declared, claim=claim, binary=binary, warnings=warnings + _unfinished(resource))


def _bad_status(resource: Node, name: str) -> Exception:
    return Invalid(
        Problem(
            "status-not-current",
            "Un dépôt a le statut « current » ; remplacer se dit par relatesTo, supprimer par DELETE.",
            "A deposit has the status “current”; replacing is said by relatesTo, deleting by DELETE.",
            resource.at(name),
        )
    )


def _unfinished(resource: Node) -> tuple[Problem, ...]:
    """Return a word about what XDS has no place for: that the text is not final."""
    if resource.text("docStatus") != "preliminary":
        return ()
    told = Problem(
        "doc-status-not-kept",
        "Le document est gardé comme définitif : « preliminary » n'est pas conservé.",
        "The document is kept as final: “preliminary” is not kept.",
        resource.at("docStatus"),
    )
    return (told,)


def _only_content(resource: Node) -> tuple[Node, Node]:
    contents = resource.nodes("content")
    if not contents:
        raise missing(resource.at("content"))
    if len(contents) > 1:
        raise malformed(
            "content-several",
            "Un seul contenu par document est accepté.",
            "Only one content per document is accepted.",
            resource.at("content"),
        )
    attachment = contents[0].node("attachment")
    if attachment is None:
        raise missing(contents[0].at("attachment"))
    return contents[0], attachment


def _content(attachment: Node, resolver: Resolver) -> tuple[bytes, Node | None]:
    inside, url = attachment.data("data"), attachment.text("url")
    if inside is not None and url is None:
        return decode(inside, path=attachment.at("data")), None
    if url is None:
        raise missing(attachment.at("data"))
    if inside is not None:
        raise malformed(
            "content-twice",
            "Le contenu est donné deux fois : dans la ressource et par une adresse.",
            "The content is given twice: inside the resource and by an address.",
            attachment.path,
        )
    binary = resolver.follow(Node({"reference": url}, attachment.path))
    if binary is None or binary.resource_type != "Binary":
        raise Invalid(
            Problem(
                "content-elsewhere",
                "Le contenu doit accompagner l'envoi : cette adresse ne désigne aucune entrée Binary du lot.",
                "The content must come along: this address points at no Binary entry of the message.",
                attachment.at("url"),
            )
        )
    written = binary.data("data")
    if written is None:
        raise missing(binary.at("data"))
    return decode(written, path=binary.at("data")), binary


def decode(written: str, *, path: str) -> bytes:
    """Return the bytes of a base64Binary; white space is allowed, anything else is Malformed (FHIR R4 §2.24.0.1).

    msgspec takes what `strict_mode` takes, in a third of the time; a test compares them.
    """
    try:
        return msgspec.convert(written, bytes)
    except (msgspec.ValidationError, ValueError):
        pass
    try:
        return binascii.a2b_base64("".join(written.split()), strict_mode=True)
    except (binascii.Error, ValueError):
        raise malformed(
            "base64-broken",
            "Le contenu en base64 est tronqué ou mal encodé.",
            "The base64 content is cut or badly encoded.",
            path,
        ) from None


def _content_type(attachment: Node, binary: Node | None) -> str | None:
    declared = attachment.text("contentType")
    carried = binary.text("contentType") if binary else None
    kinds = {kind_of_type(one) for one in (declared, carried) if one}
    if len(kinds) > 1 and ContentKind.UNKNOWN not in kinds:
        raise Invalid(
            Problem(
                "content-type-disagrees",
                "Le type annoncé n'est pas celui du Binary.",
                "The declared type is not that of the Binary.",
                attachment.at("contentType"),
            )
        )
    return declared or carried


def _unique_id(resource: Node) -> str | None:
    """Return the XDS uniqueId: masterIdentifier, else an identifier that says it is one."""
    master = resource.node("masterIdentifier")
    if master is not None:
        return master.required("value")
    typed = (one for one in resource.nodes("identifier") if is_typed(one, _UNIQUE_ID))
    return next((one.required("value") for one in typed), None)


def is_typed(identifier: Node, code: str) -> bool:
    """Tell whether an Identifier has that MHD identifier type ("uniqueId", "entryUUID")."""
    kind = identifier.node("type")
    return kind is not None and any(one.value.get("code") == code for one in kind.nodes("coding"))


def _identifiers(resource: Node) -> tuple[str, ...]:
    unique = _unique_id(resource)
    values = (one.required("value") for one in resource.nodes("identifier"))
    return tuple(dict.fromkeys(value for value in values if value != unique))


def _category(resource: Node) -> Coding | None:
    categories = resource.nodes("category")
    return first_coding(categories[0]) if categories else None


def _format(content: Node) -> Coding | None:
    found = content.node("format")
    return coding(found) if found else None


def _labels(concept: Node) -> list[Coding]:
    """Every coding of a label is looked at: a restriction must never be lost among translations."""
    found = [coding(one) for one in concept.nodes("coding")]
    if not found:
        raise missing(concept.at("coding"))
    return found


def _authors(resource: Node, resolver: Resolver) -> tuple[Author, ...]:
    found = (author_of(one, resolver) for one in resource.nodes("author"))
    return tuple(one for one in found if one is not None)


def _one(reference: Node | None, resolver: Resolver) -> Author | None:
    return author_of(reference, resolver) if reference else None


def _relations(resource: Node) -> tuple[str | None, tuple[Problem, ...]]:
    """Return what the document replaces, and a word about relations that are not kept."""
    relations = resource.nodes("relatesTo")
    replacing = [one for one in relations if one.required("code") == "replaces"]
    if len(replacing) > 1:
        raise Invalid(
            Problem(
                "replaces-several",
                "Un document en remplace un seul.",
                "A document replaces one only.",
                resource.at("relatesTo"),
            )
        )
    warnings = tuple(
        Problem(
            "relation-not-kept",
            "Seule la relation « replaces » est conservée.",
            "Only the relation “replaces” is kept.",
            one.at("code"),
        )
        for one in relations
        if one not in replacing
    )
    return (_target(replacing[0]) if replacing else None), warnings


def _target(relation: Node) -> str:
    """Return our id of the target when it is one, else its uniqueId."""
    target = relation.node("target")
    if target is None:
        raise missing(relation.at("target"))
    reference, identifier = target.text("reference"), target.node("identifier")
    own = reference.partition("?")[0].rsplit("/", 1)[-1] if reference else ""
    if parse_routable(own) is not None:
        return own
    if identifier is not None:
        return identifier.required("value")
    if reference is None:
        raise missing(target.at("reference"))
    return reference
