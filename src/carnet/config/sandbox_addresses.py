"""Where the simulators answer, and the settings that point a process at them."""

import os

from carnet.config.settings import Settings


def sandbox_url(settings: Settings) -> str:
    """Return where the simulators answer: the port after Carnet's."""
    return f"http://127.0.0.1:{settings.port + 1}"


def sandbox_environment(settings: Settings) -> dict[str, str]:
    """Return the settings that point a process at the simulators, unless the operator already chose others."""
    beside = sandbox_url(settings)
    wanted = {
        "CARNET_SANDBOX": "yes",
        "CARNET_HOME": str(settings.home),
        "CARNET_PORT": str(settings.port),
        "CARNET_FRANCECONNECT_ISSUER": f"{beside}/franceconnect",
        "CARNET_FRANCECONNECT_CLIENT_ID": "carnet-portal",
        "CARNET_FRANCECONNECT_SECRET": "sandbox-franceconnect-secret",
        "CARNET_PSC_ISSUER": f"{beside}/prosanteconnect",
        "CARNET_PSC_CLIENT_ID": "carnet-pro",
        "CARNET_PSC_SECRET": "sandbox-prosanteconnect-secret",
        "CARNET_PROCONNECT_ISSUER": f"{beside}/proconnect",
        "CARNET_PROCONNECT_CLIENT_ID": "carnet-guichet",
        "CARNET_PROCONNECT_SECRET": "sandbox-proconnect-secret",
        "CARNET_INS_SERVICE_URL": f"{beside}/ins",
        "CARNET_CARD_SERVICE_URL": f"{beside}/vitale",
        "CARNET_SMS_URL": f"{beside}/sms",
        "CARNET_SMTP_PORT": str(settings.port + 2),
        "CARNET_MSS_PORT": str(settings.port + 3),
        "CARNET_MSS_RELAY_PORT": str(settings.port + 2),
        "CARNET_MSS_PEERS": str(settings.home / "sandbox" / "operators.toml"),
        "CARNET_NOTICE_GROUP_MINUTES": "0",  # who tries it out wants to see the e-mail now
    }
    given = os.environ
    return {name: given.get(name) or value for name, value in wanted.items()}
