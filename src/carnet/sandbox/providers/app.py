"""The sandbox as one web application, to run on a loopback port beside Carnet.

Listens only where it is told to: whoever starts it must keep it off every public address, since anybody may log in
as anyone here.
"""

from pathlib import Path
from typing import Any

from litestar import Litestar, Request, Response, get
from litestar.static_files import create_static_files_router

from carnet.sandbox.population.data import SANDBOX_PASSWORD, Population
from carnet.sandbox.population.feed import directory_feed
from carnet.sandbox.population.load import load_population
from carnet.sandbox.providers.ins import ins_router
from carnet.sandbox.providers.keys import load_or_create
from carnet.sandbox.providers.mailbox import Mailbox
from carnet.sandbox.providers.mailbox_routes import mailbox_router
from carnet.sandbox.providers.office import office_router
from carnet.sandbox.providers.openid_routes import OpenIdDoor, openid_router
from carnet.sandbox.providers.pages import Look, Pages, language_of
from carnet.sandbox.providers.personas import Persona, agents, citizens, professionals
from carnet.sandbox.providers.post import post_router
from carnet.sandbox.providers.provider import OpenIdProvider
from carnet.sandbox.providers.settings import ProviderSettings, SandboxSettings

FRANCECONNECT = Look(
    key="franceconnect",
    name="FranceConnect (simulateur)",
    tagline_fr="Prouver qui je suis, en tant que personne",
    tagline_en="Prove who I am, as a person",
    scopes=["openid", "identite_pivot", "profile", "birth", "email", "preferred_username", "gender"],
)
PROSANTECONNECT = Look(
    key="prosanteconnect",
    name="Pro Santé Connect (simulateur)",
    tagline_fr="Prouver qui je suis, en tant que professionnel",
    tagline_en="Prove who I am, as a professional",
    scopes=["openid", "scope_all", "profile"],
)
PROCONNECT = Look(
    key="proconnect",
    name="ProConnect (simulateur)",
    tagline_fr="Prouver qui je suis, en tant qu'agent, avec un second facteur",
    tagline_en="Prove who I am, as an agent, with a second factor",
    scopes=["openid", "given_name", "usual_name", "email", "siret"],
)


def create_sandbox_app(settings: SandboxSettings, *, population: Population | None = None) -> Litestar:
    """Identity providers, INS service, mailbox page, directory feed. Keys and mail are kept under `settings.home`.

    Raises OSError when `settings.home` cannot be written.
    """
    people = population or load_population()
    pages = Pages()
    mailbox = Mailbox(settings.home / "mail")
    citizen_door = _door(settings.franceconnect, citizens(people), ("eidas1", "eidas2", "eidas3"), FRANCECONNECT, pages)
    carer_door = _door(settings.prosanteconnect, professionals(people), ("eidas1",), PROSANTECONNECT, pages)

    agent_door = _door(settings.proconnect, agents(), ("eidas2", "eidas1"), PROCONNECT, pages)

    @get("/", sync_to_thread=False)
    def home(request: Request[Any, Any, Any]) -> Response[str]:
        return pages.answer("home.html", language=language_of(request), look=None, password=SANDBOX_PASSWORD)

    @get("/healthz", sync_to_thread=False)
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @get("/directory.json", sync_to_thread=False)
    def directory() -> dict[str, object]:
        return directory_feed(people)

    return Litestar(
        route_handlers=[
            home,
            healthz,
            directory,
            openid_router(citizen_door),
            openid_router(carer_door),
            openid_router(agent_door),
            ins_router(people),
            mailbox_router(mailbox, pages),
            post_router(people, pages, home=settings.home, carnet_url=settings.carnet_url),
            office_router(mailbox, pages, people, gateway=settings.mail_port),
            create_static_files_router(path="/static", directories=[Path(__file__).parent / "static"]),
        ],
        openapi_config=None,
        debug=False,
    )


def _door(
    settings: ProviderSettings, personas: tuple[Persona, ...], acr_values: tuple[str, ...], look: Look, pages: Pages
) -> OpenIdDoor:
    provider = OpenIdProvider(
        settings=settings, personas=personas, key=load_or_create(settings.key_file), acr_values=acr_values
    )
    return OpenIdDoor(provider, look, pages)
