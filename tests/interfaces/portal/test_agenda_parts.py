"""The part a carer was given, over every route of the portal: the agenda only; everything but the agenda.

The routes come from the route table: one declared tomorrow is closed to whom the agenda only was given, or this tells.
"""

import uuid

import pytest

from carnet.infra import clock
from carnet.infra.web.audience import Audience, declared_routes
from carnet.kernel.actors import ActorKind
from carnet.kernel.errors import Refused
from carnet.messaging.api import inbox
from carnet.records.api import DocumentQuery, OwnDescription, add_own_document, list_documents
from factories.events import as_owner
from factories.families import acting
from interfaces.portal.conftest import words
from interfaces.portal.test_agenda import VISIT, entries, note
from interfaces.portal.test_families import a_carer, a_family, go_into, invitation_of, token_of

ANYWHERE = ("/proches", "/confirmer-identite", "/aide/ecran", "/connexion", "/deconnexion")
"""What is about who is signed in, not about the space they are in."""
AGENDA = "/agenda"


def routes(app):
    """(method, path) of every page somebody may meet in a space."""
    return sorted(
        (method, path)
        for path, method, who in declared_routes(app)
        if Audience.PUBLIC not in who and method != "HEAD" and not path.startswith(ANYWHERE)
    )


def filled(path, names):
    """The address with ids for what stands between braces, as the table writes it."""
    for name, value in names.items():
        path = path.replace(f"{{{name}}}", value)
    return path


async def reached(carer, app, names, *, but=()):
    """Which of the routes answered anything but a refusal; a redirection to the agenda is one, and so is a stream that
    ends before it said anything.
    """
    found, token = set(), await token_of(carer)
    for method, path in routes(app):
        if (method, path) in but:
            continue
        address = filled(path, names)
        assert "{" not in address, address
        answer = await (carer.get(address) if method == "GET" else carer.post(address, VISIT, token=token))
        assert "Bilan du genou" not in answer.text, path
        ended = path == "/messages/nouvelles" and answer.text == "retry: 5000\n\nevent: fin\ndata: {}\n\n"
        turned_away = answer.status_code == 303 and answer.headers["location"] == AGENDA and path == "/accueil"
        if not (answer.status_code in {403, 404} or turned_away or ended):
            found.add((method, path))
    return found


def ids(app, **known):
    """A value for each name of the table: what is known, else what leads nowhere."""
    table = {part for _, path in routes(app) for part in path.split("/") if part.startswith("{")}
    kinds = {"uuid": uuid.uuid4().hex, "int": "0", "str": "10000000001"}
    return {part[1:-1]: known.get(part[1:-1].split(":")[0], kinds[part[1:-1].split(":")[1]]) for part in table}


def document_of(house, space):
    with as_owner(house) as conn:
        return conn.execute("SELECT document_id FROM document WHERE space_id = %s LIMIT 1", (space,)).fetchone()[0].hex


def give(house, delegation, *, documents, agenda):
    """Give another part than the person did, beside the product."""
    with as_owner(house) as conn:
        conn.execute(
            "UPDATE delegation SET documents = %s, agenda = %s WHERE delegation_id = %s",
            (documents, agenda, uuid.UUID(delegation)),
        )


async def test_who_was_given_the_agenda_only_reaches_the_agenda_and_nothing_else(open_browser, app, house):
    helped, carer, delegation = await a_carer(open_browser, partie="agenda")
    await note(helped)
    await go_into(carer, helped.someone.traits.birth_name)
    (one,) = await entries(carer)
    document = document_of(house, helped.someone.space)
    own = {(method, path) for method, path in routes(app) if path.startswith(AGENDA)}
    assert await reached(carer, app, ids(app, document=document, entry=one), but=own) == set()
    for path in (f"/documents/{document}", f"/documents/{uuid.uuid4().hex}"):
        gone = await carer.get(path)
        assert (gone.status_code, "Bilan" in gone.text) == (404, False), "there or not, the same"
        assert 'href="/documents"' not in gone.text, "nor is it offered"
    told = words(await helped.page("/activite?qui=proches"))
    assert "ajouter un document" in told, "what is refused leaves its trace, a form too"
    page = await carer.page(AGENDA)
    assert "Dr Cunégonde Roux" in words(page)
    assert not {f'href="{path}"' for path in ("/documents", "/messages", "/accueil")} & set(page.split())
    give(house, delegation, documents=True, agenda=True)
    assert (await carer.get("/documents")).status_code == 200, "a part too many would be noticed"


async def test_below_the_pages_too_nothing_else_is_theirs(open_browser):
    """A page that forgot to ask would change nothing: each act asks the row of the delegation."""
    helped, carer, delegation = await a_carer(open_browser, partie="agenda")
    space, at = helped.someone.space, clock.now()
    actor = acting(carer.someone, helped.someone, uuid.UUID(delegation), kind=ActorKind.CARER)
    who = {"actor": actor, "space": space, "at": at}
    said = OwnDescription(title="Photo", category="RADIO_SC", about="2026-01-05")
    asked = (
        add_own_document(said=said, files=[b"Tout va bien."], request_id=uuid.uuid4(), **who),
        list_documents(query=DocumentQuery(), **who),
        inbox(**who),
    )
    for one in asked:
        with pytest.raises(Refused):
            await one


