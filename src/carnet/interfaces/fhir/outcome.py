"""Every way the house says no, as an OperationOutcome: one table from our errors to FHIR codes and HTTP statuses.

Source: FHIR R4 §2.41 (OperationOutcome), §3.1.0.4 (status codes); http://hl7.org/fhir/issue-type. Nothing the client
sent is repeated: problems hold sentences and paths only.
"""

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from carnet.infra.blobs import BlobDamaged, BlobMissing
from carnet.interfaces.fhir.errors import (
    InteractionUnknown,
    Malformed,
    MediaTypeRefused,
    NotAcceptable,
    RangeNotSatisfiable,
    TooMany,
    VersionPassed,
)
from carnet.kernel.decisions import Reason
from carnet.kernel.errors import (
    CarnetError,
    Conflict,
    Invalid,
    NotFound,
    Problem,
    Refused,
    TooLarge,
    Unauthenticated,
    Unavailable,
    Unsupported,
)

FHIR_JSON: Final = "application/fhir+json"
PROBLEMS: Final = "https://carnet.invalid/fhir/CodeSystem/problem"
RETRY_SECONDS: Final = "2"

STATUSES: Final[tuple[tuple[type[CarnetError], int, str], ...]] = (
    (RangeNotSatisfiable, 416, "invalid"),
    (MediaTypeRefused, 415, "not-supported"),
    (TooMany, 429, "throttled"),
    (NotAcceptable, 406, "not-supported"),
    (InteractionUnknown, 405, "not-supported"),
    (Malformed, 400, "structure"),
    (VersionPassed, 412, "conflict"),
    (Conflict, 409, "conflict"),
    (TooLarge, 413, "too-costly"),
    (Unsupported, 422, "not-supported"),
    (Invalid, 422, "invalid"),
    (Unauthenticated, 401, "login"),
    (Refused, 403, "forbidden"),
    (NotFound, 404, "not-found"),
    (Unavailable, 503, "transient"),
    (BlobMissing, 500, "exception"),
    (BlobDamaged, 500, "exception"),
)
"""The first line whose class fits decides."""

_BY_REASON: Final = {
    Reason.SPACE_NOT_OPEN: (404, "not-found"),
    # whoever is kept out learns no more than that nobody answers: unknown, closed, blocking and a launch for another
    # patient are one (decision 0070)
    Reason.BLOCKED: (404, "not-found"),
    Reason.OTHER_SPACE: (404, "not-found"),
    Reason.CODE_NEEDED: (403, "business-rule"),
    Reason.CODE_WRONG: (403, "business-rule"),
    Reason.EMERGENCY_OFF: (403, "suppressed"),
    Reason.WEAK_AUTHENTICATION: (403, "security"),
    Reason.SCOPE: (403, "security"),
    Reason.SUSPENDED: (403, "suppressed"),
}
_ISSUE_CODES: Final = {
    "required": "required",
    "missing": "required",
    "unknown-code": "code-invalid",
    "too-large": "too-long",
    "twice": "duplicate",
}
NOT_FOUND: Final = Problem("not-found", "Rien à cette adresse.", "Nothing at this address.")
NO_SPACE: Final = Problem(
    "unknown-patient",
    "Aucun espace ouvert ne correspond à cette identité.",
    "No open space matches this identity.",
)
UNEXPECTED: Final = Problem(
    "unexpected",
    "Une erreur est survenue de notre côté. Réessayez plus tard.",
    "Something went wrong on our side. Please try again later.",
)
UNKNOWN_ADDRESS: Final = Problem(
    "unknown-address", "Cette adresse n'existe pas ici.", "This address does not exist here."
)


class Answer(msgspec.Struct, frozen=True):
    """An error as it leaves: status, body, headers beyond the content type."""

    status: int
    body: bytes
    headers: dict[str, str]


def answer_to(error: CarnetError, *, language: str) -> Answer:
    """Return what a client is told of `error`, in "fr" or "en"."""
    status, code = status_and_code(error)
    problems: Iterable[Problem] = error.problems or (UNEXPECTED if status >= 500 else NOT_FOUND,)  # noqa: PLR2004 - HTTP statuses
    if is_about_nobody(error):
        # a closed space, an unknown one and one that keeps this professional out are one and the same answer
        problems = (NO_SPACE,)
    headers: dict[str, str] = {}
    if isinstance(error, Unavailable):
        headers["Retry-After"] = RETRY_SECONDS
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(error.seconds)
    if isinstance(error, RangeNotSatisfiable):
        headers["Content-Range"] = f"bytes */{error.length}"
    body = operation_outcome(problems, language=language, code=code)
    return Answer(status, body, headers)


def is_about_nobody(error: CarnetError) -> bool:
    """Tell whether the answer is that no open space matches."""
    return isinstance(error, Refused) and status_and_code(error)[0] == 404  # noqa: PLR2004 - HTTP statuses


def status_and_code(error: CarnetError) -> tuple[int, str]:
    """Return the HTTP status and the FHIR issue code of `error`."""
    if isinstance(error, Refused):
        reason = next((Reason(one.code) for one in error.problems if one.code in set(Reason)), None)
        if reason in _BY_REASON:
            return _BY_REASON[reason]
    return next(((status, code) for kind, status, code in STATUSES if isinstance(error, kind)), (500, "exception"))


def operation_outcome(problems: Iterable[Problem], *, language: str, code: str, severity: str = "error") -> bytes:
    """Return an OperationOutcome as JSON bytes, one issue a problem."""
    return msgspec.json.encode(outcome_resource(problems, language=language, code=code, severity=severity))


def outcome_resource(
    problems: Iterable[Problem], *, language: str, code: str, severity: str = "error"
) -> dict[str, Any]:
    """Return an OperationOutcome, one issue a problem."""
    return {
        "resourceType": "OperationOutcome",
        "language": language,
        "issue": [_issue(problem, language, code, severity) for problem in problems],
    }


def _issue(problem: Problem, language: str, code: str, severity: str) -> dict[str, Any]:
    text = problem.text(language)
    issue: dict[str, Any] = {
        "severity": severity,
        "code": next((known for end, known in _ISSUE_CODES.items() if problem.code.endswith(end)), code),
        "details": {"coding": [{"system": PROBLEMS, "code": problem.code}], "text": text},
        "diagnostics": text,
    }
    if problem.path:
        issue["expression"] = [problem.path]
    return issue
