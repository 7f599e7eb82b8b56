"""The holder comes before, or after, their space opened by itself: it becomes active, once, with the proof they gave.

A code opens one space one time: of two people using it at once, one comes in and the other hears that it was used. Who
is under eighteen, or has somebody who stands for them, does not open a space with a letter alone (mes.md §2.2 A3, A19).
How they will come back is kept in the same transaction: killed in between, nobody is left with an active space and no
way in. Ignored here: what that way is. Source: L1111-13-1, R1111-32 CSP; mes.md §2.2 A2, A6.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime

from carnet.infra import randomness
from carnet.infra.db import Work, rows_in_one_trip, system_work, work
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Ground, Reason, allow, refuse
from carnet.kernel.errors import Conflict, Invalid, Problem
from carnet.kernel.ids import SpaceId
from carnet.spaces.actions.awake import awaken
from carnet.spaces.actions.objection import BLOCKED
from carnet.spaces.actions.open_space import activate_in, open_in
from carnet.spaces.actions.proving import Behind, behind_pass, is_child
from carnet.spaces.actions.terms import accept_in
from carnet.spaces.passes import Pass, ProvedBy
from carnet.spaces.queries.find import find_statement
from carnet.spaces.rules.lifecycle import Event, Refusal, transition

USED = Problem(
    code="code-used",
    fr="Ce code a déjà servi, ou le temps est passé. Recommencez ; si votre espace est ouvert, connectez-vous.",
    en="This code was used already, or your proof has expired. Please start again; if your space is open, sign in.",
)
MINOR = Problem(
    code="minor",
    fr="L'espace d'un enfant s'ouvre et se gère depuis l'espace de ses parents ou de la personne responsable.",
    en="A child's space is opened and managed from the space of their parents or guardian.",
)
REPRESENTED = Problem(
    code="represented",
    fr="Une personne vous représente : ouvrez votre espace avec FranceConnect, ou avec elle à un guichet.",
    en="Somebody represents you: open your space with FranceConnect, or with them at a counter.",
)
TOO_WEAK = Problem(
    code="proof-too-weak",
    fr="Pour ouvrir votre espace, il faut une identification plus sûre : FranceConnect+, ou votre carte Vitale.",
    en="Opening your space needs a stronger proof: FranceConnect+, or your Vitale card.",
)
NO_WAY = Problem(
    code="no-way-back",
    fr="Choisissez d'abord comment vous reviendrez : une clé d'accès, ou un mot de passe.",
    en="First choose how you will come back: a passkey, or a password.",
)
_SPEND = "UPDATE enrolment SET code_digest = NULL, code_until = NULL, code_asked_at = NULL WHERE ins_digest = %s"


Way = Callable[[Work, Actor], Awaitable[object]]
"""Keeps a way of signing in of somebody's own, in the transaction that opens their space."""


async def activate_enrolled(*, actor: Actor, shown: Pass, way: Way | None = None, at: datetime) -> SpaceId:
    """Open and activate the space of the person of a pass, who said yes to the conditions; return it.

    Raises Invalid with the reason it cannot be.

    way: how they come back; the space is active and the letter's code spent once it is kept, or nothing is. Without
    one only who came through an identity provider opens: they come back through it.
    """
    async with system_work(at=at) as w:
        found = await behind_pass(w, shown, actor=actor)
        problem = _problem(found, shown, at=at)
        if problem is None and way is None and shown.by is not ProvedBy.IDENTITY:
            problem = NO_WAY
        decision = refuse(Reason.CODE_WRONG) if problem else allow(Ground.OWN_SPACE)
        await record(w, Act.PROVE_IDENTITY, decision, actor=actor, details={"for": "activation"})
    if problem is not None or found is None or found.person is None:
        raise Invalid(problem or USED)
    rows = (await rows_in_one_trip([find_statement(found.person.ins)], space=None))[0]
    if rows and rows[0][1]:
        await awaken(space=SpaceId(rows[0][0]), digest=found.digest, at=at)
    space = SpaceId(rows[0][0]) if rows else SpaceId(randomness.uuid4())
    async with work(space=space, at=at) as w:
        holder = await _open(w, shown, actor=actor, opened=bool(rows))
        await accept_in(w, actor=holder)
        if way is not None:
            await way(w, holder)
    return space


async def _open(w: Work, shown: Pass, *, actor: Actor, opened: bool) -> Actor:
    """Open the space of a pass that is still worth something, held; return its holder."""
    found = await behind_pass(w, shown, actor=actor)
    if found is None or found.person is None or _problem(found, shown, at=w.at) is not None:
        raise Invalid(USED)
    if opened:
        await w.execute(_SPEND, (found.digest,))
        if not await activate_in(w, actor=actor):
            raise Invalid(USED)
    else:
        person, kept = found.person, found.beneficiary
        email = kept.reach.email if kept else None
        try:
            await open_in(w, actor=actor, ins=person.ins, traits=person.traits, email=email, active=True)
        except Conflict as refused:
            raise Invalid(USED) from refused
    name = found.person.display_name
    return Actor(kind=ActorKind.PERSON, identifier="", name=name, space=w.space_id, strong=True)


def _problem(found: Behind | None, shown: Pass, *, at: datetime) -> Problem | None:
    if found is None or found.person is None:
        return USED
    if not shown.opens:
        return TOO_WEAK
    if transition(found.state, Event.ACTIVATE, facts=found.facts, at=at).refusal is Refusal.NOT_FROM_HERE:
        return BLOCKED
    if is_child(found.person, at=at):
        return MINOR
    represented = found.beneficiary is not None and bool(found.beneficiary.reach.representatives)
    return REPRESENTED if represented and shown.by is ProvedBy.CARD else None
