"""The explicit act: a professional puts what another one wrote into the record of the patient it is about.

It is the deposit of somebody whose file is not open, by its ordinary path: identity compared, matrix, journal, notice
to the person. Nothing of a message reaches a record otherwise (decision 0174). The author stays who wrote.
"""

import uuid
from datetime import datetime

import msgspec

from carnet.identity.api import IdentityTraits
from carnet.journeys.patient_file import Added
from carnet.journeys.unopened_deposit import deposit_unopened
from carnet.kernel.actors import Actor
from carnet.messaging.api import AttachmentKind, ColleagueLetter, Opened
from carnet.records.api import Author, DeclaredDocument


async def deposit_from_colleague(
    *,
    actor: Actor,
    letter: ColleagueLetter,
    number: int,
    file: Opened,
    declared: DeclaredDocument,
    traits: IdentityTraits | None,
    at: datetime,
) -> Added:
    """Deposit one file of a message, or its words, for the patient it names; return when it is durable.

    declared: what the professional says of it; a clinical document says itself who it is about (`traits` None) and who
    wrote it. The same file twice is one document. Raises as `deposit_unopened`.
    """
    whole = msgspec.structs.replace(declared, content=file.content)
    if file.description.kind is not AttachmentKind.CLINICAL:
        sender = letter.letter.sender
        author = Author(kind="practitioner", family_name=sender.name or sender.address)
        name = uuid.uuid5(uuid.NAMESPACE_OID, f"{letter.mail}|{number}")
        whole = msgspec.structs.replace(whole, unique_id=name.urn, authors=(author,))
    return await deposit_unopened(actor=actor, matricule=letter.about, traits=traits, declared=whole, at=at)
