"""Who may do what, written a second time from the texts, so that the rule has something to disagree with.

Sources: DESIGN §5; CSP L1110-12, L1111-17 to L1111-19, R1111-36, R1111-46 to R1111-49; the confidentiality codes of
JDV_J08; the decision order of the research notes (§3.2) and the rules P3, P5, P7, P8, P9, P13, D6, D8, D17 there; where
they are silent, decision 0030. It shares no code, no type and no vocabulary with `carnet.access`.
"""

from typing import NamedTuple

LIVING = ("OPEN", "ACTIVE")
DEAD = "DECEASED"


class Line(NamedTuple):
    """A line of the person's list. names: "me", "my house", "my team" (one the person recorded), "somebody else", or
    somebody else with whom I share it: "a colleague of my house", "a colleague of my team".

    when: "now", "later", "over", "ended".
    """

    lets_in: bool
    names: str
    when: str = "now"
    administrator: bool = False
    used: bool = True


class Wish(NamedTuple):
    """A finer wish. hides: from those it names; else it shows to them alone.

    names: "me", "my profession", "my house", "everyone", "somebody else". covers: "this", "its category", "what came
    since" (and it did), "everything"; or "another", "another category", "what comes" (and it came before).
    """

    hides: bool
    names: str
    covers: str
    when: str = "now"


class Case(NamedTuple):
    """One situation, in words.

    who: "person", "professional", "software", "system", "operator". home: the asker's own space is "this", "other" or
    "none". profession: what the matrix says of it for this document: "yes", "no", "unknown", or "none" when the token
    names none. author: "me", "my house", "somebody else", "the person", or "the person, through my house" (a document
    the person wrote and my organisation sent). software: "none", "active", "suspended".

    home is also whom a representative or carer acts for, and the patient a professional's software was launched for.
    not_for_parents: INVISIBLE_REPRESENTANTS_LEGAUX. urgency: what was granted to this very session, "none", "glass" or
    "regulation"; urgent_when: "now", "over" or "later". lets: which switches the person left on, of "glass",
    "regulation", "masked". apart: "no", "by its type", "by hand", "another by hand". proved_again: a fresh second proof
    lasts. regulates: the signed identity says so. told: whoever asks said all of the document; what they left out
    counts as covered by any wish.

    heirs: whether an heir named this professional and the desk let them in: "no", "now", "over"; own_affairs: whoever
    died was a grown minor, and the document tells of what they had for themselves.

    Of a representative or carer: delegation: "now", "later", "over", "none" (refused, ended, never accepted) or "of the
    other kind"; left_out: the person kept this category from them; grown: what the child's age took away, "nothing",
    "affairs" (their own affairs), "changing" or "both"; tells: the document tells of such affairs;
    part: what the person gave them, "documents", "both" (the agenda too) or "agenda" (nothing else).
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
    not_for_parents: bool = False
    urgency: str = "none"
    urgent_when: str = "now"
    lets: frozenset[str] = frozenset({"glass", "regulation"})
    wishes: tuple[Wish, ...] = ()
    apart: str = "no"
    proved_again: bool = False
    regulates: bool = False
    delegation: str = "now"
    left_out: bool = False
    grown: str = "nothing"
    tells: bool = False
    part: str = "documents"
    heirs: str = "no"
    own_affairs: bool = False


def may_know_of_it(case: Case) -> bool:
    """May this asker learn that the document exists?"""
    return not reasons_to_hide(case)


def may_open_it(case: Case) -> bool:
    """May this asker read what it says? A document its author took back is shown to the person as taken back, shut."""
    return may_know_of_it(case) and case.status != "deleted"


def may_look_in(case: Case) -> bool:
    """May this asker ask for the list at all, whatever is on it?"""
    innocuous = case._replace(
        status="current",
        masked=False,
        announced_first=False,
        not_for_parents=False,
        wishes=(),
        apart="no",
        left_out=False,
        own_affairs=False,
    )._replace(tells=False)
    known = {"yes": "yes", "no": "yes"}.get(case.profession, "no")
    return not reasons_to_hide(innocuous._replace(profession=known))


def reasons_to_hide(case: Case) -> list[str]:
    """Every reason, not only the first one: a rule that forgets one of two is wrong only where the other is absent."""
    why = []
    if case.state not in LIVING and not _sent_by_heirs(case):
        why.append("R1111-36: only an open or active space is read")
    if case.software == "suspended":
        why.append("a suspended software sees nothing more")
    if not case.strong:
        why.append("strong, individual authentication")
    if case.who == "person":
        why += _hidden_from_a_person(case)
    elif case.who in {"representative", "carer"}:
        why += _hidden_from_those_who_act_for_a_person(case)
    elif case.who == "professional" and case.state == DEAD:
        why += _hidden_from_whom_heirs_sent(case)
    elif case.who == "professional":
        why += _hidden_from_a_professional(case)
    else:
        why.append("L1111-18: nobody else has a path to content")
    return why


def _sent_by_heirs(case: Case) -> bool:
    """L1110-4 V, L1111-7: of the dead, by a physician an heir named, as long as the desk let them in."""
    return case.who == "professional" and case.state == DEAD and case.heirs == "now"


def _hidden_from_whom_heirs_sent(case: Case) -> list[str]:
    """Whatever was kept from anybody is kept from heirs; no emergency, no deposit of one's own shows more."""
    why = []
    if case.home == "other":
        why.append("launched for one patient, good for no other")
    if any(applies(line, case) and not line.lets_in for line in case.lines):
        why.append("whom the person kept out stays out")
    if case.profession != "yes":
        why.append("the matrix of professions and documents, unknown pairs denied")
    if case.status == "deleted":
        why.append("taken back by its author")
    if case.masked or case.announced_first or case.not_for_parents:
        why.append("masked, not announced yet, kept from representatives")
    if case.own_affairs:
        why.append("L1111-5: a grown minor's own affairs stay theirs")
    if _kept_apart(case):
        why.append("topics kept apart never reach heirs")
    if any(_keeps_it_from_me(wish, case) for wish in case.wishes):
        why.append("a wish of the person's own")
    return why


