"""The settings of messaging, turned into what its parts want: names and limits, the relay, the gateway."""

from pathlib import Path

from carnet.config.settings import Settings
from carnet.infra.installation import MailLimits
from carnet.interfaces.mssante.gateway import Gateway
from carnet.interfaces.mssante.outbound import Relay
from carnet.interfaces.mssante.signing import Signer


def mail_limits(settings: Settings) -> MailLimits:
    """Return what messaging is called and how much it takes."""
    return MailLimits(
        domain=settings.mss_domain,
        software=settings.mss_software,
        message_bytes=settings.mss_message_bytes,
        attachment_bytes=settings.mss_attachment_bytes,
        hourly_persons=settings.mss_hourly_persons,
        bin_days=settings.mss_bin_days,
    )


def gateway_of(settings: Settings) -> Gateway:
    """Return where the gateway listens and whom it trusts."""
    return Gateway(
        host=settings.mss_host,
        port=settings.mss_port,
        domain=settings.mss_domain,
        most_bytes=settings.mss_message_bytes,
        peers=_path(settings.mss_peers),
        certificate=_path(settings.mss_certificate),
        key=_path(settings.mss_key),
        ca_file=_path(settings.mss_ca_file),
    )


def relay_of(settings: Settings) -> Relay:
    """Return where mail that leaves is handed over."""
    return Relay(
        host=settings.mss_relay_host,
        port=settings.mss_relay_port,
        tls=settings.mss_relay_tls,
        ca_file=_path(settings.mss_ca_file),
        certificate=_path(settings.mss_certificate),
        key=_path(settings.mss_key),
        signer=signer_of(settings),
    )


def signer_of(settings: Settings) -> Signer | None:
    """Return what signs mail that leaves, None when the relay does or nobody. Raises ValueError, OSError."""
    key = _path(settings.mss_dkim_key)
    return Signer(domain=settings.mss_domain, selector=settings.mss_dkim_selector, key=key) if key else None


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None
