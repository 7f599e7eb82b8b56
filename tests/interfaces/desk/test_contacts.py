"""What an agent does for somebody, page by page: found only by those who say who they are, acted for once proved."""

import datetime as dt

import msgspec
import pytest

from carnet.access.api import Mode, open_emergency
from carnet.identity.api import parse_ins
from carnet.infra import clock
from carnet.infra.db import work
from carnet.infra.vault import KeyRing
from carnet.interfaces.portal.presenters.sentences import sentence
from carnet.interfaces.portal.setting import language_for
from carnet.interfaces.portal.sources.journal import to_trace
from carnet.journal.api import Filter, entries
from carnet.kernel.actors import ActorKind
from carnet.kernel.errors import Invalid
from carnet.spaces import holding
from carnet.spaces.api import Proof, activate_space, find_space, prove_by_code, send_again
from carnet.spaces.queries import desk
from factories.at_desk import WEB, DeskScreen, as_batch, dismiss, make_agent, make_app
from factories.beneficiaries import OID
from factories.campaign import letter_codes, opened, telling, told
from factories.pdf import make_pdf
from factories.world import OPERATOR, make_person, make_professional


def whom(person):
    return {"ins": person.ins.matricule, "name": person.traits.birth_name, "born": person.traits.birth_date}


async def journal_of(space):
    """The journal of a space in the sentences its person reads, oldest first."""
    async with work(space=space, at=clock.now()) as w:
        found = await entries(w, filter_=Filter(with_refusals=True), limit=100)
    told = [to_trace(entry, titles={}, names={}) for entry in sorted(found, key=lambda one: one.seq)]
    return [sentence(one, language_for("fr")) for one in told]


async def test_an_objection_by_phone_needs_the_person_then_the_proof(agent, enrolled, rows):
    somebody = await enrolled(900_001)
    wrong = [
        somebody | {"name": "Autrement"},
        somebody | {"born": "1950-01-01"},
        somebody | {"ins": "255081416802538"},
    ]
    answers = {(await agent.meet(**one)).text.partition("Mes contacts du jour")[0] for one in wrong}
    assert len(answers) == 1, "an unknown number and a wrong name are one answer"
    assert "Personne ne correspond" in answers.pop()

    met = await agent.meet(**somebody)
    address = met.headers["location"]
    assert somebody["ins"] not in address
    assert (await agent.get(f"{address}/demarche/objection")).status_code == 403
    assert (await agent.post(f"{address}/demarche/objection")).status_code == 403
    weak = await agent.post(f"{address}/identite", {"demandeur": "person", "preuves": ["vitale-card", "passport"]})
    assert weak.status_code == 422
    proved = {"demandeur": "person", "preuves": ["vitale-card", "call-back"]}
    assert (await agent.post(f"{address}/identite", proved)).status_code == 303
    assert "Enregistrer l&#39;opposition" in (await agent.get(f"{address}/demarche/objection")).text
    said = await agent.post(f"{address}/demarche/objection")
    assert "Numéro du reçu" in said.text
    assert (await agent.post(f"{address}/demarche/objection")).text == said.text, "twice is the same receipt"
    assert (await agent.post(f"{address}/fin", {"issue": "done"})).status_code == 303
    assert (await agent.get(address)).status_code == 404, "a contact that ended opens nothing"
    [contact] = rows(
        "SELECT channel, asker, shown, script, deeds[1], outcome FROM carnet.desk_contact"
        " WHERE agent = %s AND script IS NOT NULL",
        agent.actor.identifier,
    )
    assert contact == ("phone", "person", ["call-back", "vitale-card"], "objection", "object", "done")
    assert "Opposition" in (await agent.get("/guichet/accueil")).text


