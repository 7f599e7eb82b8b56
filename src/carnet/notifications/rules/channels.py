"""Who is told by which channel? The person's choice, except where the law wants them told."""

from carnet.kernel.decisions import Decision, Ground, Reason, refuse
from carnet.notifications.data import NoticeCode
from carnet.spaces.api import SpaceSettings

ACCESSES = frozenset({NoticeCode.ACCES_DMP_PS, NoticeCode.ACCES_BRIS_GLACE})
"""A professional came, or may come now: asked about until the person says whether they know them."""
CANNOT_BE_SILENCED = ACCESSES | {NoticeCode.BLOCAGE_ACCES}
PORTAL, EMAIL, SMS = "portal", "email", "sms"
SUBJECTS = {
    NoticeCode.AJOUT_DOCUMENT: "documents",
    NoticeCode.MODIF_DOCUMENT: "documents",
    NoticeCode.SUPP_DOC: "documents",
    NoticeCode.REPRISE_DMP: "documents",
    NoticeCode.REMISE_VISIBILITE_AUTO: "documents",
    NoticeCode.RESULTAT_RETENU: "documents",
    NoticeCode.RAPPEL_AGENDA: "agenda",
    NoticeCode.RAPPEL_RDV_USAGER: "agenda",
}
"""What a person may choose not to be e-mailed about; a code that is not here follows the channel alone."""


def is_told(code: str, settings: SpaceSettings, *, channel: str) -> bool:
    """True when `code` is told through `channel`. First and emergency accesses always are (mes.md §3.4), and
    what somebody else changed of who may come.
    """
    if code in CANNOT_BE_SILENCED:
        return True
    quiet = channel == EMAIL and subject_of(code) in settings.quiet_subjects
    return channel in settings.notice_channels and not quiet


def subject_of(code: str) -> str:
    """Return the subject `code` belongs to, empty for none."""
    return next((subject for known, subject in SUBJECTS.items() if known == code), "")


def codes_of(subject: str) -> list[str]:
    """Return the codes whose e-mails say the same: one of them tells of all."""
    return [str(code) for code, one in SUBJECTS.items() if subject and one == subject]


def may_read_notices(in_space: Decision) -> Decision:
    """Return the decision on reading or changing the list: only the person themselves, in their own space.

    in_space: the gate's decision on listing the space; a professional who may list documents still has no list here.
    """
    if in_space.allowed and in_space.ground is not Ground.OWN_SPACE:
        return refuse(Reason.NOT_A_READER)
    return in_space
