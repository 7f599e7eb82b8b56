"""A believable population, made through the product's own doors: spaces, consents, documents of real sizes.

Everybody is fictitious (INS under the test authority). Nothing here is measured.
"""

import asyncio
import datetime as dt
import hashlib
import random
from typing import Any
from uuid import UUID, uuid4

import msgspec

from carnet.access.api import (
    AccessSwitches,
    Grantee,
    RestrictionEffect,
    Wish,
    authorise,
    change_switches,
    keep_apart,
    record_team,
    restrict,
    safeguard_topics,
)
from carnet.identity.api import (
    DirectoryFeed,
    FeedAddress,
    FeedOrganisation,
    FeedProfessional,
    IdentityTraits,
    Ins,
    Sex,
    import_directory,
    register_software,
)
from carnet.identity.data import OID_TEST_NIR, matricule_key
from carnet.infra import clock
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.ids import SpaceId
from carnet.records.api import (
    Author,
    Coding,
    Deposit,
    DocumentMetadata,
    NewDocument,
    Submission,
    deposit,
    list_documents,
)
from carnet.records.queries.listing_statements import DocumentQuery
from carnet.spaces.api import open_space

OPERATOR = Actor(kind=ActorKind.OPERATOR, identifier="bench", name="Bench", strong=True)
FINESS = "350000001"
RPPS = "10100000001"
CLIENT = "bench-lps"
HOSPITAL = "Centre hospitalier des Tilleuls"
NOS = "https://mos.esante.gouv.fr/NOS"
BIOLOGY = Coding("http://loinc.org", "11502-2", "CR d'examens biologiques")
TITLES = ("Bilan sanguin", "Compte rendu d'imagerie", "Lettre de liaison", "Compte rendu opératoire")
AT_ONCE = 8
SMALL, READ, LARGE = 4_000, 50_000, 5_000_000
_NAMES = (
    "Abadie",
    "Bézier",
    "Chevallier",
    "Fœssel",
    "Guéguen",
    "Le Goff",
    "Müller",
    "N'Diaye",
    "Saint-Amand",
    "Zoller",
)
_GIVEN = ("Anaïs", "Béatrice", "Chloé", "Élodie", "Inès", "Maëlle", "Noémie", "Solène", "Yaëlle", "Zoé")


class Someone(msgspec.Struct, frozen=True, kw_only=True):
    """One person: their space, and the documents of the sizes that reads ask for."""

    ins: Ins
    traits: IdentityTraits
    space: SpaceId
    actor: Actor
    read: UUID
    large: UUID | None = None


class Population(msgspec.Struct, frozen=True, kw_only=True):
    """Who there is: the people, one professional all of them let in, and the software both ways."""

    people: list[Someone]
    doctor: Actor
    software: Actor


def doctor() -> Actor:
    """The professional, acting through the software, as an exchanged token would say."""
    return Actor(
        kind=ActorKind.PROFESSIONAL,
        identifier=RPPS,
        name="Claire Marchand",
        profession="10",
        organisation=FINESS,
        organisation_name=HOSPITAL,
        client_id=CLIENT,
        client_name="Dossier Clair",
        strong=True,
        session="bench",
    )


def software() -> Actor:
    """The software depositing by itself."""
    return Actor(
        kind=ActorKind.SOFTWARE,
        identifier=CLIENT,
        name="Dossier Clair",
        client_id=CLIENT,
        client_name="Dossier Clair",
        organisation=FINESS,
        organisation_name=HOSPITAL,
        strong=True,
        session="bench",
    )


async def populate(*, spaces: int, documents: int, jwks: dict[str, object], large: int = 2) -> Population:
    """Open `spaces` spaces with `documents` documents each (one of them of READ bytes); the first `large` get 5 MB."""
    at = clock.now()
    feed = DirectoryFeed(
        organisations=(
            FeedOrganisation(
                finess=FINESS,
                name=HOSPITAL,
                facility_type="SA01",
                address=FeedAddress(city="Rennes"),
            ),
        ),
        professionals=(
            FeedProfessional(
                rpps=RPPS, family="Marchand", given="Claire", profession="10", finess=FINESS, city="Rennes"
            ),
        ),
    )
    await import_directory(actor=OPERATOR, feed=feed, at=at)
    await register_software(
        actor=OPERATOR,
        client_id=CLIENT,
        name="Dossier Clair",
        finess=FINESS,
        jwks=jwks,
        scopes=("system/*.cruds", "user/*.cruds"),
        at=at,
    )
    numbers = iter(range(spaces))
    people: list[Someone] = []

    async def fill() -> None:
        for number in numbers:
            one = await _someone(number, documents=documents, large=number < large, at=at)
            people.append(one)

    await asyncio.gather(*(fill() for _ in range(AT_ONCE)))
    return Population(people=people, doctor=doctor(), software=software())


