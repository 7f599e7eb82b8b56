"""Signs of misuse in the journal: open rules, each explained, over rows of professionals; a person decides afterwards.

An alert accuses nobody: it holds the rows that made it and says in a sentence what was looked for. The rules see who,
when, which space, which act and ground; no content, no name of a patient. What needs identities is seen by marks made
where somebody was looked up or came in, from which neither name, number nor address can be read: that a professional
bears the person's own name or is listed at their address, that people they came to in one month live in one home, and
that numbers they asked for on one day are neighbours.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

READING = frozenset(
    {"list-documents", "search-documents", "read-metadata", "read-document", "download-document", "list-submissions"}
)
COMING_IN = frozenset({"first-access", "open-emergency", "ask-emergency"})
CARING = frozenset({"deposit-document", "replace-document"})
EMERGENCY = frozenset({"bris-de-glace", "centre-15"})
REVIEWED = EMERGENCY | {"heirs-request"}
"""Grounds that were looked at one by one already: an emergency has its review, an heir's request its two agents."""

EXPLAINED = {
    "no-sign-of-care": (
        "A professional read a space where neither they nor their organisation deposited anything, and to which the"
        " person did not give them access themselves."
    ),
    "burst": "A professional read the spaces of many different people in a short time.",
    "repeated-emergencies": "A professional broke the glass again and again within a few days.",
    "same-surname": (
        "A professional came into the space of somebody who bears their own surname and did not give them access"
        " themselves: a relative may be curious, or merely a namesake."
    ),
    "same-address": (
        "A professional came into the space of somebody who lives at the very door where the directory shows the"
        " professional, who did not give them access themselves, and without any sign of care: somebody of the same"
        " house may be curious, or a practice may lie in it. Seen only for whom the insurer's file named when their"
        " space was opened, at the address it gave then."
    ),
    "one-home": (
        "A professional came, within a month, into the spaces of several people of one home, without any sign of care:"
        " a family may be looked through, or a doctor may have met all of it for the first time. Seen as far"
        " as the insurer's file gave addresses when their spaces were opened."
    ),
    "number-order": (
        "A professional searched, in a short time, for many people whose numbers differ in their order only: of one"
        " sex, born in one month and one place. Numbers may have been counted up; a maternity ward looks the same."
    ),
    "probing": "A professional searched for many people in a short time and was refused or opened none of them.",
}


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One journal row as the rules see it. grantee: whom a person gave access to, when that is the act.

    near: the same for numbers a professional asked on one day that are neighbours. alike: of the words `surname` and
    `address`, what they have in common with the person. home: the same for people of one home a professional came to.
    A question about nobody has no space: `space` is the id of its entry in the security journal, and `seq` is 0.
    """

    space: UUID
    seq: int
    at: datetime
    act: str
    outcome: str
    ground: str | None
    actor_kind: str
    actor_id: str
    organisation: str | None
    grantee: str | None = None
    near: str | None = None
    alike: str | None = None
    home: str | None = None


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """From where on the data-protection officer wants to be told."""

    spaces: int = 30
    within: timedelta = timedelta(hours=1)
    emergencies: int = 3
    emergencies_within: timedelta = timedelta(days=7)
    searches: int = 20
    neighbours: int = 10
    of_one_home: int = 3
    homes_within: timedelta = timedelta(days=31)


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule found: whom it is about, and the rows that made it (space, number), oldest first."""

    rule: str
    actor_id: str
    rows: tuple[tuple[UUID, int], ...]
    began_at: datetime


Places = frozenset[tuple[UUID, int]]


def find_misuse(
    rows: Iterable[Row], *, thresholds: Thresholds, judged: Mapping[tuple[str, str], Places] | None = None
) -> list[Alert]:
    """Return the alerts of these rows, whatever their order, oldest first.

    judged: by rule and professional, the rows of alerts somebody closed: they do not count for that rule again.
    """
    known = sorted(rows, key=lambda row: (row.at, row.space, row.seq))

    def fresh(rule: str, own: Sequence[Row]) -> list[Row]:
        done = (judged or {}).get((rule, own[0].actor_id), frozenset()) if own else frozenset()
        return [row for row in own if (row.space, row.seq) not in done]

    cared, let_in = _cared_for(known), _let_in(known)
    told = {
        "no-sign-of-care": _without_care(known, cared | let_in),
        "same-surname": _close(known, "surname", excused=lambda row: (row.space, row.actor_id) in let_in),
        "same-address": _close(known, "address", excused=lambda row: bool(_signs(row) & (cared | let_in))),
    }
    found = [_alert(rule, left) for rule, groups in told.items() for own in groups if (left := fresh(rule, own))]
    by_actor: dict[str, list[Row]] = defaultdict(list)
    for row in known:
        if row.actor_kind == "professional":
            by_actor[row.actor_id].append(row)
    for own in by_actor.values():
        read = [row for row in own if row.act in READING and row.outcome == "done"]
        found += _windows("burst", fresh("burst", read), within=thresholds.within, least=thresholds.spaces, spaces=True)
        broken = fresh("repeated-emergencies", [row for row in read if row.ground in EMERGENCY])
        wide = thresholds.emergencies_within
        found += _windows("repeated-emergencies", broken, within=wide, least=thresholds.emergencies, spaces=True)
        opened = {row.space for row in read}
        searched = [row for row in own if row.act == "find-patient" and row.space not in opened]
        searched = fresh("probing", searched)
        found += _windows("probing", searched, within=thresholds.within, least=thresholds.searches, spaces=False)
        found += _in_order(fresh("number-order", own), thresholds)
        strange = [row for row in own if row.act == "first-access" and not _signs(row) & (cared | let_in)]
        found += _of_one_home(fresh("one-home", strange), thresholds)
    return sorted(found, key=lambda alert: (alert.began_at, alert.rule, alert.actor_id))


