"""Every address of the desk, behind its session and its own way of failing."""

from litestar import Router
from litestar.exceptions import HTTPException

from carnet.interfaces.desk import cases, contact, deaths, entrance, guardianship, heirs, screen, tickets
from carnet.interfaces.desk.failing import on_crash, on_http_error, on_refusal
from carnet.interfaces.desk.setting import KEY, Desk
from carnet.interfaces.desk.sign_in import login_routes
from carnet.journeys.api import SessionMiddleware, SignIn
from carnet.kernel.errors import CarnetError


def desk_routes(*, desk: Desk, sign_in: SignIn | None) -> list[Router]:
    """Return the door for the composition root. sign_in: None leaves signing in out (tests)."""
    handlers = [
        *entrance.ROUTES,
        *contact.ROUTES,
        *screen.ROUTES,
        *tickets.ROUTES,
        *cases.ROUTES,
        *heirs.ROUTES,
        *deaths.ROUTES,
        *guardianship.ROUTES,
        *(login_routes(sign_in, desk.web) if sign_in else ()),
    ]
    return [
        Router(
            "/",
            route_handlers=handlers,
            middleware=[SessionMiddleware(desk.web)],
            exception_handlers={CarnetError: on_refusal, HTTPException: on_http_error, Exception: on_crash},
            opt={KEY: desk},
        )
    ]
