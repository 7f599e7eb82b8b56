"""Heirs at the desk: what they ask, what they are given, and what the physician they named then sees."""

import re

from factories.at_desk import DeskScreen
from factories.at_work import Screen
from factories.pdf import make_pdf

CSRF = re.compile(r'name="_csrf_token" value="[^"]*"')


def whom(person):
    return {"ins": person.ins.matricule, "name": person.traits.birth_name, "born": person.traits.birth_date}


async def made_heir_contact(agent, dead):
    """Somebody's relative at the counter, their identity checked: the address of the contact."""
    met = await agent.meet(**whom(dead), channel="counter")
    address = met.headers["location"]
    checked = await agent.post(f"{address}/identite", {"demandeur": "heir", "preuves": ["passport"]})
    assert checked.status_code == 303, checked.text
    return address


def asked_by(heir, dead, doctor, **changes):
    return {
        "defunt_nom": dead.traits.birth_name,
        "defunt_prenom": dead.traits.given_names[0],
        "defunt_naissance": dead.traits.birth_date,
        "ins": heir.ins.matricule,
        "nom": heir.traits.birth_name,
        "prenom": heir.traits.given_names[0],
        "naissance": heir.traits.birth_date,
        "qualite": "heir",
        "motif": "causes",
        "expose": "Nous voulons comprendre.",
        "rpps": doctor.rpps,
    } | changes


async def ask(agent, dead, heir, doctor, **changes):
    address = await made_heir_contact(agent, dead)
    proof = {"lettre": ("livret.pdf", make_pdf(), "application/pdf")}
    return await agent.post(f"{address}/ayant-droit", asked_by(heir, dead, doctor, **changes), files=proof)


async def let_in(app, agent, dead, heir, doctor, **changes):
    """Ask, and have another agent accept; return the address of the request."""
    page = (await ask(agent, dead, heir, doctor, **changes)).headers["location"]
    other = await DeskScreen.of(app)
    assert (await other.post(page, {"reponse": "granted"})).status_code == 303
    await other.close()
    return page


async def opens(pro, actor, dead):
    """What this professional gets for the number of the dead: (status, page of the file or of the search)."""
    screen = await Screen.of(pro, actor)
    found = await screen.post("/pro/patient", {"ins": dead.ins.matricule})
    at = found.headers.get("location", "")
    page = (await screen.get(at)).text if at else CSRF.sub("", found.text)
    deposits = (await screen.get(f"{at}/deposer")).status_code if at else 0
    await screen.close()
    return found.status_code, page.replace(dead.ins.matricule, ""), deposits
