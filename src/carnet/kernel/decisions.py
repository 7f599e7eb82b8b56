"""The shape of an answer to "may they?": small enums, no clock, no database (DESIGN §5)."""

from enum import StrEnum

import msgspec

from carnet.kernel.errors import Problem, Refused


class Reason(StrEnum):
    """Why a decision says no. Told to software as a code, to people as the sentence beside it."""

    SPACE_NOT_OPEN = "space-not-open"
    WEAK_AUTHENTICATION = "weak-authentication"
    UNKNOWN_PROFESSION = "unknown-profession"
    NOT_A_READER = "not-a-reader"
    OTHER_SPACE = "other-space"
    BLOCKED = "blocked"
    NO_AUTHORISATION = "no-authorisation"
    MATRIX = "matrix"
    HIDDEN = "hidden"
    NOT_AUTHOR = "not-author"
    NOT_YOURS = "not-yours"
    NOT_REGISTERED = "not-registered"
    SUSPENDED = "suspended"
    TRAITS_DISAGREE = "traits-disagree"
    CODES_EXCLUDE_EACH_OTHER = "codes-exclude-each-other"
    NOT_CURRENT = "not-current"
    SCOPE = "scope"
    INVALID_INPUT = "invalid-input"
    RESTRICTED = "restricted"
    SAFEGUARDED = "safeguarded"
    EMERGENCY_OFF = "emergency-off"
    NOT_IN_EMERGENCY = "not-in-emergency"
    NOT_REGULATION = "not-regulation"
    NOT_ADMINISTRATOR = "not-administrator"
    CODE_NEEDED = "code-needed"
    CODE_WRONG = "code-wrong"
    DELEGATION_OVER = "delegation-over"
    BEYOND_DELEGATION = "beyond-delegation"


class Ground(StrEnum):
    """On what a permitted access rests; written in the journal."""

    OWN_SPACE = "own-space"
    AUTHORISED_PROFESSIONAL = "authorised-professional"
    AUTHORISED_ORGANISATION = "authorised-organisation"
    DEPOSITOR = "depositor"
    FEEDING = "feeding"
    DUTY = "duty"
    CARE_TEAM = "care-team"
    ADMINISTRATOR = "administrator"
    BRIS_DE_GLACE = "bris-de-glace"
    CENTRE_15 = "centre-15"
    REPRESENTED = "represented"
    HEIRS_REQUEST = "heirs-request"


class Obligation(StrEnum):
    """What the gate must do beside the act itself."""

    NOTIFY_FIRST_ACCESS = "notify-first-access"
    BANNER = "banner"


