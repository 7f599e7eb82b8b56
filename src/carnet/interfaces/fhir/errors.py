"""What only this door can refuse: bytes that are not FHIR JSON, and what HTTP has its own words for."""

from carnet.kernel.errors import CarnetError, Conflict, Invalid, Problem, Unsupported


class Malformed(Invalid):
    """Not a resource we can read: 400. Rules broken by a readable resource are `Invalid`: 422."""


class MediaTypeRefused(Unsupported):
    """The body is not FHIR JSON: 415."""


class NotAcceptable(Unsupported):
    """The client wants an answer in a format we do not write: 406."""


class InteractionUnknown(Unsupported):
    """The interaction is not offered here: 405."""


class VersionPassed(Conflict):
    """`If-Match` names another version than the one there is: 412."""


class RangeNotSatisfiable(Invalid):
    """The range begins behind the end: 416. length: of the content, in bytes."""

    def __init__(self, length: int) -> None:
        super().__init__(
            Problem(
                "range-not-satisfiable",
                "La plage demandée commence après la fin du document.",
                "The range asked for begins after the end of the document.",
            )
        )
        self.length = length


class TooMany(CarnetError):
    """Too many questions about people who are not there, or `problem`: 429. seconds: until the next question."""

    def __init__(self, seconds: int, problem: Problem | None = None) -> None:
        super().__init__(
            problem
            or Problem(
                "too-many-unknown",
                "Trop de recherches sans résultat. Réessayez plus tard.",
                "Too many searches without a result. Please try again later.",
            )
        )
        self.seconds = seconds


def malformed(code: str, fr: str, en: str, path: str | None = None) -> Malformed:
    """Return a Malformed with one problem, to be raised."""
    return Malformed(Problem(code, fr, en, path))
