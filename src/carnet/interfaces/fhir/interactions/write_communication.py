"""A professional writes to a person through their software: FHIR R4 create on Communication, taken as mail is taken.

202: kept durably, read afterwards. The answer is the same whether anybody lives behind the number or not, blocks this
professional or not (decision 0122); the same budget as for mail counts. The professional is told of trouble with what
they sent, never of the person.
"""

import asyncio
from datetime import datetime
from typing import Final

import msgspec
from litestar.types import ASGIApp

from carnet.identity.api import Ins
from carnet.infra import clock
from carnet.infra.installation import current
from carnet.infra.web.audience import Audience
from carnet.interfaces.fhir import reply
from carnet.interfaces.fhir.errors import TooMany
from carnet.interfaces.fhir.interaction import AnyRequest, Interaction, Site
from carnet.interfaces.fhir.json_input import body_limit, check_media_type, parse, read_body
from carnet.interfaces.fhir.negotiation import check_acceptable
from carnet.interfaces.fhir.resources.communication import Given, accepted_communication, read_communication
from carnet.interfaces.fhir.scopes import actor_with_scope
from carnet.interfaces.fhir.search.reading import Subject
from carnet.interfaces.fhir.search.space import space_of
from carnet.journal.api import Act
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Reason, problem_of
from carnet.kernel.errors import Invalid, Problem, Refused, TooLarge
from carnet.messaging.api import Accepted, BudgetSpent, NewFile, write_to_colleague, write_to_person
from carnet.records.api import journalled_input, refuse_without_space, said_in_archive

_HOUR: Final = 3600
_PLACES: Final = {
    "texte": "Communication.payload",
    "fichiers": "Communication.payload",
    "objet": "Communication.topic.text",
    "destinataires": "Communication.recipient",
    "boite": "Communication.sender",
}


async def answer(request: AnyRequest, _: Site) -> ASGIApp:
    """Return 202 with the name under which the message travels."""
    at = clock.now()
    actor = await actor_with_scope(request, resource="Communication", letter="c", act=Act.RECEIVE_MESSAGE, at=at)
    if not actor.strong:
        await refuse_without_space(actor=actor, act=Act.RECEIVE_MESSAGE, reason=Reason.WEAK_AUTHENTICATION, at=at)
        raise Refused(problem_of(Reason.WEAK_AUTHENTICATION))
    async with journalled_input(actor=actor, act=Act.RECEIVE_MESSAGE, at=at):
        tree, given = await _read(request)
        await _within_launch(actor, given.ins, at)
        try:
            accepted = await _write(actor, given, at)
        except BudgetSpent as spent:
            raise TooMany(_HOUR, spent.problems[0]) from None
        except Invalid as refused:
            raise _placed(refused) from None
    return reply.resource(accepted_communication(tree, accepted), status=202)


async def _read(request: AnyRequest) -> tuple[dict[str, object], Given]:
    limits = current().limits
    check_media_type(request)
    check_acceptable(request)
    tree = parse(await read_body(request, limit=body_limit(limits.mail.attachment_bytes)))
    return tree, read_communication(tree, accepted_oids=limits.accepted_ins_oids, domain=limits.mail.domain)


async def _write(actor: Actor, given: Given, at: datetime) -> Accepted:
    if given.colleague is None:
        return await write_to_person(actor=actor, ins=given.ins, writing=given.writing, at=at)
    files = tuple([await asyncio.to_thread(_described, one) for one in given.writing.files])
    writing = msgspec.structs.replace(given.writing, files=files)
    return await write_to_colleague(actor=actor, to=given.colleague, about=given.ins, writing=writing, at=at)


def _described(file: NewFile) -> NewFile:
    """A clinical document leaves in an archive, which says of it what its header says (mes.md M10)."""
    return msgspec.structs.replace(file, said=said_in_archive(file.content))


async def _within_launch(actor: Actor, ins: Ins, at: datetime) -> None:
    """What was launched for one patient writes to nobody else; who else exists is not told."""
    if actor.acts_for is None:
        return
    if await space_of(Subject(ins=ins), actor=actor, act=Act.RECEIVE_MESSAGE, at=at) != actor.acts_for:
        await refuse_without_space(actor=actor, act=Act.RECEIVE_MESSAGE, reason=Reason.SPACE_NOT_OPEN, at=at)
        raise Refused(problem_of(Reason.SPACE_NOT_OPEN))


def _placed(refused: Invalid) -> Invalid:
    """Return the refusal with paths of the resource for those of the person's form."""
    placed = [Problem(one.code, one.fr, one.en, _PLACES.get(one.path or "", one.path)) for one in refused.problems]
    return (TooLarge if isinstance(refused, TooLarge) else Invalid)(*placed)


INTERACTION: Final = Interaction(
    code="create",
    path="/Communication",
    methods=("POST",),
    answer=answer,
    resource="Communication",
    audience=(Audience.PROFESSIONAL,),
    gated=False,
    documentation=(
        "A message to a person (recipient by INS), or to a professional about one (recipient by mailto:, subject by "
        "INS), taken as mail is: 202 says it is kept, not that anybody reads it. "
        "The extension communication-ends-exchange ends the exchange."
    ),
)
