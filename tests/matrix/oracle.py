"""Who may do what, written a second time from the texts, so that the rule has something to disagree with.

Sources: DESIGN §5; CSP L1111-17 to L1111-19, R1111-36, R1111-46 to R1111-49; the confidentiality codes of JDV_J08; the
decision order of the research notes (§3.2) and the rules P3, P5, P9, P13, D6, D8, D17 there. It shares no code, no type
and no vocabulary with `carnet.access`. Emergency modes, minors and finer restrictions are in neither yet.
"""

from typing import NamedTuple

LIVING = ("OPEN", "ACTIVE")


class Line(NamedTuple):
    """A line of the person's list. names: "me", "my house", "somebody else". when: "now", "later", "over", "ended"."""

    lets_in: bool
    names: str
    when: str = "now"
    administrator: bool = False
    used: bool = True


class Case(NamedTuple):
    """One situation, in words.

    who: "person", "professional", "software", "system", "operator". home: the asker's own space is "this", "other" or
    "none". profession: what the matrix says of it for this document: "yes", "no", "unknown", or "none" when the token
    names none. author: "me", "my house", "somebody else", "the person", or "the person, through my house" (a document
    the person wrote and my organisation sent). software: "none", "active", "suspended".
    """

    who: str = "professional"
    strong: bool = True
    home: str = "none"
    profession: str = "yes"
    house: bool = True
    software: str = "none"
    state: str = "ACTIVE"
    lines: tuple[Line, ...] = ()
    status: str = "current"
    masked: bool = False
    announced_first: bool = False
    author: str = "somebody else"


def may_know_of_it(case: Case) -> bool:
    """May this asker learn that the document exists?"""
    return not reasons_to_hide(case)


def may_open_it(case: Case) -> bool:
    """May this asker read what it says? A document its author took back is shown to the person as taken back, shut."""
    return may_know_of_it(case) and case.status != "deleted"


def may_look_in(case: Case) -> bool:
    """May this asker ask for the list at all, whatever is on it?"""
    innocuous = case._replace(status="current", masked=False, announced_first=False)
    known = {"yes": "yes", "no": "yes"}.get(case.profession, "no")
    return not reasons_to_hide(innocuous._replace(profession=known))


def reasons_to_hide(case: Case) -> list[str]:
    """Every reason, not only the first one: a rule that forgets one of two is wrong only where the other is absent."""
    why = []
    if case.state not in LIVING:
        why.append("R1111-36: only an open or active space is read")
    if case.software == "suspended":
        why.append("a suspended software sees nothing more")
    if not case.strong:
        why.append("strong, individual authentication")
    if case.who == "person":
        why += _hidden_from_a_person(case)
    elif case.who == "professional":
        why += _hidden_from_a_professional(case)
    else:
        why.append("L1111-18: nobody else has a path to content")
    return why


def _hidden_from_a_person(case: Case) -> list[str]:
    why = []
    if case.home != "this":
        why.append("one space never sees another")
    if case.announced_first:
        why.append("INVISIBLE_PATIENT: to be announced by a professional first")
    return why


def _hidden_from_a_professional(case: Case) -> list[str]:
    why = []
    mine = [line for line in case.lines if applies(line, case)]
    lets_in = [line for line in mine if line.lets_in]
    if not all(line.lets_in for line in mine):
        why.append("a blocked professional never reads (P3)")
    if not lets_in:
        why.append("R1111-46: nobody reads without the person's agreement")
    if case.profession != "yes":
        why.append("the matrix of professions and documents, unknown pairs denied")
    if case.status == "deleted":
        why.append("taken back by its author")
    if case.masked and not _deposited_it(case) and not any(line.administrator for line in lets_in):
        why.append("MASQUE_PS: for the person, the depositor (R1111-49) and administrators (P5)")
    return why


def _deposited_it(case: Case) -> bool:
    return case.author == "me" or (case.house and case.author in {"my house", "the person, through my house"})


def applies(line: Line, case: Case) -> bool:
    """In force now, and about this professional or the house they act for."""
    return line.when == "now" and (line.names == "me" or (line.names == "my house" and case.house))


def person_must_hear_of_it(case: Case) -> bool:
    """P2: the first access of a professional is told to the person."""
    mine = [line for line in case.lines if applies(line, case) and line.lets_in]
    return case.who == "professional" and may_know_of_it(case) and not any(line.used for line in mine)


def on_what_ground(case: Case) -> str:
    """Whose agreement a professional's permitted access rests on: "me" when one names them, else "my house"."""
    return (
        "me" if any(line.names == "me" for line in case.lines if line.lets_in and applies(line, case)) else "my house"
    )


def may_hide(case: Case) -> bool:
    """R1111-49, P5: the person any document they may open; among professionals its depositor and administrators."""
    if not may_open_it(case):
        return False
    administers = any(line.administrator for line in case.lines if line.lets_in and applies(line, case))
    return case.who == "person" or administers or _deposited_it(case)


def may_deposit(case: Case) -> bool:
    """L13, P9, P3: feeding asks an open space and an identified organisation; neither agreement nor block matters."""
    if case.state not in LIVING or case.software == "suspended":
        return False
    if case.who == "person":
        return case.strong and case.home == "this"
    if case.who == "professional":
        return case.strong and case.house
    return case.who == "software" and case.house


def may_take_back(case: Case) -> bool:
    """D6, D8, D17: an organisation its own current documents; the person those they added themselves."""
    if not may_deposit(case):
        return False
    if case.who == "person":
        return case.author.startswith("the person") and not case.announced_first and case.status != "deleted"
    return case.author == "my house" and case.status == "current"


def may_manage_access(case: Case) -> bool:
    """L1111-19: the list of who is let in belongs to the person."""
    living = case.state in LIVING and case.software != "suspended"
    return living and case.who == "person" and case.strong and case.home == "this"


def may_record_consent(case: Case) -> bool:
    """P2, P16: by an explicit act of an identified professional; never over a block."""
    if case.state not in LIVING or case.software == "suspended":
        return False
    blocked = any(applies(line, case) and not line.lets_in for line in case.lines)
    known = case.profession in {"yes", "no"}
    return case.who == "professional" and case.strong and known and not blocked
