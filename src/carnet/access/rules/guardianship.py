"""A guardian recorded or ended at the desk: what has to be shown, what the answer may be. Pure.

Two agents and a scanned judgment, as for heirs: a guardian reads and decides in somebody else's space. Which measures
there are, and how long one lasts, is `record_guardian`'s. Source: art. 425, 442, 447, 459, 467, 494-1 code civil;
decision 0247.
"""

from enum import StrEnum

from carnet.kernel.errors import Problem


class Measure(StrEnum):
    """What a judgment says. OVER: an earlier measure ends, or goes to somebody else."""

    TUTELLE = "tutelle"
    CURATELLE = "curatelle"
    HABILITATION = "habilitation"
    OVER = "over"


class NotRecorded(StrEnum):
    """Why a request is refused. PROOF: not readable, or of other people; OTHER: the judgment says something else."""

    PROOF = "proof"
    OTHER = "other"


NO_MEASURE = Problem("measure", "Choisissez ce que dit le jugement.", "Choose what the judgment says.", "mesure")
NO_COURT = Problem("court", "Écrivez quel tribunal a jugé.", "Write which court judged.", "tribunal")
NO_NUMBER = Problem("judgment-number", "Écrivez le numéro du jugement.", "Write the number of the judgment.", "numero")
NO_DAY = Problem("judgment-day", "Écrivez la date du jugement.", "Write the date of the judgment.", "jugement")
DAY_TO_COME = Problem(
    "judgment-to-come", "Cette date n'est pas encore passée.", "This date has not passed yet.", "jugement"
)
NO_JUDGMENT = Problem("judgment-missing", "Joignez le jugement numérisé.", "Attach the scanned judgment.", "lettre")
BY_PAPER = Problem(
    "judgment-by-paper",
    "Un jugement se montre au guichet, ou s'envoie par courrier.",
    "A judgment is shown at the counter, or sent by post.",
    "lettre",
)
OTHER_PROTECTED = Problem(
    "protected-traits",
    "Ce nom et cette date ne sont pas ceux du contact en cours.",
    "This name and this date are not those of the contact under way.",
    "nom",
)
NOBODY_THERE = Problem(
    "guardian-unknown",
    "Personne ne correspond à ce numéro, ce nom et cette date ensemble. Faites-les vérifier.",
    "Nobody has this number, this name and this date together. Have them checked.",
    "ins",
)
GUARDS_THEMSELVES = Problem(
    "guardian-themselves",
    "Ce numéro est celui de la personne protégée.",
    "This is the number of the protected person.",
    "ins",
)
NOT_A_GUARDIAN = Problem(
    "not-a-guardian",
    "Aucune mesure en cours n'est confiée à cette personne.",
    "No measure in force is entrusted to this person.",
    "ins",
)
ASKED_ALREADY = Problem(
    "guardianship-asked",
    "Une demande pour ces deux personnes attend déjà la réponse d'un autre agent.",
    "A request for these two people is waiting for another agent's answer already.",
)
GUARDIANSHIP_FOUR_EYES = Problem(
    "four-eyes",
    "Vous avez enregistré cette demande : un autre agent doit y répondre.",
    "You recorded this request: another agent has to answer it.",
)
GUARDIANSHIP_ANSWERED = Problem(
    "guardianship-answered", "Cette demande a déjà sa réponse.", "This request has its answer already."
)
