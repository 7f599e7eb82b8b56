"""What a space knows of its person."""

from datetime import datetime

import msgspec

from carnet.identity.api import IdentityStatus, IdentityTraits, Ins
from carnet.kernel.ids import SpaceId


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """The person a space belongs to: sealed in the database as one JSON."""

    ins: Ins
    traits: IdentityTraits
    status: IdentityStatus = IdentityStatus.QUALIFIEE

    @property
    def display_name(self) -> str:
        """First given name and the name in use, as people write it."""
        first = self.traits.given_names[0] if self.traits.given_names else ""
        return f"{first} {self.traits.usual_name or self.traits.birth_name}".strip()

    def __repr__(self) -> str:
        return "Person(<hidden>)"


class Proposed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An address that does not count yet: the code sent there, until when it does, how often another one was typed."""

    address: str
    code: str
    until: datetime
    tries: int = 0
    mailed: bool = False


class Reach(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How the insurer says to tell the person, and who stands for them. representatives: matricules, two at most."""

    email: str | None = None
    phone: str | None = None
    lines: tuple[str, ...] = ()
    postcode: str = ""
    town: str = ""
    representatives: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return "Reach(<hidden>)"


class Contact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How to reach the person; sealed. email: in force; former: the one before, until it was told; insurer: what the
    insurer's file said when the space got its keys, kept because nobody else knows the representatives. apart: where
    news of what the person keeps apart goes, an e-mail address or a number in E.164; shown after a fresh proof only.
    """

    email: str | None = None
    proposed: Proposed | None = None
    former: str | None = None
    insurer: Reach | None = None
    apart: str | None = None
    apart_proposed: Proposed | None = None


class SpaceSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the person chose. notice_channels: subset of {"portal", "email", "weekly"} (an e-mail a week that says
    whether anybody came); language "fr" or "en"; quiet_subjects: of {"documents", "visits", "agenda"}, not told by
    e-mail.
    """

    language: str = "fr"
    notice_channels: tuple[str, ...] = ("portal", "email")
    masked_by_default: bool = False
    quiet_subjects: tuple[str, ...] = ()


class SpaceView(msgspec.Struct, frozen=True, kw_only=True):
    """A space opened for somebody who may see its person. welcomed_at: when the first visit's choices were made.

    terms: which text of the conditions they said yes to, None for none; terms_at: when.
    """

    space: SpaceId
    state: str
    person: Person
    contact: Contact
    settings: SpaceSettings
    opened_at: datetime
    activated_at: datetime | None = None
    welcomed_at: datetime | None = None
    terms: str | None = None
    terms_at: datetime | None = None
