"""The archive clinical documents leave in: IHE_XDM.ZIP, as the trust space wants it (mes.md M10). Pure.

Everything in it follows from the letter and the documents: whoever composes a letter again gets the same bytes.
"""

import uuid
from datetime import datetime
from typing import Final

from carnet.formats.xdm_metadata import SaidAuthor, SaidCode, SaidPatient
from carnet.formats.xdm_writing import Submitted, ToPack, write_medium
from carnet.messaging.data import Beside, Letter

_BY_PERSON: Final = SaidCode("EXP_PATIENT", "1.2.250.1.213.1.1.4.6", "Expression personnelle du patient")
_PLACES: Final = frozenset({*range(1, 36), *range(50, 55)})
"""Kinds of places that say what a submission comes of (CI-SIS, contentTypeCode): SA01 to SA35, SA50 to SA54."""


def medium_of(files: tuple[Beside, ...], letter: Letter, *, author: SaidAuthor | None, at: datetime) -> bytes | None:
    """Return the archive of the clinical documents among `files`, None without any. Blocks: call it from a thread."""
    packed = tuple(ToPack(content=one.content, said=one.said) for one in files if one.said)
    if not packed:
        return None
    patient = packed[0].said.patient or SaidPatient()
    return write_medium(
        packed,
        Submitted(
            author=author or _person(letter, patient),
            patient=patient,
            source=_oid(letter.sender.domain),
            unique_id=_oid(letter.message_id),
            title=letter.subject,
            sender=letter.sender.address,
            content=_content(packed[0].said.facility),
            at=at,
        ),
    )


def _person(letter: Letter, patient: SaidPatient) -> SaidAuthor:
    """Return who sends: the person, as their document names them; whoever writes for them has a name only."""
    if letter.written_by:
        return SaidAuthor(family=letter.written_by)
    first = patient.given[0] if patient.given else ""
    return SaidAuthor(number=patient.number, authority=patient.authority, family=patient.family, given=first)


def _content(facility: SaidCode | None) -> SaidCode:
    number = facility.code.removeprefix("SA") if facility else ""
    return facility if facility and number.isdecimal() and int(number) in _PLACES else _BY_PERSON


def _oid(name: str) -> str:
    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_URL, name).int}"
