"""A login is linked to a space, a professional or an agent, once. A part of `sign_in`, in its transaction."""

from uuid import UUID

from carnet.identity.queries.accounts import subject_digest
from carnet.infra import randomness
from carnet.infra.db import Work
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.errors import Problem, Refused

LINKED_ELSEWHERE = Problem(
    code="account-linked-elsewhere",
    fr="Cette connexion est déjà liée à une autre identité. Contactez le service d'aide.",
    en="This login is already linked to another identity. Please contact the help desk.",
)

_LINK = """
INSERT INTO account (account_id, kind, issuer, subject_digest, space_id, rpps, agent_id, created_at, last_login_at)
VALUES (%(account)s, %(kind)s, %(issuer)s, %(digest)s, %(space)s, %(rpps)s, %(agent)s, %(at)s, %(at)s)
ON CONFLICT (issuer, subject_digest) DO UPDATE SET last_login_at = excluded.last_login_at
RETURNING account_id, space_id, rpps, agent_id
"""


async def link_account(work: Work, *, actor: Actor, issuer: str, subject: str, agent: UUID | None = None) -> UUID:
    """Return the account of a login, made at the first. Raises Refused when it is linked to somebody else.

    agent: the row of the agent who signs in at the desk.
    """
    rpps = actor.identifier if actor.kind is ActorKind.PROFESSIONAL else None
    params = {
        "account": randomness.uuid4(),
        "kind": "agent" if agent else "professional" if rpps else "person",
        "issuer": issuer,
        "digest": subject_digest(issuer=issuer, subject=subject),
        "space": actor.space,
        "rpps": rpps,
        "agent": agent,
        "at": work.at,
    }
    row = await work.row(_LINK, params)
    if row is None or tuple(row[1:]) != (actor.space, rpps, agent):
        raise Refused(LINKED_ELSEWHERE)
    return UUID(str(row[0]))
