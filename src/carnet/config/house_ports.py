"""The ports of `carnet run` must be free before anything starts: another program's answer would look like ours."""

import socket
import time

from carnet.config.journal_log import SANDBOX_WITNESSES, witness_port
from carnet.config.sandbox_addresses import sandbox_environment
from carnet.config.settings import Settings

PATIENCE = 5.0


class PortTakenError(RuntimeError):
    """Another program listens where Carnet would; the message says which port and how to choose others."""


def wait_for_ports(settings: Settings) -> None:
    """Raise PortTakenError unless every port is free, or becomes so while an earlier run is still leaving."""
    uses = uses_of(settings)
    if shared := sorted({port for port, _ in uses if [one for one, _ in uses].count(port) > 1}):
        named = ", ".join(f"port {port} ({', '.join(use for one, use in uses if one == port)})" for port in shared)
        raise PortTakenError(f"Two parts of Carnet are to listen on {named}. Choose others: CARNET_METRICS_PORT=…")
    deadline = time.monotonic() + PATIENCE
    while taken := [port for port in ports_of(settings) if not _is_free(settings.host, port)]:
        if time.monotonic() > deadline:
            raise PortTakenError(_sentence(settings, taken))
        time.sleep(0.2)


def ports_of(settings: Settings) -> dict[int, str]:
    """Return every port `carnet run` listens on, with what it is for."""
    return dict(uses_of(settings))


def uses_of(settings: Settings) -> tuple[tuple[int, str], ...]:
    """Return every port `carnet run` wants, with what it is for: the same port twice is a mistake of the settings."""
    post = int(sandbox_environment(settings)["CARNET_SMTP_PORT"])
    gateway = int(sandbox_environment(settings)["CARNET_MSS_PORT"])
    return (
        (settings.port, "web"),
        (settings.port + 1, "simulators"),
        (post, "mailbox"),
        (gateway, "messages"),
        *((witness_port(settings, one), "witness") for one in range(1, SANDBOX_WITNESSES + 1)),
        (settings.metrics_port, "metrics"),
    )


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _sentence(settings: Settings, taken: list[int]) -> str:
    uses = ports_of(settings)
    named = ", ".join(f"port {port} ({uses[port]})" for port in taken)
    other = settings.port + 100
    advice = f"CARNET_PORT={other}"
    if settings.metrics_port in taken:
        advice += f" CARNET_METRICS_PORT={settings.metrics_port + 100}"
    return f"Another program already listens on {named}. Stop it, or choose others: {advice} make run"
