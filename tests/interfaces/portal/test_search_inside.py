"""The person finds their documents by words inside them, marked and escaped; the page forgets what it found."""

import re

from carnet.infra import clock
from carnet.infra.db import work
from carnet.journal.api import Filter, entries
from carnet.records.api import Deposit, TextWanted, deposit, take_text
from factories.pdf import make_pdf
from factories.world import give, make_software, new_document


async def test_words_inside_are_found_marked_and_escaped(open_browser):
    browser = await open_browser()
    software = await make_software()
    hostile = make_pdf("<script>alert(1)</script> Embolie pulmonaire <b>écartée</b>", 2)
    for title, content in (("Scanner", hostile), ("Lettre", b"Fracture du poignet."), ("Embolie : rien", b"Rien.")):
        receipt = await give(browser.someone, by=software, title=title, content=content, at=clock.now())
        document = receipt.documents[0].document_id
        await take_text(TextWanted(space=browser.someone.space, document=document), at=clock.now())
    found = await browser.page("/documents?q=embolies")
    assert "2 documents" in found
    assert "Page 1" in found
    assert "<mark>Embolie</mark> pulmonaire &lt;b&gt;" in found
    assert "<script>alert" not in found
    assert "Fracture" not in found
    assert "1 document" in await browser.page("/documents?q=poignets")
    assert "Aucun document trouvé" in await browser.page("/documents?q=embolies&categorie=RADIO_SC")


async def test_however_many_answer_one_search_finds_them_all(open_browser):
    browser, software = await open_browser(), await make_software()
    person, many = browser.someone, 207
    for first in range(0, many, 50):
        batch = [new_document(author=software, title=f"Embolie {n}") for n in range(first, min(first + 50, many))]
        one = Deposit(ins=person.ins, traits=person.traits, documents=tuple(batch))
        await deposit(actor=software, deposit=one, at=clock.now())
    # not as it is written: only the search forgives it
    last = await browser.page("/documents?q=embolies&tri=titre&page=11")
    assert f"{many} documents" in last
    assert len(set(re.findall(r">Embolie (\d+)<", last))) == many % 20
    async with work(space=person.space, at=clock.now()) as w:
        (trace,) = await entries(w, filter_=Filter(acts=("search-documents",)), limit=5)
    assert len(trace.document_ids) == many % 20
