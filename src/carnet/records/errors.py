"""What a deposit can be told it did wrong once the space is known: sentences and paths, one place."""

from typing import Final

from carnet.kernel.decisions import Reason
from carnet.kernel.errors import NotFound, Problem


class OfAnotherAuthor(NotFound):
    """What is to be replaced is there, with another author, and the sender may not know: told as not there."""


UNKNOWN_PATIENT: Final = Problem(
    code="unknown-patient",
    fr="Aucun espace ouvert ne correspond à cette identité.",
    en="No open space matches this identity.",
    path="DocumentReference.subject",
)
OTHER_PATIENT: Final = Problem(
    code="patient-disagrees",
    fr="La référence au patient et l'INS transmis désignent deux personnes.",
    en="The patient reference and the INS sent point at two people.",
    path="DocumentReference.subject",
)
ABOUT_WHOM: Final = frozenset({UNKNOWN_PATIENT.code, OTHER_PATIENT.code, str(Reason.TRAITS_DISAGREE)})
"""What a deposit is refused with when it names nobody, or somebody else: whoever guesses collects these."""
NO_TRAITS: Final = Problem(
    code="traits-missing",
    fr="Le nom de naissance, le sexe et la date de naissance sont nécessaires à côté de l'INS.",
    en="Birth name, sex and birth date are needed beside the INS.",
    path="DocumentReference.context.sourcePatientInfo",
)
OTHER_BYTES: Final = Problem(
    code="same-identifier-other-content",
    fr="Un document portant cet identifiant existe déjà avec un autre contenu.",
    en="A document with this identifier already exists with other content.",
    path="DocumentReference.masterIdentifier",
)
DELETED_BEFORE: Final = Problem(
    code="same-identifier-deleted",
    fr="Un document portant cet identifiant a été déposé puis supprimé : il faut un nouvel identifiant.",
    en="A document with this identifier was deposited, then deleted: a new identifier is needed.",
    path="DocumentReference.masterIdentifier",
)
IDENTIFIER_TWICE: Final = Problem(
    code="identifier-twice",
    fr="Deux documents du lot portent le même identifiant.",
    en="Two documents of the submission carry the same identifier.",
    path="Bundle.entry",
)
OTHER_SET: Final = Problem(
    code="same-identifier-other-submission",
    fr="Un lot portant cet identifiant existe déjà avec d'autres documents.",
    en="A submission set with this identifier already exists with other documents.",
    path="List.identifier",
)
UNKNOWN_TARGET: Final = Problem(
    code="replaced-document-unknown",
    fr="Le document à remplacer est introuvable.",
    en="The document to replace cannot be found.",
    path="DocumentReference.relatesTo.target",
)
STALE_TARGET: Final = Problem(
    code="replaced-document-not-current",
    fr="Le document à remplacer n'est plus la version en cours.",
    en="The document to replace is no longer the current version.",
    path="DocumentReference.relatesTo.target",
)