SENTENCES: dict[Reason, tuple[str, str]] = {
    Reason.SPACE_NOT_OPEN: ("Aucun espace ouvert ne correspond.", "No open space matches."),
    Reason.WEAK_AUTHENTICATION: (
        "Une authentification forte et nominative est nécessaire.",
        "Strong, personal authentication is needed.",
    ),
    Reason.UNKNOWN_PROFESSION: ("Profession inconnue : accès refusé.", "Unknown profession: access denied."),
    Reason.NOT_A_READER: ("Ce type d'acteur ne lit pas de documents.", "This kind of actor does not read documents."),
    Reason.OTHER_SPACE: ("Rien à cette adresse.", "Nothing at this address."),
    Reason.BLOCKED: ("La personne n'autorise pas cet accès.", "The person does not allow this access."),
    Reason.NO_AUTHORISATION: (
        "La personne n'a pas encore donné son accord à cet accès.",
        "The person has not yet agreed to this access.",
    ),
    Reason.MATRIX: ("Rien à cette adresse.", "Nothing at this address."),
    Reason.HIDDEN: ("Rien à cette adresse.", "Nothing at this address."),
    Reason.NOT_AUTHOR: (
        "Seule l'organisation auteur peut remplacer ou supprimer ce document.",
        "Only the author's organisation may replace or delete this document.",
    ),
    Reason.NOT_YOURS: (
        "Vous pouvez modifier ou supprimer seulement les documents que vous avez ajoutés.",
        "You can change or delete only the documents you added.",
    ),
    Reason.NOT_REGISTERED: ("Logiciel inconnu.", "Unknown software."),
    Reason.SUSPENDED: ("Ce logiciel est suspendu.", "This software is suspended."),
    Reason.TRAITS_DISAGREE: (
        "L'identité transmise ne concorde pas avec celle de l'espace.",
        "The identity sent does not agree with the space's.",
    ),
    Reason.CODES_EXCLUDE_EACH_OTHER: (
        "MASQUE_PS et INVISIBLE_PATIENT ne vont jamais ensemble.",
        "MASQUE_PS and INVISIBLE_PATIENT never go together.",
    ),
    Reason.NOT_CURRENT: ("Cette version n'est plus la version en cours.", "This version is no longer the current one."),
    Reason.INVALID_INPUT: ("Ce qui a été transmis n'est pas valable.", "What was sent is not valid."),
    Reason.RESTRICTED: ("Rien à cette adresse.", "Nothing at this address."),
    Reason.SAFEGUARDED: ("Rien à cette adresse.", "Nothing at this address."),
    Reason.EMERGENCY_OFF: (
        "La personne s'oppose à cet accès en urgence.",
        "The person objects to this access in an emergency.",
    ),
    Reason.NOT_IN_EMERGENCY: (
        "Votre profession ne permet pas cet accès en urgence.",
        "Your profession does not allow this access in an emergency.",
    ),
    Reason.NOT_REGULATION: (
        "Cet accès est réservé aux médecins de la régulation médicale.",
        "This access is for doctors who regulate emergency calls.",
    ),
    Reason.NOT_ADMINISTRATOR: (
        "Seul un médecin administrateur désigné par la personne peut faire cela.",
        "Only an administrator doctor chosen by the person may do this.",
    ),
    Reason.CODE_NEEDED: (
        "La personne demande un code à usage unique pour donner son accord.",
        "The person asks for a one-time code to give their agreement.",
    ),
    Reason.CODE_WRONG: (
        "Ce code n'est pas valable. Demandez-en un nouveau à la personne.",
        "This code is not valid. Ask the person for a new one.",
    ),
    Reason.DELEGATION_OVER: (
        "Vous ne pouvez plus agir dans cet espace : la délégation est terminée.",
        "You may no longer act in this space: the delegation is over.",
    ),
    Reason.BEYOND_DELEGATION: (
        "Vous ne pouvez pas faire cela au nom de cette personne.",
        "You may not do this on behalf of this person.",
    ),
    Reason.SCOPE: ("Le jeton ne porte pas le droit demandé.", "The token does not carry the scope this needs."),
}


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """The answer. `reason` is set when refused, `ground` when allowed."""

    allowed: bool
    reason: Reason | None = None
    ground: Ground | None = None
    obligations: tuple[Obligation, ...] = ()

    @property
    def is_first_access(self) -> bool:
        """Whether the person must be told that this professional came in for the first time."""
        return Obligation.NOTIFY_FIRST_ACCESS in self.obligations

    def raise_if_refused(self) -> None:
        """Raise `Refused` carrying the reason, when the answer is no."""
        if not self.allowed:
            raise Refused(problem_of(self.reason or Reason.NOT_A_READER))


def allow(ground: Ground, *obligations: Obligation) -> Decision:
    """Return a yes resting on `ground`."""
    return Decision(allowed=True, ground=ground, obligations=obligations)


def refuse(reason: Reason) -> Decision:
    """Return a no for `reason`."""
    return Decision(allowed=False, reason=reason)


def problem_of(reason: Reason) -> Problem:
    """Return the sentence people read for `reason`."""
    fr, en = SENTENCES[reason]
    return Problem(code=str(reason), fr=fr, en=en)
