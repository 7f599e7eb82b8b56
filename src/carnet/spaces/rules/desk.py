"""What an agent of the desk may do for somebody: which proofs are enough, and which scripts fit where a space stands.

Pure. The proofs by channel are the house's choice, for the law names none: at a counter one identity document, by post
a copy of one, by phone two things only the person should know or hold. Source: mes.md §1.2 R4 (channels), R15 (3422).
"""

from datetime import timedelta
from enum import StrEnum

from carnet.kernel.errors import Problem
from carnet.spaces.rules.channels import Channel
from carnet.spaces.rules.lifecycle import State

NOT_CHECKED = Problem(
    code="identity-not-checked",
    fr="Vérifiez d'abord l'identité de la personne, et notez comment.",
    en="Check the person's identity first, and write down how.",
)
NOT_ENOUGH = Problem(
    code="identity-not-enough",
    fr="Ces preuves ne suffisent pas pour ce moyen de contact.",
    en="These proofs are not enough for this way of contact.",
    path="preuves",
)
PROOF_MISSING = Problem(
    code="proof-missing",
    fr="Joignez la lettre numérisée.",
    en="Attach the scanned letter.",
    path="lettre",
)
NOT_OFFERED = Problem(
    code="not-offered",
    fr="Cela ne peut pas se faire dans l'état actuel de l'espace.",
    en="This cannot be done in the current state of the space.",
)


SCREEN_CODE = Problem(
    code="screen-code",
    fr="Ce code n'ouvre rien. Faites-le relire, ou demandez-en un autre : après trois essais il ne vaut plus.",
    en="This code opens nothing. Have it read again, or ask for another: after three tries it is void.",
    path="code",
)
CODE_ON_ITS_WAY = Problem(
    code="code-on-its-way",
    fr="Une lettre est déjà demandée : elle part avec le prochain envoi.",
    en="A letter has been asked for already: it leaves with the next mailing.",
)
TOO_MANY_CODES = Problem(
    code="too-many-codes",
    fr="Trois lettres ont été demandées en un mois. Proposez FranceConnect, ou un rendez-vous à un guichet.",
    en="Three letters were asked for within a month. Offer FranceConnect, or an appointment at a counter.",
)
CODES_A_MONTH = 3
"""How many letters may be asked for at the desk within thirty days."""
SCREEN_LASTS = timedelta(minutes=15)
"""How long somebody lets the desk know which page they are on, from the moment they ask for a code."""
SCREEN_TRIES = 3
"""How often a code may be mistyped before it is void."""


class Shown(StrEnum):
    """What somebody showed, or answered, to prove who they are."""

    IDENTITY_CARD = "identity-card"
    PASSPORT = "passport"
    RESIDENCE_PERMIT = "residence-permit"
    COPY = "copy"
    VITALE_CARD = "vitale-card"
    CALL_BACK = "call-back"
    INSURER_FILE = "insurer-file"
    REPRESENTATION = "representation"


class Asker(StrEnum):
    """Who asks: the person, or who stands for them (parent of a minor, guardian), with a proof of that too. HEIR: for
    information about somebody who died; they do nothing else.
    """

    PERSON = "person"
    REPRESENTATIVE = "representative"
    HEIR = "heir"


class Script(StrEnum):
    """What a contact is about."""

    OBJECTION = "objection"
    RETRACTION = "retraction"
    ACTIVATION = "activation"
    CLOSING = "closing"
    LOST_ACCESS = "lost-access"
    DISPUTE = "dispute"
    SCREEN = "screen"
    NEW_CODE = "new-code"
    HEIRS = "heirs"
    MISTAKEN_DEATH = "mistaken-death"
    GUARDIANSHIP = "guardianship"


_PAPERS = frozenset({Shown.IDENTITY_CARD, Shown.PASSPORT, Shown.RESIDENCE_PERMIT})
ACCEPTED: dict[Channel, tuple[frozenset[Shown], int]] = {
    Channel.COUNTER: (_PAPERS, 1),
    Channel.POST: (frozenset({Shown.COPY}), 1),
    Channel.PHONE: (frozenset({Shown.VITALE_CARD, Shown.CALL_BACK, Shown.INSURER_FILE}), 2),
}
"""For each channel of the desk: the proofs that count, and how many of them are needed. Who stands for somebody else
shows besides that they do (`Shown.REPRESENTATION`).
"""

_BEFORE = (Script.OBJECTION, Script.ACTIVATION)
_TOLD = (*_BEFORE, Script.NEW_CODE)
_WITH_SPACE = (Script.ACTIVATION, Script.LOST_ACCESS, Script.DISPUTE)
OFFERED: dict[State, tuple[Script, ...]] = {
    State.ELIGIBLE: _BEFORE,
    State.NOTIFIED: _TOLD,
    State.OPPOSED: (Script.RETRACTION, Script.ACTIVATION),
    State.OPEN: (*_WITH_SPACE, Script.NEW_CODE, Script.GUARDIANSHIP, Script.CLOSING),
    State.ACTIVE: (Script.LOST_ACCESS, Script.DISPUTE, Script.SCREEN, Script.GUARDIANSHIP, Script.CLOSING),
    State.SUSPENDED: (Script.LOST_ACCESS,),
    State.DECEASED: (Script.HEIRS, Script.MISTAKEN_DEATH),
}
"""The scripts that fit a state; every other state has none."""


def askers(state: State | None) -> tuple[Asker, ...]:
    """Return who may ask about a space that stands there: heirs about the dead alone, the first to be offered."""
    living = (Asker.PERSON, Asker.REPRESENTATIVE)
    return (Asker.HEIR, *living) if state is State.DECEASED else living


def is_enough(channel: Channel, shown: frozenset[Shown], *, asker: Asker, state: State | None) -> bool:
    """Tell whether what was shown proves who asks, in this channel, and that they may ask for somebody else.

    About somebody noted as dead, a paper at a counter or by post: what they knew and held, those around them do too. In
    what capacity an heir asks, they prove with their request.
    """
    counting, needed = ACCEPTED.get(channel, (frozenset(), 1))
    if state is State.DECEASED and channel is Channel.PHONE:
        return False
    return len(shown & counting) >= needed and (asker is not Asker.REPRESENTATIVE or Shown.REPRESENTATION in shown)


def offered(state: State | None, asker: Asker | None = None) -> tuple[Script, ...]:
    """Return the scripts an agent may follow for somebody whose space stands there. asker: for this one alone."""
    scripts = () if state is None else OFFERED.get(state, ())
    kept = {None: (), Asker.HEIR: (Script.MISTAKEN_DEATH,)}.get(asker, (Script.HEIRS,))
    return tuple(one for one in scripts if one not in kept)
