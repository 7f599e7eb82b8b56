"""Who may read a person's messages, and who may write for them. Pure; the gate's decision on the space comes first.

Professionals read their own mailbox at their own operator (mes.md M2; §3.8). Representatives read and write by law,
carers when the person let them. Which conversations either may know of is said once, in `queries.shown`: none that is
kept apart, and of a minor who is old enough to keep things to themselves, none that began since (decision 0155).
"""

from datetime import datetime

from carnet.access.api import Delegation
from carnet.kernel.actors import ActorKind
from carnet.kernel.decisions import Decision, Ground, Reason, refuse


def may_read(in_space: Decision, *, held: Delegation | None = None) -> Decision:
    """Return the decision on reading messages. in_space: the gate's on listing the space; held: what a delegate rests
    on.
    """
    if not in_space.allowed or in_space.ground is Ground.OWN_SPACE:
        return in_space
    if in_space.ground is not Ground.REPRESENTED or held is None:
        return refuse(Reason.NOT_A_READER)
    if held.kind == ActorKind.CARER and not held.messages:
        return refuse(Reason.BEYOND_DELEGATION)
    return in_space


def may_write(in_space: Decision, *, held: Delegation | None = None) -> Decision:
    """Return the decision on writing, putting away and keeping drafts. in_space: the gate's on changing the space."""
    return may_read(in_space, held=held)


def may_begin(in_space: Decision, *, held: Delegation | None = None, at: datetime) -> Decision:
    """Return the decision on writing a message that answers none: whoever begins a conversation must be able to see it.

    in_space: the gate's on changing the space.
    """
    decision = may_write(in_space, held=held)
    if decision.allowed and held is not None and held.is_discreet(at):
        return refuse(Reason.BEYOND_DELEGATION)
    return decision


def may_delete(in_space: Decision, *, held: Delegation | None = None) -> Decision:
    """Return the decision on deleting for good: the person, or who represents them; a carer puts into the bin."""
    decision = may_write(in_space, held=held)
    if decision.allowed and held is not None and held.kind == ActorKind.CARER:
        return refuse(Reason.BEYOND_DELEGATION)
    return decision
