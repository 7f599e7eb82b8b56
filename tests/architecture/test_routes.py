"""Every route of the real application says who may use it, and a silent one keeps the application from starting."""

import pytest
from litestar import Litestar, MediaType, get

from carnet.config.application import create_litestar
from carnet.config.docs import every_door
from carnet.config.settings import read_settings
from carnet.infra.web.audience import Audience, UndeclaredRouteError, declared_routes, open_to
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.errors import Refused, Unauthenticated

# What anybody may reach without being known: nothing here shows anything of a person.
PUBLIC = {
    "/": "what Carnet is",
    "/healthz": "alive",
    "/readyz": "ready",
    "/fhir/metadata": "CapabilityStatement",
    "/fhir/openapi.json": "the same doors, for people who do not know FHIR",
    "/pro": "what Carnet is, for professionals",
    "/pro/lancement": "a file opened from the care software: sends to signing in, and answers only who it was made for",
    "/preferences": "language and appearance of this browser",
    "/quitter": "leaving in a hurry: a redirection to an ordinary page",
    "/guichet": "the way in for agents",
    "/guides": "how to, in plain words",
    "/guides/{name:str}": "how to, in plain words",
    "/guichet/preferences": "language and appearance of this browser",
    "/pro/preferences": "language and appearance of this browser",
}
PUBLIC_BELOW = {
    "/static": "style sheets, fonts, scripts",
    "/.well-known": "discovery documents",
    "/fhir/.well-known": "discovery documents",
    "/oauth": "token endpoint: programs prove themselves there",
    "/connexion": "signing in",
    "/pro/connexion": "signing in",
    "/opposition": "saying no without an account: shows nothing of anybody but to who proved who they are",
    "/activation": "opening one's space with the letter: the same",
    "/visite": "a tour with fictitious people",
    "/verifier": "checks a receipt, which names nobody",
    "/certificat": "finds the certificate of an erasure by its number, which names nobody",
    "/guichet/connexion": "signing in",
    "/guichet/deconnexion": "signing out",
    "/deconnexion": "signing out",
    "/pro/deconnexion": "signing out",
    "/accessibilite": "declarations the law asks for",
    "/mentions-legales": "declarations the law asks for",
    "/journal": "the public log: hashes and signatures, nothing about anybody",
}
# handlers that only say no: 404 and 405 as an OperationOutcome, before anybody is known
SAY_NO = {"carnet.interfaces.fhir.router._refusal.<locals>.handle"}


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    return every_door(tmp_path_factory.mktemp("routes"))


def test_every_route_says_who_may_use_it(app):
    routes = list(declared_routes(app))
    assert len(routes) >= 40, "the application has hardly any route: was it built?"
    assert {str(one) for _, _, who in routes for one in who} == {str(audience) for audience in Audience}


def handlers(app):
    """{(path, method): full name of the function that answers}."""
    return {
        (route.path, method): f"{handler.fn.__module__}.{handler.fn.__qualname__}"
        for route in app.routes
        for handler in route.route_handlers
        for method in handler.http_methods
    }


def unexpected(app):
    """Routes open to everybody that nobody named above."""
    answered_by = handlers(app)
    return {
        f"{method} {path}"
        for path, method, who in declared_routes(app)
        if Audience.PUBLIC in who
        and path not in PUBLIC
        and not any(path == one or path.startswith(f"{one}/") for one in PUBLIC_BELOW)
        and answered_by[path, method] not in SAY_NO
    }


def test_public_routes_are_known_by_name(app):
    """A page opened to everybody by mistake is one nobody would notice: each public place is named above."""
    assert unexpected(app) == set()
    assert any(Audience.PUBLIC in who for _, _, who in declared_routes(app))


@pytest.mark.parametrize("path", ["/documents", "/pro/patient", "/fhir/DocumentReference/x", "/preferences/x"])
def test_a_page_opened_to_everybody_by_mistake_is_seen(path):
    @get(path, sync_to_thread=False, **open_to(Audience.PUBLIC))
    def handler() -> str:
        return ""

    assert unexpected(Litestar([handler], openapi_config=None)) == {f"GET {path}"}


def test_nothing_personal_is_open_to_the_public_and_to_somebody_at_once(app):
    mixed = [path for path, _, who in declared_routes(app) if Audience.PUBLIC in who and len(who) > 1]
    assert mixed == []


def silent():
    @get("/planted", sync_to_thread=False, media_type=MediaType.TEXT)
    def handler() -> str:
        return ""

    return handler


def nobody_said():
    @get("/planted", sync_to_thread=False, opt={"audience": frozenset()}, guards=open_to(Audience.PERSON)["guards"])
    def handler() -> str:
        return ""

    return handler


def unguarded():
    @get("/planted", sync_to_thread=False, opt=open_to(Audience.PERSON)["opt"])
    def handler() -> str:
        return ""

    return handler


@pytest.mark.parametrize("planted", [silent, nobody_said, unguarded])
def test_a_planted_route_keeps_the_application_from_starting(planted, monkeypatch, tmp_path):
    monkeypatch.setattr("carnet.config.application.door_routes", lambda *_, **__: [planted()])
    with pytest.raises(UndeclaredRouteError, match="/planted"):
        create_litestar(read_settings({"CARNET_HOME": str(tmp_path)}))


class Connection:
    """What the guard looks at."""

    def __init__(self, actor):
        self.state = type("State", (), {"actor": actor})() if actor else type("State", (), {})()


MEANT = dict.fromkeys((ActorKind.REPRESENTATIVE, ActorKind.CARER), "delegate")


@pytest.mark.parametrize("kind", ActorKind)
@pytest.mark.parametrize("audience", Audience)
async def test_the_guard_lets_in_the_declared_kind_only(kind, audience):
    @get("/x", sync_to_thread=False, **open_to(audience))
    def handler() -> str:
        return ""

    registered = Litestar([handler], openapi_config=None).routes[0].route_handlers[0]
    guard = registered.guards[0]
    actor = Actor(kind=kind, identifier="a", name="A")
    if audience is Audience.PUBLIC:
        assert await guard(Connection(None), registered) is None
    elif audience.value == MEANT.get(kind, kind.value):
        assert await guard(Connection(actor), registered) is None
    else:
        with pytest.raises(Refused):
            await guard(Connection(actor), registered)
    if audience is not Audience.PUBLIC:
        with pytest.raises(Unauthenticated):
            await guard(Connection(None), registered)
