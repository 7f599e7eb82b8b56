"""Every address of the professional's door, behind its session and its own way of failing."""

from litestar import Router
from litestar.exceptions import HTTPException

from carnet.interfaces.pro import (
    account,
    agreement,
    blocking,
    colleagues,
    content,
    deposit,
    deposit_unopened,
    documents,
    emergency,
    entrance,
    launching,
    mailbox_rules,
    receipts,
)
from carnet.interfaces.pro.failing import on_crash, on_http_error, on_refusal
from carnet.interfaces.pro.setting import KEY, Pro
from carnet.interfaces.pro.sign_in import login_routes
from carnet.journeys.api import SessionMiddleware, SignIn
from carnet.kernel.errors import CarnetError


def pro_routes(*, pro: Pro, sign_in: SignIn | None) -> list[Router]:
    """Return the door for the composition root. sign_in: None leaves signing in out (no provider configured)."""
    handlers = [
        *entrance.ROUTES,
        *launching.ROUTES,
        *agreement.ROUTES,
        *documents.ROUTES,
        *content.ROUTES,
        *receipts.ROUTES,
        *deposit.ROUTES,
        *deposit_unopened.ROUTES,
        *emergency.ROUTES,
        *blocking.ROUTES,
        *account.ROUTES,
        *mailbox_rules.ROUTES,
        *colleagues.ROUTES,
        *(login_routes(sign_in, pro.web) if sign_in else ()),
    ]
    return [
        Router(
            "/",
            route_handlers=handlers,
            middleware=[SessionMiddleware(pro.web)],
            exception_handlers={CarnetError: on_refusal, HTTPException: on_http_error, Exception: on_crash},
            opt={KEY: pro},
        )
    ]