async def test_who_says_they_stand_for_somebody_shows_it(agent, enrolled):
    met = await agent.meet(**await enrolled(900_003))
    address, proofs = met.headers["location"], ["vitale-card", "call-back"]
    for asker, shown, status in (
        ("representative", proofs, 422),
        ("representative", ["vitale-card", "representation"], 422),
        ("representative", [*proofs, "representation"], 303),
        ("person", ["vitale-card", "representation"], 422),
    ):
        answer = await agent.post(f"{address}/identite", {"demandeur": asker, "preuves": shown})
        assert answer.status_code == status, (asker, shown)


async def test_by_post_the_letter_is_sealed_and_the_way_back_enters_the_journal(agent, enrolled, rows):
    somebody = await enrolled(900_002)
    address = await agent.open(**somebody, channel="post", proofs=("copy",))
    missing = await agent.post(f"{address}/demarche/objection", files={"lettre": ("", b"")})
    assert missing.status_code == 422
    assert "Joignez la lettre" in missing.text
    for hostile in (b"<html>oui</html>", b"MZ" + bytes(200)):
        assert (
            await agent.post(f"{address}/demarche/objection", files={"lettre": ("l.pdf", hostile)})
        ).status_code == 422
    letter = make_pdf("Je m'oppose")
    said = await agent.post(f"{address}/demarche/objection", files={"lettre": ("l.pdf", letter)})
    assert said.status_code == 200, said.text
    of_this = "SELECT media_type, proof_enc FROM carnet.desk_proof WHERE contact_id = %s"
    [(kind, kept)] = rows(of_this, address.rpartition("/")[2])
    assert kind == "application/pdf"
    assert b"PDF" not in bytes(kept)
    taken_back = await agent.post(f"{address}/demarche/retraction")
    assert "l&#39;espace est ouvert" in taken_back.text
    space = await find_space(parse_ins(matricule=somebody["ins"], oid=OID))
    told = await journal_of(space)
    assert told[-1] == (
        f"Avant l'ouverture de votre espace, Service d'aide 3422 (agent {agent.actor.identifier}) a traité une demande "
        "faite à votre nom."
    )


async def test_each_act_is_in_the_persons_journal_and_opens_no_key(agent, monkeypatch):
    person = await make_person(at=clock.now())
    opened, open_ = [], KeyRing.open

    async def watched(ring, **what):
        opened.append(what["space_id"])
        return await open_(ring, **what)

    monkeypatch.setattr(KeyRing, "open", watched)
    address = await agent.open(**whom(person))
    page = await agent.get(address)
    assert person.traits.birth_name not in page.text
    assert (await agent.post(f"{address}/demarche/dispute")).status_code == 303
    assert (await agent.post(f"{address}/demarche/lost-access", {"sessions": "1"})).status_code == 303
    assert (await agent.post(f"{address}/demarche/objection")).status_code == 422
    assert opened == []
    # closing ends carers, whose lines are sealed: the closing opens that key, and answers with its state only
    assert (await agent.post(f"{address}/demarche/closing")).status_code == 303
    opened.clear()
    assert "Espace fermé" in (await agent.get(address)).text
    await agent.post(f"{address}/fin", {"issue": "informed"})
    assert opened == []
    named = f"Service d'aide 3422 (agent {agent.actor.identifier})"
    assert (await journal_of(person.space))[-5:] == [
        f"{named} a retrouvé votre espace pour vous répondre, sans en voir le contenu.",
        f"{named} a vérifié votre identité.",
        f"{named} vous a expliqué comment contester un accès.",
        f"{named} a fermé toutes vos sessions, à votre demande.",
        f"{named} a fermé votre espace.",
    ]


async def test_a_desk_that_opened_a_key_would_be_seen(agent, monkeypatch):
    """The planted fault: a search that finds the space as others do opens it."""
    from carnet.spaces.queries.person import view_in

    person = await make_person(at=clock.now())
    opened, open_, standing = [], KeyRing.open, desk.standing_of

    async def watched(ring, **what):
        opened.append(what["space_id"])
        return await open_(ring, **what)

    async def helpful(digest):
        async with work(space=person.space, at=clock.now()) as w:
            await view_in(w)
        return await standing(digest)

    monkeypatch.setattr(KeyRing, "open", watched)
    monkeypatch.setattr(holding, "standing_of", helpful)
    await agent.get(await agent.open(**whom(person)))
    assert set(opened) == {person.space}


