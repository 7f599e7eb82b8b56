"""Software writes to a person as mail would, and collects what they answered; nobody learns who is there."""

import base64
import datetime as dt
from uuid import uuid4

import msgspec
import pytest

from carnet.access.api import authorise, block
from carnet.identity.api import DirectoryFeed, FeedMailbox, import_directory
from carnet.infra import clock
from carnet.infra.db import work
from carnet.interfaces.fhir.interactions import find_communications
from carnet.journal.api import Filter, entries
from carnet.journeys.messages import write_message
from carnet.kernel.ids import SpaceId, routable
from carnet.messaging.api import Address, Writing, inbox, read_conversation
from carnet.messaging.practices import OwnedMailbox
from carnet.messaging.queries import letters_to, practice
from carnet.records.api import DocumentQuery, list_documents, mask_document
from factories.events import as_owner, deliver, empty_queue
from factories.fhir import acting, problems, reference
from factories.pdf import make_pdf
from factories.world import AT, OPERATOR, fresh_ins, give, make_person, make_professional, make_software

ENDS = "https://carnet.invalid/fhir/StructureDefinition/communication-ends-exchange"
PDF = make_pdf("Bilan")


@pytest.fixture(autouse=True)
def _fresh(house):
    empty_queue(house)
    with as_owner(house) as conn:
        conn.execute("DELETE FROM mail_budget")


async def with_mailbox():
    """A professional with a mailbox in their own name."""
    doctor = await make_professional()
    box = FeedMailbox(address=f"claire.{doctor.rpps}@mssante.invalid", kind="PER", rpps=doctor.rpps)
    await import_directory(actor=OPERATOR, feed=DirectoryFeed(mailboxes=(box,)), at=AT)
    return doctor


def message(ins, **changes):
    to = {"identifier": {"system": f"urn:oid:{ins.oid}", "value": ins.matricule}}
    said = [{"contentString": "Bonjour, tout va bien."}]
    sent = {"resourceType": "Communication", "status": "completed", "recipient": [to], "topic": {"text": "Résultats"}}
    return sent | {"payload": said} | changes


def attached(content=PDF, name="Bilan.pdf"):
    data = base64.b64encode(content).decode()
    return {"contentAttachment": {"contentType": "application/pdf", "title": name, "data": data}}


async def conversation(person):
    page = await inbox(actor=person.actor, space=person.space, at=AT)
    found = [
        await read_conversation(actor=person.actor, space=person.space, conversation=one.conversation_id, at=AT)
        for one in page.lines
    ]
    assert len(found) == 1, "one conversation"
    return found[0]


async def answer(person, **options):
    found = await conversation(person)
    writing = Writing(text="Merci docteur.", answers=found.line.conversation_id, request_id=uuid4())
    return await write_message(actor=person.actor, space=person.space, writing=writing, at=AT, **options)


async def ask(client, doctor, person, **params):
    ins = f"urn:oid:{person.ins.oid}|{person.ins.matricule}"
    return await client.get("Communication", params={"patient.identifier": ins, **params}, headers=acting(doctor))