_Signs = frozenset[tuple[UUID, str]]
"""Spaces, and the professional or organisation who has to do with each."""


def _cared_for(rows: Sequence[Row]) -> _Signs:
    """Where somebody, or their organisation, deposited something."""
    return frozenset(sign for row in rows if row.act in CARING and row.outcome == "done" for sign in _signs(row))


def _let_in(rows: Sequence[Row]) -> _Signs:
    """Whom persons gave access to themselves."""
    given = (row for row in rows if row.act == "authorise" and row.actor_kind == "person" and row.outcome == "done")
    return frozenset((row.space, row.grantee) for row in given if row.grantee)


def _signs(row: Row) -> _Signs:
    return frozenset((row.space, one) for one in (row.actor_id, row.organisation) if one)


def _without_care(rows: Sequence[Row], known_reason: _Signs) -> Iterable[list[Row]]:
    """The rows of each professional and space read without any sign of care, but for what is reviewed one by one."""
    bare: dict[tuple[str, UUID], list[Row]] = defaultdict(list)
    for row in rows:
        if row.actor_kind != "professional" or row.act not in READING or row.outcome != "done":
            continue
        if row.ground not in REVIEWED and not _signs(row) & known_reason:
            bare[row.actor_id, row.space].append(row)
    return bare.values()


def _close(rows: Sequence[Row], word: str, *, excused: Callable[[Row], bool]) -> Iterable[list[Row]]:
    """For each professional and person they have `word` in common with: how they came in, and what they read there."""
    came = (row for row in rows if row.act in COMING_IN and word in (row.alike or "").split())
    close = {(row.space, row.actor_id) for row in came if not excused(row)}
    theirs: dict[tuple[UUID, str], list[Row]] = defaultdict(list)
    for row in rows:
        if (row.space, row.actor_id) in close and row.outcome == "done" and row.act in READING | COMING_IN:
            theirs[row.space, row.actor_id].append(row)
    return theirs.values()


def _of_one_home(rows: Sequence[Row], thresholds: Thresholds) -> Iterator[Alert]:
    """One alert for each home that one professional came into several spaces of."""
    by_home: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.home is not None and row.outcome == "done":
            by_home[row.home].append(row)
    for came in by_home.values():
        least, within = thresholds.of_one_home, thresholds.homes_within
        yield from _windows("one-home", came, within=within, least=least, spaces=True)


def _in_order(rows: Sequence[Row], thresholds: Thresholds) -> Iterator[Alert]:
    """One alert for each neighbourhood of numbers gone through; the same person asked for again counts once."""
    by_neighbourhood: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.act == "find-patient" and row.near is not None:
            by_neighbourhood[row.near].append(row)
    for asked in by_neighbourhood.values():
        yield from _windows("number-order", asked, within=thresholds.within, least=thresholds.neighbours, spaces=True)


def _windows(rule: str, rows: Sequence[Row], *, within: timedelta, least: int, spaces: bool) -> Iterator[Alert]:
    """One alert for each stretch of `within` that holds at least `least` different spaces (or rows)."""
    first = 0
    while first < len(rows):
        last = first
        while last < len(rows) and rows[last].at - rows[first].at <= within:
            last += 1
        stretch = rows[first:last]
        number = len({row.space for row in stretch}) if spaces else len(stretch)
        if number >= least:
            yield _alert(rule, stretch)
            first = last
        else:
            first += 1


def _alert(rule: str, rows: Sequence[Row]) -> Alert:
    places = tuple((row.space, row.seq) for row in rows)
    return Alert(rule=rule, actor_id=rows[0].actor_id, rows=places, began_at=rows[0].at)
