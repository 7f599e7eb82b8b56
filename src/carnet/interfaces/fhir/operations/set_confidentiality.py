"""Confidentiality changed by software, one code a call: DMP TD3.3a (professionals), TD3.3b (person, representatives).

Who may is decided by `records` (mes.md §3.2): masking by the depositor or an administrator; keeping from the person for
some days, and showing them, by the depositor's organisation; keeping from representatives likewise, for good. TD3.3c is
DELETE, TD3.3d PATCH.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from litestar.types import ASGIApp

from carnet.infra import clock
from carnet.interfaces.fhir import reply
from carnet.interfaces.fhir.interaction import AnyRequest, Interaction, Site
from carnet.interfaces.fhir.interactions.read_document import address_of
from carnet.interfaces.fhir.operations.calling import given_in
from carnet.interfaces.fhir.resources.elements import missing
from carnet.interfaces.fhir.resources.parameters import Given, parameters
from carnet.interfaces.fhir.scopes import actor_with_scope
from carnet.journal.api import Act
from carnet.kernel.actors import Actor
from carnet.kernel.errors import Invalid, Problem, Unsupported
from carnet.kernel.ids import SpaceId
from carnet.records.api import (
    HoldReason,
    hold_document,
    journalled_input,
    keep_from_representatives,
    mask_document,
    release_document,
    reveal_document,
)

_MASKED: Final = "MASQUE_PS"
_FROM_PERSON: Final = "INVISIBLE_PATIENT"
_FROM_REPRESENTATIVES: Final = "INVISIBLE_REPRESENTANTS_LEGAUX"
_REASONS: Final = {str(one): one for one in HoldReason}
_PATH: Final = "Parameters.parameter.where(name='%s')"
_UNKNOWN: Final = "unknown-code", "Ce code n'est pas connu ici.", "This code is not known here."
FOR_GOOD: Final = Problem(
    "kept-for-good",
    "Ce qui a été rendu invisible aux représentants légaux le reste.",
    "What was kept from legal representatives stays so.",
    _PATH % "set",
)


async def answer(request: AnyRequest, _: Site) -> ASGIApp:
    """Return what holds now."""
    at = clock.now()
    actor = await actor_with_scope(request, resource="DocumentReference", letter="u", act=Act.MASK_DOCUMENT, at=at)
    space, document = address_of(request)
    async with journalled_input(actor=actor, act=Act.MASK_DOCUMENT, at=at):
        given = await given_in(request, known=("code", "set", "days", "reason"))
        code, wanted = given.required("code", "valueCode", "valueString"), given.flag("set")
        if code not in {_MASKED, _FROM_PERSON, _FROM_REPRESENTATIVES}:
            raise Invalid(Problem(*_UNKNOWN, _PATH % "code"))
        if wanted is None:
            raise missing(_PATH % "set")
        if code == _FROM_REPRESENTATIVES and not wanted:
            raise Unsupported(FOR_GOOD)
        if code == _FROM_PERSON and wanted:
            days, reason = _held(given)
    if code == _FROM_PERSON and wanted:
        await hold_document(actor=actor, space=space, document=document, days=days, reason=reason, at=at)
    else:
        await _set(code, wanted=wanted, actor=actor, space=space, document=document, at=at)
    return reply.resource(parameters(code=code, set=wanted))


async def _set(code: str, *, wanted: bool, actor: Actor, space: SpaceId, document: UUID, at: datetime) -> None:
    if code == _FROM_PERSON:
        change = release_document
    elif code == _FROM_REPRESENTATIVES:
        change = keep_from_representatives
    else:
        change = mask_document if wanted else reveal_document
    await change(actor=actor, space=space, document=document, at=at)


def _held(given: Given) -> tuple[int, HoldReason]:
    """For how long, and why: what is kept from its person without an end is refused."""
    days = given.number("days")
    if days is None:
        raise missing(_PATH % "days")
    reason = _REASONS.get(given.required("reason", "valueCode", "valueString"))
    if reason is None:
        raise Invalid(Problem(*_UNKNOWN, _PATH % "reason"))
    return days, reason


INTERACTION = Interaction(
    code="operation",
    path="/DocumentReference/{id:str}/$set-confidentiality",
    methods=("POST",),
    answer=answer,
    resource="DocumentReference",
    operation="set-confidentiality",
    documentation="Set or lift one confidentiality code: code, set; to keep a result from its person: days, reason.",
)