def _hidden_from_a_person(case: Case) -> list[str]:
    why = []
    if case.home != "this":
        why.append("one space never sees another")
    if case.announced_first:
        why.append("INVISIBLE_PATIENT: to be announced by a professional first")
    if _kept_apart(case) and not case.proved_again:
        why.append("kept out of the simple session")
    return why


def _hidden_from_those_who_act_for_a_person(case: Case) -> list[str]:
    why = []
    if case.home != "this":
        why.append("they act for one person")
    if case.delegation != "now":
        why.append("A10, A11, T26: from its first to its last day, of its kind, and nobody ended it")
    if case.part == "agenda":
        why.append("agenda only: nothing of the rest")
    if case.left_out:
        why.append("everything but what the person left out")
    if case.grown in {"affairs", "both"} and case.tells:
        why.append("L1111-5: a grown child's own affairs")
    if case.announced_first:
        why.append("INVISIBLE_PATIENT: nor to representatives, carers")
    if case.not_for_parents:
        why.append("INVISIBLE_REPRESENTANTS_LEGAUX: never, also not later")
    if _kept_apart(case):
        why.append("topics kept apart never reach them")
    return why


def _kept_apart(case: Case) -> bool:
    return case.apart in {"by its type", "by hand"}


def in_an_emergency(case: Case) -> bool:
    """L1111-17, R1111-48, P7: granted to this session, not over, and the person has not refused that kind."""
    return case.urgency in case.lets and case.urgent_when == "now"


