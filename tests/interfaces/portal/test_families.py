"""In whose space one is: said on every page, written in their journal, over at once when it is over."""

import datetime as dt
import re
from html import unescape
from uuid import UUID

import pytest

from carnet.access.api import (
    VISIBLE,
    attach_representative,
    bar_representative,
    end_representative,
    invite_representative,
    kept_apart,
    look_in,
)
from carnet.access.queries import kept_apart as kept_apart_query
from carnet.design.language import PARIS
from carnet.identity.api import Ins
from carnet.infra import clock
from carnet.infra.db import work
from carnet.infra.db.database import Database
from carnet.interfaces.portal.presenters.activity import ActivityQuery
from carnet.interfaces.portal.setting import language_for
from carnet.interfaces.portal.sources.journal import to_filter, told_to_parents
from carnet.journal.api import Filter, entries
from carnet.kernel.errors import Invalid, Refused
from carnet.notifications.api import NotificationAdded, tell_parents
from carnet.notifications.queries import parents
from carnet.records.api import DocumentQuery, list_documents
from carnet.spaces.api import Source, import_beneficiaries, open_space
from factories.beneficiaries import OID, beneficiary_file, beneficiary_matricule, line
from factories.events import as_owner, deliver, empty_queue
from factories.families import as_delegate, attach, make_child
from factories.people import make_traits
from factories.world import OPERATOR, give, make_person, make_professional, make_software
from interfaces.portal.conftest import words

KEPT = {"N", "INVISIBLE_REPRESENTANTS_LEGAUX"}


async def a_family(open_browser, *, name="Lison"):
    """A parent at their browser, and their child with one document."""
    parent = await make_person(at=clock.now() - dt.timedelta(days=1))
    child = await make_child(name=name)
    await attach(child, parent)
    await give(child, by=await make_software(), at=clock.now(), title=f"Carnet de {name}")
    return await open_browser(parent), child


async def token_of(browser):
    return re.search(r'name="_csrf_token" value="([^"]+)"', await browser.page("/proches"))[1]


async def go_into(browser, name):
    """Choose somebody's space on the page of one's family."""
    page = unescape(await browser.page("/proches"))
    row = page[page.index(name) :]
    chosen = re.search(r'name="qui" value="([0-9a-f]+)"', row)[1]
    return await browser.post("/proches/entrer", {"qui": chosen}, token=await token_of(browser))


async def test_a_parent_reads_in_the_childs_space_and_every_page_says_whose_it_is(open_browser):
    browser, _ = await a_family(open_browser)
    assert (await go_into(browser, "Lison")).headers["location"] == "/accueil"
    documents = await browser.page("/documents")
    one = re.search(r"/documents/[0-9a-f]{32}", documents)[0]
    for path in ("/accueil", "/documents", one, "/proches"):
        page = await browser.page(path)
        assert "Espace de Lison" in words(page), path
        assert "Revenir à mon espace" in words(page), path
        assert "Espace de Lison" in re.search("<title>(.*?)</title>", page)[1], path
    assert "Carnet de Lison" in words(documents)
    assert "Qui peut le voir" not in words(await browser.page(one)), "who sees it is not for them"
    assert "Bonjour, tout va bien." in (await browser.get(f"{one}/apercu")).text
    for path in ("/reglages", "/notifications", "/reglages/sujets", "/acces/equipe", "/bienvenue"):
        assert (await browser.get(path)).status_code == 403, path


async def test_the_first_page_of_a_child_is_traced_as_the_parent_was_shown_it(open_browser):
    """Who came is not on it: what those visits were about is not among what was shown."""
    browser, child = await a_family(open_browser)
    old = clock.now() - dt.timedelta(days=90)
    software = await make_software()
    for number in range(6):
        written = old if number > 4 else clock.now()
        await give(child, by=software, at=clock.now(), creation=written, title=f"N° {number}")
    await go_into(browser, "Lison")
    shown = set(re.findall(r"/documents/([0-9a-f]{32})", await browser.page("/accueil")))
    async with work(space=child.space, at=clock.now()) as w:
        filter_ = Filter(acts=("list-documents",), actors=("representative",))
        (last,) = await entries(w, filter_=filter_, limit=1)
    assert {one.hex for one in last.document_ids} == shown