async def test_it_is_written_answered_collected_and_ended_by_the_rules_of_mail(client, house):
    person, doctor = await make_person(), await with_mailbox()
    named = [{"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{uuid4()}"}]
    written = message(person.ins, payload=[{"contentString": "Bonjour."}, attached()], identifier=named)
    first = await client.post("Communication", json=written, headers=acting(doctor))
    assert first.status_code == 202, first.text
    again = await client.post("Communication", json=written, headers=acting(doctor))
    assert again.json() == first.json(), "sent twice, it has one name"
    await deliver(house)
    found = await conversation(person)
    assert [(one.letter.text, len(one.attachments)) for one in found.messages] == [("Bonjour.", 1)], "and comes once"
    async with work(space=person.space, at=AT) as w:
        (told,) = [one for one in await entries(w, filter_=Filter(), limit=50) if one.act == "receive-message"]
    assert (told.actor_kind, told.actor_id) == ("professional", doctor.rpps), "the journal names who wrote it"
    await answer(person, files=[("photo.pdf", PDF)])
    answers = (await ask(client, doctor, person)).json()
    (resource,) = [one["resource"] for one in answers["entry"]]
    assert [part.get("contentString") for part in resource["payload"]] == ["Merci docteur.", None]
    one = await client.get(f"Communication/{resource['id']}", headers=acting(doctor))
    assert base64.b64decode(one.json()["payload"][1]["contentAttachment"]["data"]) == PDF
    mid = first.json()["identifier"][1]
    assert resource["inResponseTo"] == [{"identifier": mid}]
    ends = message(
        person.ins,
        extension=[{"url": ENDS, "valueBoolean": True}],
        inResponseTo=[{"reference": f"Communication/{resource['id']}"}],
    )
    assert (await client.post("Communication", json=ends, headers=acting(doctor))).status_code == 202
    await deliver(house)
    found = await conversation(person)
    assert (len(found.messages), found.line.ended, found.may_answer) == (3, True, False)


async def test_nobody_learns_who_is_there(client, house):
    """Nobody, somebody who blocks them, somebody who never answered: one answer to writing, one to asking."""
    silent, blocking, doctor = await make_person(), await make_person(), await with_mailbox()
    await block(actor=blocking.actor, space=blocking.space, rpps=doctor.rpps, at=AT)
    nobody = fresh_ins()
    headers = acting(doctor)
    sent = [
        await client.post("Communication", json=message(ins, identifier=[{"value": "1"}]), headers=headers)
        for ins in (silent.ins, blocking.ins, nobody)
    ]
    assert len({(one.status_code, one.content) for one in sent}) == 1
    await deliver(house)
    asked = [
        await client.get(
            "Communication", params={"patient.identifier": f"urn:oid:{ins.oid}|{ins.matricule}"}, headers=headers
        )
        for ins in (silent.ins, blocking.ins, nobody)
    ]
    assert len({(one.status_code, one.content) for one in asked}) == 1
    assert asked[0].json()["total"] == 0


async def test_who_asks_by_identifier_waits_as_who_asks_by_number(client, house, monkeypatch):
    waited, person, doctor = [], await make_person(), await with_mailbox()

    async def noted(place):
        waited.append(place)

    monkeypatch.setattr(find_communications, "even_out", noted)
    places = [person.space, SpaceId(uuid4())]
    for space in places:
        params = {"patient": f"Patient/{space.hex}"}
        found = await client.get("Communication", params=params, headers=acting(doctor))
        assert (found.status_code, found.json()["total"]) == (200, 0)
        one = await client.get(f"Communication/{routable(space, uuid4())}", headers=acting(doctor))
        assert one.status_code == 404
    assert waited == [space.hex for space in places for _ in range(2)]


@pytest.mark.parametrize(("looked_at", "seen"), [(2000, ["2", "1", "0"]), (3, [])], ids=["kept", "planted fault"])
async def test_what_went_to_others_of_the_same_operator_hides_nothing(client, house, monkeypatch, looked_at, seen):
    """Addresses are sealed: many of an operator are looked at before one's own are counted."""
    monkeypatch.setattr(letters_to, "MOST_LOOKED_AT", looked_at)
    person, doctor, other = await make_person(), await with_mailbox(), await with_mailbox()
    for writer in (doctor, other):
        await client.post("Communication", json=message(person.ins), headers=acting(writer))
    await deliver(house)
    page = await inbox(actor=person.actor, space=person.space, at=AT)
    by_people = {one.head.people[0].address: one.conversation_id for one in page.lines}
    for writer, times in ((doctor, 3), (other, 3)):
        to = next(one for address, one in by_people.items() if writer.rpps in address)
        for number in range(times):
            writing = Writing(text=f"{number}", answers=to, request_id=uuid4())
            at = AT + dt.timedelta(minutes=number + (10 if writer is other else 0))
            await write_message(actor=person.actor, space=person.space, writing=writing, at=at)
    told, walked = (await ask(client, doctor, person, _count="2")).json(), []
    while told:
        walked += [one["resource"]["payload"][0]["contentString"] for one in told.get("entry", [])]
        older = next((one["url"] for one in told["link"] if one["relation"] == "next"), None)
        told = (await client.get(older, headers=acting(doctor))).json() if older else None
    assert walked == seen


