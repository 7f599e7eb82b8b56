"""The mail gateway as a process of its own."""

from carnet.config.connect import connected
from carnet.config.messaging_settings import gateway_of
from carnet.config.settings import Settings
from carnet.infra.telemetry import configure_logging
from carnet.interfaces.mssante.gateway import serve_until_stopped


async def receive_mail(settings: Settings) -> None:
    """Run the gateway until stopped."""
    configure_logging(settings.log_level)
    async with connected(settings, name="carnet-mail"):
        await serve_until_stopped(gateway_of(settings))
