"""Which doors exist and what authenticates each. Doors ignore one another; they meet only here."""

from datetime import timedelta
from typing import Any

from carnet.config.connect import open_kek
from carnet.config.journal_log import log_folder
from carnet.config.mail import mail_settings, sms_sender
from carnet.config.openapi import openapi_route
from carnet.config.settings import Settings
from carnet.identity.api import (
    CardService,
    Door,
    InsService,
    ProviderSettings,
    RelyingParty,
    SessionLimits,
    relying_site,
)
from carnet.infra.mail import MailTransport
from carnet.interfaces.desk.routes import desk_routes
from carnet.interfaces.desk.setting import Desk
from carnet.interfaces.fhir.router import fhir_router
from carnet.interfaces.guides.routes import guide_routes
from carnet.interfaces.log.routes import log_routes
from carnet.interfaces.oauth.access_tokens import TokenReader
from carnet.interfaces.oauth.bearer import BearerMiddleware
from carnet.interfaces.oauth.keys import TokenKeys
from carnet.interfaces.oauth.routes import oauth_routes
from carnet.interfaces.oauth.settings import OauthSettings
from carnet.interfaces.pilotage.routes import pilotage_routes
from carnet.interfaces.pilotage.setting import Pilotage
from carnet.interfaces.portal.door import portal_router
from carnet.interfaces.portal.screen_plan import plan_at
from carnet.interfaces.portal.setting import Portal
from carnet.interfaces.pro.routes import pro_routes
from carnet.interfaces.pro.setting import Pro
from carnet.journeys.api import CodePost, OwnWays, SignIn, WebDoor

PERSON_ABSOLUTE = timedelta(hours=24)
PRO_ABSOLUTE = timedelta(hours=12)
DESK_ABSOLUTE = timedelta(hours=10)


def door_routes(settings: Settings) -> list[Any]:
    """Return the route handlers of every door, each behind its own authentication."""
    carers = professionals_provider(settings)
    oauth = OauthSettings(
        base_url=settings.base_url,
        fhir_base=f"{settings.base_url}/fhir",
        token_life=timedelta(minutes=settings.token_minutes),
    )
    folder = settings.home / "keys"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys = TokenKeys.load_or_create(folder / "tokens.key", kek=open_kek(settings))
    bearer = BearerMiddleware(TokenReader(settings=oauth, keys=keys))
    return [
        *oauth_routes(oauth, keys=keys, carers=carers, pages=_pro_door(settings) if carers else None),
        openapi_route(settings.base_url),
        fhir_router(base=oauth.fhir_base, middleware=[bearer]),
        *log_routes(log_folder(settings)),
        *_portal(settings),
        *_pro(settings, carers),
        *_desk(settings),
        *guide_routes(),
    ]


def persons_provider(settings: Settings) -> RelyingParty | None:
    """Return FranceConnect as configured, None when it is not."""
    if not settings.franceconnect_issuer:
        return None
    return RelyingParty(
        ProviderSettings(
            name="FranceConnect",
            issuer=settings.franceconnect_issuer,
            client_id=settings.franceconnect_client_id,
            client_secret=settings.franceconnect_secret or "",
            redirect_uri=f"{settings.base_url}/connexion/retour",
            post_logout_redirect_uri=f"{settings.base_url}/deconnexion/retour",
            scopes=("openid", "identite_pivot", "email"),
            acr_values=settings.franceconnect_acr,
            signed_userinfo=True,
        )
    )


def professionals_provider(settings: Settings) -> RelyingParty | None:
    """Return Pro Santé Connect as configured, None when it is not."""
    if not settings.psc_issuer:
        return None
    return RelyingParty(
        ProviderSettings(
            name="Pro Santé Connect",
            issuer=settings.psc_issuer,
            client_id=settings.psc_client_id,
            client_secret=settings.psc_secret or "",
            redirect_uri=f"{settings.base_url}/pro/connexion/retour",
            post_logout_redirect_uri=f"{settings.base_url}/pro/deconnexion/retour",
            scopes=("openid", "scope_all"),
            acr_values=("eidas1",),
            audiences=frozenset({settings.base_url}),
        )
    )


def agents_provider(settings: Settings) -> RelyingParty | None:
    """Return ProConnect as configured, None when it is not."""
    if not settings.proconnect_issuer:
        return None
    return RelyingParty(
        ProviderSettings(
            name="ProConnect",
            issuer=settings.proconnect_issuer,
            client_id=settings.proconnect_client_id,
            client_secret=settings.proconnect_secret or "",
            redirect_uri=f"{settings.base_url}/guichet/connexion/retour",
            post_logout_redirect_uri=f"{settings.base_url}/guichet/deconnexion/retour",
            scopes=("openid", "given_name", "usual_name", "email"),
            acr_values=settings.proconnect_acr,
            signed_userinfo=True,
        )
    )


def _portal(settings: Settings) -> list[Any]:
    limits = SessionLimits(idle=timedelta(minutes=settings.person_idle_minutes), absolute=PERSON_ABSOLUTE)
    web = WebDoor(door=Door.PORTAL, base_url=settings.base_url, limits=limits)
    provider = persons_provider(settings)
    if provider is None or not settings.ins_service_url:
        return []  # nobody could sign in: software and professionals only
    sign_in = SignIn(door=Door.PORTAL, provider=provider, limits=limits, ins=InsService(settings.ins_service_url))
    ways = OwnWays(
        limits=limits,
        site=relying_site(settings.base_url),
        post=CodePost(mail=MailTransport(mail_settings(settings)), sms=sms_sender(settings)),
    )
    cards = CardService(settings.card_service_url) if settings.card_service_url else None
    portal = Portal(
        web=web,
        max_bytes=settings.person_document_bytes,
        mail_bytes=settings.mss_attachment_bytes,
        quick_exit=settings.quick_exit,
        signs_in=True,
        ways=ways,
        cards=cards,
    )
    return [portal_router(portal, sign_in)]


def _pro_door(settings: Settings) -> WebDoor:
    limits = SessionLimits(idle=timedelta(minutes=settings.pro_idle_minutes), absolute=PRO_ABSOLUTE)
    return WebDoor(door=Door.PRO, base_url=settings.base_url, limits=limits)


def _pro(settings: Settings, provider: RelyingParty | None) -> list[Any]:
    web = _pro_door(settings)
    sign_in = SignIn(door=Door.PRO, provider=provider, limits=web.limits) if provider else None
    return list(pro_routes(pro=Pro(web=web), sign_in=sign_in))


def _desk(settings: Settings) -> list[Any]:
    provider = agents_provider(settings)
    if provider is None:
        return []  # nobody could sign in: there is no desk here
    limits = SessionLimits(idle=timedelta(minutes=settings.desk_idle_minutes), absolute=DESK_ABSOLUTE)
    web = WebDoor(door=Door.DESK, base_url=settings.base_url, limits=limits)
    return [
        *desk_routes(
            desk=Desk(web=web, plan_at=plan_at), sign_in=SignIn(door=Door.DESK, provider=provider, limits=limits)
        ),
        *pilotage_routes(pilotage=Pilotage(web=web, fictitious=settings.sandbox)),
    ]
