"""How far and how long somebody may be let in as a carer: what is asked, checked against the settings. Pure."""

from datetime import datetime, timedelta

import msgspec

from carnet.kernel.errors import Invalid, Problem
from carnet.kernel.family_limits import FamilyLimits

PURPOSES = {"hospital": 14, "return-home": 42, "everyday": 365}
"""Ready-made reasons with how many days each lasts: short ones first, nothing without an end."""
CATEGORY_MOST = 20
BAD_END = Problem(
    "carer-end",
    "Choisissez une date de fin à venir, dans un an au plus : vous pourrez prolonger.",
    "Choose an end to come, a year from now at the latest: you may renew it.",
    "ends_at",
)
TOO_MANY = Problem(
    "too-many-carers",
    "Vous avez déjà le plus grand nombre d'aidants possible. Mettez fin à une aide pour en inviter un autre.",
    "You already have as many carers as possible. End one help to invite somebody else.",
    "matricule",
)
HELPS_ENOUGH = Problem(
    "helps-enough",
    "Vous aidez déjà autant de personnes qu'il est possible.",
    "You already help as many people as possible.",
)
ASKED_ALREADY = Problem(
    "asked-already",
    "Cette personne est déjà invitée, ou agit déjà ici.",
    "This person is invited already, or acts here already.",
    "matricule",
)
PARENTS = 2
"""Who is recorded as a child's parent by invitation, at most; whoever else a judge names is recorded by the desk."""
TWO_PARENTS = Problem(
    "two-parents",
    "Deux représentants légaux agissent déjà pour cet enfant.",
    "Two legal representatives act for this child already.",
    "matricule",
)
BY_THE_DESK = Problem(
    "ended-by-the-desk",
    "Le guichet a mis fin à la représentation de cette personne : lui seul peut la rétablir.",
    "The desk ended this person's representation: only the desk can bring it back.",
    "matricule",
)
ONESELF = Problem("oneself", "C'est votre propre numéro.", "This is your own number.", "matricule")
NAMES = Problem(
    "names-missing",
    "Écrivez le nom de naissance, le premier prénom et la date de naissance.",
    "Write the birth name, the first given name and the birth date.",
    "birth_name",
)
AGENDA_ONLY = Problem(
    "agenda-only",
    "Avec l'agenda seulement, cette personne ne lit pas vos messages : décochez-les.",
    "With the agenda only, this person does not read your messages: untick them.",
    "messages",
)
UNKNOWN_PURPOSE = Problem("purpose", "Choisissez pourquoi.", "Choose what for.", "purpose")


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What the person wants of a carer: from when to when, what for, without which categories, with their messages or
    not, with their agenda or not; documents: False for the agenda only.
    """

    starts_at: datetime
    ends_at: datetime
    purpose: str = ""
    withheld: tuple[str, ...] = ()
    messages: bool = False
    documents: bool = True
    agenda: bool = False


def check_wanted(wanted: Wanted, *, limits: FamilyLimits, at: datetime) -> None:
    """Raise Invalid unless it begins now or later, ends, and lasts no longer than the settings let it."""
    longest = timedelta(days=limits.carer_days + 1)
    if wanted.ends_at <= max(at, wanted.starts_at) or wanted.ends_at - at > longest:
        raise Invalid(BAD_END)
    if wanted.purpose and wanted.purpose not in PURPOSES:
        raise Invalid(UNKNOWN_PURPOSE)
    if not wanted.documents and (not wanted.agenda or wanted.messages):
        raise Invalid(AGENDA_ONLY)
    if len(wanted.withheld) > CATEGORY_MOST or not all(one.isidentifier() for one in wanted.withheld):
        raise Invalid(UNKNOWN_PURPOSE)
