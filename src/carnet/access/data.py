"""Facts a decision is made of, read once per request inside one transaction."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from carnet.kernel.ids import SpaceId

NO_SPACE = "NONE"
"""The state of a space that is not there."""


class Need(StrEnum):
    """What somebody wants to do with a space or with one of its documents."""

    LIST = "list"
    READ = "read"
    DEPOSIT = "deposit"
    REPLACE = "replace"
    DELETE = "delete"
    MASK = "mask"
    EDIT = "edit"
    HOLD = "hold"
    RELEASE = "release"
    MANAGE_ACCESS = "manage-access"
    OWN_RULES = "own-rules"
    READ_JOURNAL = "read-journal"
    RECORD_CONSENT = "record-consent"
    BLOCK_OTHERS = "block-others"
    MANAGE_CARERS = "manage-carers"
    INVITE_REPRESENTATIVE = "invite-representative"
    BREAK_GLASS = "break-glass"
    REGULATE = "regulate"
    READ_AGENDA = "read-agenda"
    WRITE_AGENDA = "write-agenda"
    CARRY_OVER = "carry-over"


class Effect(StrEnum):
    """What a line of the person's access list does."""

    PERMIT = "permit"
    BLOCK = "block"


class Mode(StrEnum):
    """How a professional comes in: the purposes of use of the CI-SIS (1.2.250.1.213.1.1.4.248)."""

    NORMAL = "normal"
    BRIS_DE_GLACE = "bris_de_glace"
    CENTRE_15 = "centre_15"


class ConsentScope(StrEnum):
    """How far a consent recorded by a professional reaches: their care team, or this consultation only."""

    TEAM = "team"
    CONSULTATION = "consultation"