async def use_every_rule(people: list[Someone]) -> None:
    """Let each person use every finer rule of access, none of which hides from the professional what is asked for."""
    at, hide, only = clock.now(), RestrictionEffect.HIDE, RestrictionEffect.ONLY
    for one in people:
        whose: dict[str, Any] = {"actor": one.actor, "space": one.space, "at": at}
        await record_team(**whose, name="Équipe", members=(Grantee(rpps=RPPS), Grantee(finess=FINESS)), let_in=True)
        for wish in (
            Wish(effect=hide, category="DEPISTAG", rpps=(RPPS,)),
            Wish(effect=hide, to_come=True, professions=("60",)),
            Wish(effect=only, category="CPT_REND", rpps=(RPPS,)),
            Wish(effect=hide, document=one.read, professions=("40",)),
            Wish(effect=hide, everyone=True, starts_at=at + dt.timedelta(days=9), ends_at=at + dt.timedelta(days=10)),
        ):
            await restrict(**whose, wish=wish)
        await keep_apart(**whose, topics=tuple(safeguard_topics()))
        await change_switches(**whose, switches=AccessSwitches(strong_consent=True))


async def _someone(number: int, *, documents: int, large: bool, at: dt.datetime) -> Someone:
    ins, traits = make_ins(number), make_traits(number)
    space = await open_space(actor=OPERATOR, ins=ins, traits=traits, active=True, at=at)
    person = Actor(
        kind=ActorKind.PERSON, identifier=str(uuid4()), name=traits.birth_name, space=space, strong=True, session="b"
    )
    await authorise(actor=person, space=space, rpps=RPPS, at=at)
    sizes = [SMALL] * (documents - 1 - large) + [READ] + [LARGE] * large
    found = []
    for place, size in enumerate(sizes):
        new = new_document(size=size, created=at - dt.timedelta(days=place * 17 + number % 11))
        receipt = await deposit(actor=software(), deposit=one_deposit(new, ins=ins, traits=traits, at=at), at=at)
        found.append(receipt.documents[0].document_id)
    # the first look of an authorised professional writes once more: not what reads cost afterwards
    await list_documents(actor=doctor(), space=space, query=DocumentQuery(count=1), at=at)
    read = sizes.index(READ)
    return Someone(
        ins=ins, traits=traits, space=space, actor=person, read=found[read], large=found[read + 1] if large else None
    )


def one_deposit(new: NewDocument, *, ins: Ins, traits: IdentityTraits, at: dt.datetime) -> Deposit:
    """One document in a submission set of its own, as ITI-65 carries it."""
    submission = Submission(
        unique_id=f"urn:uuid:{uuid4()}", source_id="urn:oid:1.2.250.1.999.1", title="Venue du jour", submitted_at=at
    )
    return Deposit(ins=ins, traits=traits, documents=(new,), submission=submission)


def new_document(*, size: int, created: dt.datetime) -> NewDocument:
    """A document of `size` random bytes with metadata as complete as hospitals send it."""
    content = _chance.randbytes(size)
    author = Author(
        kind="practitioner",
        rpps=RPPS,
        finess=FINESS,
        family_name="Marchand",
        given_name="Claire",
        organisation_name=HOSPITAL,
        specialty=Coding(f"{NOS}/TRE_R38-SpecialiteOrdinale/FHIR", "SM26", "Médecine générale"),
    )
    metadata = DocumentMetadata(
        unique_id=f"urn:oid:1.2.250.1.999.1.{uuid4().int}",
        title=_chance.choice(TITLES),
        type=BIOLOGY,
        category=Coding(f"{NOS}/TRE_A03-ClasseDocument-CISIS/FHIR", "10", "Compte rendu"),
        content_type="text/xml",
        size=size,
        sha1=hashlib.sha1(content).hexdigest(),
        sha256=hashlib.sha256(content).hexdigest(),
        creation=created,
        authors=(author,),
        authenticator=author,
        custodian=Author(kind="organisation", finess=FINESS, organisation_name=HOSPITAL),
        format=Coding("http://ihe.net/fhir/ihe.formatcode.fhir", "urn:ihe:lab:xd-lab:2008", "Biologie"),
        facility_type=Coding(f"{NOS}/TRE_R02-SecteurActivite/FHIR", "SA01", "Établissement public"),
        practice_setting=Coding(f"{NOS}/TRE_A01-CadreExercice/FHIR", "ETABLISSEMENT", "Établissement"),
        events=(BIOLOGY,),
        period_start=created,
        identifiers=(f"urn:oid:1.2.250.1.999.2.{uuid4().int}",),
        patient_display="Patient fictif",
    )
    return NewDocument(metadata=metadata, content=content, author_finess=FINESS, author_rpps=RPPS, category="BIO")


def make_ins(number: int) -> Ins:
    """The INS of fictitious person `number`, under the test authority."""
    body = f"2{number % 90 + 10:02d}{number % 12 + 1:02d}{75000 + number // 1000:05d}{number % 1000:03d}"
    return Ins(matricule=body + matricule_key(body), oid=OID_TEST_NIR)


def make_traits(number: int) -> IdentityTraits:
    """The traits of fictitious person `number`."""
    return IdentityTraits(
        birth_name=_NAMES[number % 10],
        given_names=(_GIVEN[number // 10 % 10],),
        sex=Sex.FEMALE,
        birth_date=f"{1940 + number % 70}-{number % 12 + 1:02d}-{number % 28 + 1:02d}",
        birth_place="35238",
    )


_chance = random.Random("bench")
