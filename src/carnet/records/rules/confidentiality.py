"""Which confidentiality codes a document ends up with. Pure; the codes are JDV_J08 (CI-SIS)."""

from carnet.kernel.decisions import Reason, problem_of
from carnet.kernel.errors import Invalid
from carnet.records.data import INVISIBLE_PATIENT, INVISIBLE_REPRESENTANTS, MASQUE_PS, NORMAL

MASKS = frozenset({MASQUE_PS, INVISIBLE_PATIENT, INVISIBLE_REPRESENTANTS})
EXCLUSIVE = frozenset({MASQUE_PS, INVISIBLE_PATIENT})
SHARED = frozenset({MASQUE_PS, INVISIBLE_REPRESENTANTS})
"""What hides one version hides them all (threats T16)."""
ANNOUNCED = frozenset({INVISIBLE_PATIENT})
"""What hides a version and those after it: one the person had in sight stays in their sight (decision 0188)."""


def codes_in_force(
    asked: frozenset[str], *, replaced: frozenset[str] = frozenset(), masked_by_default: bool = False
) -> frozenset[str]:
    """Return the codes a new document gets; never empty, N alone when nothing hides it.

    asked: by the depositor. replaced: in force on the version it replaces, which a new version never loosens (threats
    T16). masked_by_default: the person's wish for new documents; an announcement kept from them goes first (mes.md
    P13). Raises Invalid when MASQUE_PS and INVISIBLE_PATIENT would meet: whichever were dropped, somebody would see
    what was hidden from them.
    """
    held = (asked | replaced) & MASKS
    if held >= EXCLUSIVE:
        raise Invalid(problem_of(Reason.CODES_EXCLUDE_EACH_OTHER))
    if masked_by_default and INVISIBLE_PATIENT not in held:
        held |= {MASQUE_PS}
    return held or frozenset({NORMAL})


def labels_of(codes: frozenset[str], *, level: str) -> frozenset[str]:
    """Return what is shown as security labels: what hides the document, and the sender's level (N, R or V)."""
    hiding = codes & MASKS
    return hiding if hiding and level == NORMAL else hiding | {level}
