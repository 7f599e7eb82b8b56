"""The house of the two worlds: who lives in it, what lies in sight, and what everybody concerned may try."""

import datetime as dt
from uuid import UUID, uuid4

import msgspec

from carnet.access.api import (
    AccessSwitches,
    Mode,
    authorise,
    block,
    change_switches,
    keep_apart,
    mark_apart,
    open_emergency,
)
from carnet.identity.api import Acting, DirectoryFeed, FeedMailbox, FeedOrganisation, go_into, import_directory
from carnet.infra import clock
from carnet.infra.db import system_work
from carnet.infra.web.audience import Audience
from carnet.kernel.actors import Actor, ActorKind
from carnet.records.api import Deposit, DocumentQuery, Submission, deposit, list_documents
from factories.families import help_with, stand_for
from factories.pdf import make_pdf
from factories.two_worlds import Worlds
from factories.visit import Reader
from factories.world import OPERATOR, Someone, make_person, make_professional, make_software, new_document

AT = dt.datetime(2026, 11, 21, 10, 0, tzinfo=dt.UTC)
MAIL = "personne@example.org"
MAILBOX = "dr@mssante.invalid"
APART = "mental-health"
APART_TYPE = "83901-9"


class Cast(msgspec.Struct, frozen=True):
    """Who lives in the house, and what everybody concerned may see of it.

    software feeds the space; its colleague reads whatever came from there; elsewhere feeds it from another place;
    pharmacy does too, and takes messages from who visited it.
    """

    person: Someone
    software: Actor
    pharmacy: Actor
    colleague: Actor
    elsewhere: Actor
    readers: dict[str, Actor]
    visible: tuple[UUID, ...]
    sets: tuple[UUID, ...]
    apart: str
    in_sight: str
    pages: dict[str, Reader]


class Put(msgspec.Struct, frozen=True):
    """One deposit: the document, its set, and the identifiers they came under. hold: when it waits to be explained."""

    document: UUID
    set: UUID
    unique_id: str
    set_unique_id: str
    hold: UUID | None = None


async def put(person: Someone, software: Actor, *, content: bytes = b"Bonjour.", **changes) -> Put:
    """Deposit one document in a submission set of its own."""
    submission = Submission(unique_id=f"urn:uuid:{uuid4()}", submitted_at=AT, title="Envoi")
    document = new_document(author=software, content=content, **changes)
    one = Deposit(ins=person.ins, traits=person.traits, documents=(document,), submission=submission)
    receipt = await deposit(actor=software, deposit=one, at=clock.now())
    assert receipt.set_id is not None
    return Put(receipt.documents[0].document_id, receipt.set_id, document.metadata.unique_id, submission.unique_id)


async def populate(worlds: Worlds) -> Cast:
    """People the house."""
    person, stranger = await make_person(email=MAIL), await make_person()
    software, elsewhere = await make_software(), await make_software()
    colleague = await make_professional(finess=software.organisation)
    readers = {name: await make_professional() for name in ("doctor", "passer-by", "blocked", "urgent")}
    readers["pharmacist"] = await make_professional(profession="21")
    pharmacy = await make_software()
    place = FeedOrganisation(finess=pharmacy.organisation or "", name="Pharmacie des Tilleuls", facility_type="SA33")
    boxes = (
        FeedMailbox(address=MAILBOX, kind="PER", rpps=readers["doctor"].rpps),
        FeedMailbox(address="pharmacie@mssante.invalid", kind="ORG", finess=place.finess),
    )
    await import_directory(actor=OPERATOR, feed=DirectoryFeed(organisations=(place,), mailboxes=boxes), at=AT)
    for one in (readers["doctor"], readers["blocked"], readers["pharmacist"], colleague):
        await authorise(actor=person.actor, space=person.space, rpps=one.rpps, at=AT)
    seen = [
        await put(person, software, title="Bilan sanguin"),
        await put(person, software, title="Radiographie", type_code="18748-4", content=make_pdf("Radio")),
        await put(person, software, title="Lettre de sortie", type_code="11490-0"),
    ]
    await keep_apart(actor=person.actor, space=person.space, topics=(APART,), at=AT)
    await mark_apart(actor=person.actor, space=person.space, document=seen[2].document, apart=True, at=AT)
    await list_documents(actor=readers["doctor"], space=person.space, query=DocumentQuery(), at=AT)
    everybody = readers | {"person": person.actor, "stranger": stranger.actor}
    pages = {
        name: await worlds.open_pages(actor, find="" if name in {"person", "stranger"} else person.ins.matricule)
        for name, actor in everybody.items()
    }
    parent, carer = await make_person(), await make_person()
    pages |= {
        "parent": await in_their_place(worlds, parent, person, kind=ActorKind.REPRESENTATIVE),
        "carer": await in_their_place(worlds, carer, person, kind=ActorKind.CARER),
    }
    # after they opened the file: an old address must not help
    await block(actor=person.actor, space=person.space, rpps=readers["blocked"].rpps, at=AT)
    await in_an_emergency(person, pages["urgent"].actor)
    return Cast(
        person=person,
        software=software,
        pharmacy=pharmacy,
        colleague=colleague,
        elsewhere=elsewhere,
        readers=everybody | {"elsewhere": elsewhere},
        visible=tuple(one.document for one in seen),
        sets=tuple(one.set for one in seen),
        apart=seen[2].unique_id,
        in_sight=seen[0].unique_id,
        pages=pages,
    )


async def in_their_place(worlds: Worlds, someone: Someone, whom: Someone, *, kind: ActorKind) -> Reader:
    """Sign somebody in at their pages, in the space of whom they act for."""
    row = await (stand_for if kind is ActorKind.REPRESENTATIVE else help_with)(whom, someone)
    pages = await worlds.open_pages(someone.actor)
    assert pages.actor is not None
    acting = Acting(space=whom.space, delegation=row, kind=kind, name="Celle qu'on aide")
    async with system_work(at=clock.now()) as w:
        await go_into(w, session=UUID(pages.actor.session or ""), acting=acting)
    return msgspec.structs.replace(pages, audience=Audience.DELEGATE, actor=acting.actor(pages.actor))


async def in_an_emergency(person: Someone, doctor: Actor) -> None:
    """Let a doctor in whom nobody authorised; what is masked stays so: the person wants it thus."""
    switches = AccessSwitches(bris_de_glace=True, centre_15=False, masked_in_emergency=False, strong_consent=False)
    await change_switches(actor=person.actor, space=person.space, switches=switches, at=AT)
    answer = await open_emergency(
        actor=doctor, space=person.space, mode=Mode.BRIS_DE_GLACE, reason="Inconscient à l'arrivée", at=AT
    )
    assert answer.granted
