"""The CapabilityStatement says what the routes do: nothing more, nothing less."""

from litestar import Litestar

from carnet.infra.web.audience import Audience, declared_routes
from carnet.interfaces.fhir.router import INTERACTIONS, fhir_router
from carnet.interfaces.fhir.search.parameters import DOCUMENTS, LISTS
from factories.fhir import BASE, fhir_app, fhir_client

CODES = {
    ("GET", ""): "search-type",
    ("POST", ""): "create",
    ("POST", "/_search"): "search-type",
    ("GET", "/{id:str}"): "read",
    ("PUT", "/{id:str}"): "update",
    ("DELETE", "/{id:str}"): "delete",
    ("PATCH", "/{id:str}"): "patch",
}


async def statement():
    async with fhir_client() as client:
        answer = await client.get("metadata")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/fhir+json"
        return answer.json()


def offered() -> set[tuple[str, str]]:
    """Return (resource, interaction) for every route that is not a refusal, read from the routes alone."""
    found = set()
    for path, method, audience in declared_routes(fhir_app()):
        below = path.removeprefix("/fhir").strip("/")
        if Audience.PUBLIC in audience or not below or method == "HEAD":
            continue
        resource, _, rest = below.partition("/")
        if "$" in rest:
            continue
        found.add((resource, CODES[method, f"/{rest}" if rest else ""]))
    return found


async def test_it_says_what_the_routes_do():
    (rest,) = (await statement())["rest"]
    said = {(one["type"], interaction["code"]) for one in rest["resource"] for interaction in one["interaction"]}
    assert said == offered()
    assert [one["code"] for one in rest["interaction"]] == ["transaction"]


async def test_it_names_the_operations():
    (rest,) = (await statement())["rest"]
    said = {(one["type"], each["name"]) for one in rest["resource"] for each in one.get("operation", ())}
    routes = {path.removeprefix("/fhir/") for path, _, who in declared_routes(fhir_app()) if Audience.PUBLIC not in who}
    assert said == {(path.partition("/")[0], path.rpartition("$")[2]) for path in routes if "$" in path}
    assert {name for _, name in said} >= {"open-emergency", "end-emergency"}


async def test_it_names_the_parameters_that_are_read():
    (rest,) = (await statement())["rest"]
    named = {one["type"]: {parameter["name"] for parameter in one.get("searchParam", ())} for one in rest["resource"]}
    assert named["DocumentReference"] == {one.name for one in DOCUMENTS}
    assert named["List"] == {one.name for one in LISTS}
    wanted = {"patient", "patient.identifier", "status", "type", "category", "date", "period", "facility", "setting",
              "security-label", "format", "author.identifier", "author.given", "author.family", "_id"}  # fmt: skip
    assert wanted <= named["DocumentReference"]


async def test_required_elements_are_there():
    found = await statement()
    for name in ("status", "date", "kind", "fhirVersion", "format", "rest", "implementation"):
        assert found[name], name
    assert (found["fhirVersion"], found["kind"], found["implementation"]["url"]) == ("4.0.1", "instance", BASE)


async def test_an_interaction_without_a_line_would_be_seen(monkeypatch):
    """Planted fault: a route that the statement does not know of."""
    monkeypatch.setattr(
        "carnet.interfaces.fhir.capability._resource", lambda name, every: {"type": name, "interaction": []}
    )
    app = Litestar(route_handlers=[fhir_router(base=BASE)], openapi_config=None, logging_config=None)
    async with fhir_client(app) as client:
        (rest,) = (await client.get("metadata")).json()["rest"]
    said = {(one["type"], interaction["code"]) for one in rest["resource"] for interaction in one["interaction"]}
    assert said != offered()


def test_every_interaction_is_documented_and_declared():
    for one in INTERACTIONS:
        assert one.documentation.endswith(".")
        assert one.audience