async def test_what_they_write_is_written_in_their_name(open_browser):
    helped, carer, _ = await a_carer(open_browser, partie="agenda")
    await go_into(carer, helped.someone.traits.birth_name)
    assert (await note(carer)).headers["location"] == AGENDA
    told = words(await helped.page("/activite?qui=proches"))
    assert f"{carer.someone.traits.birth_name} (aidant) a noté un rendez-vous dans votre agenda" in told
    assert f"Écrit par {carer.someone.traits.given_names[0]}" in words(await helped.page(AGENDA))
    assert "Votre agenda, et rien d'autre" in words(await helped.page("/proches"))


async def test_everything_but_the_agenda(open_browser, app, house):
    helped, carer, delegation = await a_carer(open_browser)
    await note(helped)
    (one,) = await entries(helped)
    await go_into(carer, helped.someone.traits.birth_name)
    names = ids(app, entry=one)
    rest = {(method, path) for method, path in routes(app) if not path.startswith(AGENDA)}
    assert await reached(carer, app, names, but=rest) == set()
    for path in ("/accueil", "/documents"):
        page = await carer.page(path)
        assert 'href="/agenda"' not in page, path
    assert await entries(helped) == [one], "nothing was written"
    give(house, delegation, documents=True, agenda=True)
    assert await entries(carer) == [one]
    for path in ("/accueil", "/documents"):
        assert 'href="/agenda"' in await carer.page(path), path


async def test_an_agenda_only_says_no_to_messages_in_the_same_breath(open_browser):
    helped, carer = await open_browser(), await open_browser()
    sent = invitation_of(carer.someone, partie="agenda", messages="1")
    refused = await helped.post("/proches/inviter", sent)
    assert refused.status_code == 400
    assert 'href="#champ-messages"' in refused.text
    assert "Personne" in words(await helped.page("/proches"))


@pytest.mark.parametrize("grown", [False, True], ids=["before", "since"])
async def test_what_a_grown_child_writes_is_theirs(open_browser, house, grown):
    """L1111-5 CSP: from the age at which they may keep things to themselves; what others wrote for them is shared."""
    parent, child = await a_family(open_browser)
    me = await open_browser(child)
    await note(me, titre="Mon affaire")
    await go_into(parent, "Lison")
    await note(parent, titre="Leur affaire")
    if grown:
        with as_owner(house) as conn:
            conn.execute("UPDATE delegation SET discreet_from = '2020-01-01' WHERE space_id = %s", (child.space,))
    page = words(await parent.page(AGENDA))
    assert "Leur affaire" in page
    assert ("Mon affaire" in page) is not grown
    theirs = await entries(parent)
    assert len(theirs) == (1 if grown else 2)
    kept = [one for one in await entries(me) if one not in theirs]
    for one in kept:
        assert (await parent.get(f"{AGENDA}/{one}/modifier")).status_code == 404
        assert (await parent.post(f"{AGENDA}/{one}/supprimer", token=await token_of(parent))).status_code == 404
    assert set(kept) <= set(await entries(me))


@pytest.mark.parametrize("grown", [False, True], ids=["before", "since"])
async def test_what_a_grown_child_keeps_is_in_no_count_and_what_they_rewrite_is_theirs(open_browser, house, grown):
    """A day that is full of what a parent may not know of is not full for them; other words are whose they are."""
    parent, child = await a_family(open_browser)
    me = await open_browser(child)
    await go_into(parent, "Lison")
    await note(parent, titre="Leur affaire")
    (shared,) = await entries(me)
    if grown:
        with as_owner(house) as conn:
            conn.execute("UPDATE delegation SET discreet_from = '2020-01-01' WHERE space_id = %s", (child.space,))
    for number in range(10):
        assert (await note(me, "/agenda/rappel", titre=f"Rappel {number}")).status_code == 303
    assert (await note(parent, "/agenda/rappel", titre="Le leur")).status_code == (303 if grown else 400)
    assert (await note(me, "/agenda/rappel", titre="Un de plus")).status_code == 400
    address = f"{AGENDA}/{shared}/modifier"
    later = VISIT | {"titre": "Leur affaire", "heure": "16:10"}
    assert (await me.post(address, later)).status_code == 303
    assert "16 h 10" in words(await parent.page(AGENDA)), "the same words, at another hour, stay shared"
    assert (await me.post(address, later | {"note": "Mon secret"})).status_code == 303
    assert ("Mon secret" in words(await parent.page(AGENDA))) is not grown
    assert (await parent.get(address)).status_code == (404 if grown else 200)
    assert "Mon secret" in words(await me.page(AGENDA))
