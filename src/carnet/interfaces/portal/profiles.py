"""In whose space one is: choosing, going in, coming back. Which page shows it is the frame's affair, on every page."""

from litestar import Response, get, post
from litestar.response import Redirect

from carnet.design.door import Asked
from carnet.identity.api import SignedIn
from carnet.infra import clock
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.portal.forms import posted
from carnet.interfaces.portal.page import done, show
from carnet.interfaces.portal.presenters.profiles import REOPEN, ProfileFacts, present_profiles
from carnet.interfaces.portal.presenters.shell import PROFILES
from carnet.interfaces.portal.setting import language_of
from carnet.interfaces.portal.sources.carers import gather_carers
from carnet.interfaces.portal.sources.journal import read_uuid
from carnet.journeys.api import Profile, act_for, act_for_oneself, reopen_for, require_fresh, signed_in
from carnet.journeys.api import profiles as profiles_of
from carnet.kernel.actors import ActorKind
from carnet.kernel.errors import NotFound

BOTH = (Audience.PERSON, Audience.DELEGATE)


@get(PROFILES, **open_to(*BOTH))
async def profiles(request: Asked) -> Response[str]:
    """Show the spaces one may go into. Whoever is in one they may no longer be in comes home first."""
    who, at = signed_in(request), clock.now()
    found = await profiles_of(signed_in=who, at=at)
    acting = who.session.acting
    if acting is not None and acting.delegation not in {one.delegation for one in found if not one.waiting}:
        await act_for_oneself(signed_in=who, at=at)
        return done(PROFILES, "delegation-over")
    page = present_profiles(
        language=language_of(request),
        name=who.session.holder.name,
        profiles=tuple(_facts(one, who) for one in found if not one.waiting),
        asked=tuple(_facts(one, who) for one in found if one.waiting) if acting is None else (),
        carers=await gather_carers(signed_in=who, at=at) if acting is None else None,
        second=acting is not None and acting.kind is ActorKind.REPRESENTATIVE,
    )
    return await show(request, "profiles.html", page, current="profiles")


@post(f"{PROFILES}/entrer", status_code=303, **open_to(*BOTH))
async def enter(request: Asked) -> Redirect:
    """Go into the space of somebody one acts for."""
    chosen = read_uuid((await posted(request)).get("qui", ""))
    if chosen is None:
        raise NotFound
    await act_for(signed_in=signed_in(request), delegation=chosen, at=clock.now())
    return done("/accueil")


@post(f"{PROFILES}/revenir", status_code=303, **open_to(*BOTH))
async def come_back(request: Asked) -> Redirect:
    """Come back to one's own space."""
    await act_for_oneself(signed_in=signed_in(request), at=clock.now())
    return done("/accueil")


@post(REOPEN, status_code=303, **open_to(Audience.PERSON))
async def reopen_childs(request: Asked) -> Redirect:
    """Open again the closed space of a child one represents."""
    who, chosen = signed_in(request), read_uuid((await posted(request)).get("qui", ""))
    if chosen is None:
        raise NotFound
    require_fresh(who.session, back=PROFILES)
    await reopen_for(signed_in=who, delegation=chosen, at=clock.now())
    return done(PROFILES, "child-reopened")


def _facts(one: Profile, who: SignedIn) -> ProfileFacts:
    return ProfileFacts(
        id=one.delegation.hex,
        name=one.name,
        kind=one.kind,
        basis=one.basis,
        purpose=one.purpose,
        starts_at=one.starts_at,
        until=one.until,
        closed=one.closed,
        may_reopen=one.may_reopen and who.session.acting is None,
        later=one.starts_at > clock.now(),
        here=who.session.acting is not None and who.session.acting.delegation == one.delegation,
    )
