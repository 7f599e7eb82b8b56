"""A route reached by the short way answers what it answers by the framework's own: same status, headers, body."""

import pytest
from litestar import Litestar

from carnet.access.api import authorise
from carnet.infra.web import lean_route
from carnet.infra.web.lean_route import LeanApp
from carnet.interfaces.fhir.router import fhir_router
from carnet.kernel.ids import routable
from factories.fhir import BASE, acting, fhir_client, naming
from factories.world import AT, give, make_person, make_professional, make_software


def door(kind):
    return kind(route_handlers=[fhir_router(base=BASE, middleware=[naming])], openapi_config=None, logging_config=None)


@pytest.fixture
async def world(client):
    person, software, doctor = await make_person(), await make_software(), await make_professional()
    await authorise(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
    receipt = await give(person, by=software)
    return person, software, doctor, routable(person.space, receipt.documents[0].document_id)


def questions(world):
    """Asked of both: allowed, anonymous, of a kind not let in, unknown, not offered, not quite an address."""
    person, software, doctor, fhir_id = world
    reading = acting(doctor)
    yield "GET", f"Binary/{fhir_id}", reading
    yield "HEAD", f"Binary/{fhir_id}", reading
    yield "GET", f"DocumentReference/{fhir_id}", reading
    yield "GET", f"DocumentReference?patient={person.space.hex}", reading
    yield "GET", f"DocumentReference/?patient={person.space.hex}", reading
    yield "GET", f"List?patient={person.space.hex}", reading
    for refused in ({}, acting(person.actor), acting(software, scopes=frozenset())):
        yield "GET", f"Binary/{fhir_id}", refused
        yield "POST", "", refused
    yield "GET", "Binary/unknown", reading
    yield "GET", "Binary//", reading
    yield "GET", "DocumentReference/_search", reading
    yield "PUT", f"Binary/{fhir_id}", reading
    yield "GET", f"Binary/{fhir_id}/more", reading
    yield "POST", "DocumentReference", acting(software)
    yield "POST", "DocumentReference/{id}/$set-confidentiality", reading
    yield "GET", "DocumentReference/{id}", reading
    yield "GET", f"Binary/{fhir_id}", reading | {"host": "not a host"}
    yield "GET", "metadata", {}


async def differing(world):
    """The questions to which the two ways answer differently."""
    short, long = door(LeanApp), door(Litestar)
    found = []
    async with fhir_client(short) as one, fhir_client(long) as other:
        for method, address, headers in questions(world):
            answers = [await client.request(method, address, headers=headers) for client in (one, other)]
            seen = [(answer.status_code, dict(answer.headers), answer.content) for answer in answers]
            if seen[0] != seen[1]:
                found.append((method, address.split("?")[0], seen[0][0], seen[1][0]))
    return found


async def test_the_short_way_answers_like_the_long_one(world):
    assert await differing(world) == []


async def test_a_way_without_guards_is_seen(world, monkeypatch):
    """Planted fault: the short way forgets to ask who may use the route."""
    monkeypatch.setattr(lean_route, "guards_of", lambda handler: ())
    assert await differing(world) != []


def test_the_hot_routes_have_a_short_way():
    app = door(LeanApp)
    for method, path in (("GET", "/fhir/DocumentReference"), ("GET", "/fhir/Binary/x"), ("POST", "/fhir")):
        assert app._shortcut(asked(method, path)) is not None, path
    assert app._shortcut(asked("GET", "/fhir/DocumentReference/_search")) is None


def asked(method, path):
    return {"type": "http", "method": method, "path": path, "headers": [(b"host", b"carnet.test")]}
