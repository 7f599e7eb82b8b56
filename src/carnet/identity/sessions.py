"""Shapes of a web session and the two secrets around it: the cookie's token and the token of forms.

The cookie holds 256 random bits; the database holds their digest. The form token is computed from the cookie's, so it
needs no storage and changes with every session, and with whose space the session is in: a form left open in one space
writes nothing into another. Limits are settings: 30 minutes of silence for persons, 20 for professionals (their screens
are shared), 24 and 12 hours in all.
"""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec

from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.ids import SpaceId

STEP_UP_WITHIN = timedelta(minutes=5)
STEPPED_UP_FOR = timedelta(minutes=15)
"""How long what is kept apart stays in sight after a fresh proof: a consultation, not an evening."""
_FORM_LABEL = b"carnet/form-token/1"


class Door(StrEnum):
    """Which pages a session is for."""

    PORTAL = "portal"
    PRO = "pro"
    DESK = "desk"


class SessionLimits(msgspec.Struct, frozen=True, kw_only=True):
    """idle: longest silence; absolute: longest life, whatever happens."""

    idle: timedelta = timedelta(minutes=30)
    absolute: timedelta = timedelta(hours=24)


class Acting(msgspec.Struct, frozen=True, kw_only=True):
    """In whose space a session acts instead of its own. kind: "representative" or "carer"; name: of that person, shown
    on every page. agenda_only: what the frame offers, a store that is away included. It gives no right: each act reads
    the delegation again.
    """

    space: SpaceId
    delegation: UUID
    kind: ActorKind
    name: str
    agenda_only: bool = False

    def actor(self, holder: Actor) -> Actor:
        """Return who acts: the holder of the session, in that space only, without what they proved for their own."""
        return msgspec.structs.replace(
            holder,
            kind=self.kind,
            space=None,
            acts_for=self.space,
            delegation=self.delegation,
            stepped_up_until=None,
        )

    def __repr__(self) -> str:
        return "Acting(<hidden>)"


class WebSession(msgspec.Struct, frozen=True, kw_only=True):
    """A live session. public_id may be shown to its owner; csrf_token goes into their forms. holder: whose session it
    is, whatever space they act in; acting: whose space that is, None for their own. screen: under which id the session
    lets the desk know its page, until `screen_until`.
    """

    public_id: UUID
    account: UUID
    door: Door
    created_at: datetime
    last_seen_at: datetime
    authenticated_at: datetime
    absolute_end: datetime
    device: str
    csrf_token: str
    id_token: str
    holder: Actor
    acting: Acting | None = None
    screen: UUID | None = None
    screen_until: datetime | None = None

    def is_fresh(self, *, at: datetime, within: timedelta = STEP_UP_WITHIN) -> bool:
        """Tell whether the person proved who they are recently enough for a weighty act."""
        return at - self.authenticated_at <= within

    def shares_screen(self, *, at: datetime) -> bool:
        """Tell whether the person lets the desk know which page they are on."""
        return self.screen_until is not None and at < self.screen_until

    def __repr__(self) -> str:
        return f"WebSession(public_id={self.public_id}, door={self.door})"


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """What a request of a signed-in browser carries."""

    actor: Actor
    session: WebSession


class SessionLine(msgspec.Struct, frozen=True, kw_only=True):
    """One open session in its owner's list."""

    public_id: UUID
    door: Door
    device: str
    created_at: datetime
    last_seen_at: datetime


def digest_of(secret: str) -> bytes:
    """Return what the database keeps of a 256-bit random secret (no salt needed: it cannot be guessed)."""
    return hashlib.sha256(secret.encode()).digest()


def form_token(token: str, *, acting: Acting | None = None) -> str:
    """Return the token forms of this session carry where it is: HMAC of a label under the session's own secret."""
    where = acting.delegation.bytes if acting is not None else b""
    mac = hmac.digest(token.encode(), _FORM_LABEL + where, "sha256")
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def is_form_token(session: WebSession, given: str) -> bool:
    """Tell in constant time whether `given` is the session's form token."""
    return hmac.compare_digest(session.csrf_token.encode(), given.encode())
