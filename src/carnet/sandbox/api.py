"""The door of the sandbox, for `config`'s command line only."""

from carnet.sandbox.population.data import (
    SANDBOX_PASSWORD,
    Organisation,
    Person,
    Population,
    Professional,
    Software,
)
from carnet.sandbox.population.feed import directory_feed, write_directory_feed
from carnet.sandbox.population.load import load_population
from carnet.sandbox.providers.app import create_sandbox_app
from carnet.sandbox.providers.mailbox import Mailbox, smtp_sink
from carnet.sandbox.providers.settings import RelyingParty, SandboxSettings

__all__ = [
    "SANDBOX_PASSWORD",
    "Mailbox",
    "Organisation",
    "Person",
    "Population",
    "Professional",
    "RelyingParty",
    "SandboxSettings",
    "Software",
    "create_sandbox_app",
    "directory_feed",
    "load_population",
    "smtp_sink",
    "write_directory_feed",
]
