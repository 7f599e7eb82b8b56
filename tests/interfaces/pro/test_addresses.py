"""Addresses are worth nothing outside the session they were made in, and nothing opens without one."""

import pytest
from litestar import Litestar

from carnet.infra.web.audience import Audience, declared_routes
from carnet.interfaces.pro import asking, handles
from carnet.interfaces.pro.routes import pro_routes
from carnet.interfaces.pro.setting import Pro
from factories.at_work import Screen, make_token, make_web

PUBLIC = {"/pro", "/pro/lancement", "/pro/preferences"}


def routes():
    door = pro_routes(pro=Pro(web=make_web()), sign_in=None)
    return list(declared_routes(Litestar(route_handlers=door, openapi_config=None, logging_config=None)))


def filled(path):
    """A path with something in each of its places."""
    for place, value in (
        ("{handle:str}", "A" * 60),
        ("{document:uuid}", "018f0000-0000-7000-8000-000000000000"),
        ("{index:int}", "0"),
        ("{mail:uuid}", "018f0000-0000-7000-8000-000000000000"),
        ("{number:int}", "0"),
    ):
        path = path.replace(place, value)
    return path


def test_every_page_but_the_first_is_for_professionals_only():
    public = {path for path, _, who in routes() if Audience.PUBLIC in who}
    assert public == PUBLIC
    assert {who for path, _, who in routes() if path not in PUBLIC} == {frozenset({Audience.PROFESSIONAL})}


@pytest.mark.parametrize(
    ("path", "method"), sorted((path, method) for path, method, _ in routes() if path not in PUBLIC)
)
async def test_nothing_opens_signed_out(app, path, method):
    stranger = Screen(app, None, None)
    answer = await stranger.client.request(method, filled(path))
    assert (answer.status_code, answer.headers["location"]) == (303, "/pro?motif=sign_in")
    assert answer.headers["cache-control"] == "no-store"
    await stranger.close()


async def test_a_lost_session_is_told_so(app):
    someone = Screen(app, None, "A" * 43)
    answer = await someone.get("/pro/patient")
    assert answer.headers["location"] == "/pro?motif=idle"
    await someone.close()


async def test_an_address_opens_nothing_in_another_session(doctor, colleague, person, app):
    address = await doctor.find(person)
    assert (await doctor.get(address)).status_code == 200
    assert (await colleague.get(address)).status_code == 404

    same_doctor = Screen(app, doctor.actor, await make_token(doctor.actor))
    assert (await same_doctor.get(address)).status_code == 404
    await same_doctor.close()


async def test_an_address_not_bound_to_its_session_would_be_seen(doctor, colleague, person, monkeypatch):
    monkeypatch.setattr(handles, "seal_handle", lambda session, space: space.hex)
    monkeypatch.setattr(asking, "open_handle", lambda session, handle: person.space)
    address = await doctor.find(person)
    assert (await colleague.get(address)).status_code == 200


async def test_no_two_addresses_of_a_patient_are_alike(doctor, person):
    assert await doctor.find(person) != await doctor.find(person)


@pytest.mark.parametrize("wrong", ["a", "A" * 60, "..%2f..", "é" * 30, "A" * 5000])
async def test_a_made_up_address_is_not_there(doctor, wrong):
    answer = await doctor.get(f"/pro/patient/{wrong}")
    assert answer.status_code == 404


async def test_a_changed_address_is_not_there(doctor, person):
    address = await doctor.find(person)
    changed = address[:-1] + ("A" if address[-1] != "A" else "B")
    first = "A" if address[20] != "A" else "B"
    for one in (changed, address[:20] + first + address[21:], address + "AAAA"):
        assert (await doctor.get(one)).status_code == 404


async def test_a_session_that_is_not_a_professionals_meets_the_fence(app, at_ten, person):
    outsider = Screen(app, person.actor, await make_token(person.actor))
    answer = await outsider.get("/pro/patient")
    assert answer.status_code == 403
    assert "pas pour vous" in answer.text
    await outsider.close()