async def test_the_child_reads_who_did_what_in_their_name(open_browser):
    browser, child = await a_family(open_browser)
    await go_into(browser, "Lison")
    await browser.page("/documents")
    told = words(await (await open_browser(child)).page("/activite?qui=proches"))
    name = browser.someone.traits.birth_name
    assert f"{name} (représentant légal) est venu dans votre espace" in told
    assert f"{name} (représentant légal) a consulté la liste de vos documents" in told


async def test_coming_back_brings_ones_own_documents(open_browser):
    browser, _ = await a_family(open_browser)
    await go_into(browser, "Lison")
    await browser.post("/proches/revenir", token=await token_of(browser))
    page = words(await browser.page("/documents"))
    assert "Espace de Lison" not in page
    assert "Carnet de Lison" not in page


async def test_at_eighteen_at_midnight_in_paris_the_open_session_is_there_no_more(open_browser):
    midnight = dt.datetime(2026, 11, 29, 23, tzinfo=dt.UTC)
    with clock.frozen(midnight - dt.timedelta(minutes=5)):
        parent, child = await make_person(), await make_child(born="2008-11-30")
        await attach(child, parent)
        browser = await open_browser(parent)
        await go_into(browser, "Lison")
    with clock.frozen(midnight - dt.timedelta(microseconds=1)):
        assert "Espace de Lison" in words(await browser.page("/documents"))
    with clock.frozen(midnight):
        refused = await browser.get("/documents")
        assert (refused.status_code, refused.headers["location"].split("?")[0]) == (303, "/proches")
        assert (await browser.get("/proches")).status_code == 303, "brought home"
        page = words(await browser.page("/proches"))
        assert "Lison" not in page
        assert "Revenir à mon espace" not in page


async def test_nobody_goes_where_nobody_let_them(open_browser):
    browser, _ = await a_family(open_browser, name="Lison")
    stranger = await open_browser()
    page = await browser.page("/proches")
    chosen = re.search(r'name="qui" value="([0-9a-f]+)"', page[page.index("Lison") :])[1]
    answer = await stranger.post("/proches/entrer", {"qui": chosen}, token=await token_of(stranger))
    assert answer.status_code == 404
    assert "Lison" not in await stranger.page("/proches")


async def test_whose_own_space_is_not_open_goes_into_nobody_elses(open_browser, house):
    browser, _ = await a_family(open_browser)
    page = await browser.page("/proches")
    chosen, token = re.search(r'name="qui" value="([0-9a-f]+)"', page)[1], await token_of(browser)
    with as_owner(house) as conn:
        conn.execute("UPDATE authz SET state = 'SUSPENDED' WHERE space_id = %s", (browser.someone.space,))
    answer = await browser.post("/proches/entrer", {"qui": chosen}, token=token)
    assert answer.headers.get("location") != "/accueil"
    for path in ("/accueil", "/documents", "/proches"):
        assert "Lison" not in (await browser.get(path)).text, path


def invitation_of(someone, **changes):
    """The form as somebody fills it in to be helped by `someone`."""
    traits = someone.traits
    names = {"nom": traits.birth_name.upper(), "prenom": traits.given_names[0], "naissance": traits.birth_date}
    return {"matricule": someone.ins.matricule, "motif": "hospital", "declare": "1", **names, **changes}


