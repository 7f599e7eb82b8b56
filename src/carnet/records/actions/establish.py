"""From what a sender declares to a document that may be deposited: every claim checked against the bytes.

Done before any space is known, so that a refusal says nothing about anybody. All problems are told at once, with their
place. Deliberately ignored: who may deposit, whose space it is, what is already there (`deposit`).
"""

import asyncio
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

import msgspec

from carnet.formats.cda import ClinicalDocument
from carnet.formats.sniffing import Inspected, check_content
from carnet.identity.api import IdentityTraits, Ins
from carnet.infra.installation import Limits, current
from carnet.infra.scanning import Scan, scan
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.errors import Invalid, Problem
from carnet.records.data import Author, DeclaredDocument, Established, NewDocument
from carnet.records.rules import cda_header, declared_codes
from carnet.records.rules.agreement import check_agreement
from carnet.records.rules.declared_metadata import Times, checked_metadata
from carnet.records.rules.findings import Findings

_ATTACHMENT: Final = "content[0].attachment"
_AUTHOR_KINDS: Final = {"practitioner": "PRACTITIONER", "device": "DISPOSITIF"}
_IN_A_THREAD: Final = 256 * 1024
"""From this size on, inspecting would keep every other request waiting; below, a thread costs more than it spares."""


async def establish(
    *, actor: Actor, declared: DeclaredDocument, ins: Ins, at: datetime, limits: Limits | None = None
) -> Established:
    """Return the document ready for `deposit`, its patient's traits and what the sender should know.

    ins: of the person it is said to be about. limits: of this installation unless given. Raises Invalid (TooLarge and
    Unsupported are kinds of it) with every problem, its path below `declared.path`; Unavailable when a scanner is
    configured and does not answer. Source: issue 2 §4; ITI TF-3 §4.2.3; CI-SIS "Volet partage de documents".
    """
    limits = limits or current().limits
    inspected = await _inspect(declared, limits)
    findings = Findings(path=declared.path)
    _check_claims(declared, inspected, findings)
    traits = declared.traits
    if inspected.document is not None:
        header_traits = _header_traits(inspected.document, findings)
        check_agreement(declared, inspected.document, ins=ins, header_traits=header_traits, findings=findings)
        declared = cda_header.completed(declared, inspected.document)
        traits = traits or header_traits
    times = Times(at=at, tolerance=timedelta(seconds=limits.future_seconds))
    document = _document(actor, declared, inspected, times, findings)
    findings.raise_if_any()
    scanned = await _scan(declared.content, inspected, path=f"{declared.path}.{_ATTACHMENT}")
    document = msgspec.structs.replace(document, scanned=str(scanned))
    return Established(document=document, traits=traits, warnings=tuple(findings.warnings))


async def _inspect(declared: DeclaredDocument, limits: Limits) -> Inspected:
    def check() -> Inspected:
        return check_content(
            data=declared.content, declared_type=declared.content_type, max_bytes=limits.software_document_bytes
        )

    try:
        return await asyncio.to_thread(check) if len(declared.content) > _IN_A_THREAD else check()
    except Invalid as refused:
        where = f"{declared.path}.{_ATTACHMENT}"
        problems = (Problem(one.code, one.fr, one.en, one.path or where) for one in refused.problems)
        raise type(refused)(*problems) from None


def _check_claims(declared: DeclaredDocument, inspected: Inspected, findings: Findings) -> None:
    if declared.size is not None and declared.size != inspected.size:
        findings.problem(
            "size-disagrees",
            "La taille annoncée n'est pas celle du contenu.",
            "The declared size is not the content's.",
            f"{_ATTACHMENT}.size",
        )
    if declared.hash is not None and not inspected.hash_matches(declared.hash):
        findings.problem(
            "hash-disagrees",
            "L'empreinte annoncée n'est pas celle du contenu.",
            "The declared hash is not the content's.",
            f"{_ATTACHMENT}.hash",
        )


def _header_traits(document: ClinicalDocument, findings: Findings) -> IdentityTraits | None:
    try:
        return cda_header.traits_of(document, path="ClinicalDocument.recordTarget.patientRole.patient")
    except Invalid as refused:
        for problem in refused.problems:
            findings.add(problem)
        return None


def _document(
    actor: Actor, declared: DeclaredDocument, inspected: Inspected, times: Times, findings: Findings
) -> NewDocument:
    said = cda_header.header_replaces(inspected.document) if inspected.document else None
    authors = declared.authors or (_depositor(actor),)
    kinds = declared_codes.kinds_of(declared, findings=findings)
    metadata = checked_metadata(
        msgspec.structs.replace(declared, authors=authors),
        inspected,
        kinds=kinds,
        unique_id=declared.unique_id or _derived_id(actor, declared, inspected),
        set_id=cda_header.set_id(inspected.document) if inspected.document else None,
        times=times,
        findings=findings,
    )
    return NewDocument(
        metadata=metadata,
        content=declared.content,
        codes=kinds.codes,
        replaces=declared.replaces or said,
        only_if_known=declared.replaces is None,
        category=kinds.shelf,
        author_kind=_AUTHOR_KINDS.get(authors[0].kind, "ORGANISATION"),
        author_rpps=actor.rpps or next((one.rpps for one in authors if one.rpps), None),
        author_finess=actor.organisation,
        active_content=inspected.active,
    )


def _depositor(actor: Actor) -> Author:
    """Return who wrote a document when nobody says: whoever sends it."""
    if actor.kind is ActorKind.PROFESSIONAL:
        return Author(kind="practitioner", rpps=actor.rpps, family_name=actor.name, finess=actor.organisation)
    name = actor.organisation_name or actor.client_name
    return Author(kind="organisation", finess=actor.organisation, organisation_name=name)


def _derived_id(actor: Actor, declared: DeclaredDocument, inspected: Inspected) -> str:
    """Return a uniqueId for a document sent without one: sent again unchanged, it is still the same document."""
    said = f"{actor.organisation}|{declared.title}|{declared.creation}|{inspected.sha256}"
    return uuid.uuid5(uuid.NAMESPACE_OID, said).urn


async def _scan(content: bytes, inspected: Inspected, *, path: str) -> Scan:
    scanner = current().scanner
    found = Scan.NOT_SCANNED
    try:
        for piece in (content, *_inside(inspected)):
            found = await scan(piece, scanner=scanner)
            if found is Scan.NOT_SCANNED:
                break
    except Invalid as infected:
        raise Invalid(*(Problem(one.code, one.fr, one.en, path) for one in infected.problems)) from None
    return found


def _inside(inspected: Inspected) -> Iterator[bytes]:
    """Yield the files a CDA carries: in base64 no scanner would know them."""
    for part in inspected.document.parts if inspected.document else ():
        try:
            yield part.content()
        except Invalid:
            continue  # an illustration that cannot be read: it was let through as such, and is never shown
