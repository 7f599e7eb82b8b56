"""Two worlds: with and without a document this professional may not see, every page is the same, byte for byte."""

import re

import pytest

from factories.at_work import Screen
from factories.cda import make_cda
from factories.pdf import make_pdf
from factories.real_documents import hand_over, header_of
from factories.world import make_professional

CSRF = re.compile(rb'name="_csrf_token" value="[^"]*"')
PATHS = [
    "",
    "?periode=tout",
    "?categorie=CPT_REND",
    "?q=psy",
    "?versions=1",
    "?apres=1-00000000000000000000000000000000",
    "/deposer",
    "/documents/{open}",
    "/documents/{open}?voir=1",
    "/documents/{open}/apercu",
    "/documents/{open}/telecharger",
    "/documents/{hidden}",
    "/documents/{hidden}/apercu",
    "/documents/{hidden}/telecharger",
    "/documents/{hidden}/pieces",
    "/documents/{hidden}/pieces/0",
]
ELSEWHERE = ["/pro/patient", "/pro/compte"]
NOBODY = "018f0000-0000-7000-8000-000000000000"


async def observe(doctor, address, *, document, hidden):
    """Everything a professional can see of a patient: status, headers and body of every page."""
    seen = {}
    for path in [address + one for one in PATHS] + ELSEWHERE:
        answer = await doctor.get(path.replace("{open}", document).replace("{hidden}", hidden))
        headers = [pair for pair in answer.headers.multi_items() if pair[0] not in {"x-request-id", "date"}]
        seen[path] = (answer.status_code, headers, CSRF.sub(b"", answer.content))
    found = await doctor.post(f"{address}/accord", {"accord": "oui"})
    seen["agree again"] = (found.status_code, found.headers["location"], found.content)
    again = await doctor.post(f"{address}/deposer", {"type": ""}, files={"fichier": ("x", b"x")})
    seen["wrong deposit"] = (again.status_code, CSRF.sub(b"", again.content))
    return seen


@pytest.fixture
async def world(doctor, person, at_ten):
    """A patient with two open documents; returns how to look at them."""
    other = await make_professional()
    address = await doctor.find(person)
    await doctor.agree(address)
    document = await hand_over(other, person, make_pdf(), kind="11488-4", title="Visite")
    await hand_over(other, person, make_cda(extension="W-1", **header_of(person)))
    return other, address, document


def differences(one, two):
    return [path for path in one if one[path] != two[path]]


@pytest.mark.parametrize("kind", ["11488-4", "68599-0"])
async def test_a_masked_document_is_as_if_it_were_not_there(doctor, person, world, kind):
    other, address, document = world
    without = await observe(doctor, address, document=document, hidden=NOBODY)
    hidden = await hand_over(other, person, b"Suivi", kind=kind, title="Suivi psychologique", code="MASQUE_PS")
    with_it = await observe(doctor, address, document=document, hidden=hidden)
    assert differences(without, with_it) == []


async def test_a_document_outside_the_profession_is_as_if_it_were_not_there(app, at_ten, person, world):
    """The matrix does not let an optician read this."""
    other, _, document = world
    optician = await Screen.of(app, await make_professional(profession="28"))
    address = await optician.find(person)
    await optician.agree(address)
    without = await observe(optician, address, document=document, hidden=NOBODY)
    hidden = await hand_over(other, person, b"Suivi", kind="68599-0", title="Suivi psychologique")
    with_it = await observe(optician, address, document=document, hidden=hidden)
    assert differences(without, with_it) == []
    await optician.close()


async def test_a_document_that_shows_would_be_seen(doctor, person, world):
    other, address, document = world
    without = await observe(doctor, address, document=document, hidden=NOBODY)
    shown = await hand_over(other, person, b"Suivi", kind="11488-4", title="Suivi psychologique")
    with_it = await observe(doctor, address, document=document, hidden=shown)
    found = differences(without, with_it)
    assert {address, f"{address}?q=psy", f"{address}/documents/{{hidden}}/apercu"} <= set(found)
