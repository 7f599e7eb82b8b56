"""What the providers need to know to start: who may send people to them, where to keep their keys."""

from pathlib import Path

import msgspec


class RelyingParty(msgspec.Struct, frozen=True, kw_only=True):
    """A program registered with an OpenID provider.

    secret: None for a public client, which must then use PKCE. Redirect addresses match character for character
    (OpenID Connect Core §3.1.2.1). direct_grant: may exchange a persona's login and password for tokens.
    """

    client_id: str
    secret: str | None = None
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    direct_grant: bool = False


class ProviderSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One OpenID provider: its issuer address (no trailing slash), its clients, the audience of access tokens."""

    issuer: str
    audience: str
    clients: tuple[RelyingParty, ...]
    key_file: Path
    token_seconds: int = 900
    code_seconds: int = 60
    session_seconds: int = 1800


class SandboxSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses of the sandbox and of the Carnet it stands beside; `home` is CARNET_HOME/sandbox; `mail_port`:
    of Carnet's mail gateway.
    """

    base_url: str
    carnet_url: str
    home: Path
    mail_port: int = 8003

    @property
    def franceconnect(self) -> ProviderSettings:
        """FranceConnect as Carnet's portal and test programs use it."""
        return ProviderSettings(
            issuer=f"{self.base_url}/franceconnect",
            audience=self.carnet_url,
            key_file=self.home / "keys" / "franceconnect.json",
            clients=(
                RelyingParty(
                    client_id="carnet-portal",
                    secret="sandbox-franceconnect-secret",  # noqa: S106  # printed in the README: opens nothing real
                    redirect_uris=(f"{self.carnet_url}/connexion/retour", f"{self.carnet_url}/callback/franceconnect"),
                    post_logout_redirect_uris=(f"{self.carnet_url}/", f"{self.carnet_url}/deconnexion/retour"),
                ),
                RelyingParty(client_id="carnet-programs", direct_grant=True),
            ),
        )

    @property
    def prosanteconnect(self) -> ProviderSettings:
        """Pro Santé Connect as Carnet's professional pages and care software use it."""
        return ProviderSettings(
            issuer=f"{self.base_url}/prosanteconnect",
            audience=self.carnet_url,
            key_file=self.home / "keys" / "prosanteconnect.json",
            clients=(
                RelyingParty(
                    client_id="carnet-pro",
                    secret="sandbox-prosanteconnect-secret",  # noqa: S106  # printed in the README: opens nothing real
                    redirect_uris=(
                        f"{self.carnet_url}/pro/connexion/retour",
                        f"{self.carnet_url}/callback/prosanteconnect",
                    ),
                    post_logout_redirect_uris=(
                        f"{self.carnet_url}/",
                        f"{self.carnet_url}/pro",
                        f"{self.carnet_url}/pro/deconnexion/retour",
                    ),
                ),
                RelyingParty(client_id="carnet-programs", direct_grant=True),
            ),
        )

    @property
    def proconnect(self) -> ProviderSettings:
        """ProConnect as the desk uses it."""
        return ProviderSettings(
            issuer=f"{self.base_url}/proconnect",
            audience=self.carnet_url,
            key_file=self.home / "keys" / "proconnect.json",
            clients=(
                RelyingParty(
                    client_id="carnet-guichet",
                    secret="sandbox-proconnect-secret",  # noqa: S106  # printed in the README: opens nothing real
                    redirect_uris=(f"{self.carnet_url}/guichet/connexion/retour",),
                    post_logout_redirect_uris=(f"{self.carnet_url}/guichet/deconnexion/retour",),
                ),
            ),
        )
