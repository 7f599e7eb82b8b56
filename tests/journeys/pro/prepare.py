"""A doctor signed in, and patients with documents of every kind; said on standard output as JSON for the journeys."""

import asyncio
import datetime as dt
import sys
from uuid import UUID

import msgspec

from carnet.access.api import record_consent
from carnet.config.connect import connected
from carnet.config.settings import read_settings
from carnet.infra import clock
from carnet.records.api import Author, TextWanted, deposit_own, note_visit, take_text
from factories.at_work import make_token
from factories.cda import make_cda, make_cda_n1
from factories.images import make_image
from factories.mss import from_colleague
from factories.pdf import make_active_pdf, make_pdf
from factories.real_documents import hand_over, header_of
from factories.world import Someone, make_organisation, make_person, make_professional, new_document

SUBJECT = "Avis demandé pour Mme Durand : reprise d'un traitement anticoagulant après une endoscopie digestive"
TEXT = "Cher confrère,\n\nJe te remercie de ton avis. Le compte rendu est joint.\n\nBien confraternellement,"
FILES = (("Compte_rendu_endoscopie_version_definitive_signee.pdf", "application/pdf", make_pdf("Endoscopie")),)


class Prepared(msgspec.Struct):
    """token: the doctor's session; known, empty: agreed; unknown, patients: not asked; documents: ids, of `known`.

    returning: agreed, seen ten days ago, everything came since; the words of `known` and `returning` are taken out.
    letter: what a colleague wrote about `known`.
    """

    token: str
    known: str
    unknown: str
    empty: str
    returning: str
    patients: list[str]
    documents: dict[str, str]
    letter: str


async def fill(person: Someone, doctor, colleague, laboratory) -> dict[str, str]:
    """Documents of every kind and state for one patient."""
    when = (clock.now() - dt.timedelta(days=12)).strftime("%Y%m%d%H%M%S+0000")
    n3 = make_cda(effective_time=when, extension="BIO-1", **header_of(person))
    n1 = make_cda_n1(
        make_pdf("Scanner thoracique sans injection", 2),
        effective_time=when,
        extension="IMG-1",
        set_extension="SET-2",
        type_code="18748-4",
        type_display="CR d'imagerie médicale",
        title="Scanner thoracique",
        **header_of(person),
    )
    long = make_pdf("Compte rendu d'hospitalisation", 6)
    own = new_document(title="Carnet de tension", type_code="DOCPAT04", author_kind="PATIENT", category="CPT_REND")
    own = msgspec.structs.replace(
        own, metadata=msgspec.structs.replace(own.metadata, authors=(Author(kind="patient"),), creation=clock.now())
    )
    stored = await deposit_own(actor=person.actor, space=person.space, document=own, at=clock.now())
    return {
        "cda": await hand_over(laboratory, person, n3),
        "cda_pdf": await hand_over(colleague, person, n1),
        "pdf": await hand_over(
            colleague, person, long, kind="34112-3", title="Hospitalisation en cardiologie", days=40
        ),
        "active": await hand_over(colleague, person, make_active_pdf(), kind="11488-4", title="Consultation", days=3),
        "image": await hand_over(colleague, person, make_image("JPEG", width=900, height=600), kind="57833-6", days=5),
        "text": await hand_over(
            doctor, person, b"Adressee pour avis.", kind="96349-6", title="Lettre d'adressage", days=80
        ),
        "masked": await hand_over(
            colleague, person, b"Masque aux autres.", kind="11488-4", title="Suivi psychologique", code="MASQUE_PS"
        ),
        "mine_masked": await hand_over(
            doctor, person, b"A ma demande.", kind="11488-4", title="Note confidentielle", code="MASQUE_PS"
        ),
        "invisible": await hand_over(
            laboratory,
            person,
            b"Resultat a annoncer.",
            kind="60568-3",
            title="Biopsie",
            code="INVISIBLE_PATIENT",
            days=1,
        ),
        "old": await hand_over(colleague, person, make_pdf("Ancien"), kind="11502-2", title="Bilan ancien", days=1200),
        "own": str(stored.documents[0].document_id),
    }


async def read_words(space, documents: dict[str, str]) -> None:
    """Take the words out of documents, as the worker would."""
    for document in documents.values():
        await take_text(TextWanted(space=space, document=UUID(document)), at=clock.now())


async def main() -> None:
    async with connected(read_settings(), name="prepare"):
        now = clock.now()
        hospital = await make_organisation(name="Maison de santé des Tilleuls", at=now)
        doctor = await make_professional(finess=hospital, at=now)
        doctor = msgspec.structs.replace(
            doctor, name="Claire Marchand", organisation_name="Maison de santé des Tilleuls"
        )
        colleague = msgspec.structs.replace(
            await make_professional(at=now), name="Paul Lenoir", organisation_name="Clinique du Parc"
        )
        laboratory = msgspec.structs.replace(
            await make_professional(profession="21", at=now),
            name="Inès Aubry",
            organisation_name="Laboratoire des Lilas",
        )
        known, unknown, empty, returning, *others = [await make_person(at=now) for _ in range(7)]
        for patient in (known, empty, returning):
            await record_consent(actor=doctor, space=patient.space, at=now - dt.timedelta(days=30))
        await note_visit(actor=doctor, space=returning.space, at=now - dt.timedelta(days=10))
        prepared = Prepared(
            token=await make_token(doctor),
            known=known.ins.matricule,
            unknown=unknown.ins.matricule,
            empty=empty.ins.matricule,
            returning=returning.ins.matricule,
            patients=[one.ins.matricule for one in others],
            documents=await fill(known, doctor, colleague, laboratory),
            letter=str(await from_colleague(doctor, known.ins, *FILES, subject=SUBJECT, text=TEXT, at=now)),
        )
        await read_words(known.space, prepared.documents)
        await read_words(returning.space, await fill(returning, doctor, colleague, laboratory))
        for one in others:
            await fill(one, doctor, colleague, laboratory)
    sys.stdout.write(msgspec.json.encode(prepared).decode())


if __name__ == "__main__":
    asyncio.run(main())