async def a_carer(open_browser, **changes):
    """Somebody helped, with a document, and their carer who accepted; each at their browser."""
    helped, carer = await open_browser(), await open_browser()
    await give(helped.someone, by=await make_software(), at=clock.now(), title="Bilan du genou")
    answer = await helped.post("/proches/inviter", invitation_of(carer.someone, **changes))
    assert answer.headers["location"] == "/proches", answer.text
    chosen = re.search(r'name="qui" value="([0-9a-f]+)"', await carer.page("/proches"))[1]
    accepted = await carer.post("/proches/repondre", {"qui": chosen, "reponse": "oui"})
    assert accepted.headers["location"] == "/proches"
    return helped, carer, chosen


async def test_a_carer_accepts_reads_and_adds_and_the_person_ends_it_at_once(open_browser):
    helped, carer, chosen = await a_carer(open_browser)
    name = helped.someone.traits.birth_name
    assert "Vous êtes son aidant" in words(await carer.page("/proches"))
    await go_into(carer, name)
    listed = words(await carer.page("/documents"))
    assert "Bilan du genou" in listed
    assert "Attestation d'aidant" in listed
    added = await carer.post(
        "/documents/ajouter",
        {"titre": "Photo du pansement", "categorie": "RADIO_SC", "date": "2026-01-05", "depot": "0" * 32},
        files={"fichiers": ("note.txt", b"Tout va bien.", "text/plain")},
        token=await token_of(carer),
    )
    assert added.status_code == 303, added.text
    assert "Photo du pansement" in words(await helped.page("/documents"))
    told = words(await helped.page("/activite?qui=proches"))
    assert f"{carer.someone.traits.birth_name} (aidant) a ajouté « Photo du pansement »" in told
    for path in ("/proches/inviter", "/acces", "/reglages", "/activite/export.json"):
        assert (await carer.get(path)).status_code == 403, path
    await helped.post("/proches/terminer", {"qui": chosen})
    over = await carer.get("/documents")
    assert (over.status_code, over.headers["location"].split("?")[0]) == (303, "/proches")
    assert "Fin de l'aide" in words(await helped.page("/documents"))


async def test_everything_but_what_was_left_out(open_browser):
    _, carer, _ = await a_carer(open_browser, sauf="AUTR_DOC")
    await go_into(carer, "Jusqu")
    listed = words(await carer.page("/documents"))
    assert "Bilan du genou" not in listed
    assert "Attestation d'aidant" in listed


async def test_an_invitation_is_seen_by_exactly_whom_it_names(open_browser):
    helped, carer = await open_browser(), await open_browser()
    for wrong in ({"nom": "AUTREMENT"}, {"prenom": "Ailleurs"}, {"naissance": "1950-01-01"}):
        sent = await helped.post("/proches/inviter", invitation_of(carer.someone, **wrong))
        assert sent.headers["location"] == "/proches", "the same answer as for somebody who exists"
        assert "On vous demande" not in words(await carer.page("/proches"))
        waiting = re.search(r"/proches/terminer\?qui=([0-9a-f]{32})", await helped.page("/proches"))[1]
        await helped.post("/proches/terminer", {"qui": waiting})


async def test_an_empty_invitation_is_told_all_it_lacks_at_once_each_beside_its_field(open_browser):
    helped = await open_browser()
    answer = await helped.post("/proches/inviter", {"motif": "hospital"})
    assert (answer.status_code, "5 points sont à corriger" in words(answer.text)) == (400, True)
    told = re.findall(r'href="#champ-([a-z]+)"', answer.text)
    assert told == ["matricule", "nom", "prenom", "naissance", "declare"], "as the page shows them"


@pytest.mark.parametrize("changes", [{"fin": "9999-12-31"}, {"fin": "2026-02-31"}, {"fin": ""}, {"debut": "x"}])
async def test_days_that_do_not_exist_are_told_beside_their_field(open_browser, changes):
    helped, soon = await open_browser(), (clock.now() + dt.timedelta(days=9)).date().isoformat()
    asked = invitation_of(await make_person(), **{"motif": "date", "fin": soon, **changes})
    answer = await helped.post("/proches/inviter", asked)
    assert answer.status_code == 400
    assert "Choisissez un jour à venir" in words(answer.text)
    assert f'href="#champ-{next(iter(changes))}"' in answer.text


