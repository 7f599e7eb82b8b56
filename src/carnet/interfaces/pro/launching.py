"""A file opened from the care software: SMART App Launch 2.2, our pages being what is launched.

The address holds an opaque value, good once, for the professional whose software asked; the INS stays where it was
sealed. Whoever is not signed in signs in first and comes back. Unknown, closed and blocked are one answer, as when the
number is typed.
"""

from typing import Any, Final
from urllib.parse import urlencode

from litestar import Response, get
from litestar.response import Redirect

from carnet.identity.api import OWN_PAGES, take_launch
from carnet.infra import clock
from carnet.infra.web.audience import Audience, open_to
from carnet.infra.web.even_time import even_out
from carnet.interfaces.pro.asking import Asked
from carnet.interfaces.pro.entrance import found_nobody
from carnet.interfaces.pro.failing import trouble
from carnet.interfaces.pro.handles import seal_handle
from carnet.interfaces.pro.page import done
from carnet.interfaces.pro.setting import pro_of
from carnet.journeys.api import find_patient, signed_in
from carnet.kernel.actors import Actor
from carnet.kernel.errors import Invalid, NotFound

_TOO_MANY: Final = 429
_BAD: Final = 400
_LONGEST: Final = 200


@get("/pro/lancement", **open_to(Audience.PUBLIC))
async def launched(request: Asked) -> Response[Any]:
    """Open the file of the patient the care software names."""
    launch, issuer = (request.query_params.get(name, "")[:_LONGEST] for name in ("launch", "iss"))
    if not launch or issuer != f"{pro_of(request).web.base_url}/fhir":
        return trouble(request, _BAD)
    if not isinstance(getattr(request.state, "actor", None), Actor):
        back = "/pro/lancement?" + urlencode({"iss": issuer, "launch": launch})
        return Redirect("/pro/connexion?" + urlencode({"retour": back}), status_code=303)
    by, at, failures = signed_in(request), clock.now(), pro_of(request).failures
    if wait := failures.wait(by.actor.identifier, at=at):
        return trouble(request, _TOO_MANY, wait=int(wait.total_seconds()) + 1)
    found = await take_launch(actor=by.actor, launch=launch, app=OWN_PAGES, at=at)
    if found is None:
        return trouble(request, _BAD)
    try:
        patient = await find_patient(actor=by.actor, matricule=found.matricule, oid=found.oid, at=at)
    except (NotFound, Invalid):
        failures.failed(by.actor.identifier, at=at)
        await even_out(found.matricule)
        return found_nobody(request, motive="")
    return done(f"/pro/patient/{seal_handle(by.session, patient.space)}")


ROUTES: Final = (launched,)
