"""Fictitious facts for the gallery: one lived-in space, one empty one. No real person, no real place of care."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from carnet.access.api import Capacity, HeirsRequest, Purpose, Refusal
from carnet.access.queries.heirs import HeirFile
from carnet.agenda.api import Entry, Kind, Status, Words
from carnet.identity.api import Ins
from carnet.interfaces.portal.presenters.access import AccessFacts, DisputeFacts
from carnet.interfaces.portal.presenters.document import DocumentDetailFacts, PreviewFacts, ReaderFacts, VersionFacts
from carnet.interfaces.portal.presenters.facts import AuthorFacts, DocumentFacts, PartyFacts, TraceFacts
from carnet.interfaces.portal.presenters.home import HomeFacts, ResultFacts, TaskFacts
from carnet.interfaces.portal.presenters.notifications import NotificationFacts
from carnet.interfaces.portal.presenters.settings import SessionFacts, SettingsFacts
from carnet.kernel.ids import SpaceId
from carnet.spaces.api import Delegate

NOW = datetime(2026, 11, 21, 13, 5, tzinfo=UTC)

ROUX = AuthorFacts(
    kind="professional", name="Dr Anne Roux", profession="10", organisation="Cabinet médical des Tilleuls"
)
LAB = AuthorFacts(kind="organisation", name="Laboratoire des Lilas")
HOSPITAL = AuthorFacts(
    kind="professional",
    name="Dr Karim Benali",
    profession="10",
    organisation="Hôpital Simone-Martin, service de cardiologie",
)
PHARMACY = AuthorFacts(
    kind="professional", name="Léa Fontaine", profession="21", organisation="Pharmacie du Vieux-Port"
)
MYSELF = AuthorFacts(kind="person", name="Jeanne Marchetti")


def _document(number: int, title: str, category: str, days: int, author: AuthorFacts, **marks: bool) -> DocumentFacts:
    about = date(2026, 11, 21) - timedelta(days=days)
    added = datetime(about.year, about.month, about.day, 9, 12, tzinfo=UTC) + timedelta(hours=3)
    return DocumentFacts(
        id=f"doc-{number}", title=title, category=category, about=about, added_at=added, author=author, **marks
    )


DOCUMENTS = (
    _document(1, "Bilan sanguin : cholestérol et glycémie", "BIOLOGIE", 1, LAB, new=True, unread=True),
    _document(
        2, "Compte rendu de consultation de cardiologie", "CPT_REND", 3, HOSPITAL, new=True, unread=True, unscanned=True
    ),
    _document(3, "Ordonnance du 14 novembre", "ORD_SOIN", 7, ROUX, unread=True),
    _document(4, "Échographie cardiaque", "RADIO_SC", 9, HOSPITAL),
    _document(5, "Radio du genou gauche", "RADIO_SC", 31, MYSELF, mine=True),
    _document(6, "Certificat de non contre-indication à la marche nordique en club", "CERT_MED", 48, ROUX, masked=True),
    _document(7, "Vaccin contre la grippe", "CAR_VAC", 52, PHARMACY),
    _document(8, "Bilan sanguin de septembre", "BIOLOGIE", 66, LAB, superseded=True),
    _document(11, "Compte rendu d'urgence", "CPT_REND", 80, HOSPITAL, deleted=True),
    _document(9, "Mes directives anticipées", "DIR_ANT", 120, MYSELF, mine=True, hidden_from_representatives=True),
    _document(10, "Attestation de droits", "DOC_ADM", 200, MYSELF, mine=True),
)
COUNTS = {
    "BIOLOGIE": 6,
    "CPT_REND": 9,
    "ORD_SOIN": 14,
    "RADIO_SC": 5,
    "CERT_MED": 2,
    "CAR_VAC": 3,
    "DIR_ANT": 1,
    "DOC_ADM": 2,
}
AUTHORS = (("a1", "Dr Anne Roux"), ("a2", "Laboratoire des Lilas"), ("a3", "Dr Karim Benali"))

DR_ROUX = PartyFacts(
    id="p1",
    kind="professional",
    name="Dr Anne Roux",
    profession="10",
    organisation="Cabinet médical des Tilleuls",
    town="Marseille",
)
HOSPITAL_PARTY = PartyFacts(id="p2", kind="organisation", name="Hôpital Simone-Martin", town="Marseille")
DR_PETIT = PartyFacts(
    id="p3",
    kind="professional",
    name="Dr Luc Petit",
    profession="40",
    organisation="Centre dentaire République",
    town="Aix-en-Provence",
)
NURSE = PartyFacts(id="p4", kind="professional", name="Nadia Colas", profession="60", town="Marseille")

STANDINGS = (
    AccessFacts(
        id="s1",
        party=DR_ROUX,
        standing="authorised",
        since=NOW - timedelta(days=400),
        administrator=True,
        first_used=NOW - timedelta(days=7),
    ),
    AccessFacts(
        id="s2",
        party=HOSPITAL_PARTY,
        standing="authorised",
        since=NOW - timedelta(days=12),
        until=NOW + timedelta(days=80),
        origin="professional",
    ),
    AccessFacts(id="s3", party=DR_PETIT, standing="blocked", since=NOW - timedelta(days=90)),
)

TRACES = (
    TraceFacts(at=NOW - timedelta(minutes=4), act="sign-in", by="me"),
    TraceFacts(
        at=NOW - timedelta(hours=3),
        act="read-document",
        by="professional",
        actor="Dr Anne Roux",
        profession="10",
        organisation="Cabinet médical des Tilleuls",
        software="MediSoft 12",
        document="doc-2",
        document_title="Compte rendu de consultation de cardiologie",
    ),
    TraceFacts(
        at=NOW - timedelta(hours=5),
        act="read-document",
        by="professional",
        actor="Dr Luc Petit",
        profession="40",
        organisation="Centre dentaire République",
        refused=True,
    ),
    TraceFacts(
        at=NOW - timedelta(days=1, hours=2),
        act="deposit-document",
        by="organisation",
        actor="Laboratoire des Lilas",
        software="LabExport",
        document="doc-1",
        document_title="Bilan sanguin : cholestérol et glycémie",
    ),
    TraceFacts(
        at=NOW - timedelta(days=1, hours=4),
        act="mask-document",
        by="me",
        document="doc-6",
        document_title="Certificat de non contre-indication à la marche nordique en club",
    ),
    TraceFacts(
        at=NOW - timedelta(days=6),
        act="list-documents",
        by="professional",
        actor="Dr Sofia Lenoir",
        profession="10",
        organisation="SAMU 13",
        mode="centre_15",
    ),
    TraceFacts(at=NOW - timedelta(days=6, hours=1), act="authorise", by="me", party="Dr Anne Roux"),
    TraceFacts(at=NOW - timedelta(days=6, hours=2), act="an_act_of_tomorrow", by="system"),
)

NOTIFICATIONS = (
    NotificationFacts(
        id="n1",
        event="AJOUT_DOCUMENT",
        at=NOW - timedelta(hours=20),
        read=False,
        actor="Laboratoire des Lilas",
        title="Bilan sanguin : cholestérol et glycémie",
        document="doc-1",
    ),
    NotificationFacts(
        id="n2", event="ACCES_DMP_PS", at=NOW - timedelta(days=2), read=False, actor="Dr Karim Benali", profession="10"
    ),
    NotificationFacts(
        id="n3",
        event="CONSULT_DOCUMENT",
        at=NOW - timedelta(days=3),
        read=True,
        actor="Dr Anne Roux",
        profession="10",
        title="Échographie cardiaque",
        document="doc-4",
    ),
    NotificationFacts(id="n4", event="SUPP_DOC", at=NOW - timedelta(days=9), read=True),
    NotificationFacts(id="n5", event="UN_CODE_INCONNU", at=NOW - timedelta(days=19), read=True),
)

SETTINGS = SettingsFacts(
    email="jeanne.marchetti@exemple.test",
    by_email=True,
    masked_by_default=False,
    sessions=(
        SessionFacts(
            id="k1", current=True, opened_at=NOW - timedelta(minutes=4), last_seen_at=NOW, device="Firefox, Windows"
        ),
        SessionFacts(
            id="k2",
            current=False,
            opened_at=NOW - timedelta(days=2),
            last_seen_at=NOW - timedelta(days=1),
            device="Safari, iPhone",
        ),
        SessionFacts(id="k3", current=False, opened_at=NOW - timedelta(days=3), last_seen_at=NOW - timedelta(days=3)),
    ),
)

HOME = HomeFacts(
    first_name="Jeanne",
    now=NOW,
    latest=DOCUMENTS[:3],
    unread=3,
    messages=2,
    authorised=2,
    tasks=(
        TaskFacts(kind="access", name="Dr Karim Benali", party="10100000002"),
        TaskFacts(kind="welcome"),
        TaskFacts(kind="email_missing"),
    ),
    accesses=TRACES[1:4],
    soon=Entry(
        entry_id=UUID(int=9),
        kind=Kind.APPOINTMENT,
        starts_at=NOW + timedelta(days=4),
        zone="Europe/Paris",
        status=Status.BOOKED,
        words=Words(party="Dr Anne Roux"),
        by=None,
        recorded_at=NOW,
        changed_at=NOW,
    ),
    results=(
        ResultFacts(id="r1", by="Dr Anne Roux", organisation="Hôpital Simone-Martin", before=NOW + timedelta(days=5)),
        ResultFacts(id="r2", by="Laboratoire des Lilas", before=NOW + timedelta(days=2), asked=True),
    ),
)
EMPTY_HOME = HomeFacts(
    first_name="Camille",
    now=NOW + timedelta(hours=6),
    latest=(),
    unread=0,
    authorised=0,
    tasks=(),
    accesses=(),
)


def detail(document: DocumentFacts, preview: PreviewFacts, **more: object) -> DocumentDetailFacts:
    """One document with believable surroundings."""
    facts: dict[str, object] = {
        "type_label": "Compte rendu d'examens biologiques",
        "media_type": "application/pdf",
        "size": 1_234_567,
        "readers": (ReaderFacts(DR_ROUX, "administrator"), ReaderFacts(HOSPITAL_PARTY, "authorised")),
        "traces": TRACES[1:3],
    } | more
    return DocumentDetailFacts(document=document, preview=preview, **facts)


def versions(*documents: DocumentFacts) -> tuple[VersionFacts, ...]:
    """These documents as the versions of one."""
    return tuple(VersionFacts(one.id, one.added_at) for one in documents)


TEAM = AccessFacts(
    id="team",
    party=PartyFacts(id="t-1", kind="team", name="Suivi du diabète", members=("Dr Anne Roux", "Hôpital Simone-Martin")),
    standing="authorised",
    since=NOW,
)
DISPUTES = (
    DisputeFacts(name="Dr Luc Petit", opened_at=NOW, due_at=NOW + timedelta(days=15)),
    DisputeFacts(
        name="Dr Karim Benali",
        opened_at=NOW - timedelta(days=40),
        due_at=NOW - timedelta(days=25),
        closed_at=NOW - timedelta(days=30),
        outcome="justified",
    ),
)


def _request(number: int, **changes: Any) -> HeirsRequest:
    ins = Ins("", "")
    heir = Delegate(
        ins=ins, birth_name="Marchetti", given_name="Jeanne", birth_date="1958-03-02", name="Jeanne Marchetti"
    )
    said: dict[str, Any] = {
        "request": UUID(int=number << 96),
        "place": SpaceId(UUID(int=1)),
        "capacity": Capacity.SPOUSE,
        "motive": Purpose.CAUSES,
        "rpps": "10999999991",
        "physician": "Anne Roux",
        "withheld": (),
        "file": HeirFile(heir=heir, statement="Nous voulons comprendre.", deceased="Paul Marchetti"),
        "asked_by": "T-0001",
        "asked_at": NOW - timedelta(days=3),
        "granted": None,
        "reason": None,
        "answered_by": None,
        "answered_at": None,
        "until": None,
        "ended_at": None,
    }
    return HeirsRequest(**(said | changes))


_ANSWERED: dict[str, Any] = {"answered_by": "T-0002", "answered_at": NOW - timedelta(days=1)}
HEIRS = (
    _request(1),
    _request(2, granted=True, until=NOW + timedelta(days=29), **_ANSWERED),
    _request(3, granted=False, reason=Refusal.MOTIVE, **_ANSWERED),
)