async def test_the_last_day_chosen_is_the_last_day_told(open_browser):
    last = (clock.now() + dt.timedelta(days=9)).astimezone(PARIS).date()
    helped, carer, _ = await a_carer(open_browser, motif="date", fin=last.isoformat())
    told = f"Jusqu'au {language_for('fr').long_date(last)}"
    for browser in (helped, carer):
        assert told in words(await browser.page("/proches"))


async def test_no_more_than_three_carers(open_browser):
    helped = await open_browser()
    for turn in range(4):
        sent = await helped.post("/proches/inviter", invitation_of(await make_person()))
        assert sent.status_code == (303 if turn < 3 else 400)
    assert "le plus grand nombre d'aidants" in words(sent.text)


async def test_a_parent_invites_the_other_and_both_manage(open_browser):
    browser, child = await a_family(open_browser)
    other = await open_browser()
    await go_into(browser, "Lison")
    sent = await browser.post("/proches/second-parent", invitation_of(other.someone), token=await token_of(browser))
    assert sent.status_code == 303, sent.text
    chosen = re.search(r'name="qui" value="([0-9a-f]+)"', await other.page("/proches"))[1]
    await other.post("/proches/repondre", {"qui": chosen, "reponse": "oui"})
    await go_into(other, "Lison")
    assert "Carnet de Lison" in words(await other.page("/documents"))
    assert words(await (await open_browser(child)).page("/proches")).count("Votre représentant légal") == 2


async def test_a_form_left_open_in_one_space_writes_nothing_into_another(open_browser):
    browser, _ = await a_family(open_browser)
    await go_into(browser, "Lison")
    left_open = await token_of(browser)
    await browser.post("/proches/revenir", token=left_open)
    said = {"titre": "Carnet de santé de Lison", "categorie": "RADIO_SC", "date": "2026-01-05", "depot": "1" * 32}
    files = {"fichiers": ("note.txt", b"Tout va bien.", "text/plain")}
    stale = await browser.post("/documents/ajouter", said, token=left_open)
    assert stale.status_code == 403, "refused before anything else is looked at"
    assert "Carnet de santé de Lison" not in words(await browser.page("/documents"))
    assert (await browser.post("/documents/ajouter", said, files=files)).status_code == 303


async def test_a_child_has_two_parents_and_whom_the_desk_ended_only_the_desk_brings_back(open_browser):
    browser, child = await a_family(open_browser)
    await go_into(browser, "Lison")
    others, chosen = [await open_browser(), await open_browser()], []
    for other in others:
        sent = await browser.post("/proches/second-parent", invitation_of(other.someone), token=await token_of(browser))
        assert sent.status_code == 303, sent.text
        chosen.append(re.search(r'name="qui" value="([0-9a-f]+)"', await other.page("/proches"))[1])
    answers = [
        await other.post("/proches/repondre", {"qui": one, "reponse": "oui"})
        for other, one in zip(others, chosen, strict=True)
    ]
    assert [one.status_code for one in answers] == [303, 400], "the third who says yes finds two there"
    third = invitation_of(await make_person())
    sent = await browser.post("/proches/second-parent", third, token=await token_of(browser))
    assert (sent.status_code, "Deux représentants légaux" in words(sent.text)) == (400, True)
    await end_representative(actor=OPERATOR, space=child.space, delegation=UUID(chosen[0]), at=clock.now())
    back = invitation_of(others[0].someone)
    sent = await browser.post("/proches/second-parent", back, token=await token_of(browser))
    assert (sent.status_code, "lui seul peut la rétablir" in words(sent.text)) == (400, True)


async def test_a_carer_is_not_shown_what_only_a_parent_may_do_nor_anything_once_it_is_over(open_browser):
    helped, carer, chosen = await a_carer(open_browser)
    await go_into(carer, "Jusqu")
    assert (await carer.get("/proches/second-parent")).status_code == 403
    await helped.post("/proches/terminer", {"qui": chosen})
    assert (await carer.get("/proches/second-parent")).status_code == 303


