"""Depositing: durable, as the professional for their organisation, honouring who may see it; errors are sentences."""

import datetime as dt

import pytest

from carnet.access.api import block
from carnet.records.api import DocumentQuery, list_documents, open_metadata
from factories.at_work import SITE
from factories.cda import make_cda
from factories.events import as_owner
from factories.pdf import make_pdf
from factories.real_documents import header_of
from factories.world import AT, make_person

NOW = dt.datetime(2026, 11, 21, 10, 0, tzinfo=dt.UTC)


@pytest.fixture
async def opened(doctor, person):
    address = await doctor.find(person)
    await doctor.agree(address)
    return address


def send(doctor, address, content=b"Bonjour", name="lettre.txt", **fields):
    values = {"type": "11488-4", "titre": "", "date": "2026-11-20", "visibilite": "N", **fields}
    return doctor.post(f"{address}/deposer", values, files={"fichier": (name, content)})


async def stored(person, actor=None):
    found = await list_documents(
        actor=actor or person.actor, space=person.space, query=DocumentQuery(count=50), at=NOW + dt.timedelta(hours=1)
    )
    return [(entry, open_metadata(entry, keys=found.keys)) for entry in found.entries]


def rows(house, person):
    with as_owner(house) as conn:
        return conn.execute("SELECT count(*) FROM document WHERE space_id = %s", (person.space,)).fetchone()[0]


async def test_a_deposit_is_the_professionals_for_their_organisation(doctor, opened, person, journal):
    answer = await send(doctor, opened, make_pdf(), "cr.pdf", titre="Consultation de suivi")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"{opened}/documents/")

    [(entry, metadata)] = await stored(person)
    assert (entry.author_kind, entry.author_rpps, entry.author_finess) == (
        "PRACTITIONER",
        doctor.actor.identifier,
        doctor.actor.organisation,
    )
    assert (metadata.title, metadata.type.code, entry.codes) == ("Consultation de suivi", "11488-4", {"N"})
    assert metadata.creation == dt.datetime(2026, 11, 19, 23, 0, tzinfo=dt.UTC)
    page = await doctor.get(answer.headers["location"])
    assert "Le document est déposé." in page.text
    assert ("deposit-document", "done", doctor.actor.identifier) in await journal(person)


async def test_without_a_title_it_bears_the_name_of_its_kind(doctor, opened, person):
    assert (await send(doctor, opened)).status_code == 303
    [(_, metadata)] = await stored(person)
    assert metadata.title == "CR ou fiche de consultation ou de visite"


@pytest.mark.parametrize("code", ["MASQUE_PS", "INVISIBLE_PATIENT"])
async def test_who_may_see_it_is_honoured_from_the_first_second(doctor, colleague, opened, person, code):
    assert (await send(doctor, opened, visibilite=code, titre="Confidence")).status_code == 303
    await colleague.agree(await colleague.find(person))
    by_person = [entry.codes for entry, _ in await stored(person)]
    by_colleague = [entry.codes for entry, _ in await stored(person, colleague.actor)]
    assert by_person == ([{"MASQUE_PS"}] if code == "MASQUE_PS" else [])
    assert by_colleague == ([] if code == "MASQUE_PS" else [{"INVISIBLE_PATIENT"}])


async def test_both_hiding_codes_at_once_cannot_be_asked_for(doctor, opened, person):
    both = {"visibilite": ["MASQUE_PS", "INVISIBLE_PATIENT"]}
    assert (await send(doctor, opened, **both)).status_code == 303
    with_one = [entry.codes for entry, _ in await stored(person, doctor.actor)]
    assert len(with_one[0] & {"MASQUE_PS", "INVISIBLE_PATIENT"}) == 1


