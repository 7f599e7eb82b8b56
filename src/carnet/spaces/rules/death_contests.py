"""A death somebody says is a mistake: what must be shown, what the answer may be. Pure.

Two agents and a proof, as for heirs: a death blocks, and taking one back opens what was blocked. Source: art. 5.1.d and
16 GDPR (what is wrong is put right); the delay is L1111-7's. Decision 0235.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Final

from carnet.kernel.errors import Problem

ANSWER_WITHIN: Final = timedelta(days=8)
"""How soon the second agent answers: somebody alive is kept out of their record meanwhile."""

NO_PROOF_OF_LIFE = Problem(
    "proof-of-life",
    "Joignez la preuve : pièce d'identité vue au guichet, ou certificat de vie.",
    "Attach the proof: the identity document seen at the counter, or a life certificate.",
    "lettre",
)
OTHER_PERSON = Problem(
    "contest-traits",
    "Ce nom et cette date ne sont pas ceux du contact en cours.",
    "This name and this date are not those of the contact under way.",
    "nom",
)
CONTESTED_ALREADY = Problem(
    "contested-already",
    "Une demande attend déjà la réponse d'un autre agent.",
    "A request is waiting for another agent's answer already.",
)
CONTEST_FOUR_EYES = Problem(
    "four-eyes",
    "Vous avez enregistré cette demande : un autre agent doit y répondre.",
    "You recorded this request: another agent has to answer it.",
)
CONTEST_ANSWERED = Problem(
    "contest-answered", "Cette demande a déjà sa réponse.", "This request has its answer already."
)


class NotTakenBack(StrEnum):
    """Why a death stands. CONFIRMED: the register of deaths says so."""

    PROOF = "proof"
    CONFIRMED = "confirmed"
