"""The person finds their documents by words inside them, marked and escaped; the page forgets what it found."""

from carnet.infra import clock
from carnet.records.api import TextWanted, take_text
from factories.pdf import make_pdf
from factories.world import give, make_software


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
