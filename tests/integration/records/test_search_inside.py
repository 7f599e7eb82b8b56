"""Search inside documents on the real database: who finds what, what is kept, and that the hidden weighs on nothing."""

import datetime as dt
import io
import shutil
from collections import Counter

import msgspec
import pytest

from carnet.access.api import record_consent
from carnet.formats import recognition
from carnet.formats.page_texts import PageTexts
from carnet.infra.db import Database, work
from carnet.kernel.errors import NotFound, Refused
from carnet.records.actions import read_text as reading_text
from carnet.records.actions import want_texts as wanting_texts
from carnet.records.api import (
    DocumentQuery,
    Search,
    TextWanted,
    delete_document,
    list_documents,
    mask_document,
    own_receipts,
    search_documents,
    shown_that_day,
    take_text,
    want_texts,
)
from carnet.records.queries import receipts, text_search
from carnet.spaces.api import keys_in
from factories.events import as_owner, deliver, empty_queue, table
from factories.pdf import make_pdf
from factories.world import AT, OPERATOR, give, make_person, make_professional
from unit.formats.test_page_texts import scan_of

LATER = AT + dt.timedelta(hours=1)


@pytest.fixture
async def read_all(house):
    """A function that has everything deposited read, as the worker would."""
    empty_queue(house)

    async def run():
        await deliver(house, handlers=table(texts=True))

    return run


@pytest.fixture
async def doctor(house):
    return await make_professional()


@pytest.fixture
async def person(house, doctor):
    someone = await make_person()
    await record_consent(actor=doctor, space=someone.space, at=AT)
    return someone


async def ask(actor, space, words, **changes):
    search = Search(words=words, within=DocumentQuery(statuses=("current",)), **changes)
    return await search_documents(actor=actor, space=space, search=search, at=LATER)


def told(result):
    """Everything a page could show of a result, bytes for bytes but for the keys."""
    hits = [(hit.entry.document_id, hit.metadata, hit.title, hit.snippet) for hit in result.hits]
    return msgspec.json.encode((hits, result.total, result.wordless, result.more))


async def test_words_inside_are_found_and_the_search_leaves_its_trace(house, doctor, person, read_all):
    colleague = await make_professional()
    content = make_pdf("Embolie pulmonaire écartée", 2)
    receipt = await give(person, by=colleague, content=content, title="Scanner", type_code="18748-4")
    await give(person, by=colleague, content=b"Tout va bien.", title="Lettre")
    before = await ask(doctor, person.space, "embolies")
    assert (before.total, before.wordless) == (0, 2)

    await read_all()
    await read_all()  # twice changes nothing
    found = await ask(doctor, person.space, "EMBOLIES pulmonaires")
    assert [hit.entry.document_id for hit in found.hits] == [receipt.documents[0].document_id]
    assert found.hits[0].snippet.page == 1
    assert [piece.text for piece in found.hits[0].snippet.pieces if piece.hit] == ["Embolie", "pulmonaire"]
    assert (found.total, found.wordless) == (1, 0)
    mine = await ask(person.actor, person.space, "scanner")
    assert [piece.text for piece in mine.hits[0].title if piece.hit] == ["Scanner"]

    with as_owner(house) as conn:
        entry = conn.execute(
            "SELECT document_ids FROM carnet.journal_entry"
            " WHERE space_id = %s AND act = 'search-documents' AND actor_id = %s ORDER BY seq DESC LIMIT 1",
            (person.space, doctor.identifier),
        ).fetchone()
        everything = conn.execute(
            "SELECT j::text FROM carnet.journal_entry j WHERE space_id = %s", (person.space,)
        ).fetchall()
        kept = conn.execute(
            "SELECT text_enc || index_enc FROM carnet.document_text WHERE space_id = %s", (person.space,)
        ).fetchall()
    assert entry[0] == [receipt.documents[0].document_id]
    assert "mbolie" not in str(everything).lower()
    assert all(b"mbolie" not in row[0] and b"embol" not in row[0] for row in kept)


