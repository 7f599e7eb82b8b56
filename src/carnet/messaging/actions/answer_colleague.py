"""A professional answers what a colleague wrote, from the mailbox it came to: their own, or one their place shares.

The same steps as when their software writes (`write_to_colleague`): same budget, same mail, same traces.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from carnet.identity.api import Ins
from carnet.infra.installation import current
from carnet.kernel.actors import Actor
from carnet.kernel.errors import Invalid, Problem
from carnet.messaging.actions.write_to_colleague import write_to_colleague
from carnet.messaging.data import Accepted, ColleagueLetter, ProfessionalWriting
from carnet.messaging.queries.colleague_letters import came_to
from carnet.messaging.rules.letters import LONGEST_SUBJECT

NO_ANSWER: Final = Problem("message-empty", "Écrivez votre réponse.", "Write your answer.", "texte")
_AGAIN: Final = "Re: "


async def answer_colleague(
    *, actor: Actor, letter: ColleagueLetter, text: str, request_id: UUID | None, at: datetime
) -> Accepted:
    """Keep the answer to a colleague's message about the same patient; return once it is durable.

    request_id: of the form, so that sending it twice is one message. Raises Invalid (nothing written), NotFound (no
    mailbox of theirs) and as `write_to_colleague`.
    """
    if not text.strip():
        raise Invalid(NO_ANSWER)
    said = letter.letter
    subject = said.subject if said.subject.startswith(_AGAIN) else f"{_AGAIN}{said.subject}"
    writing = ProfessionalWriting(
        subject=subject[:LONGEST_SUBJECT],
        text=text,
        answers=tuple(one.strip("<>") for one in (said.message_id, *said.references) if one),
        sent_as=request_id.hex if request_id else None,
        sender=await came_to(actor=actor, mail=letter.mail, at=at),
    )
    about = Ins(letter.about, min(current().limits.accepted_ins_oids))
    return await write_to_colleague(actor=actor, to=said.sender, about=about, writing=writing, at=at)
