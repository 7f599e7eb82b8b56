"""The portal as one router: its pages, their session, their guard against foreign forms, their error pages."""

from typing import Any

from litestar import Router
from litestar.exceptions import HTTPException

from carnet.interfaces.portal import (
    access,
    activity,
    disputes,
    document,
    documents,
    emergency,
    home,
    leaving,
    limits,
    notifications,
    opposition,
    own_documents,
    preferences,
    profiles,
    settings,
    topics,
    welcome,
    who_sees,
)
from carnet.interfaces.portal.failing import on_crash, on_http_error, on_refusal
from carnet.interfaces.portal.forms import form_guard
from carnet.interfaces.portal.setting import KEY, Portal
from carnet.interfaces.portal.sign_in import login_routes
from carnet.journeys.api import SessionMiddleware, SignIn
from carnet.kernel.errors import CarnetError

PAGES: list[Any] = [
    welcome.landing,
    welcome.sign_in_page,
    welcome.step_up_page,
    opposition.ask,
    opposition.prove,
    opposition.standing,
    opposition.refuse,
    opposition.come_back,
    opposition.paper,
    opposition.check,
    preferences.choose,
    home.home,
    profiles.profiles,
    profiles.enter,
    profiles.come_back,
    documents.documents,
    own_documents.ask_add,
    own_documents.add,
    own_documents.ask_edit,
    own_documents.edit,
    own_documents.ask_delete,
    own_documents.delete,
    document.one,
    document.preview,
    document.download,
    document.part,
    document.mask,
    document.reveal,
    access.access,
    access.directory,
    access.let_in,
    access.ask_block,
    access.keep_out,
    access.lift_block,
    access.ask_end,
    access.end,
    access.ask_let_in,
    access.ask_team,
    access.add_team,
    access.drop_team,
    emergency.emergency,
    emergency.change_emergency,
    emergency.change_doctor,
    emergency.code_page,
    emergency.make_code,
    emergency.change_mode,
    limits.limits,
    limits.ask_limit,
    limits.add_limit,
    limits.end_limit,
    who_sees.matrix,
    who_sees.choose_eyes,
    who_sees.look_through,
    disputes.dispute,
    disputes.ask,
    topics.topics,
    topics.change_topics,
    topics.change_apart,
    topics.welcome,
    topics.answer_welcome,
    activity.activity,
    activity.export_csv,
    activity.export_fhir,
    activity.export_json,
    activity.export_pdf,
    activity.proofs_json,
    notifications.centre,
    notifications.read,
    notifications.unread,
    notifications.remove,
    notifications.known,
    notifications.read_all,
    settings.settings,
    settings.change_email,
    settings.confirm,
    settings.change_channels,
    settings.change_default,
    settings.close_session,
    settings.close_others,
]


def portal_router(portal: Portal, sign_in: SignIn | None) -> Router:
    """Return the portal's router for the composition root. sign_in: None while no identity provider is configured."""
    with_session = Router(
        path="/",
        route_handlers=[*PAGES, *(login_routes(sign_in, portal.web) if sign_in else ())],
        middleware=[SessionMiddleware(portal.web)],
        guards=[form_guard(portal.web)],
    )
    return Router(
        path="/",
        route_handlers=[leaving.leave, with_session],
        exception_handlers={CarnetError: on_refusal, HTTPException: on_http_error, Exception: on_crash},
        opt={KEY: portal},
    )