async def test_unchanged_is_not_added_twice(doctor, opened, person, house):
    first = await send(doctor, opened, make_pdf(), titre="Une fois")
    again = await send(doctor, opened, make_pdf(), titre="Une fois")
    assert again.headers["location"] == first.headers["location"]
    assert "rien n'a été ajouté" in (await doctor.get(again.headers["location"])).text.replace("&#39;", "'")
    assert rows(house, person) == 1


async def test_a_clinical_document_speaks_for_itself(doctor, opened, person):
    content = make_cda(extension="CR-9", effective_time="20261120103000+0100", **header_of(person))
    assert (await send(doctor, opened, content, "cr.xml", type="")).status_code == 303
    [(entry, metadata)] = await stored(person)
    assert (entry.type_code, metadata.title) == ("11502-2", "Compte rendu de biologie")
    assert metadata.authors[0].rpps == "10101010101"
    assert entry.author_finess == doctor.actor.organisation


async def test_a_deposit_needs_no_agreement_and_then_shows_nothing(doctor, person):
    address = await doctor.find(person)
    answer = await send(doctor, address, titre="Sans accord")
    assert (answer.status_code, answer.headers["location"]) == (303, address)
    page = (await doctor.get(address)).text
    assert "Le document est déposé" in page
    assert "Sans accord" not in page.replace("Sans son accord", "")
    assert len(await stored(person)) == 1


WRONG = {
    "no file": ({"content": b""}, "fichier", "Choisissez un fichier"),
    "no type": ({"type": ""}, "type", "Choisissez le type"),
    "unknown type": ({"type": "00000-0"}, "type", "Choisissez le type"),
    "no date": ({"date": ""}, "date", "Cette date n'existe pas"),
    "31 February": ({"date": "2026-02-31"}, "date", "Cette date n'existe pas"),
    "tomorrow": ({"date": "2026-12-24"}, "date", "dans le futur"),
    "a path as title": ({"titre": "../../etc/passwd"}, "titre", "chemin de fichier"),
    "an invisible title": ({"titre": "a\u202eb"}, "titre", "invisibles"),
    "a page": ({"content": b"<html><script>alert(1)</script></html>"}, "fichier", "page web"),
    "a program": ({"content": b"MZ" + b"\x00" * 80}, "fichier", "programme"),
    "half a PDF": ({"content": make_pdf()[:400]}, "fichier", "incomplet"),
    "only spaces": ({"content": b"   \n "}, "fichier", "vide"),
    "too much": ({"content": b"a" * (10 * 1024 * 1024 + 1)}, "fichier", "10"),
}


@pytest.mark.parametrize("case", WRONG)
async def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_kept(doctor, opened, person, house, case):
    changes, field, said = WRONG[case]
    answer = await send(doctor, opened, **changes)
    text = answer.text.replace("&#39;", "'")
    assert answer.status_code == 422
    assert f'id="erreur-{field}"' in text
    assert said in text
    assert 'value="2026-11-20"' in text or "date" in changes
    assert rows(house, person) == 0


async def test_a_clinical_document_about_somebody_else_is_refused(doctor, opened, person, house, journal):
    other = await make_person()
    content = make_cda(extension="AUTRE", **header_of(other))
    answer = await send(doctor, opened, content, "cr.xml", type="")
    assert answer.status_code == 422
    assert "autre personne" in answer.text
    assert rows(house, person) == rows(house, other) == 0


async def test_a_blocked_professional_cannot_come_in_to_deposit(doctor, opened, person, house):
    await block(actor=person.actor, space=person.space, rpps=doctor.actor.identifier, at=AT)
    assert (await send(doctor, opened)).status_code == 404
    assert rows(house, person) == 0


async def test_a_form_from_elsewhere_deposits_nothing(doctor, opened, person, house):
    assert (await send(doctor, opened, _csrf_token="")).status_code == 403
    cross = await doctor.post(
        f"{opened}/deposer", {"type": "11488-4"}, headers={"Origin": "https://evil.test", "Referer": SITE}
    )
    assert cross.status_code == 403
    assert rows(house, person) == 0
