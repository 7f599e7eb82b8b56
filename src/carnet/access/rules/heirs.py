"""The one reading there is in a deceased person's space: by the physician an heir named, while it lasts. Pure.

Narrower than any other: the matrix applies, and nothing is shown that the person, or somebody for them, kept from
anybody: masked, held back, kept from representatives, kept apart, withheld by a wish. No emergency widens it, and who
wrote a document sees no more of it than others do. Source: L1110-4 V, L1111-5, L1111-7 CSP; decision 0199.
"""

from datetime import datetime

from carnet.access.data import DocumentFacts, Need, SpaceFacts
from carnet.access.rules.lines import standing
from carnet.access.rules.matrix import HabilitationMatrix
from carnet.access.rules.own_rules import guarded, restricted
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Decision, Ground, Obligation, Reason, allow, refuse
from carnet.kernel.legal_day import legal_day

DECEASED = "DECEASED"
LOOKING = frozenset({Need.LIST, Need.READ})


def reads_for_heirs(actor: Actor, need: Need, facts: SpaceFacts, *, at: datetime) -> bool:
    """Tell whether this is a look by a physician whom an heir named, and whom the desk let in until later than now."""
    return (
        facts.state == DECEASED
        and actor.kind is ActorKind.PROFESSIONAL
        and need in LOOKING
        and facts.heirs is not None
        and at < facts.heirs.ends_at
    )


def for_heirs(
    actor: Actor,
    facts: SpaceFacts,
    *,
    matrix: HabilitationMatrix,
    at: datetime,
    document: DocumentFacts | None,
) -> Decision:
    """Return the answer to such a look. Whom the person blocked finds what everybody finds: no open space."""
    if not actor.strong:
        return refuse(Reason.WEAK_AUTHENTICATION)
    if actor.profession is None or not matrix.knows(actor.profession):
        return refuse(Reason.UNKNOWN_PROFESSION)
    if standing(actor, facts, at=at).blocked:
        return refuse(Reason.SPACE_NOT_OPEN)
    if document is not None:
        if not matrix.may_consult(profession=actor.profession, type_code=document.type_code, at=legal_day(at)):
            return refuse(Reason.MATRIX)
        if hidden := _hidden_from_heirs(actor, facts, document, at):
            return refuse(hidden)
    return allow(Ground.HEIRS_REQUEST, Obligation.BANNER)


def _hidden_from_heirs(actor: Actor, facts: SpaceFacts, document: DocumentFacts, at: datetime) -> Reason | None:
    if document.status == "deleted" or document.masque_ps or document.invisible_patient:
        return Reason.HIDDEN
    if document.invisible_representants or _withheld(facts, document):
        return Reason.HIDDEN
    if guarded(facts, document):
        return Reason.SAFEGUARDED
    return Reason.RESTRICTED if restricted(actor, facts, document, at=at, lifted=False) else None


def _withheld(facts: SpaceFacts, document: DocumentFacts) -> bool:
    """What a grown minor had for themselves stays theirs."""
    return facts.heirs is not None and document.type_code in facts.heirs.withheld
