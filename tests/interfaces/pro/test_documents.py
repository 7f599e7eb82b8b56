"""The list and one document: what is shown, in which state, and that every look is journalled before it."""

import re
from uuid import UUID

import msgspec
import pytest

from carnet.interfaces.pro import listing
from carnet.journal.actions import record
from carnet.kernel.errors import Problem, Unavailable
from carnet.records.api import Author, archive_document, deposit_own
from factories.cda import make_cda, make_cda_n1
from factories.images import make_photo_with_secrets, make_tiff
from factories.pdf import make_active_pdf, make_pdf
from factories.real_documents import hand_over, header_of
from factories.world import make_professional, new_document

POLICY = "sandbox; default-src 'none'; style-src 'self'; img-src data: 'self'; frame-ancestors 'self'"


@pytest.fixture
async def opened(doctor, person):
    address = await doctor.find(person)
    await doctor.agree(address)
    return address


@pytest.fixture
async def laboratory(house, at_ten):
    return await make_professional(profession="10")


def titles(page):
    found = re.findall(r'class="rows-title"><a [^>]*>(.*?)</a>', page.text)
    return [re.sub(r"</?mark>", "", title) for title in found]


async def test_current_documents_of_two_years_newest_first(doctor, opened, person, laboratory):
    await hand_over(laboratory, person, b"a", kind="11488-4", title="Hier", days=1)
    await hand_over(laboratory, person, b"b", kind="11502-2", title="Il y a un an", days=365)
    await hand_over(laboratory, person, b"c", kind="11488-4", title="Il y a trois ans", days=1095)

    assert titles(await doctor.get(f"{opened}?vue=date")) == ["Hier", "Il y a un an"]
    assert titles(await doctor.get(f"{opened}?periode=6m")) == ["Hier"]
    everything = await doctor.get(f"{opened}?periode=tout&vue=date")
    assert titles(everything) == ["Hier", "Il y a un an", "Il y a trois ans"]
    assert titles(await doctor.get(f"{opened}?categorie=BIOLOGIE&periode=tout")) == ["Il y a un an"]
    assert titles(await doctor.get(f"{opened}?categorie=NOUVELLE&periode=siecle")) == ["Hier", "Il y a un an"]


@pytest.mark.parametrize(
    ("words", "found"),
    [("BILAN", 1), ("bilan hepatique", 1), ("marchand", 2), ("biolog", 1), ("rien de tel", 0), ("%", 0), ("_", 0)],
)
async def test_words_are_looked_for_in_titles_kinds_and_authors(doctor, opened, person, laboratory, words, found):
    await hand_over(laboratory, person, b"a", kind="11502-2", title="Bilan hépatique")
    await hand_over(laboratory, person, b"b", kind="34112-3", title="Séjour en cardiologie")
    page = await doctor.get(opened, params={"q": words})
    assert len(titles(page)) == found
    assert ("Aucun document ne correspond" in page.text) == (found == 0)


async def test_long_lists_continue(doctor, opened, person, laboratory, monkeypatch):
    monkeypatch.setattr(listing, "AT_A_TIME", 2)
    for number in range(5):
        await hand_over(laboratory, person, b"n%d" % number, kind="11488-4", title=f"Lettre {number}", days=number)
    seen, address = [], opened
    while address:
        page = await doctor.get(address)
        seen += titles(page)
        assert "5 documents" in page.text
        after = re.search(r'<a href="([^"]*)" rel="next">', page.text)
        address = after.group(1).replace("&amp;", "&") if after else None
    assert seen == [f"Lettre {number}" for number in range(5)]
    assert titles(await doctor.get(f"{opened}?apres=nulle-part")) == seen[:2]


async def test_states_are_marked(doctor, opened, person, laboratory):
    await hand_over(doctor.actor, person, b"a", kind="11488-4", title="A moi", code="MASQUE_PS")
    await hand_over(laboratory, person, b"b", kind="11488-4", title="A annoncer", code="INVISIBLE_PATIENT")
    own = new_document(title="Ma tension", author_kind="PATIENT")
    own = msgspec.structs.replace(
        own, metadata=msgspec.structs.replace(own.metadata, authors=(Author(kind="patient"),))
    )
    await deposit_own(actor=person.actor, space=person.space, document=own, at=own.metadata.creation)
    filed = await hand_over(laboratory, person, b"c", kind="11488-4", title="De côté")
    whose = {"space": person.space, "document": UUID(filed), "at": own.metadata.creation}
    await archive_document(actor=laboratory, archived=True, **whose)
    page = (await doctor.get(opened)).text

    marks = (
        "Masqué aux autres professionnels",
        "Pas encore visible du patient",
        "Ajouté par le patient",
        "Archivé par",
    )
    for mark in marks:
        assert page.count(mark) == 1