async def test_a_contact_is_its_agents_for_an_hour(agent, app):
    person, colleague = await make_person(at=clock.now()), await DeskScreen.of(app)
    address = await agent.open(**whom(person))
    assert (await colleague.get(address)).status_code == 404
    assert (await colleague.post(f"{address}/demarche/lost-access", {"sessions": "1"})).status_code == 404
    with clock.frozen(clock.now() + holding.LASTS):
        assert (await agent.get(address)).status_code in {303, 404}
    await colleague.close()


async def test_what_the_person_says_of_a_case_is_written_down_in_contact_with_them(agent):
    person, other, doctor = (
        await make_person(at=clock.now()),
        await make_person(at=clock.now()),
        await make_professional(),
    )
    doctor = msgspec.structs.replace(doctor, session="s")
    why = "Patient inconscient aux urgences"
    told = {"actor": doctor, "space": person.space, "mode": Mode.BRIS_DE_GLACE, "reason": why, "at": clock.now()}
    case = f"/guichet/signalements/{(await open_emergency(**told)).emergency}"
    recognised = {"reponse": "recognised"}
    assert (await agent.post(case, recognised)).status_code == 400
    await agent.open(**whom(other))
    assert (await agent.post(case, recognised)).status_code == 400, "nor in contact with somebody else"
    met = await agent.meet(**whom(person))
    assert (await agent.post(case, recognised)).status_code == 400, "nor before who they are is checked"
    proved = {"demandeur": "person", "preuves": ["vitale-card", "call-back"]}
    assert (await agent.post(f"{met.headers['location']}/identite", proved)).status_code == 303
    assert (await agent.post(case, recognised)).status_code == 303
    assert (await agent.post(case, recognised)).status_code == 404, "it is closed"


async def test_who_tries_numbers_waits_and_who_left_is_out(agent, app):
    statuses = [
        (await agent.meet(ins="255081416802538", name=f"Nom{number}", born="1955-08-14")).status_code
        for number in range(10)
    ]
    assert statuses[0] == 200
    assert statuses[-1] == 429
    elsewhere = DeskScreen(make_app(), agent.actor, agent.client.cookies[WEB.session_cookie])
    elsewhere.csrf = agent.csrf
    met = await elsewhere.meet(ins="255081416802538", name="Nom", born="1955-08-14")
    assert met.status_code == 429, "another worker counts with this one"
    await elsewhere.close()
    await dismiss(agent.actor.identifier)
    assert (await agent.get("/guichet/accueil")).status_code == 303


@pytest.mark.parametrize("kind", ["pilot"])
async def test_a_pilot_is_no_agent(app, kind):
    pilot = DeskScreen(app, *await make_agent(kind=kind))
    assert (await pilot.get("/guichet/accueil")).status_code == 403
    assert (await pilot.get("/guichet")).headers["location"] == "/pilotage"
    await pilot.close()


async def test_another_letter_goes_to_the_insurers_address_and_kills_the_old_code(agent, enrolled, house, tmp_path):
    somebody = await enrolled(900_004)
    async with as_batch() as batch:
        await told(batch, tmp_path, "2A", at=clock.now())
        old = letter_codes(tmp_path / "lettres")
        address = await agent.open(**somebody)
        asked = f"{address}/demarche/new-code"
        assert "adresse que connaît" in (await agent.get(asked)).text
        assert (await agent.post(asked)).status_code == 303
        twice = await agent.post(asked)
        assert (twice.status_code, "déjà demandée" in twice.text) == (422, True)
        folder = tmp_path / "encore"
        again = telling(tmp_path)
        again = msgspec.structs.replace(again, folder=folder)
        sent = await send_again(actor=OPERATOR, batch=batch, telling=again, at=clock.now())
        assert (sent.letters, len(sent.files)) == (1, 1)
        new = letter_codes(folder)
        assert new.keys() == {900_004}, "to the insurer's address"
        assert new[900_004] != old[900_004]
        assert (await send_again(actor=OPERATOR, batch=batch, telling=again, at=clock.now())).letters == 0
        guest = msgspec.structs.replace(agent.actor, kind=ActorKind.PERSON, identifier="", strong=False)
        shown = {"born": somebody["born"], "source": "192.0.2.7"}
        with pytest.raises(Invalid):
            await prove_by_code(actor=guest, proof=Proof(code=old[900_004], **shown), at=clock.now())
        await prove_by_code(actor=guest, proof=Proof(code=new[900_004], **shown), at=clock.now())
        for _ in range(2):
            assert (await agent.post(asked)).status_code == 303
            await send_again(actor=OPERATOR, batch=batch, telling=again, at=clock.now())
        refused = await agent.post(asked)
        assert (refused.status_code, "Trois lettres" in refused.text) == (422, True)