class Authorisation(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the person's access list. Exactly one of rpps, finess and team is set.

    origin: "person" (ahead of time) or "professional" (an explicit act after informing the person). shared_finess,
    shared_team: the care team that inherits a consent its member recorded. first_used_at: when the professional who
    asks first came in under it. secret: of a minor, whose representatives are told nothing of it. by_delegate: whoever
    represents the person wrote it for them.
    """

    authorisation_id: UUID
    effect: Effect
    rpps: str | None
    finess: str | None
    origin: str
    starts_at: datetime
    ends_at: datetime | None = None
    ended_at: datetime | None = None
    is_administrator: bool = False
    first_used_at: datetime | None = None
    team: UUID | None = None
    shared_finess: str | None = None
    shared_team: UUID | None = None
    secret: bool = False
    by_delegate: bool = False

    def in_force(self, at: datetime) -> bool:
        """True when it applies at `at`."""
        return self.ended_at is None and self.starts_at <= at and (self.ends_at is None or at < self.ends_at)


class Emergency(msgspec.Struct, frozen=True, kw_only=True):
    """An emergency access granted to this professional in this very session."""

    mode: Mode
    granted_at: datetime
    ends_at: datetime

    def in_force(self, at: datetime) -> bool:
        """True when it applies at `at`."""
        return self.granted_at <= at < self.ends_at


class RestrictionEffect(StrEnum):
    """HIDE: from those it names. ONLY: from everybody it does not name."""

    HIDE = "hide"
    ONLY = "only"


class Restriction(msgspec.Struct, frozen=True, kw_only=True):
    """One wish of the person about what professionals see.

    Covers one document (all its versions), one category, what comes from a moment on, or everything when all three are
    None. Names professionals (RPPS), professions (JDV_J65), organisations (FINESS), or everyone. by_delegate: whoever
    represents the person wrote it for them.
    """

    restriction_id: UUID
    effect: RestrictionEffect
    starts_at: datetime
    ends_at: datetime | None = None
    logical_id: UUID | None = None
    category: str | None = None
    received_from: datetime | None = None
    everyone: bool = False
    rpps: tuple[str, ...] = ()
    professions: tuple[str, ...] = ()
    finess: tuple[str, ...] = ()
    by_delegate: bool = False

    def in_force(self, at: datetime) -> bool:
        """True when it applies at `at`."""
        return self.starts_at <= at and (self.ends_at is None or at < self.ends_at)


class Delegation(msgspec.Struct, frozen=True, kw_only=True):
    """On what a representative or a carer rests: an accepted row of the space they act in that nobody ended.

    kind: "representative" or "carer". basis: what it rests on ("parental", a guardian's measure, "chosen"). withheld:
    categories they never see. documents: whether it reaches documents and all that lies around them; a carer to whom
    only the agenda is given has none. messages, agenda: whether a carer reads and writes them; representatives do
    anyhow. discreet_from: when topics that may be kept apart are withheld too; looks_only_from: when they no longer
    change anything.
    """

    kind: str
    starts_at: datetime
    ends_at: datetime
    basis: str = ""
    withheld: frozenset[str] = frozenset()
    messages: bool = False
    documents: bool = False
    agenda: bool = False
    discreet_from: datetime | None = None
    looks_only_from: datetime | None = None

    def in_force(self, at: datetime) -> bool:
        """True when it lets its holder act at `at`."""
        return self.starts_at <= at < self.ends_at

    @property
    def reaches_agenda(self) -> bool:
        """True when the agenda is within it: a representative's by law, a carer's when the person gave it."""
        return self.agenda or self.kind == "representative"

    def is_discreet(self, at: datetime) -> bool:
        """True when topics that may be kept apart are withheld at `at`."""
        return self.discreet_from is not None and self.discreet_from <= at

    def looks_only(self, at: datetime) -> bool:
        """True when nothing may be changed under it at `at`."""
        return self.looks_only_from is not None and self.looks_only_from <= at


class HeirsReading(msgspec.Struct, frozen=True, kw_only=True):
    """On what a physician reads in a deceased person's space: a row of it, for an heir's request. withheld: types a
    grown minor kept for themselves; capacity, motive: of the heir, for the banner.
    """

    ends_at: datetime
    withheld: frozenset[str] = frozenset()
    capacity: str = ""
    motive: str | None = None


class SpaceFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a space when somebody asks: state, rights epoch, and the lines that name this actor.

    software_active: None when no software is involved. masked_by_default applies to new documents only. The three
    `allow_` switches are the person's, for emergencies; emergency: what was granted to this session. teams: recorded
    care teams this actor belongs to. guarded_topics: what the person keeps apart, as they chose it; guarded_types,
    guarded_documents: what therefore stays out of the simple session.
    delegation: what a representative or carer rests on; sensitive_types: what every topic covers, known for them only.
    heirs: what this professional reads on, once the person died.
    """

    space: SpaceId
    state: str
    epoch: int
    masked_by_default: bool = False
    authorisations: tuple[Authorisation, ...] = ()
    software_active: bool | None = None
    allow_bris_de_glace: bool = False
    allow_centre_15: bool = False
    allow_masked_in_emergency: bool = False
    strong_consent: bool = False
    emergency: Emergency | None = None
    teams: tuple[UUID, ...] = ()
    restrictions: tuple[Restriction, ...] = ()
    guarded_topics: frozenset[str] = frozenset()
    guarded_types: frozenset[str] = frozenset()
    guarded_documents: frozenset[UUID] = frozenset()
    delegation: Delegation | None = None
    sensitive_types: frozenset[str] = frozenset()
    heirs: HeirsReading | None = None

    def has_secret_consent(self, rpps: str | None, at: datetime) -> bool:
        """True while a minor's secret consent to this professional, who asks, is in force."""
        return any(line.secret and line.rpps == rpps and line.in_force(at) for line in self.authorisations)


class DocumentFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What decides about one document. logical_id: shared by its versions, like the person's wishes about it."""

    document_id: UUID
    logical_id: UUID
    status: str
    type_code: str
    category: str
    received_at: datetime
    masque_ps: bool = False
    invisible_patient: bool = False
    invisible_representants: bool = False
    author_kind: str = "ORGANISATION"
    author_rpps: str | None = None
    author_finess: str | None = None
