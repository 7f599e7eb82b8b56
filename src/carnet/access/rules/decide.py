"""May this actor do this, here, now? Pure, total, default deny (DESIGN §5).

Order: state of the space (of the dead, one reading is left: `heirs.py`), software, whom the actor acts for (one person
means no other: delegates, and a professional whose software was launched for one patient), then the side the actor is
on: the person and those who act for them, a professional (`professional.py`), or whoever feeds the space. Sources: CSP
R1111-46 to R1111-49, L1111-17 to L1111-19; codes: JDV_J08.
"""

from datetime import datetime

from carnet.access.data import DocumentFacts, Need, SpaceFacts
from carnet.access.rules.heirs import for_heirs, reads_for_heirs
from carnet.access.rules.matrix import HabilitationMatrix
from carnet.access.rules.own_rules import guarded
from carnet.access.rules.professional import professional
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Decision, Ground, Reason, allow, refuse

OPEN_STATES = frozenset({"OPEN", "ACTIVE"})
FEEDING = frozenset({Need.DEPOSIT, Need.REPLACE, Need.DELETE, Need.HOLD, Need.RELEASE})
DELEGATES = frozenset({ActorKind.REPRESENTATIVE, ActorKind.CARER})
LOOKING = frozenset({Need.LIST, Need.READ})
AGENDA = frozenset({Need.READ_AGENDA, Need.WRITE_AGENDA})
READING = LOOKING | {Need.READ_AGENDA}
OWN_DOCUMENTS = frozenset({Need.DEPOSIT, Need.EDIT, Need.REPLACE, Need.DELETE})
UNTIL_SECRETS = frozenset({Need.MANAGE_ACCESS, Need.READ_JOURNAL})
"""What tells whom a child sees: a representative's until the age from which the child keeps things from them."""
OF_DELEGATES = {
    ActorKind.REPRESENTATIVE: LOOKING
    | AGENDA
    | OWN_DOCUMENTS
    | UNTIL_SECRETS
    | {Need.MASK, Need.INVITE_REPRESENTATIVE},
    ActorKind.CARER: LOOKING | AGENDA | OWN_DOCUMENTS,
}
"""What may be done in somebody's name (mes.md A3, A12); carers, wishes, what is kept apart stay the person's own."""
OF_PROFESSIONALS = frozenset(
    {Need.RECORD_CONSENT, Need.BREAK_GLASS, Need.REGULATE, Need.HOLD, Need.RELEASE, Need.BLOCK_OTHERS}
)


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
    if facts.state not in OPEN_STATES and not reads_for_heirs(actor, need, facts, at=at):
        return refuse(Reason.SPACE_NOT_OPEN)
    if facts.software_active is False:
        return refuse(Reason.SUSPENDED)
    if actor.acts_for not in (None, facts.space):
        return refuse(Reason.OTHER_SPACE)
    if facts.state not in OPEN_STATES:
        return for_heirs(actor, facts, matrix=matrix, at=at, document=document)
    if need is Need.CARRY_OVER:
        return _carrying_over(actor)
    if actor.kind is ActorKind.PERSON:
        return _person(actor, need, facts, document, at)
    if actor.kind in DELEGATES:
        return _delegate(actor, need, facts, document, at)
    if actor.kind is ActorKind.PROFESSIONAL and need not in FEEDING:
        return professional(actor, need, facts, matrix=matrix, at=at, document=document)
    if actor.kind in {ActorKind.SOFTWARE, ActorKind.PROFESSIONAL} and need in FEEDING:
        return _feeding(actor, need, document)
    return refuse(Reason.NOT_A_READER)


def _person(actor: Actor, need: Need, facts: SpaceFacts, document: DocumentFacts | None, at: datetime) -> Decision:
    if actor.space != facts.space:
        return refuse(Reason.OTHER_SPACE)
    if not actor.strong:
        return refuse(Reason.WEAK_AUTHENTICATION)
    if need in OF_PROFESSIONALS or need is Need.INVITE_REPRESENTATIVE:
        return refuse(Reason.NOT_A_READER)
    if document is None:
        return allow(Ground.OWN_SPACE)
    if document.invisible_patient:
        return refuse(Reason.HIDDEN)
    if not stepped_up(actor, at=at) and guarded(facts, document):
        return refuse(Reason.SAFEGUARDED)
    if need in {Need.EDIT, Need.DELETE, Need.REPLACE} and document.author_kind != "PATIENT":
        return refuse(Reason.NOT_YOURS)
    if document.status == "deleted" and need is not Need.LIST:
        return refuse(Reason.HIDDEN)
    return allow(Ground.OWN_SPACE)


def _delegate(actor: Actor, need: Need, facts: SpaceFacts, document: DocumentFacts | None, at: datetime) -> Decision:
    """Representatives and carers, under the row they rest on; what is kept from them stays so, whatever they prove."""
    held = facts.delegation
    if actor.acts_for != facts.space:
        return refuse(Reason.OTHER_SPACE)
    if not actor.strong:
        return refuse(Reason.WEAK_AUTHENTICATION)
    if held is None or held.kind != actor.kind or not held.in_force(at):
        return refuse(Reason.DELEGATION_OVER)
    if need not in OF_DELEGATES[actor.kind] or (need not in READING and held.looks_only(at)):
        return refuse(Reason.BEYOND_DELEGATION)
    if not (held.reaches_agenda if need in AGENDA else held.documents):
        return refuse(Reason.BEYOND_DELEGATION)
    if need in UNTIL_SECRETS and held.is_discreet(at):
        return refuse(Reason.BEYOND_DELEGATION)
    if document is None:
        return allow(Ground.REPRESENTED)
    if document.invisible_patient or document.invisible_representants or document.category in held.withheld:
        return refuse(Reason.HIDDEN)
    if guarded(facts, document) or (held.is_discreet(at) and document.type_code in facts.sensitive_types):
        return refuse(Reason.SAFEGUARDED)
    if need in {Need.EDIT, Need.DELETE, Need.REPLACE} and document.author_kind != "PATIENT":
        return refuse(Reason.NOT_YOURS)
    if document.status == "deleted" and need is not Need.LIST:
        return refuse(Reason.HIDDEN)
    return allow(Ground.REPRESENTED)


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


def _carrying_over(actor: Actor) -> Decision:
    """An earlier record is put into the space by the house (R1111-40 CSP): it writes, and reads nothing there."""
    if actor.kind is not ActorKind.OPERATOR:
        return refuse(Reason.NOT_A_READER)
    return allow(Ground.DUTY) if actor.strong else refuse(Reason.WEAK_AUTHENTICATION)


def stepped_up(actor: Actor, *, at: datetime) -> bool:
    """True while a fresh second proof of this session lasts."""
    return actor.stepped_up_until is not None and at < actor.stepped_up_until
