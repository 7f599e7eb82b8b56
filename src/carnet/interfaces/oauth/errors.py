"""Refusals in OAuth words (RFC 6749 §5.2, RFC 8693 §2.2.2): a code, and words.

Why a proof failed is said to whoever holds the key only.
"""

from typing import Any

from litestar.response import Response

_STATUS = {"invalid_client": 401, "slow_down": 429, "temporarily_unavailable": 503}
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class OauthError(Exception):
    """A refusal. description: about the form of the request, or of what a registered key signed; never about other
    keys or tokens, nor who exists. Printable ASCII without quotes (RFC 6749 §5.2).
    """

    def __init__(self, error: str, description: str = "", *, retry_after: int | None = None) -> None:
        super().__init__(error)
        self.error = error
        self.description = description
        self.retry_after = retry_after

    def response(self) -> Response[Any]:
        """Return the JSON answer."""
        content = {"error": self.error} | ({"error_description": self.description} if self.description else {})
        headers = NO_STORE | ({"Retry-After": str(self.retry_after)} if self.retry_after else {})
        return Response(content, status_code=_STATUS.get(self.error, 400), headers=headers)
