"""A paper the house makes of an act goes among the person's documents, in the transaction of that act: both or neither.

Who may is decided by the act it attests; the paper is its proof, and its trace names the same actor. Ignored: viruses
and what a person may not add, for nobody but the house wrote these bytes.
"""

import hashlib
from datetime import datetime
from typing import Final
from uuid import UUID

from carnet.access.api import look_in
from carnet.formats.kinds import MEDIA_TYPES, ContentKind
from carnet.infra import randomness
from carnet.infra.db import Work, rows_in_one_trip
from carnet.infra.installation import current
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Decision
from carnet.kernel.legal_day import legal_day
from carnet.records.actions.deposit_statements import (
    Plan,
    Writing,
    document_statements,
    event_statement,
    forget_statement,
)
from carnet.records.actions.intents import intent_statements
from carnet.records.data import DocumentMetadata, NewDocument
from carnet.records.rules.confidentiality import codes_in_force
from carnet.records.rules.findings import Findings
from carnet.records.rules.own_document import OwnDescription, describe

CATEGORY: Final = "DOC_ADM"


async def note_paper(*, at: datetime) -> UUID:
    """Note the intent of a paper, before the transaction of its act begins; return the id it will be stored under.

    Never used, it is collected as any other note.
    """
    blob = randomness.uuid4()
    await rows_in_one_trip(intent_statements((blob,), at=at), space=None)
    return blob


async def attest(w: Work, *, actor: Actor, decision: Decision, blob: UUID, title: str, pdf: bytes) -> UUID:
    """Put a paper among the documents of the transaction's space; return its id.

    decision: of the act it attests, which holds the rights of the space. blob: of `note_paper`. title: in French.
    """
    seen = await look_in(w, actor=actor)
    new, document = _paper(title, pdf, at=w.at), randomness.uuid4()
    codes = codes_in_force(new.codes, masked_by_default=seen.facts.masked_by_default)
    plan = Plan(new=new, document_id=document, blob_id=blob, codes=codes)
    writing = Writing(actor=actor, space=w.space_id, keys=seen.opened_keys, at=w.at, carried=False)
    await current().blobs.put(blob, pdf, keys=seen.opened_keys, space_id=w.space_id)
    rows, _ = document_statements(writing, plan, flags=())
    for one in (*rows, event_statement(writing, plan), forget_statement([blob])):
        await w.execute(one.sql, one.params)
    await record(w, Act.DEPOSIT_DOCUMENT, decision, actor=actor, on=(document,))
    return document


def _paper(title: str, pdf: bytes, *, at: datetime) -> NewDocument:
    day, findings = legal_day(at), Findings(path="")
    said = describe(OwnDescription(title=title, category=CATEGORY, about=day.isoformat()), today=day, findings=findings)
    if said is None:
        raise AssertionError("a title of ours that no document may have")
    metadata = DocumentMetadata(
        unique_id=randomness.uuid4().urn,
        title=said.title,
        type=said.type,
        category=said.document_class,
        content_type=MEDIA_TYPES[ContentKind.PDF],
        size=len(pdf),
        sha1=hashlib.sha1(pdf, usedforsecurity=False).hexdigest(),
        sha256=hashlib.sha256(pdf).hexdigest(),
        creation=said.creation,
        authors=(said.author,),
        facility_type=said.facility_type,
        practice_setting=said.practice_setting,
    )
    return NewDocument(metadata=metadata, content=pdf, category=said.category, author_kind="PATIENT")