async def test_a_document_hidden_from_the_patient_is_held_back_until_asked_for(doctor, opened, person, laboratory):
    document = await hand_over(laboratory, person, b"b", kind="11488-4", title="A annoncer", code="INVISIBLE_PATIENT")
    page = (await doctor.get(f"{opened}/documents/{document}")).text
    assert 'role="alert"' in page
    assert "<iframe" not in page
    assert "telecharger" not in page

    shown = (await doctor.get(f"{opened}/documents/{document}?voir=1")).text
    assert f'<iframe src="{opened}/documents/{document}/apercu"' in shown
    assert "Ne l'imprimez pas" in shown


@pytest.mark.parametrize("what", ["", "/apercu", "/telecharger", "/pieces/0", "?voir=1"])
async def test_masked_and_made_up_documents_are_the_same_nothing(doctor, opened, person, laboratory, what):
    masked = await hand_over(laboratory, person, b"x", kind="11488-4", code="MASQUE_PS")
    hidden = await doctor.get(f"{opened}/documents/{masked}{what}")
    absent = await doctor.get(f"{opened}/documents/018f0000-0000-7000-8000-000000000000{what}")
    assert hidden.status_code == absent.status_code == 404
    assert hidden.text == absent.text


async def test_a_clinical_document_is_shown_as_a_page_of_ours_in_a_sandbox(doctor, opened, person, laboratory):
    document = await hand_over(laboratory, person, make_cda(self_presenting=True, **header_of(person)))
    page = await doctor.get(f"{opened}/documents/{document}")
    assert re.search(r'<iframe [^>]*sandbox="allow-same-origin">', page.text)

    frame = await doctor.get(f"{opened}/documents/{document}/apercu")
    assert frame.headers["content-security-policy"] == POLICY
    assert "0,92" in frame.text
    assert "<script" not in frame.text
    assert "/static/cda.css" in frame.text


@pytest.mark.parametrize("pages", [1, 6])
async def test_pdf_pages_are_drawn(doctor, opened, person, laboratory, pages):
    document = await hand_over(laboratory, person, make_pdf("Compte rendu", pages), kind="34112-3")
    frame = await doctor.get(f"{opened}/documents/{document}/apercu")
    assert frame.text.count('<img src="data:image/') == min(pages, 4)
    assert ("Pages 1 à 4 sur 6" in frame.text) == (pages == 6)
    if pages == 6:
        rest = await doctor.get(f"{opened}/documents/{document}/apercu?page=5")
        assert rest.text.count('<img src="data:image/') == 2
        assert 'rel="prev"' in rest.text
        assert 'rel="next"' not in rest.text
    for odd in ("0", "-1", "999", "x", "1e9"):
        assert (await doctor.get(f"{opened}/documents/{document}/apercu?page={odd}")).status_code == 200


async def test_other_contents_are_drawn_or_read_out(doctor, opened, person, laboratory):
    async def inside(content, kind="11488-4"):
        document = await hand_over(laboratory, person, content, kind=kind)
        return (await doctor.get(f"{opened}/documents/{document}/apercu")).text

    n1 = make_cda_n1(make_pdf("Dedans", 2), extension="N1", set_extension="SN1", **header_of(person))
    assert (await inside(n1, kind="")).count('<img src="data:image/') == 2
    assert (await inside(make_active_pdf())).count('<img src="data:image/') == 1
    photo = await inside(make_photo_with_secrets())
    assert "data:image/jpeg" in photo
    assert (await inside(make_tiff(3))).count('<img src="data:image/') == 3
    assert "&lt;b&gt;gras" in await inside(b"Bonjour, <b>gras</b>")
    assert "Salut" in await inside(rb"{\rtf1\ansi Salut}")