async def test_the_file_of_the_insurer_names_a_childs_parents_and_nobody_elses(open_browser, house, tmp_path):
    browser, at = await open_browser(), clock.now()
    parent = browser.someone.ins.matricule
    people = [
        line(801_001, prenoms="LISON", date_naissance="2019-03-04", representants=parent),
        line(801_002, prenoms="MAJEURE", date_naissance="1990-03-04", representants=parent),
        line(801_003, prenoms="AUTRE", date_naissance="2019-03-04", representants=beneficiary_matricule(801_004)),
    ]
    source = Source(path=beneficiary_file(tmp_path / "fichier.csv", people), rejects=tmp_path / "rejets.csv")
    batch = Database(house.url("carnet_batch"), min_size=1, max_size=1)
    await batch.open()
    try:
        assert (await import_beneficiaries(actor=OPERATOR, batch=batch, source=source, at=at)).stored == 3
    finally:
        await batch.close()
    assert "LISON" not in await browser.page("/proches"), "not open yet"
    for number, born in ((801_001, "2019-03-04"), (801_002, "1990-03-04"), (801_003, "2019-03-04")):
        ins = Ins(matricule=beneficiary_matricule(number), oid=OID)
        names = {801_001: "LISON", 801_002: "MAJEURE", 801_003: "AUTRE"}
        traits = make_traits(1, given_names=(names[number],), birth_date=born)
        await open_space(actor=OPERATOR, ins=ins, traits=traits, active=True, at=at)
    page = words(await browser.page("/proches"))
    assert "LISON" in page
    assert "MAJEURE" not in page
    assert "AUTRE" not in page
    await go_into(browser, "LISON")
    assert "Espace de LISON" in words(await browser.page("/accueil"))


async def test_a_parent_lets_in_blocks_and_sets_the_childs_space_and_the_journal_says_who(open_browser):
    browser, child = await a_family(open_browser)
    doctor = await make_professional()
    await go_into(browser, "Lison")
    home = await browser.page("/accueil")
    assert all(f'href="{path}"' in home for path in ("/acces", "/acces/urgence", "/activite"))
    await browser.post("/acces/autoriser", {"qui": f"p-{doctor.rpps}"}, token=await token_of(browser))
    assert doctor.name in words(await browser.page("/acces"))
    chosen = {"centre_15": "1", "nouveaux_masques": "1"}
    await browser.post("/acces/urgence", chosen, token=await token_of(browser))
    async with work(space=child.space, at=clock.now()) as w:
        facts = (await look_in(w, actor=child.actor)).facts
    assert (facts.allow_centre_15, facts.allow_bris_de_glace, facts.masked_by_default) == (True, False, True)
    await browser.post("/acces/bloquer", {"qui": f"p-{doctor.rpps}"}, token=await token_of(browser))
    name = browser.someone.traits.birth_name
    for reader in (browser, await open_browser(child)):
        told = words(await reader.page("/activite"))
        assert f"{name} (représentant légal)" in told
        assert doctor.name in told
    own = words(await (await open_browser()).page("/acces"))
    assert doctor.name not in own, "it was the child's list"


@pytest.mark.parametrize(("born", "allowed"), [("2015-06-01", True), ("2010-06-01", False)])
async def test_a_grown_child_keeps_who_they_see_to_themselves(open_browser, born, allowed):
    """L1111-5 CSP, by age (a setting): the lists that tell of professionals close with the topics kept apart."""
    with clock.frozen(dt.datetime(2026, 11, 23, 10, tzinfo=dt.UTC)):
        parent, child = await make_person(), await make_child(born=born)
        await attach(child, parent)
        browser = await open_browser(parent)
        await go_into(browser, "Lison")
        assert ('href="/activite"' in await browser.page("/accueil")) is allowed
        for path in ("/acces", "/acces/urgence", "/activite", "/acces/limites", "/acces/voir-comme"):
            assert (await browser.get(path)).status_code == (200 if allowed else 403), path


