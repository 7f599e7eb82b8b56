"""Care software is registered with its organisation and public keys, suspended and reinstated by the operator."""

from datetime import datetime
from typing import Any

import msgspec

from carnet.identity.queries.directory import organisation
from carnet.identity.scopes import parse_scope
from carnet.infra.db import system_work
from carnet.infra.signed_tokens import VerificationKeys
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow
from carnet.kernel.errors import Invalid, NotFound, Problem

UNKNOWN_FINESS = Problem(
    code="unknown-organisation",
    fr="Cette structure n'est pas dans l'annuaire.",
    en="This organisation is not in the directory.",
    path="finess",
)
PRIVATE_KEY = Problem(
    code="private-key",
    fr="N'envoyez jamais une clé privée : seulement le JWKS public.",
    en="Never send a private key: only the public JWKS.",
    path="jwks",
)
NO_KEY = Problem(
    code="no-key",
    fr="Le JWKS ne contient aucune clé utilisable : EC P-384 (ES384) ou RSA d'au moins 2048 bits (RS384), avec un kid.",
    en="The JWKS contains no usable key: EC P-384 (ES384) or RSA of at least 2048 bits (RS384), with a kid.",
    path="jwks",
)
BAD_SCOPE = Problem(
    code="unknown-scope",
    fr="Un droit demandé n'existe pas (exemple : system/DocumentReference.rs).",
    en="A scope asked for does not exist (example: system/DocumentReference.rs).",
    path="scopes",
)
ASSERTION_ALGORITHMS = frozenset({"ES384", "RS384"})
PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "k"})

_REGISTER = """
INSERT INTO care_software (client_id, name, finess, jwks, scopes, registered_at, changed_at)
VALUES (%(client_id)s, %(name)s, %(finess)s, %(jwks)s::jsonb, %(scopes)s, %(at)s, %(at)s)
ON CONFLICT (client_id) DO UPDATE SET name = excluded.name, finess = excluded.finess, jwks = excluded.jwks,
  scopes = excluded.scopes, changed_at = excluded.changed_at
"""
_STATUS = "UPDATE care_software SET status = %s, changed_at = %s WHERE client_id = %s"


async def register_software(
    *, actor: Actor, client_id: str, name: str, finess: str, jwks: dict[str, Any], scopes: tuple[str, ...], at: datetime
) -> None:
    """Register or update a software. Raises Invalid (unknown organisation, private or unusable key, unknown scope)."""
    keys = jwks.get("keys", [])
    if any(PRIVATE_MEMBERS & set(key) for key in keys):
        raise Invalid(PRIVATE_KEY)
    if not VerificationKeys(jwks).can_verify(ASSERTION_ALGORITHMS):
        raise Invalid(NO_KEY)
    if any(parse_scope(scope) is None for scope in scopes):
        raise Invalid(BAD_SCOPE)
    async with system_work(at=at) as w:
        if await organisation(w, finess) is None:
            raise Invalid(UNKNOWN_FINESS)
        params = {
            "client_id": client_id,
            "name": name,
            "finess": finess,
            "jwks": msgspec.json.encode(jwks).decode(),
            "scopes": list(scopes),
            "at": at,
        }
        await w.execute(_REGISTER, params)
        details: dict[str, object] = {"client_id": client_id, "finess": finess}
        await record(w, Act.REGISTER_SOFTWARE, allow(Ground.DUTY), actor=actor, details=details)


async def set_software_status(*, actor: Actor, client_id: str, active: bool, at: datetime) -> None:
    """Suspend (its tokens die at the next request) or reinstate a software. Raises NotFound."""
    act = Act.REINSTATE_SOFTWARE if active else Act.SUSPEND_SOFTWARE
    async with system_work(at=at) as w:
        if not await w.execute(_STATUS, ("active" if active else "suspended", at, client_id)):
            raise NotFound
        await record(w, act, allow(Ground.DUTY), actor=actor, details={"client_id": client_id})
