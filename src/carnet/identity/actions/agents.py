"""An operator makes somebody an agent of the desk or a pilot, and ends it. From the command line only: no page does,
and the database would not let one.
"""

import re
from datetime import datetime

from carnet.infra import randomness
from carnet.infra.db import Database, work
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Decision, Ground, Reason, allow, refuse
from carnet.kernel.errors import Conflict, Invalid, NotFound, Problem

AGENT_KINDS = ("agent", "pilot")
LONGEST = 80
_EMAIL = re.compile(r"[^@\s]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])")
_PLACE = re.compile(r"|[0-9]{2,3}|2[AB]")
_REFERENCE = re.compile(r"[A-Z0-9][A-Z0-9-]{0,19}")
BAD_AGENT = Problem(
    code="agent-malformed",
    fr="Il faut une référence (capitales, chiffres, tirets), une adresse, un nom, un service (80 caractères au plus)"
    " et, outre-mer, le département.",
    en="A reference (capitals, digits, dashes), an address, a name, a service (80 characters) and, overseas, the"
    " département are needed.",
)
ON_DUTY = Problem(
    code="agent-exists",
    fr="Cette adresse ou cette référence est déjà celle d'un agent.",
    en="This address or reference already belongs to an agent.",
)
_ADD = """
INSERT INTO agent (agent_id, reference, kind, email, name, desk, departement, created_at)
VALUES (%(agent)s, %(reference)s, %(kind)s, %(email)s, %(name)s, %(desk)s, %(departement)s, %(at)s)
ON CONFLICT DO NOTHING
"""
_END = "UPDATE agent SET ended_at = %(at)s WHERE reference = %(reference)s AND ended_at IS NULL"


async def add_agent(
    *,
    actor: Actor,
    batch: Database,
    kind: str,
    reference: str,
    email: str,
    name: str,
    desk: str,
    departement: str = "",
    at: datetime,
) -> None:
    """Make somebody an agent ("agent") or a pilot ("pilot"). batch: the database as carnet_batch; desk: how people are
    told who acted; departement: where the desk is, "" for the mainland ("974": its days are those of La Réunion).

    Raises Invalid, Conflict (address or reference taken), Refused (not the operator).
    """
    email = email.strip().lower()
    sound = (
        kind in AGENT_KINDS
        and _REFERENCE.fullmatch(reference)
        and _EMAIL.fullmatch(email)
        and _PLACE.fullmatch(departement)
    )
    if not sound or not (0 < len(name.strip()) <= LONGEST and 0 < len(desk.strip()) <= LONGEST):
        raise Invalid(BAD_AGENT)
    decision = _decide(actor)
    row = {"agent": randomness.uuid4(), "reference": reference, "kind": kind, "email": email, "at": at}
    async with work(space=None, at=at, database_=batch) as w:
        added = decision.allowed and await w.execute(
            _ADD, row | {"name": name.strip(), "desk": desk.strip(), "departement": departement}
        )
        await record(w, Act.REGISTER_AGENT, decision, actor=actor, details={"agent": reference, "done": bool(added)})
    decision.raise_if_refused()
    if not added:
        raise Conflict(ON_DUTY)


async def end_agent(*, actor: Actor, batch: Database, reference: str, at: datetime) -> None:
    """End an agent's duty: their sessions are over at the next request. batch: as above. Raises NotFound, Refused."""
    decision = _decide(actor)
    async with work(space=None, at=at, database_=batch) as w:
        ended = decision.allowed and await w.execute(_END, {"reference": reference, "at": at})
        await record(w, Act.END_AGENT, decision, actor=actor, details={"agent": reference, "done": bool(ended)})
    decision.raise_if_refused()
    if not ended:
        raise NotFound


def _decide(actor: Actor) -> Decision:
    allowed = actor.kind in {ActorKind.OPERATOR, ActorKind.SYSTEM} and actor.strong
    return allow(Ground.DUTY) if allowed else refuse(Reason.NOT_A_READER)
