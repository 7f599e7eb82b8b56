"""Nothing is read before the person agreed, and their agreement is an explicit act, written in their journal."""

import datetime as dt
import re

from carnet.access.api import (
    AccessSwitches,
    authorise,
    block,
    change_switches,
    end_authorisation,
    make_consent_code,
)
from carnet.access.queries.lines import access_lines
from carnet.infra.db import work
from factories.families import make_child
from factories.real_documents import hand_over
from factories.world import AT, make_professional


async def lines(person):
    async with work(space=person.space, at=AT + dt.timedelta(days=1)) as w:
        return await access_lines(w)


async def test_without_agreement_the_page_asks_and_shows_no_document(doctor, person):
    other = await make_professional()
    await hand_over(other, person, b"Bonjour", kind="11488-4", title="Lettre secrete")
    address = await doctor.find(person)
    page = await doctor.get(address)

    assert "À dire à la personne" in page.text
    assert "Lettre secrete" not in page.text
    assert "Accord à recueillir" in page.text


async def test_the_box_must_be_ticked(doctor, person):
    address = await doctor.find(person)
    for fields in ({}, {"accord": ""}, {"accord": "non"}):
        answer = await doctor.post(f"{address}/accord", fields)
        assert answer.status_code == 422
        assert "Cochez la case" in answer.text
    assert await lines(person) == []


async def test_an_agreement_is_recorded_once_told_and_journalled(doctor, person, journal):
    address = await doctor.find(person)
    answer = await doctor.post(f"{address}/accord", {"accord": "oui"})
    assert (answer.status_code, answer.headers["location"]) == (303, address)

    page = await doctor.get(address)
    assert "L'accord est enregistré" in page.text.replace("&#39;", "'")
    assert "Accès depuis le" in page.text
    assert "est enregistré" not in (await doctor.get(address)).text
    [line] = await lines(person)
    assert (line.identifier, line.effect, line.origin) == (doctor.actor.identifier, "permit", "professional")
    acts = [act for act, _, _ in await journal(person)]
    assert acts.count("record-consent") == 1
    await doctor.agree(address)
    assert len(await lines(person)) == 1


async def test_a_form_from_elsewhere_records_nothing(doctor, person):
    address = await doctor.find(person)
    for fields in ({"_csrf_token": ""}, {"_csrf_token": "x" * 43}):
        answer = await doctor.post(f"{address}/accord", {"accord": "oui", **fields})
        assert answer.status_code == 403
    cross = await doctor.post(f"{address}/accord", {"accord": "oui"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert cross.status_code == 403
    assert await lines(person) == []


async def test_a_form_without_its_check_would_be_seen(doctor, person, monkeypatch):
    monkeypatch.setattr("carnet.interfaces.pro.asking.check_csrf", lambda *_, **__: None)
    address = await doctor.find(person)
    answer = await doctor.post(f"{address}/accord", {"accord": "oui", "_csrf_token": ""})
    assert answer.status_code == 303


async def test_the_person_may_have_agreed_ahead_of_time_or_through_the_organisation(doctor, colleague, person):
    await authorise(actor=person.actor, space=person.space, rpps=doctor.actor.identifier, at=AT)
    await authorise(actor=person.actor, space=person.space, finess=colleague.actor.organisation, at=AT)
    assert "Accès depuis le" in (await doctor.get(await doctor.find(person))).text
    assert "Accès de votre structure" in (await colleague.get(await colleague.find(person))).text


async def test_once_withdrawn_or_blocked_the_open_file_closes(doctor, person):
    address = await doctor.find(person)
    await doctor.agree(address)
    document = await hand_over(doctor.actor, person, b"Bonjour", kind="11488-4")
    assert (await doctor.get(f"{address}/documents/{document}")).status_code == 200

    [line] = await lines(person)
    await end_authorisation(actor=person.actor, space=person.space, authorisation=line.authorisation_id, at=AT)
    assert "À dire à la personne" in (await doctor.get(address)).text
    assert (await doctor.get(f"{address}/documents/{document}")).headers["location"] == address
    assert (await doctor.get(f"{address}/documents/{document}/apercu")).status_code == 403
    assert (await doctor.get(f"{address}/documents/{document}/telecharger")).status_code == 403

    await block(actor=person.actor, space=person.space, rpps=doctor.actor.identifier, at=AT)
    for path in (address, f"{address}/deposer", f"{address}/documents/{document}/apercu"):
        assert (await doctor.get(path)).status_code == 404


async def strict(person, *, on=True):
    await change_switches(actor=person.actor, space=person.space, switches=AccessSwitches(strong_consent=on), at=AT)


async def test_in_the_strong_mode_the_page_asks_for_the_code_the_person_shows(doctor, person):
    await strict(person)
    address = await doctor.find(person)
    assert "Code que la personne vous montre" in (await doctor.get(address)).text
    for typed, said in (("", "demande un code"), ("12 34 56", "pas valable")):
        answer = await doctor.post(f"{address}/accord", {"accord": "oui", "code": typed})
        assert answer.status_code == 422
        assert said in answer.text
        assert 'href="#champ-code"' in answer.text
        assert 'value="oui" checked' in answer.text, "the box stays ticked"
        assert f'value="{typed}"' not in answer.text or not typed
    assert await lines(person) == []
    made = await make_consent_code(actor=person.actor, space=person.space, at=AT + dt.timedelta(hours=1))
    unticked = await doctor.post(f"{address}/accord", {"code": made.digits})
    assert (unticked.status_code, "Cochez la case" in unticked.text) == (422, True)
    spaced = f" {made.digits[:3]} {made.digits[3:]} "
    assert (await doctor.post(f"{address}/accord", {"accord": "oui", "code": spaced})).status_code == 303
    assert len(await lines(person)) == 1


async def test_the_secrecy_a_minor_asked_for_is_still_asked_for_when_the_page_comes_again(doctor):
    child = await make_child(born="2011-03-04")
    await strict(child)
    address = await doctor.find(child)
    for fields in ({"secret": "oui"}, {"secret": "oui", "accord": "oui", "code": "123456"}, {"accord": "oui"}):
        answer = await doctor.post(f"{address}/accord", fields)
        ticked = re.search(r'name="secret" value="oui"( checked)?', answer.text)[1]
        assert (answer.status_code, bool(ticked)) == (422, "secret" in fields)


async def test_the_qr_code_is_read_as_the_digits_and_nobody_else_is_asked_for_one(doctor, person):
    address = await doctor.find(person)
    assert "Code que la personne vous montre" not in (await doctor.get(address)).text
    await strict(person)  # while the page without the field is open
    late = await doctor.post(f"{address}/accord", {"accord": "oui"})
    assert (late.status_code, "Code que la personne vous montre" in late.text) == (422, True)
    made = await make_consent_code(actor=person.actor, space=person.space, at=AT + dt.timedelta(hours=1))
    assert (await doctor.post(f"{address}/accord", {"accord": "oui", "code": made.qr})).status_code == 303