async def test_a_receipt_says_what_was_shown_and_never_what_was_not(house, doctor, person):
    """The list of then is rebuilt for its person and agrees with its digest; two worlds leave the same receipt."""
    colleague = await make_professional()
    first = await give(person, by=colleague, title="Montré", type_code="11488-4")
    query = DocumentQuery(statuses=("current",))
    await list_documents(actor=doctor, space=person.space, query=query, at=LATER)
    announced = await give(
        person, by=colleague, title="A annoncer", type_code="11488-4", codes=frozenset({"INVISIBLE_PATIENT"})
    )
    await give(person, by=colleague, title="Masqué", type_code="11488-4", codes=frozenset({"MASQUE_PS"}))
    await list_documents(actor=doctor, space=person.space, query=query, at=LATER)
    with as_owner(house) as conn:
        kept = conn.execute(
            "SELECT seq, details ->> 'shown', details ->> 'policy', document_ids FROM journal_entry"
            " WHERE space_id = %s AND act = 'list-documents' AND actor_id = %s ORDER BY seq",
            (person.space, doctor.identifier),
        ).fetchall()
    (before, digest, policy, _), (after, other, _, documents) = kept
    assert digest != other
    assert len(policy) == 16
    first_shown, shown = await shown_that_day(actor=person.actor, space=person.space, seq=before, at=LATER)
    assert ([one.title for one in first_shown.documents], first_shown.matches) == (["Montré"], True)
    # one of the two is not the person's to know of yet: they see the other, and the receipt still agrees
    assert {one.document_id for one in (*first.documents, *announced.documents)} == set(documents)
    assert [first_shown.trace.seq, shown.trace.seq] == [before, after]
    assert ([one.title for one in shown.documents], shown.matches) == (["Montré"], True)
    with pytest.raises(Refused):
        await shown_that_day(actor=doctor, space=person.space, seq=before, at=LATER)
    with pytest.raises(NotFound):
        await shown_that_day(actor=person.actor, space=person.space, seq=before + 1000, at=LATER)
    # the doctor's own: what they were shown; of what was hidden from them, or is since, no title
    mine = await own_receipts(actor=doctor, space=person.space, at=LATER)
    assert [(len(one.documents), one.matches) for one in mine] == [(2, True), (1, True)]
    await mask_document(actor=person.actor, space=person.space, document=first.documents[0].document_id, at=LATER)
    mine = await own_receipts(actor=doctor, space=person.space, at=LATER)
    assert [sorted(one.titles.values()) for one in mine[1:]] == [["A annoncer"], []]
    assert "Masqué" not in str(mine)
    planted = msgspec.structs.replace(shown.trace, document_ids=shown.trace.document_ids[:1])
    async with work(space=person.space, at=LATER) as w:
        assert not receipts.agrees(planted, keys=await keys_in(w))


async def test_the_operator_hears_what_has_no_words_and_has_them_taken_out(house, doctor, person, read_all):
    colleague = await make_professional()
    await give(person, by=colleague, content=b"Entorse de cheville", title="Lettre", type_code="11488-4")
    empty_queue(house)  # as if deposited before there was any search
    batch = Database(house.url("carnet_batch"), min_size=1, max_size=1)
    await batch.open()
    try:
        looked = await want_texts(actor=OPERATOR, batch=batch, take=False, at=LATER)
        taken = await want_texts(actor=OPERATOR, batch=batch, take=True, at=LATER)
    finally:
        await batch.close()
    assert looked.wanted == 0
    assert taken.wanted >= 1
    await read_all()
    assert (await ask(doctor, person.space, "cheville")).total == 1


async def test_nobody_searches_where_they_may_not_read(house, person):
    stranger = await make_professional()
    with pytest.raises(Refused):
        await ask(stranger, person.space, "bilan")


@pytest.mark.parametrize("hides", ["masked", "matrix", "invisible"])
async def test_two_worlds_are_told_alike(house, doctor, person, read_all, hides):
    """With and without the hidden document: the same hits, order, snippets and counts, to the byte."""
    colleague = await make_professional()
    for number in range(3):
        words = f"Fracture du poignet, consultation {number}. {'Fracture ' * number}".encode()
        at = AT + dt.timedelta(minutes=number)
        await give(person, by=colleague, content=words, title=f"Suivi {number}", type_code="11488-4", at=at)
    await read_all()
    reader = person.actor if hides == "invisible" else doctor
    questions = ("fracture", "poignet fracture", '"fracture du poignet"', "fractur", "secret", "psychiatrie", "suivi")
    without = [told(await ask(reader, person.space, words)) for words in questions]
    pages_without = [told(await ask(reader, person.space, "fracture", page=page, count=1)) for page in (1, 2, 3, 4)]

    codes = {"masked": {"MASQUE_PS"}, "invisible": {"INVISIBLE_PATIENT"}, "matrix": {"N"}}[hides]
    kind = "E1762" if hides == "matrix" else "11488-4"
    hidden = await give(
        person,
        by=colleague,
        content=b"Secret de psychiatrie : fracture du poignet, suivi, fracture, fracture.",
        title="Fracture du poignet, psychiatrie",
        type_code=kind,
        codes=frozenset(codes),
        at=AT + dt.timedelta(minutes=30),
    )
    await read_all()
    assert [told(await ask(reader, person.space, words)) for words in questions] == without
    assert [
        told(await ask(reader, person.space, "fracture", page=page, count=1)) for page in (1, 2, 3, 4)
    ] == pages_without
    # whoever may see it does find it: the worlds differ for somebody
    knows = doctor if hides == "invisible" else person.actor
    seen = await ask(knows, person.space, "psychiatrie")
    assert [hit.entry.document_id for hit in seen.hits] == [hidden.documents[0].document_id]


