"""Who is acting: one frozen description, made by a door from verified proofs and passed down unchanged."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from carnet.kernel.ids import SpaceId


class ActorKind(StrEnum):
    """The kinds of actor the rules know. There is no kind for insurers, employers or the State: they have no path."""

    PERSON = "person"
    REPRESENTATIVE = "representative"
    CARER = "carer"
    PROFESSIONAL = "professional"
    SOFTWARE = "software"
    SYSTEM = "system"
    OPERATOR = "operator"
    AGENT = "agent"
    PILOT = "pilot"


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """A natural person or program with what was proved about it.

    identifier: account id (person), RPPS (professional), client id (software), job or command name (system, operator),
    service reference (agent of the desk, pilot).
    space: the person's own space; None for everyone else. profession: TRE_G15 code from the signed identity token only.
    organisation: FINESS of the organisation acted for. client_id: the software through which the actor acts.
    strong: whether authentication reached the level that health content asks (eidas1 for professionals, FranceConnect
    for persons). session: opaque handle of the session or token, for the journal and what is bound to a session.
    acts_for: the only space they may act in: that of the person a representative or carer acts for, or of the patient
    a professional's software was launched for (SMART; None: any). delegation: on which row of that space a
    representative or carer rests, read again at every act. stepped_up_until: how long a fresh second proof of
    this session lasts. regulation: the signed identity says they regulate emergency calls
    (`Acces_Regulation_Medicale` of Pro Santé Connect).
    """

    kind: ActorKind
    identifier: str
    name: str
    space: SpaceId | None = None
    profession: str | None = None
    organisation: str | None = None
    organisation_name: str | None = None
    client_id: str | None = None
    client_name: str | None = None
    strong: bool = False
    session: str | None = None
    scopes: frozenset[str] = frozenset()
    acts_for: SpaceId | None = None
    delegation: UUID | None = None
    stepped_up_until: datetime | None = None
    regulation: bool = False

    @property
    def at_desk(self) -> bool:
        """Whether they may act on the life of a space for its person: an agent of the desk, or the operator."""
        return self.strong and self.kind in {ActorKind.AGENT, ActorKind.OPERATOR}

    @property
    def rpps(self) -> str | None:
        """The professional's national identifier, None for other kinds."""
        return self.identifier if self.kind is ActorKind.PROFESSIONAL else None

    def is_person_of(self, space: SpaceId) -> bool:
        """Tell whether they act in `space` as its person: the person, or who acts for them."""
        return self.space == space or (self.delegation is not None and self.acts_for == space)
