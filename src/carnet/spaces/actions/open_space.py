"""A space begins: identity sealed, keys made, index entry written, all in one transaction.

One at a time and at once; a whole country is opened by `open_due`. Somebody who objected is opened by themselves only.
"""

from datetime import datetime

import msgspec
import psycopg

from carnet.identity.api import IdentityStatus, IdentityTraits, Ins
from carnet.infra import randomness
from carnet.infra.db import Work, work
from carnet.infra.installation import current
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow
from carnet.kernel.errors import Conflict, Problem
from carnet.kernel.ids import SpaceId
from carnet.spaces.data import Contact, Person, Reach
from carnet.spaces.queries.desk import plain_name
from carnet.spaces.staging import traits_mac, unseal

ALREADY = Problem(
    code="space-exists",
    fr="Cette personne a déjà un espace.",
    en="This person already has a space.",
    path="ins",
)

OPPOSED = Problem(
    code="opposed",
    fr="Cette personne s'est opposée à l'ouverture d'un espace.",
    en="This person objected to the opening of a space.",
    path="ins",
)

# ## Somebody the campaign knew of: their enrolment ends here, unless they objected and it is not them who opens ##
_ENROLLED = """
WITH held AS (SELECT ins_digest, person_enc FROM enrolment WHERE ins_digest = %(digest)s FOR UPDATE)
UPDATE enrolment e SET state = CASE WHEN state = 'OPPOSED' AND NOT %(active)s THEN state ELSE 'OPEN' END,
  since = %(at)s, person_enc = NULL, code_digest = NULL, code_asked_at = NULL
FROM held WHERE e.ins_digest = held.ins_digest RETURNING e.state, held.person_enc
"""
_INDEX = "INSERT INTO ins_index (ins_digest, space_id, traits_mac) VALUES (%s, %s, %s)"
_KEYSET = "INSERT INTO vault.space_keyset (space_id, version, kek_id, wrapped, created_at) VALUES (%s, 1, %s, %s, %s)"
_AUTHZ = "INSERT INTO authz (space_id, state) VALUES (%s, %s)"
_SPACE = """
INSERT INTO space (space_id, person_enc, contact_enc, language, opened_at, activated_at)
VALUES (%s, %s, %s, %s, %s, %s)
"""


async def open_space(
    *,
    actor: Actor,
    ins: Ins,
    traits: IdentityTraits,
    email: str | None = None,
    language: str = "fr",
    active: bool = False,
    at: datetime,
) -> SpaceId:
    """Open the space of a person whose INS is qualified; return its id. Raises Conflict when one exists.

    active: the holder activated it (first login); only then is it opened over an objection, else Conflict.
    Source: L1111-13-1 and R1111-28 CSP.
    """
    space = SpaceId(randomness.uuid4())
    async with work(space=space, at=at) as w:
        await open_in(w, actor=actor, ins=ins, traits=traits, email=email, language=language, active=active)
    return space


async def open_in(
    w: Work, *, actor: Actor, ins: Ins, traits: IdentityTraits, email: str | None, active: bool, language: str = "fr"
) -> None:
    """Open the space the transaction is narrowed to, a new one, as `open_space`; over after it raised Conflict."""
    ring, space = current().keys, w.space_id
    wrapped = await ring.create(space_id=space, version=1)
    keys = await ring.open(space_id=space, version=1, wrapped=wrapped)
    person = msgspec.json.encode(Person(ins=ins, traits=traits, status=IdentityStatus.QUALIFIEE))
    plain = msgspec.structs.replace(traits, birth_name=plain_name(traits.birth_name))
    digest = current().index_key.ins_digest(matricule=ins.matricule, oid=ins.oid)
    # the enrolment before the index, as the daily job takes them: neither waits for the other
    insurer = await _take_over(w, digest, active=active)
    try:
        await w.execute(_INDEX, (digest, space, traits_mac(current().house_key, plain)))
    except psycopg.errors.UniqueViolation as error:
        raise Conflict(ALREADY) from error
    contact = msgspec.json.encode(Contact(email=email, insurer=insurer))
    await w.execute(_KEYSET, (space, ring.kek.key_id, wrapped, w.at))
    await w.execute(_AUTHZ, (space, "ACTIVE" if active else "OPEN"))
    await w.execute(
        _SPACE,
        (
            space,
            keys.seal(table="space", column="person_enc", row=space, plaintext=person),
            keys.seal(table="space", column="contact_enc", row=space, plaintext=contact),
            language,
            w.at,
            w.at if active else None,
        ),
    )
    await record(w, Act.OPEN_SPACE, allow(Ground.DUTY), actor=actor)


async def _take_over(w: Work, digest: bytes, *, active: bool) -> Reach | None:
    """End the enrolment of somebody the campaign knew of; return what the insurer said of them. Raises Conflict."""
    known = await w.row(_ENROLLED, {"digest": digest, "active": active, "at": w.at})
    if known is None:
        return None
    if known[0] == "OPPOSED":
        raise Conflict(OPPOSED)
    return None if known[1] is None else unseal(current().house_key, digest, bytes(known[1])).reach


async def activate_space(*, actor: Actor, space: SpaceId, at: datetime) -> bool:
    """The holder came for the first time: OPEN becomes ACTIVE; returns whether it did (not twice)."""
    async with work(space=space, at=at) as w:
        return await activate_in(w, actor=actor)


async def activate_in(w: Work, *, actor: Actor) -> bool:
    """Do the same in an open transaction."""
    changed = await w.execute(
        "UPDATE authz SET state = 'ACTIVE', epoch = epoch + 1 WHERE space_id = %s AND state = 'OPEN'", (w.space_id,)
    )
    if changed:
        await w.execute("UPDATE space SET activated_at = %s WHERE space_id = %s", (w.at, w.space_id))
        await record(w, Act.ACTIVATE_SPACE, allow(Ground.OWN_SPACE), actor=actor)
    return bool(changed)
