"""What heirs may ask for, in what capacity, and what the answer may be. Pure.

Source: L1110-4 V CSP (heirs, spouse, partner, PACS partner: to know the causes of death, defend the memory, assert
their rights, unless the person refused while alive; of a minor, the holders of parental authority, for everything but
what the minor kept from them), R1111-7 (a reason asked for, a refusal reasoned), L1111-7 (through a physician).
"""

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from carnet.kernel.errors import Problem
from carnet.kernel.family_limits import FamilyLimits
from carnet.spaces.api import autonomy

READS_FOR = timedelta(days=30)
"""How long the physician reads: ours, no text counts it."""
ANSWER_WITHIN = timedelta(days=8)
"""L1111-7, R1111-1 CSP: the delay of an access by the person, which R1111-7 makes the heirs' too."""

NO_CAPACITY = Problem("capacity", "Dites en quelle qualité la demande est faite.", "Say who is asking.", "qualite")
NO_MOTIVE = Problem("motive", "Choisissez l'un des trois motifs.", "Choose one of the three reasons.", "motif")
NO_STATEMENT = Problem(
    "statement",
    "Écrivez ce que la personne dit de son motif.",
    "Write what the person says of their reason.",
    "expose",
)
NO_PROOF = Problem(
    "heir-proof",
    "Joignez la preuve de la qualité : livret de famille, acte de notoriété, jugement.",
    "Attach the proof of the capacity: family record book, deed of succession, judgment.",
    "lettre",
)
NOT_A_MINOR = Problem(
    "not-a-minor",
    "La personne décédée était majeure : choisissez une autre qualité.",
    "The person was of age when they died: choose another capacity.",
    "qualite",
)
NOT_THIS_PHYSICIAN = Problem(
    "heir-physician",
    "Ce médecin ne peut pas être désigné. Demandez-en un autre.",
    "This physician cannot be named. Ask for another.",
    "rpps",
)
NOT_THEMSELVES = Problem(
    "heir-themselves",
    "Ce numéro est celui de la personne décédée.",
    "This is the number of the deceased person.",
    "ins",
)
OTHER_TRAITS = Problem(
    "deceased-traits",
    "Ce nom et cette date ne sont pas ceux du contact en cours.",
    "This name and this date are not those of the contact under way.",
    "defunt_nom",
)
FOUR_EYES = Problem(
    "four-eyes",
    "Vous avez enregistré cette demande : un autre agent doit y répondre.",
    "You recorded this request: another agent has to answer it.",
)
NO_REASON = Problem("heir-reason", "Choisissez pourquoi elle est refusée.", "Choose why it is refused.", "reponse")
ANSWERED = Problem("heir-answered", "Cette demande a déjà sa réponse.", "This request has its answer already.")


class Capacity(StrEnum):
    """In what capacity somebody asks. PARENT: they held parental authority over a minor who died."""

    SPOUSE = "spouse"
    PARTNER = "partner"
    PACS = "pacs"
    HEIR = "heir"
    PARENT = "parent"


class Purpose(StrEnum):
    """What for: the three reasons of the law, and no other."""

    CAUSES = "causes"
    MEMORY = "memory"
    RIGHTS = "rights"


class Refusal(StrEnum):
    """Why not. PERSON: the person said so while alive; ALIVE: the death was taken back. Nobody chooses these two."""

    PERSON = "person-refused"
    NOT_ENTITLED = "not-entitled"
    MOTIVE = "motive"
    PROOF = "proof"
    ALIVE = "alive"


CHOSEN = (Refusal.NOT_ENTITLED, Refusal.MOTIVE, Refusal.PROOF)
"""The refusals an agent decides upon."""


class AtDeath(msgspec.Struct, frozen=True, kw_only=True):
    """What age decides. minor: not of age; discreet: old enough to have kept affairs from their parents."""

    minor: bool
    discreet: bool


def at_death(birth_date: str, *, limits: FamilyLimits, died_at: datetime) -> AtDeath:
    """Return what the age at `died_at` decides. Raises ValueError when `birth_date` is no date."""
    steps = autonomy(birth_date, limits)
    discreet_from = steps.discreet_from
    minor = died_at < steps.majority
    return AtDeath(minor=minor, discreet=minor and discreet_from is not None and discreet_from <= died_at)


def is_refused_ahead(capacity: Capacity, *, refuses: bool) -> bool:
    """Tell whether the person's word closes this request: what a minor said does not bind their parents as a whole."""
    return refuses and capacity is not Capacity.PARENT