async def test_a_carer_never_manages_the_access(open_browser):
    _, carer, chosen = await a_carer(open_browser)
    await carer.post("/proches/entrer", {"qui": chosen}, token=await token_of(carer))
    for path in ("/acces", "/acces/urgence", "/activite", "/acces/limites", "/acces/voir-comme"):
        assert (await carer.get(path)).status_code == 403, path
    assert 'href="/acces"' not in await carer.page("/accueil")


@pytest.mark.parametrize(
    ("codes", "told", "planted"),
    [({"N"}, True, False), (KEPT, False, False), (KEPT, True, True)],
    ids=["seen", "kept", "planted"],
)
async def test_parents_hear_once_a_day_and_never_of_what_is_kept_from_them(house, monkeypatch, codes, told, planted):
    """T14: no line and no entry of a journal tells that there is a document a minor keeps from their parents."""
    if planted:
        monkeypatch.setattr(parents, "_MAY_KNOW", parents._MAY_KNOW.replace(VISIBLE, "true"))
        monkeypatch.setattr(kept_apart_query, "_FOR_NO_DELEGATE", kept_apart_query._KEPT_APART)
    parent, child, software = await make_person(email="p@exemple.invalid"), await make_child(), await make_software()
    actor = await attach(child, parent)
    empty_queue(house)
    for _ in range(2):
        await give(child, by=software, at=clock.now(), title="Secret", codes=frozenset(codes))
    await deliver(house)
    with as_owner(house) as conn:
        sql = "SELECT notification_id FROM notification WHERE space_id = %s"
        heard = [one for (one,) in conn.execute(sql, (child.space,)).fetchall()]
        for one in heard:  # tried again after days without a mail server
            again = NotificationAdded(space=child.space, notification=one)
            await tell_parents(again, at=clock.now() + dt.timedelta(days=2))
        found = conn.execute("SELECT code FROM notification WHERE space_id = %s", (parent.space,)).fetchall()
    assert found == ([("NOUVEAU_PROCHE",)] if told else [])
    assert len(heard) == 2, "the child hears of each"
    filter_ = told_to_parents(to_filter(ActivityQuery(), apart=kept_apart(actor, at=clock.now())))
    async with work(space=child.space, at=clock.now()) as w:
        journal = [one.act for one in await entries(w, filter_=filter_, limit=50)]
    assert ("deposit-document" in journal) is told


@pytest.mark.parametrize("came", [False, True], ids=["never came", "already there"])
async def test_who_is_barred_upon_a_decision_is_attached_by_no_file_and_invited_by_nobody(came):
    """Art. 378 code civil: parental authority withdrawn; before they ever came, or while they act."""
    at = clock.now()
    barred, other, child = await make_person(at=at), await make_person(at=at), await make_child()
    actor = await attach(child, barred) if came else None
    who = {"space": child.space, "barred": as_delegate(barred), "at": at}
    with pytest.raises(Refused):
        await bar_representative(actor=other.actor, proof="jugement", **who)
    with pytest.raises(Invalid):
        await bar_representative(actor=OPERATOR, proof=" ", **who)
    await bar_representative(actor=OPERATOR, proof="TJ de Rennes, 4 mai 2026, n° 26/0001", **who)
    if actor is not None:
        with pytest.raises(Refused):
            await list_documents(actor=actor, space=child.space, query=DocumentQuery(), at=clock.now())
    assert await attach_representative(space=child.space, delegate=as_delegate(barred), at=clock.now()) is None
    parent = await attach(child, other)
    with pytest.raises(Invalid, match="ended-by-the-desk"):
        await invite_representative(actor=parent, space=child.space, invited=as_delegate(barred), at=clock.now())
