"""The life of a space as one table: who may become what, after which delay, with what following.

Pure: no clock, no database. The set-based work of the campaign reads the same table (`sources`, `target`), and
docs/lifecycle.md with its diagram is made from it. Ignored here: who may ask (the actions decide), and how an effect is
carried out. Source: mes.md §3.3 (R1111-28, R1111-36, L1111-13-1, L1111-18 CSP).
"""

from datetime import datetime
from enum import StrEnum

import msgspec

from carnet.kernel.life_delays import LifeDelays
from carnet.spaces.rules.delays import PARIS, Unit, after


class State(StrEnum):
    """Where a person's space stands. Before OPEN there is none; `authz` holds the state once there is."""

    NOT_ELIGIBLE = "NOT_ELIGIBLE"
    ELIGIBLE = "ELIGIBLE"
    NOTIFIED = "NOTIFIED"
    OPPOSED = "OPPOSED"
    OPEN = "OPEN"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    CLOSED = "CLOSED"
    DELETION_REQUESTED = "DELETION_REQUESTED"
    DELETED = "DELETED"
    DECEASED = "DECEASED"


class Event(StrEnum):
    """What moves a space from one state to another."""

    GAIN_RIGHTS = "gain-rights"
    LOSE_RIGHTS = "lose-rights"
    INFORM = "inform"
    BOUNCE = "bounce"
    OBJECT = "object"
    RETRACT = "retract"
    OPEN = "open"
    ACTIVATE = "activate"
    SUSPEND = "suspend"
    LIFT_SUSPENSION = "lift-suspension"
    CLOSE = "close"
    CLOSE_SUSPENDED = "close-suspended"
    REOPEN = "reopen"
    ASK_DELETION = "ask-deletion"
    CANCEL_DELETION = "cancel-deletion"
    ERASE_REQUESTED = "erase-requested"
    ERASE_ARCHIVED = "erase-archived"
    DIE = "die"
    TAKE_BACK_DEATH = "take-back-death"


class Effect(StrEnum):
    """What must follow a transition; whoever carries it out must not forget one."""

    SEND_CODE = "send-code"
    START_OBJECTION_DELAY = "start-objection-delay"
    GIVE_RECEIPT = "give-receipt"
    FORGET_ADDRESS = "forget-address"
    CREATE_SPACE = "create-space"
    ACCEPT_TERMS = "accept-terms"
    END_RIGHTS = "end-rights"
    STOP_MAILBOX = "stop-mailbox"
    START_ARCHIVE = "start-archive"
    RESTORE_ARCHIVE = "restore-archive"
    INFORM_HOLDER = "inform-holder"
    BLOCK_SIGN_IN = "block-sign-in"
    END_HEIRS = "end-heirs"
    DESTROY_KEYS = "destroy-keys"
    ISSUE_CERTIFICATE = "issue-certificate"


class Delay(msgspec.Struct, frozen=True):
    """A delay of the table: the setting that holds its number, its unit; at_latest: a limit, not a wait."""

    setting: str
    unit: Unit
    at_latest: bool = False

    def ends(self, since: datetime, *, delays: LifeDelays, zone: str = PARIS) -> datetime:
        """Return the instant it ends, counted from `since` in `zone`."""
        return after(since, getattr(delays, self.setting), self.unit, zone=zone)


