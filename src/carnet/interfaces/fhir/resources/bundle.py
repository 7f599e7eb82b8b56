"""The transaction of ITI-65: one submission set, its documents, their contents, and whoever they name.

Every entry must have a place: an entry we would silently lose, or that comes twice, refuses the whole message.
Source: IHE MHD 4.2 §2:3.65.4.1.2; FHIR R4 §3.1.0.11.
"""

from datetime import datetime
from typing import Any, Final

import msgspec

from carnet.interfaces.fhir.errors import malformed
from carnet.interfaces.fhir.resources.document_reference import Sent, read_document_reference
from carnet.interfaces.fhir.resources.elements import Node, missing
from carnet.interfaces.fhir.resources.patient import Claim, agreed
from carnet.interfaces.fhir.resources.references import Entries
from carnet.interfaces.fhir.resources.submission_set import is_submission_set, read_submission_set
from carnet.kernel.errors import Problem, Unsupported
from carnet.records.api import Submission

STORED: Final = frozenset({"List", "DocumentReference", "Binary"})
NAMED: Final = frozenset(
    {"Patient", "Practitioner", "PractitionerRole", "Organization", "Device", "RelatedPerson", "Encounter"}
)
MOST_DOCUMENTS: Final = 50


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction as read. kinds: the type of every entry, in order; places: entry numbers of `documents`; binaries:
    which document (by its rank) an entry holds the content of.
    """

    submission: Submission
    claim: Claim
    documents: tuple[Sent, ...]
    kinds: tuple[str, ...]
    places: tuple[int, ...]
    binaries: dict[int, int]


def read_transaction(tree: dict[str, Any], *, accepted_oids: frozenset[str], latest: datetime) -> Message:
    """Return the message of a Bundle. Raises Malformed, Invalid or Unsupported, each with the element's path."""
    bundle = Node(tree, "Bundle")
    if bundle.resource_type != "Bundle":
        raise malformed("resource-type", "Un Bundle est attendu.", "A Bundle is expected.", "Bundle.resourceType")
    _check_type(bundle)
    every = bundle.nodes("entry")
    if not every:
        raise missing("Bundle.entry")
    entries, resources = Entries(), []
    for entry in every:
        resource = _resource(entry)
        entries.add(entry.text("fullUrl"), resource, path=entry.path)
        resources.append(resource)
    submission, about, held = _submission(resources, entries, accepted_oids, latest)
    numbered = [(n, one) for n, one in enumerate(resources) if one.resource_type == "DocumentReference"]
    _check_held(numbered, held, entries)
    documents = tuple(read_document_reference(one, entries, accepted_oids=accepted_oids) for _, one in numbered)
    return Message(
        submission=submission,
        claim=agreed([about, *(sent.claim for sent in documents)]),
        documents=documents,
        kinds=tuple(one.resource_type for one in resources),
        places=tuple(number for number, _ in numbered),
        binaries=_binaries(resources, documents),
    )


def _check_type(bundle: Node) -> None:
    kind = bundle.required("type")
    if kind != "transaction":
        raise Unsupported(
            Problem(
                "bundle-type",
                "Seul un Bundle de type « transaction » est accepté.",
                "Only a Bundle of type “transaction” is accepted.",
                "Bundle.type",
            )
        )


def _resource(entry: Node) -> Node:
    resource = entry.node("resource")
    if resource is None:
        raise missing(entry.at("resource"))
    kind = resource.resource_type
    if kind not in STORED | NAMED:
        raise Unsupported(
            Problem(
                "entry-not-expected",
                "Ce type de ressource n'a pas sa place dans un dépôt de documents.",
                "This type of resource has no place in a deposit of documents.",
                resource.at("resourceType"),
            )
        )
    request = entry.node("request")
    if request is None and kind in STORED:
        raise missing(entry.at("request"))
    if request is not None and kind in STORED:
        _check_request(request, kind)
    return resource


def _check_request(request: Node, kind: str) -> None:
    if request.required("method") != "POST" or request.required("url").strip("/") != kind:
        raise Unsupported(
            Problem(
                "entry-request",
                "Chaque entrée d'un dépôt est une création (POST) de son type de ressource.",
                "Every entry of a deposit creates (POST) its type of resource.",
                request.path,
            )
        )


def _submission(
    resources: list[Node], entries: Entries, accepted: frozenset[str], latest: datetime
) -> tuple[Submission, Claim, list[str]]:
    lists = [one for one in resources if one.resource_type == "List"]
    sets = [one for one in lists if is_submission_set(one)]
    if len(sets) != 1:
        raise malformed(
            "submission-set-count",
            "Il faut exactement un lot de soumission (List de code « submissionset »).",
            "Exactly one submission set (a List with the code “submissionset”) is needed.",
            "Bundle.entry",
        )
    for other in lists:
        if other is not sets[0]:
            read_submission_set(other, entries, accepted_oids=accepted, latest=latest)
            raise malformed("list-twice", "Cette List est de trop.", "This List is one too many.", other.path)
    return read_submission_set(sets[0], entries, accepted_oids=accepted, latest=latest)


def _check_held(numbered: list[tuple[int, Node]], held: list[str], entries: Entries) -> None:
    """The set must hold exactly the documents of the message."""
    documents = [one for _, one in numbered]
    if not documents:
        raise malformed("document-missing", "Aucun DocumentReference.", "No DocumentReference.", "Bundle.entry")
    if len(documents) > MOST_DOCUMENTS:
        raise malformed("documents-too-many", "Trop de documents.", "Too many documents.", "Bundle.entry")
    named = [entries.find(reference) for reference in held]
    if len(named) != len(documents) or any(not any(one is other for other in named) for one in documents):
        raise malformed(
            "submission-set-disagrees",
            "Le lot de soumission ne désigne pas exactement les documents de l'envoi.",
            "The submission set does not name exactly the documents of the message.",
            "Bundle.entry.resource.ofType(List).entry",
        )


def _binaries(resources: list[Node], documents: tuple[Sent, ...]) -> dict[int, int]:
    """Return which entry holds the content of which document. Malformed for a content nobody or everybody claims."""
    found: dict[int, int] = {}
    for number, resource in enumerate(resources):
        if resource.resource_type != "Binary":
            continue
        users = [index for index, sent in enumerate(documents) if sent.binary is resource]
        if len(users) != 1:
            raise malformed(
                "binary-not-used-once",
                "Chaque Binary doit être le contenu d'un document et d'un seul.",
                "Every Binary must be the content of one document and one only.",
                resource.path,
            )
        found[number] = users[0]
    return found
