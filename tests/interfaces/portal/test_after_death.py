"""What somebody wants once they died; and what an heir finds of their own request, and of nobody else's."""

from carnet.access.api import AskedByHeir, Capacity, Purpose, answer_heir, ask_for_heir
from carnet.infra import clock
from carnet.infra.db import work
from carnet.journal.api import Filter, entries
from carnet.journeys.api import record_death
from carnet.spaces.api import Asker, Channel, Letter, Shown, begin_contact, check_identity
from factories.at_desk import make_agent
from factories.families import as_delegate
from factories.pdf import make_pdf
from factories.world import OPERATOR, make_person, make_professional
from interfaces.portal.conftest import words
from interfaces.portal.test_own_rules import stepped_up


async def asked_for(heir, dead, doctor):
    """A request recorded by an agent of the desk; returns its id."""
    agent, _ = await make_agent()
    at = clock.now()
    contact = await begin_contact(actor=agent, channel=Channel.COUNTER, asked=[dead.ins], traits=dead.traits, at=at)
    shown = frozenset({Shown.PASSPORT})
    await check_identity(actor=agent, contact=contact, asker=Asker.HEIR, shown=shown, at=at)
    asked = AskedByHeir(
        heir=as_delegate(heir),
        numbers=(heir.ins,),
        deceased=dead.traits,
        capacity=Capacity.SPOUSE,
        motive=Purpose.RIGHTS,
        statement="Une assurance.",
        physician=doctor.rpps,
        proof=Letter(media_type="application/pdf", content=make_pdf()),
    )
    return await ask_for_heir(actor=agent, contact=contact, asked=asked, at=at)


async def test_the_persons_word_is_kept_and_taken_back_and_is_in_their_journal(open_browser):
    browser = await open_browser()
    assert 'value="loi" id="champ-apres_deces" checked' in await browser.page("/reglages")
    for answer in ("personne", "loi"):
        await browser.post("/reglages/apres-deces", {"apres_deces": answer})
        chosen = (await browser.page("/reglages")).partition(f'name="apres_deces" value="{answer}"')[2]
        assert "checked" in chosen.partition(">")[0]
        unclear = await browser.post("/reglages/apres-deces", {"apres_deces": "oui"})
        assert unclear.status_code == 400, "no answer lifts nothing"
    async with work(space=browser.someone.space, at=clock.now()) as w:
        found = await entries(w, filter_=Filter(with_refusals=True), limit=100)
    said = [one.details["refused"] for one in reversed(found) if one.act == "refuse-heirs"]
    assert said == [True, False]
    assert "ce qui sera possible après votre décès" in words(await browser.page("/activite"))


async def test_an_heir_finds_the_answer_after_a_fresh_proof_and_nobody_else_does(open_browser, client):
    browser = await open_browser()
    dead, doctor = await make_person(), await make_professional()
    await record_death(actor=OPERATOR, space=dead.space, at=clock.now())
    made = await asked_for(browser.someone, dead, doctor)
    page = "/demandes-ayant-droit"
    assert (await browser.get(page)).headers["location"].startswith("/confirmer-identite")
    again = await stepped_up(browser, client)
    waiting = words(await again.page(page))
    assert dead.traits.birth_name in waiting
    assert "attend sa réponse" in waiting
    other, _ = await make_agent()
    await answer_heir(actor=other, request=made, refusal=None, at=clock.now())
    assert "peut lire pour vous jusqu'au" in words(await again.page(page))
    somebody = await stepped_up(await open_browser(), client)
    assert "Aucune demande" in words(await somebody.page(page))
