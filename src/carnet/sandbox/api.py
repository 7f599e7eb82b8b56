"""The door of the sandbox, for `config`'s command line only."""

from carnet.sandbox.documents.data import SandboxDocument
from carnet.sandbox.documents.load import load_documents
from carnet.sandbox.manifest import ClientKey, Manifest, client_keys, read_manifest, write_manifest
from carnet.sandbox.population.agenda import Noted, load_agenda
from carnet.sandbox.population.agents import AGENTS, Agent
from carnet.sandbox.population.data import (
    MSS_DOMAIN,
    SANDBOX_PASSWORD,
    Organisation,
    Person,
    Population,
    Professional,
    Software,
)
from carnet.sandbox.population.feed import directory_feed, write_directory_feed
from carnet.sandbox.population.figures import made_up_figures
from carnet.sandbox.population.load import load_population
from carnet.sandbox.providers.app import create_sandbox_app
from carnet.sandbox.providers.mailbox import Mailbox, smtp_sink
from carnet.sandbox.providers.settings import RelyingParty, SandboxSettings
from carnet.sandbox.send.command import access_token, report, send_documents, send_files
from carnet.sandbox.send.messages import send_messages
from carnet.sandbox.send.parcels import Whom
from carnet.sandbox.send.sending import Outcome

__all__ = [
    "AGENTS",
    "MSS_DOMAIN",
    "SANDBOX_PASSWORD",
    "Agent",
    "ClientKey",
    "Mailbox",
    "Manifest",
    "Noted",
    "Organisation",
    "Outcome",
    "Person",
    "Population",
    "Professional",
    "RelyingParty",
    "SandboxDocument",
    "SandboxSettings",
    "Software",
    "Whom",
    "access_token",
    "client_keys",
    "create_sandbox_app",
    "directory_feed",
    "load_agenda",
    "load_documents",
    "load_population",
    "made_up_figures",
    "read_manifest",
    "report",
    "send_documents",
    "send_files",
    "send_messages",
    "smtp_sink",
    "write_directory_feed",
    "write_manifest",
]
