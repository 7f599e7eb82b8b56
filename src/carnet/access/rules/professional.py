"""The professional's side of the decision. Pure.

Order: strength of authentication, block, mode and authorisation, matrix, confidentiality codes, the person's own
restrictions. A block holds in every mode; the matrix applies in every mode (mes.md §3.2, decision 0030).
"""

from datetime import datetime

from carnet.access.data import DocumentFacts, Mode, Need, SpaceFacts
from carnet.access.rules.emergency import GROUNDS, allowed_by_person, mode_in_force
from carnet.access.rules.lines import Standing, ground_of, standing
from carnet.access.rules.matrix import HabilitationMatrix
from carnet.access.rules.own_rules import restricted
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Decision, Ground, Obligation, Reason, allow, refuse
from carnet.kernel.legal_day import legal_day

ABOUT_THE_SPACE = frozenset({Need.RECORD_CONSENT, Need.BLOCK_OTHERS, Need.BREAK_GLASS, Need.REGULATE})
READING = frozenset({Need.LIST, Need.READ})


def professional(
    actor: Actor,
    need: Need,
    facts: SpaceFacts,
    *,
    matrix: HabilitationMatrix,
    at: datetime,
    document: DocumentFacts | None,
) -> Decision:
    """Return the answer for a professional who does not feed the space."""
    if not actor.strong:
        return refuse(Reason.WEAK_AUTHENTICATION)
    if actor.profession is None or not matrix.knows(actor.profession):
        return refuse(Reason.UNKNOWN_PROFESSION)
    mine = standing(actor, facts, at=at)
    if mine.blocked:
        return refuse(Reason.BLOCKED)
    if need in ABOUT_THE_SPACE:
        return _about_the_space(actor, need, facts, mine)
    mode = mode_in_force(facts, at=at) if need in READING else Mode.NORMAL
    if not mine.permits and mode is Mode.NORMAL:
        return refuse(Reason.NO_AUTHORISATION)
    if need is Need.MASK and document is not None and not mine.administrator:
        return allow(Ground.DEPOSITOR) if is_depositor(actor, document) else refuse(Reason.NOT_AUTHOR)
    if need not in READING and need is not Need.MASK:
        return refuse(Reason.NOT_A_READER)
    if document is not None:
        if not matrix.may_consult(profession=actor.profession, type_code=document.type_code, at=legal_day(at)):
            return refuse(Reason.MATRIX)
        if hidden := _hidden_from(actor, document, facts, mine, mode, at):
            return refuse(hidden)
    return _permitted(actor, mine, mode)


def _about_the_space(actor: Actor, need: Need, facts: SpaceFacts, mine: Standing) -> Decision:
    if need is Need.RECORD_CONSENT:
        return allow(Ground.DUTY)
    if need is Need.BLOCK_OTHERS:
        return allow(Ground.ADMINISTRATOR) if mine.administrator else refuse(Reason.NOT_ADMINISTRATOR)
    if need is Need.REGULATE and not actor.regulation:
        return refuse(Reason.NOT_REGULATION)
    mode = Mode.CENTRE_15 if need is Need.REGULATE else Mode.BRIS_DE_GLACE
    return allow(GROUNDS[mode]) if allowed_by_person(facts, mode) else refuse(Reason.EMERGENCY_OFF)


def _hidden_from(
    actor: Actor, document: DocumentFacts, facts: SpaceFacts, mine: Standing, mode: Mode, at: datetime
) -> Reason | None:
    """What a depositor wrote stays theirs to read (R1111-49 CSP); for others, codes first, then the person's wishes."""
    if document.status == "deleted":
        return Reason.HIDDEN
    if is_depositor(actor, document):
        return None
    lifted = mode is not Mode.NORMAL and facts.allow_masked_in_emergency
    if document.masque_ps and not mine.administrator and not lifted:
        return Reason.HIDDEN
    return Reason.RESTRICTED if restricted(actor, facts, document, at=at, lifted=lifted) else None


def _permitted(actor: Actor, mine: Standing, mode: Mode) -> Decision:
    """An emergency was told when it began; what rests on the list is told the first time."""
    if mode is not Mode.NORMAL:
        return allow(GROUNDS[mode], Obligation.BANNER)
    ground = ground_of(mine.permits, actor)
    return allow(ground, Obligation.NOTIFY_FIRST_ACCESS) if mine.never_came else allow(ground)


def is_depositor(actor: Actor, document: DocumentFacts) -> bool:
    """The professional who wrote it, or the organisation it came from (R1111-49 CSP)."""
    return (actor.rpps is not None and document.author_rpps == actor.rpps) or (
        actor.organisation is not None and document.author_finess == actor.organisation
    )
