"""Every way Carnet says no, as data a door can translate.

A door (FHIR, page, SMTP) turns these into its own words and status; nothing below a door knows about HTTP.
Messages never echo what the caller sent: a refused title may itself be a health fact.
"""

import msgspec


class Problem(msgspec.Struct, frozen=True):
    """One thing wrong with an input.

    code: stable machine word (kebab-case); fr/en: the reason for people; path: FHIRPath-like element path or form
    field, None when the whole input is at fault.
    """

    code: str
    fr: str
    en: str
    path: str | None = None

    def text(self, language: str) -> str:
        """Return the reason in `language` ("fr" or "en"); French when unknown."""
        return self.en if language == "en" else self.fr


class CarnetError(Exception):
    """Base of everything Carnet refuses knowingly."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(f"{p.code}@{p.path or '-'}" for p in problems) or type(self).__name__)
        self.problems = problems


class Invalid(CarnetError):
    """The input breaks a rule; nothing was stored."""


class Unsupported(Invalid):
    """The media type or interaction is not one we accept."""


class TooLarge(Invalid):
    """The input exceeds a size limit (bytes, depth, count)."""


class Conflict(Invalid):
    """The input contradicts what is already stored (same identifier, other bytes; stale version)."""


class Refused(CarnetError):
    """A decision said no. Carries the reason as its only problem."""


class NotFound(CarnetError):
    """It does not exist for this reader: absent, hidden and another space's thing are one and the same answer."""


class Unauthenticated(CarnetError):
    """No valid proof of who is asking."""


class Unavailable(CarnetError):
    """A dependency (database, object store, scanner) cannot serve now; retrying later may succeed."""