async def test_two_worlds_see_a_planted_leak(house, doctor, person, read_all, monkeypatch):
    real = text_search.listing_statement

    def leaky(*args, **changes):
        statement = real(*args, **changes)
        return msgspec.structs.replace(statement, sql=statement.sql.replace("NOT d.masque_ps", "true"))

    monkeypatch.setattr(text_search, "listing_statement", leaky)
    with pytest.raises(AssertionError):
        await test_two_worlds_are_told_alike(house, doctor, person, read_all, "masked")


async def test_masking_between_the_hit_and_its_words_takes_it_away(house, doctor, person, read_all, monkeypatch):
    colleague = await make_professional()
    receipt = await give(person, by=colleague, content=b"Fracture du scaphoide", title="Radio", type_code="18748-4")
    await read_all()
    real = text_search._texts

    async def meanwhile(reading, page):
        document = receipt.documents[0].document_id
        await mask_document(actor=person.actor, space=person.space, document=document, at=LATER)
        return await real(reading, page)

    monkeypatch.setattr(text_search, "_texts", meanwhile)
    assert (await ask(doctor, person.space, "scaphoïde")).hits == ()


async def test_a_deleted_document_leaves_no_words(house, doctor, person, read_all):
    colleague = await make_professional()
    receipt = await give(person, by=colleague, content=b"Luxation de rotule", title="Radio", type_code="18748-4")
    await read_all()
    document = receipt.documents[0].document_id
    await delete_document(actor=colleague, space=person.space, document=document, at=LATER)
    await read_all()
    await take_text(TextWanted(space=person.space, document=document), at=LATER)  # a late job must not bring them back
    with as_owner(house) as conn:
        sql = "SELECT count(*) FROM carnet.document_text WHERE space_id = %s AND document_id = %s"
        assert conn.execute(sql, (person.space, document)).fetchone() == (0,)
    assert (await ask(person.actor, person.space, "rotule")).total == 0


async def test_a_broken_document_is_kept_and_said_to_have_no_words(house, doctor, person, read_all):
    colleague = await make_professional()
    await give(person, by=colleague, content=b"%PDF-1.7 not really", title="Radio", type_code="18748-4")
    await read_all()
    found = await ask(doctor, person.space, "radio")
    assert (found.total, found.wordless) == (1, 1)


@pytest.mark.skipif(not shutil.which("tesseract"), reason="tesseract is not on this machine")
async def test_a_scan_is_recognised_in_turns(house, doctor, person, read_all, monkeypatch):
    monkeypatch.setattr(reading_text, "_A_PAGE", 1000)  # one page a turn
    colleague = await make_professional()
    pages = io.BytesIO()
    import pikepdf

    with pikepdf.new() as whole:
        for text in ("Hernie discale", "Conclusion : chirurgie"):
            with pikepdf.open(io.BytesIO(scan_of(text))) as one:
                whole.pages.extend(one.pages)
        whole.save(pages)
    await give(person, by=colleague, content=pages.getvalue(), title="Scan", type_code="18748-4")
    await read_all()
    found = await ask(doctor, person.space, "chirurgie")
    assert [hit.snippet.page for hit in found.hits] == [2]
    assert (await ask(doctor, person.space, "hernies")).total == 1


async def test_each_page_is_kept_and_one_that_takes_too_long_stops_no_other(house, doctor, person, monkeypatch):
    """The second page asks for more than is left of the turn, then for more than a turn; a job dies in between."""
    empty_queue(house)
    colleague = await make_professional()
    said = iter(["Hernie", None, RuntimeError, None, "Entorse"])

    def recognise(picture, *, program, seconds):
        words = next(said)
        if words is RuntimeError:
            raise words
        return words

    monkeypatch.setattr(reading_text, "recognise", recognise)
    monkeypatch.setattr(reading_text, "picture_of_page", lambda data, *, page: b"")
    monkeypatch.setattr(reading_text, "recogniser", lambda: "tesseract")
    scan = PageTexts(pages=("", "", ""), pictures=(1, 2, 3))
    monkeypatch.setattr(reading_text, "read_pages", lambda data: scan)
    receipt = await give(person, by=colleague, content=b"a scan", title="Scan", type_code="18748-4")
    wanted = {"space": person.space, "document": receipt.documents[0].document_id, "at": LATER}
    await reading_text.read_text(**wanted)
    await reading_text.recognise_pages(**wanted)
    assert (await ask(doctor, person.space, "hernie")).total == 1
    with pytest.raises(RuntimeError):
        await reading_text.recognise_pages(**wanted)
    assert (await ask(doctor, person.space, "hernie")).total == 1
    await reading_text.recognise_pages(**wanted)
    found = await ask(doctor, person.space, "entorse")
    assert [hit.snippet.page for hit in found.hits] == [3]
    assert not list(said)


