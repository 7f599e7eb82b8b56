import httpx
import msgspec
import pytest
from litestar import Litestar, Request, Router, get
from litestar.response import Response

from carnet.identity.api import DirectoryFeed, ProviderSettings, RelyingParty, import_directory, register_software
from carnet.infra import clock
from carnet.infra.vault import FileKek
from carnet.infra.web.audience import Audience, open_to
from carnet.infra.web.gated import open_through_gate
from carnet.interfaces.oauth.access_tokens import TokenReader
from carnet.interfaces.oauth.bearer import BearerMiddleware
from carnet.interfaces.oauth.keys import TokenKeys
from carnet.interfaces.oauth.routes import oauth_routes
from carnet.interfaces.oauth.settings import OauthSettings
from carnet.kernel.errors import Refused, Unauthenticated
from carnet.sandbox.api import directory_feed, load_population
from factories.simulator import CARNET, simulator
from factories.tokens import FHIR_BASE, ec_key, public, rsa_key
from factories.world import OPERATOR

SCOPES = ("system/DocumentReference.crs", "system/Binary.r", "user/DocumentReference.crs", "user/Patient.rs")


class Authority(msgspec.Struct, frozen=True):
    """The authorisation server under test and what surrounds it."""

    settings: OauthSettings
    keys: TokenKeys
    key_file: object
    kek: FileKek
    reader: TokenReader
    carers: RelyingParty
    client: httpx.AsyncClient


class Care(msgspec.Struct, frozen=True):
    """A registered software and its private keys."""

    client_id: str
    ec: object
    rsa: object
    finess: str


@pytest.fixture(scope="session")
async def population(house):
    people = load_population()
    await import_directory(actor=OPERATOR, feed=msgspec.convert(directory_feed(people), DirectoryFeed), at=clock.now())
    return people


def carer_settings(simulator, **changes):
    base = {
        "name": "Pro Santé Connect",
        "issuer": simulator.prosanteconnect,
        "client_id": "carnet-pro",
        "client_secret": "sandbox-prosanteconnect-secret",
        "redirect_uri": f"{CARNET}/pro/connexion/retour",
        "post_logout_redirect_uri": f"{CARNET}/pro/deconnexion/retour",
        "scopes": ("openid", "scope_all"),
        "acr_values": ("eidas1",),
        "audiences": frozenset({CARNET}),
    }
    return ProviderSettings(**(base | changes))


def bearer_app(reader: TokenReader) -> list:
    """Two FHIR-like routes, one that asks the gate and one that does not, and a public one."""

    async def whoami(request: Request) -> dict:
        actor = request.state.actor
        return msgspec.to_builtins(actor) if actor else {}

    ungated = get("/fhir/Patient", **open_to(Audience.SOFTWARE, Audience.PROFESSIONAL))(whoami)
    gated = get("/fhir/DocumentReference", **open_through_gate(Audience.SOFTWARE, Audience.PROFESSIONAL))(whoami)
    free = get("/fhir/metadata", **open_to(Audience.PUBLIC))(whoami)
    return [Router(path="/", route_handlers=[ungated, gated, free], middleware=[BearerMiddleware(reader)])]


def refusals() -> dict:
    def answer(status):
        return lambda _request, error: Response({"code": error.problems[0].code}, status_code=status)

    return {Unauthenticated: answer(401), Refused: answer(403)}


@pytest.fixture
async def authority(house, population, simulator, tmp_path):
    settings = OauthSettings(base_url=CARNET, fhir_base=FHIR_BASE)
    kek = FileKek.open_or_create(tmp_path / "kek.json")
    keys = TokenKeys.load_or_create(tmp_path / "oauth.key", kek=kek)
    reader = TokenReader(settings=settings, keys=keys)
    carers = RelyingParty(carer_settings(simulator))
    app = Litestar(
        route_handlers=[*oauth_routes(settings, keys=keys, carers=carers), *bearer_app(reader)],
        openapi_config=None,
        exception_handlers=refusals(),
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=CARNET) as client:
        yield Authority(settings, keys, tmp_path / "oauth.key", kek, reader, carers, client)
    await carers.close()


@pytest.fixture(scope="session")
def keys():
    return ec_key(), rsa_key()


@pytest.fixture
async def care(house, population, keys):
    client_id = f"lps-{clock.now().timestamp()}"
    finess = population.organisation("hopital").finess
    await register_software(
        actor=OPERATOR,
        client_id=client_id,
        name="Dossier Clair",
        finess=finess,
        jwks=public(*keys),
        scopes=SCOPES,
        at=clock.now(),
    )
    return Care(client_id, keys[0], keys[1], finess)