@pytest.fixture(params=[False, True], ids=["kept", "planted fault"])
def fault(request, monkeypatch):
    """Planted: whoever a message went to, everybody's mailbox is taken for it."""
    if request.param:
        monkeypatch.setattr(letters_to, "mailboxes_read_by", anybodys)
        monkeypatch.setattr(letters_to, "open_recipient", lambda *_, **__: Address("tous@mssante.invalid"))
    return request.param


async def anybodys(*_, **__):
    return (OwnedMailbox(address="tous@mssante.invalid", kind="PER", rpps=None, finess=None, label=""),)


@pytest.fixture(params=[False, True], ids=["kept", "planted fault"])
def everywhere(request, monkeypatch):
    """Planted: a shared mailbox is read by whoever practises, wherever that is."""
    if request.param:
        monkeypatch.setattr(practice, "reads", lambda actor, _: actor.rpps is not None)
        monkeypatch.setattr(practice, "_READ", practice._READ.replace("m.finess = %(finess)s", "true"))
    return request.param


async def test_a_shared_mailbox_is_read_and_answered_by_who_works_there(client, house, everywhere):
    """ORG, red list or not: the journal names the professional and the place; elsewhere nobody reads it."""
    person, doctor = await make_person(), await with_mailbox()
    colleague = await make_professional(finess=doctor.organisation)
    elsewhere = await with_mailbox()
    shared = f"secretariat.{doctor.organisation}@mssante.invalid".lower()
    box = FeedMailbox(address=shared, kind="ORG", finess=doctor.organisation, label="Secrétariat", red_list=True)
    await import_directory(actor=OPERATOR, feed=DirectoryFeed(mailboxes=(box,)), at=AT)
    from_shared = {"sender": {"identifier": {"value": f"mailto:{shared}"}}}
    sent = await client.post("Communication", json=message(person.ins, **from_shared), headers=acting(colleague))
    assert sent.status_code == 202, sent.text
    await deliver(house)
    await answer(person)
    (first,) = [one.letter.sender for one in (await conversation(person)).messages if not one.mine]
    assert (first.address, first.name) == (shared, f"Secrétariat ({colleague.name})")
    for reader in (doctor, colleague):
        found = (await ask(client, reader, person)).json()
        assert [one["resource"]["payload"][0]["contentString"] for one in found["entry"]] == ["Merci docteur."]
    async with work(space=person.space, at=AT) as w:
        traces = [one for one in await entries(w, filter_=Filter(), limit=50) if one.act == "collect-messages"]
    assert {(one.actor_id, one.organisation) for one in traces} == {
        (one.rpps, doctor.organisation) for one in (doctor, colleague)
    }
    assert ((await ask(client, elsewhere, person)).json()["total"] == 1) is everywhere
    refused = await client.post("Communication", json=message(person.ins, **from_shared), headers=acting(elsewhere))
    assert (refused.status_code == 202) is everywhere
    assert everywhere or problems(refused)[0] == ("mailbox-not-yours", "Communication.sender")


async def test_only_ones_own_mailbox_is_collected(client, house, fault):
    person, doctor, other = await make_person(), await with_mailbox(), await with_mailbox()
    await authorise(actor=person.actor, space=person.space, rpps=other.rpps, at=AT)
    await client.post("Communication", json=message(person.ins), headers=acting(doctor))
    await deliver(house)
    await answer(person)
    assert (await ask(client, doctor, person)).json()["total"] == 1
    seen = (await ask(client, other, person)).json()["total"]
    assert (seen == 1) is fault, "to read the record is not to read the mail"


