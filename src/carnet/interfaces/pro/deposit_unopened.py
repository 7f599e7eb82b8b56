"""Depositing without opening a file: the INS and the identity are typed, as software sends them; nothing is shown.

For whoever may not look, or has no reason to. The answer is the deposit's own, the same for everybody.
"""

from typing import Any, Final

from litestar import Response, get, post

from carnet.design.language import PARIS
from carnet.design.shell import FieldError
from carnet.identity.api import IdentityTraits, Sex
from carnet.infra import clock
from carnet.infra.installation import current
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.pro.asking import Asked, field, our_form
from carnet.interfaces.pro.deposit import Sent, declared_of, sent_of
from carnet.interfaces.pro.failing import trouble
from carnet.interfaces.pro.page import done, show
from carnet.interfaces.pro.presenters.deposit import identity_errors_of, identity_missing, present_unopened
from carnet.interfaces.pro.setting import language_of, pro_of
from carnet.journeys.api import deposit_unopened, signed_in
from carnet.kernel.errors import Invalid, NotFound

IDENTITY: Final = ("ins", "nom", "prenom", "sexe", "naissance")
_INVALID: Final = 422
_TOO_MANY: Final = 429
_SEXES: Final = {"F": Sex.FEMALE, "M": Sex.MALE, "U": Sex.UNKNOWN}


@get("/pro/deposer", **open_to(Audience.PROFESSIONAL))
async def ask_for_whom(request: Asked) -> Response[str]:
    """Show the form."""
    return _form(request)


@post("/pro/deposer", status_code=200, **open_to(Audience.PROFESSIONAL))
async def deposit_for(request: Asked) -> Response[Any]:
    """Deposit what was sent; answer once it is durable, and show nothing of the file."""
    form, by, at, language = await our_form(request), signed_in(request), clock.now(), language_of(request)
    failures, sent = pro_of(request).failures, await sent_of(form)
    sent = Sent(sent.content, sent.values | {name: field(form, name, most=100).strip() for name in IDENTITY})
    if wait := failures.wait(by.actor.identifier, at=at):
        return trouble(request, _TOO_MANY, wait=int(wait.total_seconds()) + 1)
    declared, errors = declared_of(sent, language)
    if errors := (*identity_missing(sent.values, language), *errors):
        return _form(request, sent, errors)
    try:
        added = await deposit_unopened(
            actor=by.actor, matricule=sent.values["ins"], traits=traits_of(sent), declared=declared, at=at
        )
    except (Invalid, NotFound) as refused:
        failures.failed(by.actor.identifier, at=at)
        return _form(request, sent, identity_errors_of(refused.problems, language))
    return done("/pro/patient", "deposited" if added.stored.created else "unchanged")


def traits_of(sent: Sent) -> IdentityTraits:
    """Return the identity that was typed."""
    said = sent.values
    given = tuple(said["prenom"].replace(",", " ").split())
    sex = _SEXES.get(said["sexe"], Sex.UNKNOWN)
    return IdentityTraits(birth_name=said["nom"], given_names=given, sex=sex, birth_date=said["naissance"] or None)


def _form(request: Asked, sent: Sent | None = None, errors: tuple[FieldError, ...] = ()) -> Response[str]:
    page = present_unopened(
        language=language_of(request),
        today=clock.now().astimezone(PARIS).date(),
        max_bytes=current().limits.software_document_bytes,
        values=sent.values if sent else None,
        errors=errors,
    )
    return show(request, "deposit_unopened.html", page, current="blind", status=_INVALID if errors else 200)


ROUTES: Final = (ask_for_whom, deposit_for)
