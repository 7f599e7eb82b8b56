"""A professional writes to another one about a patient through their software: the same mail, by the same steps.

Who exists among patients is not asked. The answer says that it is kept; a message that cannot be handed on comes back
to the mailbox it was written from, as a report.
"""

import asyncio
from datetime import datetime
from typing import Final

import msgspec

from carnet.formats.xdm_metadata import SaidAuthor
from carnet.formats.xdm_writing import PROFESSIONALS
from carnet.identity.api import Ins
from carnet.kernel.actors import Actor
from carnet.kernel.errors import Invalid, Problem
from carnet.messaging.actions.accept_colleague_mail import accept_colleague_mail
from carnet.messaging.actions.accept_mail import spend_budget
from carnet.messaging.actions.write_to_person import (
    PEER,
    check_professional_writing,
    letter_of_professional,
    sender_of,
)
from carnet.messaging.data import Accepted, Address, Beside, Envelope, ProfessionalWriting
from carnet.messaging.queries.trust_space import reaches_colleague
from carnet.messaging.rules.composing import compose

OUTSIDE: Final = Problem(
    "recipient-outside",
    "Cette adresse n'est pas dans l'espace de confiance.",
    "This address is not in the trust space.",
    "destinataires",
)


async def write_to_colleague(
    *, actor: Actor, to: Address, about: Ins, writing: ProfessionalWriting, at: datetime
) -> Accepted:
    """Keep a professional's message to another one about whoever has this INS; return once it is durable.

    Raises Invalid (`no-mailbox`, `recipient-outside`, `message-empty`…), TooLarge, BudgetSpent, Unavailable.
    """
    check_professional_writing(writing)
    sender = await sender_of(actor=actor, writing=writing, at=at)
    if not await reaches_colleague(to.address, at=at):
        raise Invalid(OUTSIDE)
    await spend_budget(sender=sender.address, at=at)
    letter = letter_of_professional(writing, sender, to)
    codes = tuple(dict.fromkeys(one.said.type_code for one in writing.files if one.said and one.said.type_code))
    letter = msgspec.structs.replace(letter, about=about.matricule, codes=codes)
    files = tuple(
        Beside(name=one.name, media_type=one.media_type, content=one.content, said=one.said) for one in writing.files
    )
    by = SaidAuthor(number=f"8{actor.rpps}", authority=PROFESSIONALS, family=actor.name)
    software = actor.client_name or ""
    raw = await asyncio.to_thread(compose, letter, files, software=software, at=at, recipient=to, author=by)
    mail = Envelope(
        peer=PEER, sender=sender.address, recipient=to.address, raw=raw, author=actor, about=about.matricule
    )
    await accept_colleague_mail(envelope=mail, at=at)
    return Accepted(message_id=letter.message_id.strip("<>"), sender=sender)
