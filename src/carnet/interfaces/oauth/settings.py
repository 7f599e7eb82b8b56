"""Where this authorisation server is, for whom its tokens are, and how long they live."""

from datetime import timedelta

import msgspec


class OauthSettings(msgspec.Struct, frozen=True, kw_only=True):
    """base_url: public address of the site; fhir_base: the `aud` of access tokens; both without a trailing slash.

    same_organisation: refuse a professional whose organisation is not the software's. Off: a professional may use the
    software of a place other than the one their card names, and the journal says both.
    """

    base_url: str
    fhir_base: str
    token_life: timedelta = timedelta(minutes=5)
    same_organisation: bool = False

    @property
    def issuer(self) -> str:
        """The `iss` of access tokens."""
        return self.base_url

    @property
    def token_endpoint(self) -> str:
        """The address of the token endpoint: the only `aud` a client assertion may have."""
        return f"{self.base_url}/oauth/token"

    @property
    def authorization_endpoint(self) -> str:
        """Where a launched software sends the professional's browser."""
        return f"{self.base_url}/oauth/authorize"

    @property
    def jwks_uri(self) -> str:
        """Where the public keys of access tokens are."""
        return f"{self.base_url}/oauth/jwks"
