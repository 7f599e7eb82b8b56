"""A login is linked to a space or to a professional, once. A part of `sign_in`, in its transaction."""

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
INSERT INTO account (account_id, kind, issuer, subject_digest, space_id, rpps, created_at, last_login_at)
VALUES (%(account)s, %(kind)s, %(issuer)s, %(digest)s, %(space)s, %(rpps)s, %(at)s, %(at)s)
ON CONFLICT (issuer, subject_digest) DO UPDATE SET last_login_at = excluded.last_login_at
RETURNING account_id, space_id, rpps
"""


async def link_account(work: Work, *, actor: Actor, issuer: str, subject: str) -> UUID:
    """Return the account of a login, made at the first. Raises Refused when it is another space's or professional's."""
    rpps = actor.identifier if actor.kind is ActorKind.PROFESSIONAL else None
    params = {
        "account": randomness.uuid4(),
        "kind": "professional" if rpps else "person",
        "issuer": issuer,
        "digest": subject_digest(issuer=issuer, subject=subject),
        "space": actor.space,
        "rpps": rpps,
        "at": work.at,
    }
    row = await work.row(_LINK, params)
    if row is None or row[1] != actor.space or row[2] != rpps:
        raise Refused(LINKED_ELSEWHERE)
    return UUID(str(row[0]))
