"""What makes the pages a tool: what is new since my visit, my preferred kinds first, words found inside, and a deposit
for somebody whose file stays closed.
"""

import datetime as dt
import re
from uuid import UUID

import pytest

from carnet.access.api import block
from carnet.interfaces.pro import listing
from carnet.interfaces.pro.presenters import documents as presenting
from carnet.records.api import TextWanted, take_text
from factories.at_work import Screen
from factories.pdf import make_pdf
from factories.real_documents import hand_over
from factories.world import give, make_person, make_professional
from interfaces.pro.conftest import NOW
from interfaces.pro.test_documents import titles


@pytest.fixture
async def opened(doctor, person):
    address = await doctor.find(person)
    await doctor.agree(address)
    return address


@pytest.fixture
async def colleague_actor(house, at_ten):
    return await make_professional()


def groups(page):
    found = re.findall(r'class="group-label">([^<]*)</h2>(.*?)</ul>', page.text, re.DOTALL)
    return {label: re.findall(r'rows-title"><a [^>]*>([^<]*)<', rows) for label, rows in found}


async def prefer(doctor, *categories, shortcuts=True):
    chosen = {f"premier-{code}": "oui" for code in categories} | ({"raccourcis": "oui"} if shortcuts else {})
    answer = await doctor.post("/pro/compte/preferences", chosen)
    assert answer.status_code == 303


async def test_documents_lie_under_their_kind_newest_kind_first_and_preferred_ones_before(
    doctor, opened, person, colleague_actor
):
    await hand_over(colleague_actor, person, b"a", kind="11502-2", title="Bilan", days=9)
    await hand_over(colleague_actor, person, b"b", kind="11488-4", title="Consultation", days=1)
    await hand_over(colleague_actor, person, b"c", kind="18748-4", title="Scanner", days=5)
    kinds = list(groups(await doctor.get(opened)))
    assert [kind.split()[0] for kind in kinds] == ["Comptes", "Radios,", "Analyses"]
    await prefer(doctor, "BIOLOGIE")
    kinds = list(groups(await doctor.get(opened)))
    assert [kind.split()[0] for kind in kinds] == ["Analyses", "Comptes", "Radios,"]
    assert 'data-shortcuts="on"' in (await doctor.get(opened)).text
    await prefer(doctor, shortcuts=False)
    assert 'data-shortcuts="off"' in (await doctor.get(opened)).text


async def test_a_kind_with_many_shows_a_few_and_leads_to_the_others(doctor, opened, person, colleague_actor):
    number = presenting.MOST_OF_A_KIND + 2
    for day in range(number):
        await hand_over(colleague_actor, person, b"%d" % day, kind="11488-4", title=f"Lettre {day}", days=day)
    page = await doctor.get(opened)
    assert len(titles(page)) == presenting.MOST_OF_A_KIND
    more = re.search(r'group-more"><a href="([^"]*)">Tout voir \((\d+)\)<', page.text)
    assert int(more.group(2)) == number
    assert len(titles(await doctor.get(more.group(1).replace("&amp;", "&")))) == number


async def test_a_kind_whose_number_is_not_known_is_not_given_one(doctor, opened, person, colleague_actor, monkeypatch):
    monkeypatch.setattr(listing, "BY_KIND", presenting.MOST_OF_A_KIND + 1)
    await hand_over(colleague_actor, person, b"old", kind="11502-2", title="Bilan ancien", days=90)
    await hand_over(colleague_actor, person, b"new", kind="11502-2", title="Bilan", days=0)
    for day in range(1, presenting.MOST_OF_A_KIND + 3):
        await hand_over(colleague_actor, person, b"%d" % day, kind="11488-4", title=f"Lettre {day}", days=day)
    links = re.findall(r'group-more"><a href="([^"]*)">([^<]*)<span', (await doctor.get(opened)).text)
    assert [label for _, label in links] == ["Tout voir", "Tout voir"]
    # the kind that shows one document has another, older than what was read: it leads there
    shown = [titles(await doctor.get(address.replace("&amp;", "&"))) for address, _ in links]
    assert sorted(map(len, shown)) == [2, presenting.MOST_OF_A_KIND + 2]


