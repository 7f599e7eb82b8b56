"""May this actor do this, here, now? Pure, total, default deny (DESIGN §5).

Order: state of the space, strength of authentication, block, authorisation, matrix, confidentiality codes. Emergency
modes, minors and the person's own finer restrictions have their place between authorisation and matrix; they come
with a later issue. Sources: CSP R1111-46 to R1111-49, L1111-17 to L1111-19; codes: JDV_J08.
"""

from collections.abc import Iterable
from datetime import datetime

from carnet.access.data import Authorisation, DocumentFacts, Effect, Need, SpaceFacts
from carnet.access.rules.matrix import HabilitationMatrix
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Decision, Ground, Obligation, Reason, allow, refuse

OPEN_STATES = frozenset({"OPEN", "ACTIVE"})
FEEDING = frozenset({Need.DEPOSIT, Need.REPLACE, Need.DELETE})


def decide(
    actor: Actor,
    need: Need,
    facts: SpaceFacts,
    *,
    matrix: HabilitationMatrix,
    at: datetime,
    document: DocumentFacts | None = None,
) -> Decision:
    """Return the answer for one act on a space, or on `document` when given. Anything not foreseen is a no."""
    if facts.state not in OPEN_STATES:
        return refuse(Reason.SPACE_NOT_OPEN)
    if facts.software_active is False:
        return refuse(Reason.SUSPENDED)
    if actor.kind is ActorKind.PERSON:
        return _person(actor, need, facts, document)
    if actor.kind is ActorKind.PROFESSIONAL and need not in FEEDING:
        return _professional(actor, need, facts, matrix, at, document)
    if actor.kind in {ActorKind.SOFTWARE, ActorKind.PROFESSIONAL} and need in FEEDING:
        return _feeding(actor, need, document)
    return refuse(Reason.NOT_A_READER)


def _person(actor: Actor, need: Need, facts: SpaceFacts, document: DocumentFacts | None) -> Decision:
    if actor.space != facts.space:
        return refuse(Reason.OTHER_SPACE)
    if not actor.strong:
        return refuse(Reason.WEAK_AUTHENTICATION)
    if need is Need.RECORD_CONSENT:
        return refuse(Reason.NOT_A_READER)
    if document is None:
        return allow(Ground.OWN_SPACE)
    if document.invisible_patient:
        return refuse(Reason.HIDDEN)
    if need in {Need.EDIT, Need.DELETE, Need.REPLACE} and document.author_kind != "PATIENT":
        return refuse(Reason.NOT_YOURS)
    if document.status == "deleted" and need is not Need.LIST:
        return refuse(Reason.HIDDEN)
    return allow(Ground.OWN_SPACE)


def _professional(
    actor: Actor,
    need: Need,
    facts: SpaceFacts,
    matrix: HabilitationMatrix,
    at: datetime,
    document: DocumentFacts | None,
) -> Decision:
    if not actor.strong:
        return refuse(Reason.WEAK_AUTHENTICATION)
    if actor.profession is None or not matrix.knows(actor.profession):
        return refuse(Reason.UNKNOWN_PROFESSION)
    mine = [line for line in facts.authorisations if line.in_force(at) and names(line, actor)]
    if any(line.effect is Effect.BLOCK for line in mine):
        return refuse(Reason.BLOCKED)
    if need is Need.RECORD_CONSENT:
        return allow(Ground.DUTY)
    permits = [line for line in mine if line.effect is Effect.PERMIT]
    if not permits:
        return refuse(Reason.NO_AUTHORISATION)
    if need is Need.MASK and document is not None and not _is_administrator(permits):
        return refuse(Reason.NOT_AUTHOR) if not _is_depositor(actor, document) else allow(Ground.DEPOSITOR)
    if need not in {Need.LIST, Need.READ, Need.MASK}:
        return refuse(Reason.NOT_A_READER)
    if document is not None and (hidden := _hidden_from(actor, document, permits, matrix, at)):
        return refuse(hidden)
    return _permitted(permits)


def _hidden_from(
    actor: Actor, document: DocumentFacts, permits: list[Authorisation], matrix: HabilitationMatrix, at: datetime
) -> Reason | None:
    if document.status == "deleted":
        return Reason.HIDDEN
    profession = actor.profession or ""
    if not matrix.may_consult(profession=profession, type_code=document.type_code, at=at.date()):
        return Reason.MATRIX
    if document.masque_ps and not _is_depositor(actor, document) and not _is_administrator(permits):
        return Reason.HIDDEN
    return None


def _permitted(permits: list[Authorisation]) -> Decision:
    ground = Ground.AUTHORISED_PROFESSIONAL if any(line.rpps for line in permits) else Ground.AUTHORISED_ORGANISATION
    if all(line.first_used_at is None for line in permits):
        return allow(ground, Obligation.NOTIFY_FIRST_ACCESS)
    return allow(ground)


def _feeding(actor: Actor, need: Need, document: DocumentFacts | None) -> Decision:
    """Feeding needs no authorisation and ignores blocks (R1111-47 CSP; mes.md P3, P9); changing needs the author."""
    if actor.organisation is None or (actor.kind is ActorKind.PROFESSIONAL and not actor.strong):
        return refuse(Reason.WEAK_AUTHENTICATION)
    if need is Need.DEPOSIT:
        return allow(Ground.FEEDING)
    if document is None or document.author_kind == "PATIENT" or document.author_finess != actor.organisation:
        return refuse(Reason.NOT_AUTHOR)
    if document.status != "current":
        return refuse(Reason.NOT_CURRENT)
    return allow(Ground.FEEDING)


def names(line: Authorisation, actor: Actor) -> bool:
    """True when `line` is about this professional or the organisation they act for."""
    if line.rpps is not None:
        return line.rpps == actor.rpps
    return line.finess is not None and line.finess == actor.organisation


def _is_depositor(actor: Actor, document: DocumentFacts) -> bool:
    """The professional who wrote it, or the organisation it came from (R1111-49 CSP)."""
    return (actor.rpps is not None and document.author_rpps == actor.rpps) or (
        actor.organisation is not None and document.author_finess == actor.organisation
    )


def _is_administrator(permits: Iterable[Authorisation]) -> bool:
    return any(line.is_administrator for line in permits)
