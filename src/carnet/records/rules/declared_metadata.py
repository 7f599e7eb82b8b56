"""The metadata we keep, made of what was declared once every text, time and code of it was looked at."""

from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

import msgspec

from carnet.records.data import Author, Coding, DeclaredDocument, DocumentMetadata
from carnet.records.rules import declared_texts
from carnet.records.rules.declared_codes import Kinds, known
from carnet.records.rules.findings import Findings
from carnet.records.rules.remembering import remembering
from carnet.terminology import api as terminology
from carnet.terminology.api import ValueSet

MOST_AUTHORS: Final = 20
MOST_EVENTS: Final = 50
_ATTACHMENT: Final = "content[0].attachment"


class Times(msgspec.Struct, frozen=True):
    """The present moment, and how far ahead of it a document's date may lie."""

    at: datetime
    tolerance: timedelta


class Checked(Protocol):
    """What inspecting the bytes gives (`formats.sniffing.Inspected`)."""

    @property
    def content_type(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def sha1(self) -> str: ...
    @property
    def sha256(self) -> str: ...


def checked_metadata(
    declared: DeclaredDocument,
    inspected: Checked,
    *,
    kinds: Kinds,
    unique_id: str,
    set_id: str | None,
    times: Times,
    findings: Findings,
) -> DocumentMetadata:
    """Return the metadata; what is not acceptable in it is noted in `findings`."""
    creation = declared_texts.not_in_future(
        declared.creation,
        at=times.at,
        tolerance=times.tolerance,
        element=f"{_ATTACHMENT}.creation",
        findings=findings,
    )
    declared_texts.not_in_future(
        declared.described_at, at=times.at, tolerance=times.tolerance, element="date", findings=findings
    )
    _check_lists(declared, findings)
    return DocumentMetadata(
        unique_id=declared_texts.unique_id(unique_id, element="masterIdentifier.value", findings=findings),
        identifiers=tuple(
            declared_texts.unique_id(one, element=f"identifier[{index}].value", findings=findings)
            for index, one in enumerate(declared.identifiers)
        ),
        title=_title(declared, kinds, findings),
        description=_description(declared, findings),
        language=_language(declared, findings),
        type=kinds.type,
        category=kinds.document_class,
        level=kinds.level,
        format=known(ValueSet.FORMAT, declared.format, element="content[0].format", findings=findings),
        facility_type=known(
            ValueSet.FACILITY, declared.facility_type, element="context.facilityType", findings=findings
        ),
        practice_setting=known(
            ValueSet.SETTING, declared.practice_setting, element="context.practiceSetting", findings=findings
        ),
        events=tuple(_plain(event) for event in declared.events),
        content_type=inspected.content_type,
        size=inspected.size,
        sha1=inspected.sha1,
        sha256=inspected.sha256,
        creation=(creation or times.at).astimezone(UTC),
        period_start=_utc(declared.period_start),
        period_end=_utc(declared.period_end),
        authors=tuple(_readable(one) for one in declared.authors),
        authenticator=_readable(declared.authenticator) if declared.authenticator else None,
        custodian=_readable(declared.custodian) if declared.custodian else None,
        set_id=set_id,
        patient_display=declared_texts.shown(declared.patient_display) if declared.patient_display else None,
    )


def _check_lists(declared: DeclaredDocument, findings: Findings) -> None:
    most = {"author": MOST_AUTHORS, "context.event": MOST_EVENTS, "identifier": declared_texts.MAX_IDENTIFIERS}
    given = {"author": declared.authors, "context.event": declared.events, "identifier": declared.identifiers}
    for element, limit in most.items():
        if len(given[element]) > limit:
            findings.problem(
                "too-many", f"Trop d'éléments ({limit} au plus).", f"Too many elements ({limit} at most).", element
            )
    start, end = declared.period_start, declared.period_end
    if start and end and end < start:
        findings.problem(
            "period-reversed", "La fin précède le début.", "The end comes before the start.", "context.period"
        )


def _title(declared: DeclaredDocument, kinds: Kinds, findings: Findings) -> str:
    if declared.title is not None:
        return declared_texts.title(declared.title, element=f"{_ATTACHMENT}.title", findings=findings)
    entry = terminology.document_type(kinds.type.code)
    return entry.label_fr if entry else kinds.type.code


def _description(declared: DeclaredDocument, findings: Findings) -> str | None:
    if not declared.description:
        return None
    return declared_texts.description(declared.description, element="description", findings=findings) or None


def _language(declared: DeclaredDocument, findings: Findings) -> str:
    if declared.language is None:
        return "fr-FR"
    return declared_texts.language(declared.language, element=f"{_ATTACHMENT}.language", findings=findings)


def _plain(coding: Coding) -> Coding:
    display = terminology.label(coding.system, coding.code) or coding.display
    return Coding(coding.system, coding.code, declared_texts.shown(display) if display else None)


def _readable(author: Author) -> Author:
    """Names are shown to people: nothing unseen in them. A wrong one cannot be refused, it is a signature.

    Those of an organisation are remembered: a sender's documents name the same ones (decision 0196).
    """
    return _remembered(author) if author.finess or author.organisation_name else _made_readable(author)


def _made_readable(author: Author) -> Author:

    def shown(text: str | None) -> str | None:
        return (declared_texts.shown(text) or None) if text else None

    return msgspec.structs.replace(
        author,
        family_name=shown(author.family_name),
        given_name=shown(author.given_name),
        organisation_name=shown(author.organisation_name),
        role=_plain(author.role) if author.role else None,
        specialty=_plain(author.specialty) if author.specialty else None,
    )


_remembered = remembering(_made_readable)


def _utc(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC) if moment else None