async def test_drawn_pages_keep_their_origin_and_nothing_else(doctor, opened, person, laboratory):
    """Turning a page inside the frame carries the session; a clinical document's frame has no origin at all."""
    document = await hand_over(laboratory, person, make_pdf(), kind="34112-3")
    policy = (await doctor.get(f"{opened}/documents/{document}/apercu")).headers["content-security-policy"]
    assert policy == POLICY.replace("sandbox;", "sandbox allow-same-origin;")


async def test_files_carried_inside_are_listed_and_taken_away(doctor, opened, person, laboratory):
    inside = make_pdf("Dedans")
    n1 = await hand_over(
        laboratory, person, make_cda_n1(inside, extension="N2", set_extension="SN2", **header_of(person))
    )
    n3 = await hand_over(laboratory, person, make_cda(extension="N3", set_extension="SN3", **header_of(person)))
    listed = await doctor.get(f"{opened}/documents/{n1}/pieces")
    assert f"/documents/{n1}/pieces/0" in listed.text
    file = await doctor.get(f"{opened}/documents/{n1}/pieces/0")
    assert (file.content, file.headers["content-type"]) == (inside, "application/pdf")
    assert "attachment" in file.headers["content-disposition"]
    assert "Aucun fichier joint" in (await doctor.get(f"{opened}/documents/{n3}/pieces")).text
    for absent in (f"{n1}/pieces/7", f"{n3}/pieces/0"):
        assert (await doctor.get(f"{opened}/documents/{absent}")).status_code == 404


async def test_the_original_is_taken_away_as_a_file_and_never_shown_as_a_page(doctor, opened, person, laboratory):
    content = make_active_pdf()
    document = await hand_over(laboratory, person, content, kind="11488-4", title="Été : bilan/suivi")
    answer = await doctor.get(f"{opened}/documents/{document}/telecharger")
    assert answer.content == content
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert answer.headers["content-disposition"] == (
        "attachment; filename=\"Ete-bilan-suivi.pdf\"; filename*=UTF-8''%C3%89t%C3%A9%20%3A%20bilan%2Fsuivi.pdf"
    )


async def test_every_look_is_journalled(doctor, opened, person, laboratory, journal):
    document = await hand_over(laboratory, person, make_pdf(), kind="11488-4")
    before = len(await journal(person))
    await doctor.get(opened)
    await doctor.get(f"{opened}/documents/{document}")
    await doctor.get(f"{opened}/documents/{document}/apercu")
    await doctor.get(f"{opened}/documents/{document}/telecharger")
    new = [(act, outcome) for act, outcome, who in (await journal(person))[before:] if who == doctor.actor.identifier]
    acts = [act for act, _ in new if act != "first-access"]
    assert acts == ["list-documents", "read-metadata", "read-document", "download-document"]
    assert {outcome for _, outcome in new} == {"done"}


@pytest.mark.parametrize("what", ["", "/apercu", "/telecharger"])
async def test_without_a_trace_nothing_leaves(doctor, opened, person, laboratory, monkeypatch, what):
    document = await hand_over(laboratory, person, b"Contenu confidentiel", kind="11488-4", title="Titre confidentiel")

    async def broken(self, trace):
        raise Unavailable(Problem("down", "Le journal ne répond pas.", "The journal does not answer."))

    monkeypatch.setattr(record.GroupCommit, "append", broken)
    answer = await doctor.get(f"{opened}/documents/{document}{what}")
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert "onfidentiel" not in answer.text


async def test_one_s_own_receipts_say_what_was_shown(doctor, opened, person, laboratory):
    await hand_over(laboratory, person, b"a", kind="11502-2", title="Bilan montré")
    for number in range(7):
        await hand_over(laboratory, person, b"b%d" % number, kind="11488-4", title=f"Lettre {number}", days=number)
    await hand_over(laboratory, person, b"x", kind="11502-2", title="Bilan tu", code="MASQUE_PS")
    await doctor.get(opened)
    receipts = (await doctor.get(f"{opened}/recus")).text
    assert "Bilan montré" in receipts
    assert "7 documents" in receipts, "six letters were on the page and one analysis: what was read beside is not shown"
    assert "Conforme au reçu" in receipts
    assert "Bilan tu" not in receipts
