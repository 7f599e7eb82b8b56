"""A submission set as sent: a List that says what came together, from whom, when.

Source: IHE MHD 4.2 SubmissionSet (minimal, comprehensive, uncontained); PDSm lot de soumission. Folders are Lists too;
they are refused, because keeping one and forgetting another would lose what the sender grouped.
"""

import uuid
from datetime import datetime
from typing import Final

from carnet.interfaces.fhir.errors import malformed
from carnet.interfaces.fhir.resources.document_reference import is_typed
from carnet.interfaces.fhir.resources.elements import Node, codings, first_coding, missing
from carnet.interfaces.fhir.resources.patient import Claim, claim_of
from carnet.interfaces.fhir.resources.people import author_of
from carnet.interfaces.fhir.resources.references import Entries, Resolver
from carnet.kernel.errors import Invalid, Problem, Unsupported
from carnet.records.api import Submission, checked_text

_MHD: Final = "https://profiles.ihe.net/ITI/MHD/StructureDefinition"
_DESIGNATION: Final = f"{_MHD}/ihe-designationType"
_SOURCE: Final = f"{_MHD}/ihe-sourceId"


def read_submission_set(
    resource: Node, entries: Entries, *, accepted_oids: frozenset[str], latest: datetime
) -> tuple[Submission, Claim, list[str]]:
    """Return the set, whom it is about, and the references it holds. Raises Malformed, Invalid or Unsupported.

    latest: the moment after which its date lies in the future.
    """
    _check_kind(resource)
    resolver = Resolver(resource, entries)
    submitted = resource.moment("date")
    if submitted is None:
        raise missing(resource.at("date"))
    if submitted > latest:
        raise Invalid(
            Problem(
                "date-in-the-future",
                "La date du lot est dans le futur.",
                "The date of the submission is in the future.",
                resource.at("date"),
            )
        )
    source = resource.node("source")
    extension = resource.extension(_SOURCE)
    source_id = extension.node("valueIdentifier") if extension else None
    designation = resource.extension(_DESIGNATION)
    unique, others = _identifiers(resource)
    submission = Submission(
        unique_id=unique,
        identifiers=others,
        source_id=source_id.text("value") if source_id else None,
        title=checked_text(resource.text("title"), path=resource.at("title")),
        content_type=first_coding(designation.node("valueCodeableConcept")) if designation else None,
        submitted_at=submitted,
        author=author_of(source, resolver) if source else None,
        note=checked_text(_note(resource), path=resource.at("note")),
    )
    items = [entry.node("item") or Node({}, entry.at("item")) for entry in resource.nodes("entry")]
    return (
        submission,
        claim_of(resource, resolver, accepted_oids=accepted_oids),
        [i.required("reference") for i in items],
    )


def is_submission_set(resource: Node) -> bool:
    """Tell whether a List is one."""
    return _kind(resource) == "submissionset"


def _kind(resource: Node) -> str | None:
    concept = resource.node("code")
    return next((one.code for one in codings(concept) if one.code in {"submissionset", "folder"}), None)


def _check_kind(resource: Node) -> None:
    kind = _kind(resource)
    if kind == "folder":
        raise Unsupported(
            Problem(
                "folder-not-supported",
                "Les classeurs ne sont pas pris en charge.",
                "Folders are not supported.",
                resource.at("code"),
            )
        )
    if kind is None:
        raise malformed(
            "submission-set-expected",
            "Une List de code « submissionset » est attendue.",
            "A List with the code “submissionset” is expected.",
            resource.at("code"),
        )


def _identifiers(resource: Node) -> tuple[str, tuple[str, ...]]:
    """Return the uniqueId (so typed, else of use `usual`, else the first) and the others."""
    identifiers = resource.nodes("identifier")
    if not identifiers:
        raise missing(resource.at("identifier"))
    unique = next(
        (one for one in identifiers if is_typed(one, "uniqueId")),
        next((one for one in identifiers if one.value.get("use") == "usual"), identifiers[0]),
    )
    others = tuple(one.required("value") for one in identifiers if one is not unique)
    value = unique.required("value")
    return (value.lower() if _is_uuid(value) else value), others


def _is_uuid(value: str) -> bool:
    try:
        return uuid.UUID(value.lower().removeprefix("urn:uuid:")) is not None
    except ValueError:
        return False


def _note(resource: Node) -> str | None:
    texts = [text for one in resource.nodes("note") if (text := one.text("text"))]
    return "\n".join(texts) or None