async def test_pages_a_worker_could_not_read_are_wanted_again(house, doctor, person, read_all, monkeypatch):
    """A scan read where there is no recogniser, or whose turn came to such a worker, waits for one that has it."""
    colleague = await make_professional()
    await give(person, by=colleague, content=scan_of("Hernie discale"), title="Scan", type_code="18748-4")
    monkeypatch.setattr(reading_text, "recogniser", lambda: None)
    await read_all()
    monkeypatch.setattr(wanting_texts, "recogniser", lambda: "tesseract")
    monkeypatch.setattr(reading_text, "recogniser", lambda: "tesseract")
    monkeypatch.setattr(reading_text, "recognise", lambda picture, **_: "")
    batch = Database(house.url("carnet_batch"), min_size=1, max_size=1)
    await batch.open()
    try:
        wanted = await want_texts(actor=OPERATOR, batch=batch, take=True, at=LATER)
        assert (wanted.wanted >= 1, wanted.states["recognising"] >= 1) == (True, True)
        await read_all()
        looked = await want_texts(actor=OPERATOR, batch=batch, take=False, at=LATER)
        assert "recognising" not in looked.states  # recognised, and without a word: that is known now
    finally:
        await batch.close()


async def test_a_hit_taken_away_meanwhile_is_not_counted(house, doctor, person, monkeypatch):
    colleague = await make_professional()
    shown, hidden = [await give(person, by=colleague, title="Bilan", content=bytes([65 + n])) for n in range(2)]
    look = text_search._texts

    async def meanwhile(reading, page):
        document = hidden.documents[0].document_id
        await mask_document(actor=person.actor, space=person.space, document=document, at=LATER)
        return await look(reading, page)

    monkeypatch.setattr(text_search, "_texts", meanwhile)
    found = await ask(doctor, person.space, "bilan")
    assert (found.total, [hit.entry.document_id for hit in found.hits]) == (1, [shown.documents[0].document_id])


async def test_without_a_recogniser_a_scan_is_kept_and_counted(house, doctor, person, read_all, monkeypatch):
    monkeypatch.setattr(reading_text, "recogniser", lambda: None)
    colleague = await make_professional()
    await give(person, by=colleague, content=scan_of("Hernie discale"), title="Scan", type_code="18748-4")
    await read_all()
    found = await ask(doctor, person.space, "hernie")
    assert (found.total, found.wordless) == (0, 1)
    if recognition.recogniser():  # the program was installed since: asked again, the words come
        monkeypatch.undo()
        document = (await ask(doctor, person.space, "scan")).hits[0].entry.document_id
        await take_text(TextWanted(space=person.space, document=document), at=LATER)
        await read_all()
        assert (await ask(doctor, person.space, "hernie")).total == 1


async def test_a_search_opens_each_index_once_and_the_words_of_hits_only(house, read_all, person, doctor, monkeypatch):
    """What 300 ms for 500 documents rest on, counted and not timed: round trips and openings do not grow otherwise."""
    colleague = await make_professional()
    for number in range(12):
        await give(person, by=colleague, content=make_pdf(f"Embolie {number}"), title=f"Bilan {number}")
    await read_all()
    counted = Counter[str]()

    def counting(name, of):
        whole = getattr(of, name)

        def count(*given, **named):
            counted[name] += 1
            return whole(*given, **named)

        monkeypatch.setattr(of, name, count)

    for name in ("open_index", "open_text", "look", "rows_in_one_trip"):
        counting(name, text_search)
    asked = Search(words="embolie", within=DocumentQuery(), count=5)
    found = await search_documents(actor=doctor, space=person.space, search=asked, at=LATER)
    assert (found.total, len(found.hits)) == (12, 5)
    assert counted == {"look": 1, "rows_in_one_trip": 1, "open_index": 12 + 5, "open_text": 5}