async def test_what_was_launched_writes_to_nobody_else(client, house):
    inside, outside, doctor = await make_person(), await make_person(), await with_mailbox()
    launched = msgspec.structs.replace(doctor, acts_for=inside.space)
    refused = await client.post("Communication", json=message(outside.ins), headers=acting(launched))
    assert refused.status_code in {403, 404}, refused.text
    await deliver(house)
    assert (await inbox(actor=outside.actor, space=outside.space, at=AT)).lines == ()
    for person in (inside, outside):
        assert (await client.post("Communication", json=message(person.ins), headers=acting(doctor))).status_code == 202
        await deliver(house)
        await answer(person)
    found = (await ask(client, doctor, outside)).json()
    one = f"Communication/{found['entry'][0]['resource']['id']}"
    assert found["total"] == 1
    assert (await ask(client, launched, outside)).json()["total"] == 0
    assert (await ask(client, launched, inside)).json()["total"] == 1
    form = {"patient.identifier": f"urn:oid:{outside.ins.oid}|{outside.ins.matricule}"}
    headers = acting(launched) | {"content-type": "application/x-www-form-urlencoded"}
    assert (await client.post("Communication/_search", data=form, headers=headers)).json()["total"] == 0
    assert (await client.get(one, headers=acting(launched))).status_code == 404
    assert (await client.get(one, headers=acting(doctor))).status_code == 200