class Transition(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the table. by: who may bring it about, in words. law: where it is written.

    once: the states it leads back to this target, where the target depends on what was before (`Facts.once`).
    """

    event: Event
    sources: tuple[State, ...]
    target: State
    by: str
    law: str
    once: tuple[State, ...] = ()
    delay: Delay | None = None
    effects: tuple[Effect, ...] = ()


S, E, F = State, Event, Effect
OBJECTION = Delay("objection_days", Unit.DAYS)
SUSPENSION = Delay("suspension_days", Unit.DAYS)
ARCHIVE = Delay("archive_years", Unit.YEARS)
DELETION = Delay("deletion_months", Unit.MONTHS, at_latest=True)
_CLOSING = (F.END_RIGHTS, F.STOP_MAILBOX, F.START_ARCHIVE, F.INFORM_HOLDER)
_ERASING = (F.DESTROY_KEYS, F.ISSUE_CERTIFICATE, F.INFORM_HOLDER)
_TELLING = (F.SEND_CODE, F.START_OBJECTION_DELAY)
_LIVING = tuple(one for one in State if one not in {S.DELETED, S.DECEASED})
_BACK = (F.END_HEIRS, F.INFORM_HOLDER)
# ## Whoever was told has no code any more and lost weeks of their six: they are told again ##
_BACK_TO = {one: (one, S.NOTIFIED) if one is S.ELIGIBLE else (one,) for one in _LIVING if one is not S.NOTIFIED}
_WITH_SPACE = frozenset({S.OPEN, S.ACTIVE, S.SUSPENDED, S.CLOSED, S.DELETION_REQUESTED})

# fmt: off - a table reads as a table
TABLE: tuple[Transition, ...] = (
    Transition(
        event=E.GAIN_RIGHTS,
        sources=(S.NOT_ELIGIBLE,),
        target=S.ELIGIBLE,
        by="insurer's feed: rights opened, birth",
        law="L1111-13-1",
    ),
    Transition(
        event=E.LOSE_RIGHTS,
        sources=(S.ELIGIBLE, S.NOTIFIED),
        target=S.NOT_ELIGIBLE,
        by="insurer's feed: rights ended",
        law="L1111-13-1",
    ),
    Transition(
        event=E.INFORM,
        sources=(S.ELIGIBLE,),
        target=S.NOTIFIED,
        by="campaign, by e-mail or post",
        law="R1111-28",
        effects=_TELLING,
    ),
    Transition(
        event=E.BOUNCE,
        sources=(S.NOTIFIED,),
        target=S.ELIGIBLE,
        by="mail server; a letter follows and the delay starts again",
        law="R1111-28",
    ),
    Transition(
        event=E.OBJECT,
        sources=(S.ELIGIBLE, S.NOTIFIED),
        target=S.OPPOSED,
        by="the person, by any channel, without an account",
        law="L1111-13-1, R1111-28",
        effects=(F.GIVE_RECEIPT, F.FORGET_ADDRESS),
    ),
    Transition(
        event=E.RETRACT,
        sources=(S.OPPOSED,),
        target=S.OPEN,
        by="the person, at any time",
        law="L1111-13-1",
        effects=(F.CREATE_SPACE, F.GIVE_RECEIPT),
    ),
    Transition(
        event=E.OPEN,
        sources=(S.NOTIFIED,),
        target=S.OPEN,
        by="the daily job, when nobody objected",
        law="R1111-28",
        delay=OBJECTION,
        effects=(F.CREATE_SPACE,),
    ),
    Transition(
        event=E.ACTIVATE,
        sources=(S.NOTIFIED, S.OPPOSED),
        target=S.ACTIVE,
        by="the person, without waiting",
        law="L1111-13-1, R1111-32",
        effects=(F.CREATE_SPACE, F.ACCEPT_TERMS),
    ),
    Transition(
        event=E.ACTIVATE,
        sources=(S.OPEN,),
        target=S.ACTIVE,
        by="the holder, at any time",
        law="R1111-32",
        effects=(F.ACCEPT_TERMS,),
    ),
    Transition(
        event=E.SUSPEND,
        sources=(S.OPEN, S.ACTIVE),
        target=S.SUSPENDED,
        by="the operator: fraud, serious malfunction",
        law="R1111-36",
        effects=(F.INFORM_HOLDER,),
    ),
    Transition(
        event=E.LIFT_SUSPENSION,
        sources=(S.SUSPENDED,),
        target=S.ACTIVE,
        by="the holder objects to the closing, or the incident is solved",
        law="R1111-36",
    ),
    Transition(
        event=E.CLOSE_SUSPENDED,
        sources=(S.SUSPENDED,),
        target=S.CLOSED,
        by="the daily job, when nobody objected",
        law="R1111-36",
        delay=SUSPENSION,
        effects=_CLOSING,
    ),
    Transition(
        event=E.CLOSE,
        sources=(S.OPEN, S.ACTIVE),
        target=S.CLOSED,
        by="the holder, by any channel; a young child's representative with their own",
        law="R1111-36",
        effects=_CLOSING,
    ),
    Transition(
        event=E.REOPEN,
        sources=(S.CLOSED,),
        target=S.ACTIVE,
        by="the holder, or a young child's representative",
        law="R1111-36",
        effects=(F.RESTORE_ARCHIVE, F.ACCEPT_TERMS),
    ),
    Transition(
        event=E.ASK_DELETION,
        sources=(S.CLOSED,),
        target=S.DELETION_REQUESTED,
        by="the holder, in an express request",
        law="R1111-36",
        effects=(F.INFORM_HOLDER,),
    ),
    Transition(
        event=E.CANCEL_DELETION,
        sources=(S.DELETION_REQUESTED,),
        target=S.CLOSED,
        by="the holder, until it is carried out",
        law="R1111-36",
        effects=(F.INFORM_HOLDER,),
    ),
    Transition(
        event=E.ERASE_REQUESTED,
        sources=(S.DELETION_REQUESTED,),
        target=S.DELETED,
        by="the daily job",
        law="R1111-36",
        delay=DELETION,
        effects=_ERASING,
    ),
    Transition(
        event=E.ERASE_ARCHIVED,
        sources=(S.CLOSED, S.DECEASED),
        target=S.DELETED,
        by="the daily job",
        law="R1111-36, L1111-18",
        delay=ARCHIVE,
        effects=_ERASING,
    ),
    Transition(
        event=E.DIE,
        sources=_LIVING,
        target=S.DECEASED,
        by="insurer's feed, or the operator",
        law="L1111-18, L1110-4 V",
        effects=(F.BLOCK_SIGN_IN, F.END_RIGHTS, F.START_ARCHIVE),
    ),
    *(
        Transition(
            event=E.TAKE_BACK_DEATH,
            sources=(S.DECEASED,),
            target=target,
            once=once,
            by="two agents of the desk, upon proof",
            law="GDPR 5.1.d, 16",
            effects=_BACK if target in _WITH_SPACE else (),
        )
        for target, once in _BACK_TO.items()
    ),
)
# fmt: on


class Refusal(StrEnum):
    """Why an event changes nothing."""

    NOT_FROM_HERE = "not-from-here"
    TOO_EARLY = "too-early"


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a transition depends on. since: when the delay of the state began (of NOTIFIED: the sending, t0).

    zone: whose civil days count, by the person's département; once: of the DECEASED, where they stood before.
    """

    since: datetime
    once: State | None = None
    zone: str = PARIS
    delays: LifeDelays = LifeDelays()


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What an event does. changed False and no refusal: it was done before. due: when it may happen, if too early."""

    state: State
    changed: bool = False
    refusal: Refusal | None = None
    effects: tuple[Effect, ...] = ()
    due: datetime | None = None


def transition(state: State, event: Event, *, facts: Facts, at: datetime) -> Outcome:
    """Return what `event` does to a space in `state` at `at`: total, default "changes nothing", safe to repeat."""
    line = next((one for one in TABLE if one.event is event and state in one.sources and _fits(one, facts)), None)
    if line is None:
        done = state in {one.target for one in TABLE if one.event is event}
        return Outcome(state=state, refusal=None if done else Refusal.NOT_FROM_HERE)
    if line.delay is not None and not line.delay.at_latest:
        due = line.delay.ends(facts.since, delays=facts.delays, zone=facts.zone)
        if at < due:
            return Outcome(state=state, refusal=Refusal.TOO_EARLY, due=due)
    return Outcome(state=line.target, changed=True, effects=line.effects)


def _fits(line: Transition, facts: Facts) -> bool:
    return not line.once or facts.once in line.once


def due(state: State, *, facts: Facts) -> tuple[Event, datetime] | None:
    """Return what the daily job will bring about from `state`, and the instant it may (a limit: must, at latest)."""
    for line in TABLE:
        if state in line.sources and line.delay is not None:
            return line.event, line.delay.ends(facts.since, delays=facts.delays, zone=facts.zone)
    return None


def sources(event: Event, target: State) -> tuple[State, ...]:
    """Return the states `event` leads to `target` from: what set-based work may touch."""
    return tuple(state for one in TABLE if one.event is event and one.target is target for state in one.sources)