def _hidden_from_a_professional(case: Case) -> list[str]:
    why = []
    if case.home == "other":
        why.append("launched for one patient, good for no other")
    mine = [line for line in case.lines if applies(line, case)]
    lets_in = [line for line in mine if line.lets_in]
    if not all(line.lets_in for line in mine):
        why.append("a blocked professional never reads (P3)")
    if not lets_in and not in_an_emergency(case):
        why.append("R1111-46: nobody reads without the person's agreement, emergencies aside")
    if case.profession != "yes":
        why.append("the matrix of professions and documents, unknown pairs denied")
    if case.status == "deleted":
        why.append("taken back by its author")
    if _deposited_it(case):
        return why  # R1111-49: what is made inaccessible stays readable to whoever deposited it
    shown_in_urgency = in_an_emergency(case) and "masked" in case.lets
    if case.masked and not shown_in_urgency and not any(line.administrator for line in lets_in):
        why.append("MASQUE_PS: for the person, the depositor (R1111-49) and administrators (P5)")
    for wish in case.wishes:
        refuses_me = wish.hides and wish.names == "me"
        if _keeps_it_from_me(wish, case) and (refuses_me or not shown_in_urgency):
            why.append("a wish of the person's own")
    return why


def _keeps_it_from_me(wish: Wish, case: Case) -> bool:
    if wish.when != "now" or wish.covers in {"another", "another category", "what comes"}:
        return False
    names_me = (
        wish.names in {"me", "everyone"}
        or (wish.names == "my profession" and case.profession in {"yes", "no"})
        or (wish.names == "my house" and case.house)
    )
    return names_me == wish.hides


def _deposited_it(case: Case) -> bool:
    return case.author == "me" or (case.house and case.author in {"my house", "the person, through my house"})


def applies(line: Line, case: Case) -> bool:
    """In force now, and about this professional, the house they act for, or a care team of theirs (L1110-12)."""
    about_my_house = line.names in {"my house", "a colleague of my house"}
    about_my_team = line.names in {"my team", "a colleague of my team"}
    return line.when == "now" and (line.names == "me" or about_my_team or (about_my_house and case.house))


def person_must_hear_of_it(case: Case) -> bool:
    """P2: the first access of a professional is told to the person. An emergency was told when it began."""
    if in_an_emergency(case) or case.state == DEAD:
        return False
    mine = [line for line in case.lines if applies(line, case) and line.lets_in]
    return case.who == "professional" and may_know_of_it(case) and not any(line.used for line in mine)


def must_say_whose_it_is(case: Case) -> bool:
    """A banner over what nobody agreed to: an emergency, and the reading for an heir."""
    return case.who == "professional" and (in_an_emergency(case) or case.state == DEAD)


def on_what_ground(case: Case) -> str:
    """On what a professional's permitted access rests: an heir's request once the person died; an emergency, else a
    line naming them, their house, a team.
    """
    if case.state == DEAD:
        return "an heir"
    if in_an_emergency(case):
        return case.urgency
    named = {line.names for line in case.lines if line.lets_in and applies(line, case)}
    return next((name for name in ("me", "my house") if name in named), "a team")


def may_hide(case: Case) -> bool:
    """R1111-49, P5: the person any document they may open; among professionals its depositor and administrators.

    An emergency is for reading: it gives nobody the right to change what others see.
    """
    if case.who == "carer" or case.state not in LIVING or not may_open_it(case._replace(urgency="none")):
        return False
    if case.who == "representative":
        return _may_change_for_them(case)
    administers = any(line.administrator for line in case.lines if line.lets_in and applies(line, case))
    return case.who == "person" or administers or _deposited_it(case)


def may_deposit(case: Case) -> bool:
    """L13, P9, P3: feeding asks an open space and an identified organisation; neither agreement nor block matters."""
    if case.state not in LIVING or case.software == "suspended":
        return False
    if case.who == "person":
        return case.strong and case.home == "this"
    if case.who in {"representative", "carer"}:
        return _may_change_for_them(case)
    if case.who == "professional":
        return case.strong and case.house and case.home != "other"
    return case.who == "software" and case.house


