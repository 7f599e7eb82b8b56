"""A small world in a house: organisations, professionals, a software, people with open spaces, documents."""

import datetime as dt
import hashlib
import itertools
from uuid import uuid4

import msgspec

from carnet.identity.api import (
    DirectoryFeed,
    FeedAddress,
    FeedOrganisation,
    FeedProfessional,
    IdentityTraits,
    Ins,
    import_directory,
    register_software,
)
from carnet.identity.data import OID_TEST_NIR, matricule_key
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.ids import SpaceId
from carnet.records.api import Author, Coding, Deposit, DocumentMetadata, NewDocument, Receipt, deposit
from carnet.spaces.api import open_space
from factories.people import make_traits

NOWHERE = FeedAddress()
OPERATOR = Actor(kind=ActorKind.OPERATOR, identifier="tests", name="Tests", strong=True)
AT = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
# the public half of a key nobody kept: software of the factories acts without asking for tokens
SOFTWARE_KEY = {
    "kty": "EC",
    "crv": "P-384",
    "kid": "k",
    "x": "TYxyQ03NDVXf7L5k5ILs6WJ53b1pxpUdnNgQ6PuhwoXySf-R7bcKeTtpahXd_9dD",
    "y": "MaJIVW7CA5RbPKAwgpxfZKKUEFc_mmbPk0yxH5KsZoSThBHZEHXyvZIlrJ0EpkoC",
}
_numbers = itertools.count(1)


class Someone(msgspec.Struct, frozen=True, kw_only=True):
    """A person with an open space."""

    ins: Ins
    traits: IdentityTraits
    space: SpaceId
    actor: Actor


def fresh_ins() -> Ins:
    """An INS nobody else in this run has."""
    number = next(_numbers)
    body = f"2{number % 90 + 10:02d}{number % 12 + 1:02d}{75000 + number // 1000:05d}{number % 1000:03d}"
    return Ins(matricule=body + matricule_key(body), oid=OID_TEST_NIR)


async def make_person(
    *,
    at: dt.datetime = AT,
    active: bool = True,
    email: str | None = None,
    born: str | None = None,
    named: str | None = None,
) -> Someone:
    """Open the space of a new fictitious person, any age unless `born`, any name unless `named`; logged in."""
    ins, traits = fresh_ins(), make_traits(next(_numbers), birth_date=born, birth_name=named)
    space = await open_space(actor=OPERATOR, ins=ins, traits=traits, email=email, active=active, at=at)
    actor = Actor(
        kind=ActorKind.PERSON, identifier=str(uuid4()), name=traits.birth_name, space=space, strong=True, session="s1"
    )
    return Someone(ins=ins, traits=traits, space=space, actor=actor)


def _digits(length: int) -> str:
    return f"{next(_numbers) + 100:0{length}d}"


async def make_organisation(*, name: str = "Centre hospitalier des Tilleuls", at: dt.datetime = AT) -> str:
    """Add an organisation to the directory; return its FINESS."""
    finess = _digits(9)
    row = FeedOrganisation(finess=finess, name=name, facility_type="SA01", address=FeedAddress(city="Rennes"))
    await import_directory(actor=OPERATOR, feed=DirectoryFeed(organisations=(row,)), at=at)
    return finess


async def make_professional(
    *, profession: str = "10", finess: str | None = None, address: FeedAddress = NOWHERE, at: dt.datetime = AT
) -> Actor:
    """Add a professional to the directory; return them as an actor, strongly authenticated."""
    finess = finess or await make_organisation(at=at)
    rpps = "10" + _digits(9)
    row = FeedProfessional(
        rpps=rpps,
        family=f"Marchand{rpps[-4:]}",
        given="Claire",
        profession=profession,
        finess=finess,
        city="Rennes",
        address=address,
    )
    await import_directory(actor=OPERATOR, feed=DirectoryFeed(professionals=(row,)), at=at)
    return Actor(
        kind=ActorKind.PROFESSIONAL,
        identifier=rpps,
        name=f"Claire {row.family}",
        profession=profession,
        organisation=finess,
        strong=True,
    )


async def make_software(*, finess: str | None = None, jwks: dict | None = None, at: dt.datetime = AT) -> Actor:
    """Register a care software; return it as an actor (depositing alone)."""
    finess = finess or await make_organisation(at=at)
    client_id = f"lps-{next(_numbers)}"
    await register_software(
        actor=OPERATOR,
        client_id=client_id,
        name="Dossier Clair",
        finess=finess,
        jwks=jwks or {"keys": [SOFTWARE_KEY]},
        scopes=("system/*.cruds",),
        at=at,
    )
    return Actor(
        kind=ActorKind.SOFTWARE,
        identifier=client_id,
        name="Dossier Clair",
        client_id=client_id,
        client_name="Dossier Clair",
        organisation=finess,
        strong=True,
    )


def new_document(
    *,
    content: bytes = b"Bonjour, tout va bien.",
    type_code: str = "11502-2",
    class_code: str = "10",
    title: str = "Bilan sanguin",
    unique_id: str | None = None,
    creation: dt.datetime = AT,
    author: Actor | None = None,
    **changes,
) -> NewDocument:
    """A document as an establishing step would hand it to the deposit."""
    metadata = DocumentMetadata(
        unique_id=unique_id or f"urn:uuid:{uuid4()}",
        title=title,
        type=Coding("http://loinc.org", type_code, "CR d'examens biologiques"),
        category=Coding("urn:oid:1.2.250.1.213.1.1.4.1", class_code, "Compte rendu"),
        content_type="text/plain",
        size=len(content),
        sha1=hashlib.sha1(content).hexdigest(),
        sha256=hashlib.sha256(content).hexdigest(),
        creation=creation,
        authors=(Author(kind="organisation", finess=author.organisation if author else None, organisation_name="CH"),),
    )
    return NewDocument(
        metadata=metadata,
        content=content,
        author_finess=author.organisation if author else None,
        author_rpps=author.rpps if author else None,
        **changes,
    )


async def give(person: Someone, *, by: Actor, at: dt.datetime = AT, **changes) -> Receipt:
    """Deposit one document into a person's space."""
    document = new_document(author=by, **changes)
    return await deposit(actor=by, deposit=Deposit(ins=person.ins, traits=person.traits, documents=(document,)), at=at)
