"""Who signs in at the desk: an agent an operator made a row for, proved with a second factor by the provider.

The first login is matched by the address at work the provider vouches for, and from then on by the provider's own
identifier: an address given to somebody else later opens nothing. Source: ProConnect, reconciliation of identities.
"""

from typing import Any
from uuid import UUID

import msgspec

from carnet.identity.queries.accounts import find_account
from carnet.identity.queries.agents import Agent, agent_by_email, agent_by_id
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import SENTENCES, Reason
from carnet.kernel.errors import Problem, Refused

NOT_AN_AGENT = Problem(
    code="not-an-agent",
    fr="Vous n'êtes pas inscrit comme agent. Adressez-vous à votre responsable.",
    en="You are not registered as an agent. Please ask the person in charge.",
)


class AgentRefused(Refused):
    """The proof is genuine, but whoever it is may not come in. `reason` goes to the security journal."""

    def __init__(self, problem: Problem, reason: Reason) -> None:
        super().__init__(problem)
        self.reason = reason


class Recognised(msgspec.Struct, frozen=True, kw_only=True):
    """An agent and the row they are."""

    actor: Actor
    agent: UUID


async def recognise_agent(*, issuer: str, subject: str, claims: dict[str, Any], strong: bool) -> Recognised:
    """Return the agent behind a login. strong: a second factor was used. Raises AgentRefused."""
    if not strong:
        weak = SENTENCES[Reason.WEAK_AUTHENTICATION]
        raise AgentRefused(Problem("weak-authentication", *weak), Reason.WEAK_AUTHENTICATION)
    account = await find_account(issuer=issuer, subject=subject)
    if account is not None:
        found = await agent_by_id(account.agent) if account.agent else None
    else:
        # an agent who signed in before did so under another identifier: the address alone proves nothing any more
        found = await agent_by_email(str(claims.get("email") or "").lower())
        found = None if found is None or found.has_account else found
    if found is None:
        raise AgentRefused(NOT_AN_AGENT, Reason.NOT_REGISTERED)
    return Recognised(actor=actor_of(found), agent=found.agent)


def actor_of(found: Agent) -> Actor:
    """Return the agent as journals name them: the desk and a reference, for agents have names of their own at home."""
    return Actor(
        kind=ActorKind(found.kind),
        identifier=found.reference,
        name=desk_name(found.desk, found.reference),
        strong=True,
    )


def desk_name(desk: str, reference: str) -> str:
    """Return how an agent is named to people."""
    return f"{desk} (agent {reference})"
