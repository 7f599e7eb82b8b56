"""ITI-65 Provide Document Bundle: a transaction with one submission set and its documents. IHE MHD 4.2 §2:3.65.

Read, establish, deposit, answer: the answer is given once everything is durable. The same message sent again gets the
same answer and changes nothing.
"""

from datetime import datetime, timedelta

import msgspec
from litestar.types import ASGIApp

from carnet.identity.api import IdentityTraits, compare
from carnet.infra import clock
from carnet.infra.installation import current
from carnet.interfaces.fhir import reply
from carnet.interfaces.fhir.interaction import AnyRequest, Interaction, Site
from carnet.interfaces.fhir.json_input import body_limit, check_media_type, parse, read_body
from carnet.interfaces.fhir.negotiation import check_acceptable, language_of
from carnet.interfaces.fhir.probing import counting_deposit
from carnet.interfaces.fhir.resources.answers import transaction_response
from carnet.interfaces.fhir.resources.bundle import Message, read_transaction
from carnet.interfaces.fhir.resources.patient import required_ins
from carnet.interfaces.fhir.scopes import actor_with_scope
from carnet.journal.api import Act
from carnet.kernel.actors import Actor
from carnet.kernel.errors import Invalid, Problem
from carnet.records.api import Deposit, Established, deposit, establish, journalled_input


async def answer(request: AnyRequest, _: Site) -> ASGIApp:
    """Return the transaction-response Bundle."""
    at = clock.now()
    actor = await actor_with_scope(request, resource="DocumentReference", letter="c", act=Act.DEPOSIT_DOCUMENT, at=at)
    async with journalled_input(actor=actor, act=Act.DEPOSIT_DOCUMENT, at=at):
        message = await _read(request, at=at)
        established = await _establish(message, actor=actor, at=at)
        given = _deposit_of(message, established)
    async with counting_deposit(actor, given.ins, at=at):
        receipt = await deposit(actor=actor, deposit=given, at=at)
    warnings = [(*one.warnings, *sent.warnings) for one, sent in zip(established, message.documents, strict=True)]
    return reply.resource(
        transaction_response(message, receipt, warnings=warnings, language=language_of(request), at=at)
    )


async def _read(request: AnyRequest, *, at: datetime) -> Message:
    limits = current().limits
    check_media_type(request)
    check_acceptable(request)
    body = await read_body(request, limit=body_limit(limits.software_document_bytes))
    latest = at + timedelta(seconds=limits.future_seconds)
    return read_transaction(parse(body), accepted_oids=limits.accepted_ins_oids, latest=latest)


async def _establish(message: Message, *, actor: Actor, at: datetime) -> list[Established]:
    ins = required_ins(message.claim, path="Bundle.entry.resource.ofType(DocumentReference).subject")
    return [await establish(actor=actor, declared=sent.declared, ins=ins, at=at) for sent in message.documents]


def _deposit_of(message: Message, established: list[Established]) -> Deposit:
    said = [message.claim.traits, *(one.traits for one in established)]
    ins = required_ins(message.claim, path="Bundle.entry")
    return Deposit(
        ins=ins,
        traits=agreed_traits([traits for traits in said if traits is not None]),
        documents=tuple(one.document for one in established),
        submission=message.submission,
        claimed_space=message.claim.space,
    )


def agreed_traits(every: list[IdentityTraits]) -> IdentityTraits | None:
    """Return the traits of a message, None when nobody gave any. Raises Invalid when two of them are two people's."""
    for other in every[1:]:
        if not compare(every[0], other).accepted:
            raise Invalid(
                Problem(
                    "traits-disagree-within",
                    "Les traits d'identité diffèrent d'un document de l'envoi à l'autre.",
                    "The identity traits differ between documents of the message.",
                    "Bundle.entry",
                )
            )
    return max(every, key=_how_much, default=None)


def _how_much(traits: IdentityTraits) -> int:
    return sum(1 for value in msgspec.structs.astuple(traits) if value)


INTERACTION = Interaction(
    code="transaction",
    path="/",
    methods=("POST",),
    answer=answer,
    documentation="ITI-65: one submission set with its documents, comprehensive or minimal metadata.",
)