async def test_a_document_sent_along_is_named_only_while_it_may_be_read(client, house):
    person, doctor = await make_person(), await with_mailbox()
    receipt = await give(person, by=await make_software())
    document = receipt.documents[0].document_id
    await authorise(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
    await client.post("Communication", json=message(person.ins), headers=acting(doctor))
    await deliver(house)
    await answer(person, documents=[document])
    parts = (await ask(client, doctor, person)).json()["entry"][0]["resource"]["payload"]
    reference = parts[1]["contentReference"]["reference"]
    assert (await client.get(reference, headers=acting(doctor))).status_code == 200
    await mask_document(actor=person.actor, space=person.space, document=document, at=AT)
    parts = (await ask(client, doctor, person)).json()["entry"][0]["resource"]["payload"]
    assert parts == [{"contentString": "Merci docteur."}]


@pytest.mark.parametrize(
    ("changes", "status", "code", "path"),
    [
        ({"payload": []}, 422, "message-empty", "Communication.payload"),
        ({"topic": None}, 422, "subject-missing", "Communication.topic.text"),
        ({"recipient": []}, 400, "element-missing", "Communication.recipient"),
        ({"status": "preparation"}, 422, "communication-not-understood", "Communication.status"),
        (
            {"inResponseTo": [{"reference": "Communication/x"}]},
            422,
            "answered-unknown",
            "Communication.inResponseTo[0]",
        ),
        ({"payload": [{"contentReference": {"reference": "x"}}]}, 422, "content-elsewhere", "Communication.payload[0]"),
    ],
    ids=lambda one: one if isinstance(one, str) else None,
)
async def test_what_cannot_be_sent_is_said_with_its_place(client, changes, status, code, path):
    doctor = await with_mailbox()
    refused = await client.post("Communication", json=message(fresh_ins(), **changes), headers=acting(doctor))
    assert (refused.status_code, problems(refused)) == (status, [(code, path)])


async def test_without_a_mailbox_a_strong_proof_or_the_scope_nothing_is_written(client):
    doctor, unlisted = await with_mailbox(), await make_professional()
    body = message(fresh_ins())
    refused = await client.post("Communication", json=body, headers=acting(unlisted))
    assert (refused.status_code, problems(refused)) == (422, [("no-mailbox", None)])
    narrow = frozenset({"user/Communication.rs"})
    assert (await client.post("Communication", json=body, headers=acting(doctor, scopes=narrow))).status_code == 403


async def test_colleagues_write_to_one_another_about_a_patient_and_deposit_what_belongs_there(client, house):
    """Sent, collected with its files, and in the record only by a deposit as any; whoever the patient is."""
    person, sender, paul = await make_person(), await with_mailbox(), await with_mailbox()
    box = f"mailto:claire.{paul.rpps}@mssante.invalid"
    to = [{"identifier": {"system": "urn:ietf:rfc:3986", "value": box}}]
    told = []
    for ins in (person.ins, fresh_ins()):
        subject = {"identifier": {"system": f"urn:oid:{ins.oid}", "value": ins.matricule}}
        said = message(ins, recipient=to, subject=subject, payload=[{"contentString": "Avis ?"}, attached()])
        told.append(await client.post("Communication", json=said, headers=acting(sender)))
    assert [one.status_code for one in told] == [202, 202], told[0].text
    outside = message(person.ins, recipient=[{"identifier": {"value": "mailto:a@ailleurs.invalid"}}], subject=subject)
    refused = await client.post("Communication", json=outside, headers=acting(sender))
    assert (refused.status_code, "Communication.recipient" in refused.text) == (422, True), refused.text
    await deliver(house)
    about = {"category": "colleague"}
    found = (await client.get("Communication", params=about, headers=acting(paul))).json()
    assert {one["resource"]["subject"]["identifier"]["value"] for one in found["entry"]} >= {person.ins.matricule}
    assert found["total"] == 2, "one about somebody, one about nobody"
    (one,) = [one["resource"] for one in found["entry"] if person.ins.matricule in str(one["resource"]["subject"])]
    whole = (await client.get(f"Communication/{one['id']}", headers=acting(paul))).json()
    assert base64.b64decode(whole["payload"][1]["contentAttachment"]["data"]) == PDF
    assert (await client.get(f"Communication/{one['id']}", headers=acting(sender))).status_code == 404
    assert (await client.get("Communication", params=about, headers=acting(sender))).json()["total"] == 0
    first = (await client.get("Communication", params=about | {"_count": "1"}, headers=acting(paul))).json()
    (older,) = [one["url"] for one in first["link"] if one["relation"] == "next"]
    rest = (await client.get(older, headers=acting(paul))).json()
    walked = [one["resource"]["id"] for page in (first, rest) for one in page["entry"]]
    assert (walked, rest["total"]) == ([one["resource"]["id"] for one in found["entry"]], 2)
    assert [one["relation"] for one in rest["link"]] == ["self"]
    assert (await client.get(older, headers=acting(sender))).status_code == 400, "a link is for who got it"
    both = about | {"patient": f"Patient/{uuid4().hex}"}
    assert (await client.get("Communication", params=both, headers=acting(paul))).status_code == 400
    page = await inbox(actor=person.actor, space=person.space, at=AT)
    async with work(space=person.space, at=AT) as w:
        acts = [one.act for one in await entries(w, filter_=Filter(), limit=50)]
    assert (page.total, "receive-message" in acts) == (0, False), "nothing of it is in the space"
    await lands_by_an_explicit_act(client, paul, person, whole)


async def lands_by_an_explicit_act(client, paul, person, whole):
    """Collected and opened, it is not in the record; deposited by its addressee as any document is, it is there."""
    where = {"actor": person.actor, "space": person.space, "query": DocumentQuery()}
    assert tuple((await list_documents(**where, at=clock.now())).entries) == ()
    file = base64.b64decode(whole["payload"][1]["contentAttachment"]["data"])
    body = reference(person, content=file, attachment={"contentType": "application/pdf", "title": "Bilan"})
    kept = await client.post("DocumentReference", json=body, headers=acting(paul))
    assert kept.status_code == 201, kept.text
    (entry,) = (await list_documents(**where, at=clock.now())).entries
    assert entry.author_finess == paul.organisation
    async with work(space=person.space, at=clock.now()) as w:
        acts = [(one.act, one.actor_id) for one in await entries(w, filter_=Filter(), limit=50)]
    assert ("deposit-document", paul.rpps) in acts
