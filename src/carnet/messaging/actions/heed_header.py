"""A mailbox says by a header of mail it sends what it accepts from persons.

Heeded before anybody looks for the recipient, so that it takes effect whether somebody lives at that address or not:
were it otherwise, a practice could tell existing numbers from others by what its rules become (threats T29).
"""

from datetime import datetime

from carnet.infra.db import system_work
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, Reason, allow, refuse
from carnet.kernel.errors import Invalid
from carnet.messaging.actions.set_rules import keep_rules
from carnet.messaging.practices import PracticeRules, SetBy
from carnet.messaging.queries.practice import owned_mailbox
from carnet.messaging.rules.practice_words import read_line


async def heed_header(*, actor: Actor, sender: str, header_from: str, line: str, at: datetime) -> None:
    """Keep what `line` says, when envelope and header name one and the same mailbox of the directory.

    Anything else changes nothing and leaves its trace; mail goes on either way. Raises Unavailable.
    """
    rules: PracticeRules | None = None
    problem = ""
    try:
        rules = read_line(line)
    except Invalid as refused:
        problem = refused.problems[0].code
    async with system_work(at=at) as w:
        itself = sender.lower() == header_from.lower() and await owned_mailbox(w, header_from.lower()) is not None
        decision = allow(Ground.DUTY) if itself and not problem else refuse(Reason.INVALID_INPUT)
        details = {"way": str(SetBy.MAIL), "problem": problem} if problem else {"way": str(SetBy.MAIL)}
        who = Actor(kind=actor.kind, identifier=actor.identifier, name=header_from, strong=True) if itself else actor
        await record(w, Act.SET_MAILBOX_RULES, decision, actor=who, details=details)
        if decision.allowed:
            await keep_rules(w, address=header_from.lower(), rules=rules, way=SetBy.MAIL)