async def test_what_came_since_my_last_visit_is_told_first(app, doctor, opened, person, colleague_actor, at_ten):
    await give(person, by=colleague_actor, title="Avant", type_code="11488-4", at=NOW)
    assert "Depuis votre visite" not in (await doctor.get(opened)).text
    at_ten.advance(dt.timedelta(hours=3))
    await give(person, by=colleague_actor, title="Pendant", type_code="11488-4", at=NOW + dt.timedelta(hours=3))
    at_ten.advance(dt.timedelta(seconds=1))
    again = await Screen.of(app, doctor.actor)
    same_visit = await again.get(await again.find(person))
    assert "Pendant" in same_visit.text
    assert "Depuis votre visite" not in same_visit.text
    at_ten.advance(dt.timedelta(days=30))
    later = await Screen.of(app, doctor.actor)
    address = await later.find(person)
    assert "Depuis votre visite" not in (await later.get(address)).text  # nothing came meanwhile
    at_ten.advance(dt.timedelta(minutes=1))
    after = NOW + dt.timedelta(days=30, hours=3, minutes=1)
    await give(person, by=colleague_actor, title="Depuis", type_code="18748-4", at=after)
    await give(person, by=colleague_actor, title="A cacher", type_code="18748-4", at=after, codes={"MASQUE_PS"})
    page = await later.get(address)
    fresh = next(rows for label, rows in groups(page).items() if label.startswith("Depuis votre visite"))
    assert fresh == ["Depuis"]
    assert "Nouveau" in page.text
    assert titles(await later.get(f"{address}?nouveaux=1&periode=tout")) == ["Depuis"]
    await again.close()
    await later.close()


async def test_words_inside_are_found_marked_and_opened_at_their_page(doctor, opened, person, colleague_actor):
    content = make_pdf("Embolie pulmonaire écartée", 3)
    found = await hand_over(colleague_actor, person, content, kind="18748-4", title="Scanner thoracique")
    assert "cherché que par son titre" in (await doctor.get(opened, params={"q": "embolies"})).text
    await take_text(TextWanted(space=person.space, document=UUID(found)), at=NOW)
    page = await doctor.get(opened, params={"q": "« page 2 » embolies"})
    assert titles(page) == ["Scanner thoracique"]
    assert "<mark>Embolie</mark> pulmonaire" in page.text
    assert re.search(rf'href="[^"]*{found}\?page=2"', page.text)
    opened_at = await doctor.get(f"{opened}/documents/{found}?page=2&volet=1")
    assert f"{found}/apercu?page=2" in opened_at.text
    assert '<h2 class="reading-title"' in opened_at.text
    assert titles(await doctor.get(opened, params={"q": "<script>alert(1)</script>"})) == []


def identity(someone):
    traits = someone.traits
    return {
        "ins": someone.ins.matricule,
        "nom": traits.birth_name,
        "prenom": " ".join(traits.given_names),
        "sexe": str(traits.sex),
        "naissance": traits.birth_date or "",
        "type": "11488-4",
        "date": "2026-11-20",
        "visibilite": "N",
    }


LETTER = {"fichier": ("lettre.txt", b"Une lettre pour le dossier.", "text/plain")}


async def test_a_blocked_professional_deposits_and_learns_what_anybody_would(doctor, person, journal):
    await block(actor=person.actor, space=person.space, rpps=doctor.actor.rpps, at=NOW)
    assert "Aucun espace ne peut être ouvert" in (await doctor.post("/pro/patient", {"ins": person.ins.matricule})).text
    blocked = await doctor.post("/pro/deposer", identity(person), files=LETTER)
    other = await make_person()
    let_in = await doctor.post("/pro/deposer", identity(other), files=LETTER)
    assert blocked.status_code == 303, re.findall(r'href="#champ-[^<]*', blocked.text)
    assert (blocked.status_code, blocked.headers["location"]) == (303, "/pro/patient")
    assert (blocked.status_code, blocked.headers["location"]) == (let_in.status_code, let_in.headers["location"])
    assert ("deposit-document", "done", doctor.actor.identifier) in await journal(person)
    assert str(person.space) not in blocked.text + str(blocked.headers)


@pytest.mark.parametrize(
    "changes",
    [
        {"ins": "255057800608405"},
        {"nom": "QUELQUUN D'AUTRE"},
        {"ins": "123"},
        {"type": ""},
        {"naissance": "1901-01-01"},
    ],
)
async def test_what_does_not_agree_is_not_deposited(doctor, person, changes, journal):
    answer = await doctor.post("/pro/deposer", identity(person) | changes, files=LETTER)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert ("deposit-document", "done", doctor.actor.identifier) not in await journal(person)


async def test_why_a_file_is_opened_is_in_its_journal(doctor, person, house):
    from carnet.infra.db import work
    from carnet.journal.api import Filter, entries

    for motive, kept in (("coordination", "coordination"), ("<b>", "consultation")):
        await doctor.post("/pro/patient", {"ins": person.ins.matricule, "motif": motive})
        async with work(space=person.space, at=NOW) as w:
            (last,) = await entries(w, filter_=Filter(), limit=1)
        assert last.details["motive"] == kept
