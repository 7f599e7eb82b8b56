"""An administrator keeps another professional out, by number; nobody else is offered it, or may."""

import pytest

from carnet.access.api import authorise
from factories.real_documents import hand_over
from factories.world import make_professional
from interfaces.pro.conftest import NOW


@pytest.mark.parametrize("by", ["rpps", "finess"])
async def test_an_administrator_keeps_another_out(doctor, colleague, person, journal, by):
    let_in = {"actor": person.actor, "space": person.space, "at": NOW}
    await authorise(**let_in, rpps=doctor.actor.rpps, administrator=True)
    await authorise(**let_in, rpps=colleague.actor.rpps)
    await hand_over(await make_professional(), person, b"x", kind="11488-4", title="Lettre")
    address, theirs = await doctor.find(person), await colleague.find(person)
    assert f"{address}/bloquer" in (await doctor.get(address)).text
    assert "/bloquer" not in (await colleague.get(theirs)).text
    assert (await colleague.get(f"{theirs}/bloquer")).status_code == 303
    assert (await colleague.post(f"{theirs}/bloquer", {"numero": doctor.actor.rpps})).status_code == 403
    wrong = await doctor.post(f"{address}/bloquer", {"numero": "109 9999 9999"})
    assert (wrong.status_code, "annuaire" in wrong.text) == (422, True)
    for number in (doctor.actor.rpps, doctor.actor.organisation, "1\0", ""):
        said = "11 chiffres" if len(number) < len(doctor.actor.organisation) else "vous-même"
        wrong = await doctor.post(f"{address}/bloquer", {"numero": number})
        assert (wrong.status_code, said in wrong.text) == (422, True), number
    assert "Lettre" in (await colleague.get(theirs)).text
    number = colleague.actor.rpps if by == "rpps" else colleague.actor.organisation
    asked = await doctor.post(f"{address}/bloquer", {"numero": f"{number[:3]} {number[3:]}"})
    name = colleague.actor.name if by == "rpps" else "Centre hospitalier des Tilleuls"
    assert (asked.status_code, f"Bloquer {name}" in asked.text, "Rennes" in asked.text) == (200, True, True)
    assert (await doctor.post(f"{address}/bloquer", {"numero": number, "confirme": "1"})).status_code == 200
    assert "Lettre" in (await colleague.get(theirs)).text, "nobody is kept out before they were named and confirmed"
    assert (await doctor.post(f"{address}/bloquer", {"numero": number, "confirme": number})).status_code == 303
    assert (await colleague.get(theirs)).status_code == 404
    assert "Lettre" in (await doctor.get(address)).text
    assert ("block", "done", doctor.actor.identifier) in await journal(person)
