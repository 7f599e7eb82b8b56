"""A professional deposits for somebody whose file they do not open: with the INS and the identity, as software does.

Feeding needs no authorisation and ignores blocks (R1111-47 CSP), so whoever is kept out of a file must still be able to
put a document into it. They are told exactly what care software is told: deposited, or the refusal of the deposit
itself (unknown and closed alike). Whether they were blocked is nowhere in the answer.
"""

from datetime import datetime

import msgspec

from carnet.identity.api import IdentityTraits, Ins
from carnet.infra.db import rows_in_one_trip
from carnet.journal.api import Act
from carnet.journeys.patient_file import Added, authors_of, candidates
from carnet.kernel.actors import Actor
from carnet.records.api import DeclaredDocument, Deposit, deposit, establish, journalled_input
from carnet.spaces.api import find_statement


async def deposit_unopened(
    *, actor: Actor, matricule: str, traits: IdentityTraits | None, declared: DeclaredDocument, at: datetime
) -> Added:
    """Check and deposit a document for the person of `matricule`; return when it is durable.

    traits: None for a clinical document, which says itself who it is about.

    Raises Invalid (not a matricule, or as `establish` and `deposit`: traits that do not agree), NotFound (unknown or
    closed), Refused. Every refusal is journalled.
    """
    ins = await _assigned(candidates(matricule))
    said = msgspec.structs.replace(declared, traits=traits, authors=declared.authors or authors_of(actor, declared))
    async with journalled_input(actor=actor, act=Act.DEPOSIT_DOCUMENT, at=at):
        established = await establish(actor=actor, declared=said, ins=ins, at=at)
    parcel = Deposit(ins=ins, traits=established.traits or traits, documents=(established.document,))
    receipt = await deposit(actor=actor, deposit=parcel, at=at)
    return Added(stored=receipt.documents[0], warnings=established.warnings)


async def _assigned(asked: list[Ins]) -> Ins:
    """A card does not say who assigned its number: the one that is known, else the first, which the deposit refuses."""
    rows = await rows_in_one_trip([find_statement(ins) for ins in asked], space=None)
    return next((ins for ins, found in zip(asked, rows, strict=True) if found), asked[0])