async def test_whoever_objects_after_asking_is_sent_no_letter(agent, enrolled, tmp_path):
    somebody = await enrolled(900_016)
    async with as_batch() as batch:
        await told(batch, tmp_path, "2A", at=clock.now())
        address = await agent.open(**somebody)
        assert (await agent.post(f"{address}/demarche/new-code")).status_code == 303
        assert (await agent.post(f"{address}/demarche/objection")).status_code == 200
        again = msgspec.structs.replace(telling(tmp_path), folder=tmp_path / "encore")
        assert (await send_again(actor=OPERATOR, batch=batch, telling=again, at=clock.now())).letters == 0
        assert list(again.folder.iterdir()) == []


async def test_whoever_has_a_space_with_keys_of_its_own_is_written_to_until_they_activate_it(agent, enrolled, tmp_path):
    somebody, now = await enrolled(900_010), clock.now()
    async with as_batch() as batch:
        await told(batch, tmp_path, "2A", at=now - dt.timedelta(days=50))
        await opened(batch, now)
        space = await find_space(parse_ins(matricule=somebody["ins"], oid=OID))
        asked = f"{await agent.open(**somebody)}/demarche/new-code"
        assert (await agent.post(asked)).status_code == 303
        assert (await journal_of(space))[-1].endswith("à l'adresse que connaît l'assurance maladie.")
        again = msgspec.structs.replace(telling(tmp_path), folder=tmp_path / "encore")
        assert (await send_again(actor=OPERATOR, batch=batch, telling=again, at=now)).letters == 1
        assert letter_codes(again.folder).keys() == {900_010}
        assert (await agent.post(asked)).status_code == 303
        await activate_space(actor=OPERATOR, space=space, at=now)
        assert (await send_again(actor=OPERATOR, batch=batch, telling=again, at=now)).letters == 0, "they came"


@pytest.mark.parametrize(
    ("departement", "before", "after", "written"),
    [
        ("974", "23\xa0h\xa050", None, "29 nov. {} à 0\xa0h\xa010"),
        ("", "20\xa0h\xa050", "20\xa0h\xa050", "28 nov. {} à 21\xa0h\xa010"),
    ],
)
async def test_the_day_of_a_desk_is_the_one_of_the_clock_on_its_wall(
    app, enrolled, departement, before, after, written
):
    somebody = await enrolled(900_051 if departement else 900_052)
    evening = (clock.now() + dt.timedelta(days=1)).replace(month=11, day=28, hour=19, minute=50, second=0)
    with clock.frozen(evening) as now:
        agent = await DeskScreen.of(app, departement=departement)
        await agent.meet(**somebody)
        assert before in (await agent.get("/guichet/accueil")).text
        now.advance(dt.timedelta(minutes=20))
        home = (await agent.get("/guichet/accueil")).text
        assert (after in home) if after else (before not in home)
        address = await agent.open(**somebody)
        receipt = (await agent.post(f"{address}/demarche/objection")).text
        assert written.format(evening.year) in receipt, "every page of the desk, not only the list of the day"
        await agent.close()