def _may_change_for_them(case: Case) -> bool:
    """A12: adding, changing and taking back in somebody's name, while the delegation lasts and is not for looking."""
    may_change = case.grown not in {"changing", "both"}
    return _acts_now_for_them(case) and may_change and case.part != "agenda"


def _acts_now_for_them(case: Case) -> bool:
    return case.strong and case.home == "this" and case.delegation == "now"


def may_read_the_agenda(case: Case) -> bool:
    """Issue 4 §4, A12: the person, who represents them, the carer it was given to; no professional, no software."""
    if case.state not in LIVING or case.software == "suspended":
        return False
    if case.who == "person":
        return case.strong and case.home == "this"
    if case.who == "carer":
        return _acts_now_for_them(case) and case.part in {"both", "agenda"}
    return case.who == "representative" and _acts_now_for_them(case)


def may_write_in_the_agenda(case: Case) -> bool:
    """Whoever reads it, but who may only look."""
    return may_read_the_agenda(case) and not (case.who != "person" and case.grown in {"changing", "both"})


def may_take_back(case: Case) -> bool:
    """D6, D8, D17: an organisation its own current documents; the person those they added themselves."""
    if not may_deposit(case):
        return False
    if case.who in {"person", "representative", "carer"}:
        return case.author.startswith("the person") and may_open_it(case)
    return case.author == "my house" and case.status == "current"


def may_manage_access(case: Case) -> bool:
    """L1111-19: the list of who is let in belongs to the person; of a child, to who represents them (A3), as long as
    they may change anything and the child has no affairs of their own it would tell of (L1111-5)."""
    living = case.state in LIVING and case.software != "suspended"
    if case.who == "representative":
        return living and _may_change_for_them(case) and case.grown == "nothing"
    return living and case.who == "person" and case.strong and case.home == "this"


def may_manage_carers(case: Case) -> bool:
    """A11, A12: whom to be helped by is the person's own choice; a carer manages no carers."""
    return case.who == "person" and may_manage_access(case)


def may_invite_a_representative(case: Case) -> bool:
    """A10: by the representative there is, while they may change anything; the person needs none of their choosing."""
    living = case.state in LIVING and case.software != "suspended"
    return living and case.who == "representative" and _may_change_for_them(case)


def may_record_consent(case: Case) -> bool:
    """P2, P16: by an explicit act of an identified professional; never over a block."""
    if case.state not in LIVING or case.software == "suspended":
        return False
    blocked = any(applies(line, case) and not line.lets_in for line in case.lines)
    known = case.profession in {"yes", "no"}
    launched_elsewhere = case.home == "other"
    return case.who == "professional" and case.strong and known and not blocked and not launched_elsewhere


def may_hold_or_release(case: Case) -> bool:
    """P14, TD3.3b: whoever sent it decides when it is shown, whatever the person's list says; never the person."""
    return case.who in {"professional", "software"} and may_take_back(case)


def may_block_others(case: Case) -> bool:
    """P5: an administrator the person chose, who is not blocked themselves."""
    lines = [line for line in case.lines if applies(line, case) and line.lets_in]
    return may_record_consent(case) and any(line.administrator for line in lines)


def may_break_the_glass(case: Case) -> bool:
    """L1111-17: a known professional the person neither blocked nor refused emergencies to."""
    return may_record_consent(case) and "glass" in case.lets


def may_regulate(case: Case) -> bool:
    """L1111-17 and P8: regulation by somebody whose identity says so, unless refused."""
    return may_record_consent(case) and case.regulates and "regulation" in case.lets


def may_carry_over(case: Case) -> bool:
    """R1111-40: the house itself puts an earlier record into a living space, and nobody else does."""
    return case.who == "operator" and case.strong and case.state in LIVING and case.software != "suspended"
