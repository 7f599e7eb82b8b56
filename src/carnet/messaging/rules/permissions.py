"""Who may read a person's messages, and who may write for them. Pure; the gate's decision on the space comes first.

Professionals read their own mailbox at their own operator: here only the person (mes.md M2; §3.8). Those who act
for them are refused for now, whatever the gate lets them look at: a message may tell what a minor or somebody helped
keeps from them, and nothing in it says so by a category the way documents do.
"""

from carnet.kernel.decisions import Decision, Ground, Reason, refuse


def may_read(in_space: Decision) -> Decision:
    """Return the decision on reading messages. in_space: the gate's on listing the space."""
    if in_space.allowed and in_space.ground is not Ground.OWN_SPACE:
        return refuse(Reason.NOT_A_READER)
    return in_space


def may_write(in_space: Decision) -> Decision:
    """Return the decision on writing, deleting and keeping drafts. in_space: the gate's on changing the space."""
    return may_read(in_space)
