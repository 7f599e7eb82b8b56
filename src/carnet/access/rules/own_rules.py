"""The person's own finer rules: who may not see what, and what stays out of the simple session. Pure.

Restrictions come after the confidentiality codes. Each is judged by itself: a document is kept from a professional as
soon as one restriction keeps it, so that several allow-lists narrow one another.
"""

from datetime import datetime

from carnet.access.data import DocumentFacts, Restriction, RestrictionEffect, SpaceFacts
from carnet.kernel.actors import Actor


def restricted(actor: Actor, facts: SpaceFacts, document: DocumentFacts, *, at: datetime, lifted: bool) -> bool:
    """True when the person keeps `document` from this professional.

    lifted: an emergency for which the person opened what is masked; only a refusal of this very professional stands.
    """
    return any(
        one.in_force(at)
        and covers(one, document)
        and _keeps_from(one, actor)
        and (not lifted or actor.rpps in one.rpps)
        for one in facts.restrictions
    )


def covers(one: Restriction, document: DocumentFacts) -> bool:
    """True when the restriction is about this document."""
    if one.logical_id is not None and document.logical_id != one.logical_id:
        return False
    if one.category is not None and document.category != one.category:
        return False
    return one.received_from is None or document.received_at >= one.received_from


def guarded(facts: SpaceFacts, document: DocumentFacts) -> bool:
    """True when the person keeps it out of the simple session: by its type, or marked by hand (all versions)."""
    return document.type_code in facts.guarded_types or document.logical_id in facts.guarded_documents


def _keeps_from(one: Restriction, actor: Actor) -> bool:
    named = (
        one.everyone
        or actor.rpps in one.rpps
        or actor.profession in one.professions
        or actor.organisation in one.finess
    )
    return named is (one.effect is RestrictionEffect.HIDE)
