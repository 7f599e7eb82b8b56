"""What this process is connected to, set once at start-up.

Actions take who and when as arguments, but the machine they run on is ambient: one key, one store (and one database,
seated in `infra.db`).
Passing them through every signature would say nothing and hide what matters.
"""

from dataclasses import dataclass, field

from carnet.infra.blobs import BlobStore
from carnet.infra.scanning import Clamd
from carnet.infra.vault import HouseKey, IndexKey, KeyRing
from carnet.kernel.family_limits import FamilyLimits
from carnet.kernel.life_delays import LifeDelays


@dataclass(frozen=True, kw_only=True)
class AccessLimits:
    """How long rights last and how often exceptions are made (see `docs/settings.md` for where each comes from).

    emergency_minutes: an emergency access; emergency_budget: how many a professional opens by themselves in a rolling
    day; approval_minutes: how long a request for a second professional waits; review_days, dispute_days: deadlines of
    cases; consultation_hours: a consent outside the care team; code_*: one-time codes of the strong mode; hold_days:
    the longest a depositor may hold a result; asked_hours: until a held result is shown once the person asks for it;
    release_days: until a document invisible to the person is shown anyway.
    """

    emergency_minutes: int = 30
    emergency_budget: int = 3
    approval_minutes: int = 15
    review_days: int = 7
    dispute_days: int = 15
    consultation_hours: int = 24
    code_digits: int = 6
    code_minutes: int = 10
    code_tries: int = 5
    hold_days: int = 14
    asked_hours: int = 48
    release_days: int = 30


@dataclass(frozen=True, kw_only=True)
class MailLimits:
    """What messaging is called and how much it takes. domain: of the persons' addresses; software: our number in
    `X-MSS-NIL`; message_bytes: largest message taken, in bytes on the wire; attachment_bytes: all attachments of one
    message together; attachments: how many; hourly_persons: how many persons one sender may address in an hour;
    bin_days: how long a conversation lies in the bin.
    """

    domain: str = "patient.carnet.invalid"
    software: str = ""
    message_bytes: int = 20_000_000
    attachment_bytes: int = 10_000_000
    attachments: int = 20
    hourly_persons: int = 500
    bin_days: int = 30


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Sizes and settings that actions need, all from `config.settings`.

    future_seconds: how far a document's date may lie ahead of our clock before it is refused as future. export_days:
    how long a person's copy of their data waits to be taken away.
    """

    software_document_bytes: int = 10 * 1024 * 1024
    person_document_bytes: int = 5_000_000
    future_seconds: int = 300
    accepted_ins_oids: frozenset[str] = frozenset(
        {"1.2.250.1.213.1.4.8", "1.2.250.1.213.1.4.9", "1.2.250.1.213.1.4.10", "1.2.250.1.213.1.4.11"}
    )
    export_days: int = 7
    access: AccessLimits = AccessLimits()
    life: LifeDelays = field(default_factory=LifeDelays)
    mail: MailLimits = MailLimits()
    family: FamilyLimits = field(default_factory=FamilyLimits)


@dataclass(frozen=True, kw_only=True)
class Installation:
    """The connected parts, real everywhere, tests included. scanner: None when no clamd is configured."""

    keys: KeyRing
    index_key: IndexKey
    house_key: HouseKey
    blobs: BlobStore
    limits: Limits
    scanner: Clamd | None = None


class NotInstalledError(RuntimeError):
    """Code ran before the process was connected to anything: a wiring mistake."""


_installed: list[Installation] = []


def install(installation: Installation) -> None:
    """Make `installation` the one this process works with."""
    _installed[:] = [installation]


def uninstall() -> None:
    """Forget the installation (shutdown, end of a test)."""
    _installed.clear()


def current() -> Installation:
    """Return the process's installation; raise `NotInstalledError` before `install` ran."""
    if not _installed:
        raise NotInstalledError
    return _installed[0]
