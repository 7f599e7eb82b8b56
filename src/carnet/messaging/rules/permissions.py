"""Who may read a person's messages, and who may write for them. Pure; the gate's decision on the space comes first.

Professionals read their own mailbox at their own operator: here only the person, and those who act for them where the
gate lets them look (mes.md M2; §3.8).
"""

from carnet.kernel.decisions import Decision, Ground, Reason, refuse

OF_THE_PERSON = frozenset({Ground.OWN_SPACE, Ground.REPRESENTED})


def may_read(in_space: Decision) -> Decision:
    """Return the decision on reading messages. in_space: the gate's on listing the space."""
    if in_space.allowed and in_space.ground not in OF_THE_PERSON:
        return refuse(Reason.NOT_A_READER)
    return in_space


def may_write(in_space: Decision) -> Decision:
    """Return the decision on writing, deleting and keeping drafts. in_space: the gate's on changing the space."""
    return may_read(in_space)
