"""What a notification is: a code of the national list, when, and what it points at. Never a title, never a name.

Titles and names are looked up when the person reads, through the gate, with their trace.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec

from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.ids import SpaceId


class NoticeCode(StrEnum):
    """The codes told so far (list of events of the national service, mes.md §3.4; RESULTAT_RETENU,
    BLOCAGE_ACCES, REPRISE_DMP, ECHEC_MESSAGE and those about who acts for whom are ours).
    """

    AJOUT_DOCUMENT = "AJOUT_DOCUMENT"
    MODIF_DOCUMENT = "MODIF_DOCUMENT"
    SUPP_DOC = "SUPP_DOC"
    REPRISE_DMP = "REPRISE_DMP"
    ACCES_DMP_PS = "ACCES_DMP_PS"
    ACCES_BRIS_GLACE = "ACCES_BRIS_GLACE"
    BLOCAGE_ACCES = "BLOCAGE_ACCES"
    REMISE_VISIBILITE_AUTO = "REMISE_VISIBILITE_AUTO"
    RESULTAT_RETENU = "RESULTAT_RETENU"
    INVITATION_PROCHE = "INVITATION_PROCHE"
    DELEGATION = "DELEGATION"
    DELEGATION_FIN = "DELEGATION_FIN"
    NOUVEAU_PROCHE = "NOUVEAU_PROCHE"
    COPIE_PRETE = "COPIE_PRETE"
    RECEPTION_MESSAGE = "RECEPTION_MESSAGE"
    ECHEC_MESSAGE = "ECHEC_MESSAGE"
    RAPPEL_AGENDA = "RAPPEL_AGENDA"
    RAPPEL_RDV_USAGER = "RAPPEL_RDV_USAGER"


class News(msgspec.Struct, frozen=True, kw_only=True):
    """Something to tell. key: the same for the same fact, so that it is told once however often it is heard.

    document: what it is about; grantee: RPPS of the professional it is about. happened_at: when, for what somebody who
    acts for a minor may know of or not by the moment it happened; None for when it is told.
    """

    code: NoticeCode
    key: str
    document: UUID | None = None
    grantee: str | None = None
    happened_at: datetime | None = None


class NotificationItem(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the person's list. title, author: of the document, as it is now, None when it is about none.

    actor, profession: name and TRE_G15 code of the professional it is about (public directory).
    """

    notification_id: UUID
    code: str
    created_at: datetime
    read_at: datetime | None
    document: UUID | None
    document_status: str | None
    title: str | None
    author: str | None
    grantee: str | None
    actor: str | None
    profession: str | None


class NewAccess(msgspec.Struct, frozen=True):
    """A professional came, or may come now. code: first access or emergency; grantee: RPPS; name: public directory."""

    code: str
    grantee: str
    name: str


class NotificationPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page, newest first. total, unread: over all pages, counting only what may be shown now."""

    items: tuple[NotificationItem, ...]
    total: int
    unread: int


NOTIFIER = Actor(kind=ActorKind.SYSTEM, identifier="notifications", name="Carnet", strong=True)


PROVED = timedelta(minutes=1)
"""How long a holder is taken for proved while the house decides what to tell them."""


def holder_of(space: SpaceId, *, proved_until: datetime | None = None) -> Actor:
    """Return the holder of `space` as the gate sees them: to decide what they may know of, never to sign a trace.

    proved_until: when they may also know of what they keep apart, as after a second proof; None for a simple session.
    """
    return Actor(
        kind=ActorKind.PERSON, identifier="holder", name="", space=space, strong=True, stepped_up_until=proved_until
    )
