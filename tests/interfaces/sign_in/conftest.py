from datetime import timedelta

import msgspec
import pytest
from litestar import Litestar, Request, Router, get, post
from litestar.response import Response

from carnet.identity.api import (
    DirectoryFeed,
    Door,
    InsService,
    ProviderSettings,
    RelyingParty,
    SessionLimits,
    end_other_sessions,
    end_session,
    import_directory,
    list_sessions,
)
from carnet.infra import clock
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.desk.sign_in import login_routes as desk_routes
from carnet.interfaces.portal.sign_in import login_routes as portal_routes
from carnet.interfaces.pro.sign_in import login_routes as pro_routes
from carnet.journeys.api import SessionMiddleware, SignIn, WebDoor, check_csrf, require_fresh, signed_in
from carnet.kernel.errors import CarnetError, NotFound, Refused, Unauthenticated, Unavailable
from carnet.sandbox.api import directory_feed, load_population
from factories.browser import Browser
from factories.simulator import CARNET, simulator
from factories.world import OPERATOR

LIMITS = {
    Door.PORTAL: SessionLimits(),
    Door.PRO: SessionLimits(idle=timedelta(minutes=20)),
    Door.DESK: SessionLimits(idle=timedelta(minutes=15)),
}


@pytest.fixture(scope="session")
async def population(house):
    people = load_population()
    await import_directory(actor=OPERATOR, feed=msgspec.convert(directory_feed(people), DirectoryFeed), at=clock.now())
    return people


def franceconnect(simulator, **changes):
    base = {
        "name": "FranceConnect",
        "issuer": simulator.franceconnect,
        "client_id": "carnet-portal",
        "client_secret": "sandbox-franceconnect-secret",
        "redirect_uri": f"{CARNET}/connexion/retour",
        "post_logout_redirect_uri": f"{CARNET}/deconnexion/retour",
        "scopes": ("openid", "identite_pivot", "email"),
        "acr_values": ("eidas2", "eidas3"),
        "signed_userinfo": True,
    }
    return ProviderSettings(**(base | changes))


def prosanteconnect(simulator, **changes):
    base = {
        "name": "Pro Santé Connect",
        "issuer": simulator.prosanteconnect,
        "client_id": "carnet-pro",
        "client_secret": "sandbox-prosanteconnect-secret",
        "redirect_uri": f"{CARNET}/pro/connexion/retour",
        "post_logout_redirect_uri": f"{CARNET}/pro/deconnexion/retour",
        "scopes": ("openid", "scope_all"),
        "acr_values": ("eidas1",),
    }
    return ProviderSettings(**(base | changes))


def proconnect(simulator, **changes):
    base = {
        "name": "ProConnect",
        "issuer": f"{simulator.url}/proconnect",
        "client_id": "carnet-guichet",
        "client_secret": "sandbox-proconnect-secret",
        "redirect_uri": f"{CARNET}/guichet/connexion/retour",
        "post_logout_redirect_uri": f"{CARNET}/guichet/deconnexion/retour",
        "scopes": ("openid", "given_name", "usual_name", "email"),
        "acr_values": ("eidas2", "eidas3"),
        "signed_userinfo": True,
    }
    return ProviderSettings(**(base | changes))


STATUS = {Unauthenticated: 401, NotFound: 404, Refused: 403, Unavailable: 503}


def refusal(_request, error: CarnetError) -> Response:
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)
    return Response({"code": error.problems[0].code if error.problems else ""}, status_code=status)


def inside(web: WebDoor, prefix: str, audience: Audience) -> list:
    """What pages of a door would do with a session."""

    @get(f"{prefix}/moi", **open_to(audience))
    async def me(request: Request) -> dict:
        held = signed_in(request)
        return {"actor": msgspec.to_builtins(held.actor), "csrf": held.session.csrf_token}

    @get(f"{prefix}/libre", **open_to(Audience.PUBLIC))
    async def free(request: Request) -> dict:
        return {"signed_in": request.state.actor is not None, "lost": request.state.session_lost}

    @post(f"{prefix}/changer", status_code=200, **open_to(audience))
    async def change(request: Request) -> dict:
        check_csrf(request, await request.form(), web=web)
        return {"changed": True}

    @get(f"{prefix}/grave", **open_to(audience))
    async def weighty(request: Request) -> dict:
        require_fresh(signed_in(request).session)
        return {"done": True}

    @get(f"{prefix}/sessions", **open_to(audience))
    async def sessions(request: Request) -> list:
        lines = await list_sessions(session=signed_in(request).session, limits=web.limits, at=clock.now())
        return msgspec.to_builtins(lines)

    @post(f"{prefix}/sessions/fermer", status_code=200, **open_to(audience))
    async def close(request: Request) -> dict:
        held, form = signed_in(request), await request.form()
        check_csrf(request, form, web=web)
        if form["laquelle"] == "autres":
            await end_other_sessions(actor=held.actor, session=held.session, at=clock.now())
        else:
            await end_session(actor=held.actor, session=held.session, public_id=form["laquelle"], at=clock.now())
        return {"closed": True}

    return [me, free, change, weighty, sessions, close]


class Site(msgspec.Struct):
    """The two doors under test."""

    app: Litestar
    portal: SignIn
    pro: SignIn
    webs: dict


@pytest.fixture
async def site(house, population, simulator):
    webs = {door: WebDoor(door=door, base_url=CARNET, limits=LIMITS[door]) for door in Door}
    ins = InsService(f"{simulator.url}/ins")
    portal = SignIn(
        door=Door.PORTAL, provider=RelyingParty(franceconnect(simulator)), limits=LIMITS[Door.PORTAL], ins=ins
    )
    pro = SignIn(door=Door.PRO, provider=RelyingParty(prosanteconnect(simulator)), limits=LIMITS[Door.PRO])
    desk = SignIn(door=Door.DESK, provider=RelyingParty(proconnect(simulator)), limits=LIMITS[Door.DESK])
    routers = [
        Router(
            path="/",
            route_handlers=[
                *desk_routes(desk, webs[Door.DESK]),
                *inside(webs[Door.DESK], "/guichet", Audience.AGENT),
            ],
            middleware=[SessionMiddleware(webs[Door.DESK])],
        ),
        Router(
            path="/",
            route_handlers=[*portal_routes(portal, webs[Door.PORTAL]), *inside(webs[Door.PORTAL], "", Audience.PERSON)],
            middleware=[SessionMiddleware(webs[Door.PORTAL])],
        ),
        Router(
            path="/",
            route_handlers=[*pro_routes(pro, webs[Door.PRO]), *inside(webs[Door.PRO], "/pro", Audience.PROFESSIONAL)],
            middleware=[SessionMiddleware(webs[Door.PRO])],
        ),
    ]
    app = Litestar(route_handlers=routers, openapi_config=None, exception_handlers={CarnetError: refusal})
    yield Site(app, portal, pro, webs)
    await portal.provider.close()
    await pro.provider.close()
    await desk.provider.close()
    await ins.close()


@pytest.fixture
async def browser(site):
    opened = Browser(site.app)
    yield opened
    await opened.close()


@pytest.fixture
async def another_browser(site):
    opened = Browser(site.app, user_agent="Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) Version/19.0 Safari/604.1")
    yield opened
    await opened.close()
