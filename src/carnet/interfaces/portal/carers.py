"""Carers, from both sides: inviting, answering, ending; and the second legal representative of a child."""

from datetime import datetime
from functools import partial
from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect

from carnet.access.api import DelegationLine, Need, invite_carer, invite_representative
from carnet.design.door import Asked
from carnet.design.language import Language
from carnet.design.parts import Form
from carnet.design.shell import FieldError
from carnet.infra import clock
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.portal.attestation_pdf import attestation_pdf
from carnet.interfaces.portal.forms import posted, posted_all
from carnet.interfaces.portal.page import done, show
from carnet.interfaces.portal.presenters.carers import ANSWER, END, INVITE, SECOND, STOP, present_end, present_invite
from carnet.interfaces.portal.presenters.shell import PROFILES
from carnet.interfaces.portal.setting import language_for, language_of
from carnet.interfaces.portal.sources.carers import find_carer, name_of_helped, read_invited, read_wanted
from carnet.interfaces.portal.sources.journal import read_uuid
from carnet.interfaces.portal.sources.own_space import space_of
from carnet.journeys.api import answer_invitation_to, end_help, require_fresh, signed_in, stop_helping
from carnet.kernel.errors import Invalid, NotFound

FIELDS = ("matricule", "nom", "prenom", "naissance", "motif", "debut", "fin", "partie", "messages", "agenda", "declare")
PATHS = {"birth_name": "nom", "ends_at": "fin", "purpose": "motif"}


@get(INVITE, **open_to(Audience.PERSON))
async def ask_invite(request: Asked) -> Response[str]:
    """Show the form of an invitation. Letting somebody in is weighty: a fresh proof of identity is asked."""
    require_fresh(signed_in(request).session)
    return await show(
        request, "invite_carer.html", present_invite(language=language_of(request), form=Form()), current="profiles"
    )


@post(INVITE, status_code=303, **open_to(Audience.PERSON))
async def invite(request: Asked) -> Response[Any]:
    """Invite somebody to help. The answer is the same whether they exist or not."""
    who, form, at = signed_in(request), await posted(request), clock.now()
    require_fresh(who.session)
    withheld = await posted_all(request, "sauf")
    try:
        wanted = read_wanted(form, withheld, at=at)
        invited = await read_invited(form, signed_in=who)
        await invite_carer(actor=who.actor, space=space_of(who), invited=invited, wanted=wanted, at=at)
    except Invalid as refusal:
        again = _again(form, refusal, language_of(request), withheld)
        page = present_invite(language=language_of(request), form=again, chosen=frozenset(withheld))
        return await show(request, "invite_carer.html", page, current="profiles", status=400)
    return done(PROFILES, "invited")


@get(SECOND, **open_to(Audience.DELEGATE))
async def ask_second(request: Asked) -> Response[str]:
    """Show the form for the second representative of the child whose space this is."""
    who = signed_in(request)
    require_fresh(who.session)
    name = await name_of_helped(who, need=Need.INVITE_REPRESENTATIVE, at=clock.now())
    page = present_invite(language=language_of(request), form=Form(), second_parent=name)
    return await show(request, "invite_carer.html", page, current="profiles")


@post(SECOND, status_code=303, **open_to(Audience.DELEGATE))
async def invite_second(request: Asked) -> Response[Any]:
    """Invite the second representative."""
    who, form, at = signed_in(request), await posted(request), clock.now()
    require_fresh(who.session)
    try:
        invited = await read_invited(form, signed_in=who)
        await invite_representative(actor=who.actor, space=space_of(who), invited=invited, at=at)
    except Invalid as refusal:
        name = await name_of_helped(who, need=Need.INVITE_REPRESENTATIVE, at=at)
        again = _again(form, refusal, language_of(request), [])
        page = present_invite(language=language_of(request), form=again, second_parent=name)
        return await show(request, "invite_carer.html", page, current="profiles", status=400)
    return done(PROFILES, "invited")


@post(ANSWER, status_code=303, **open_to(Audience.PERSON))
async def answer_one(request: Asked) -> Redirect:
    """Say yes or no to an invitation; of a carer's yes, whom they help has a paper from the same instant."""
    who, form, at = signed_in(request), await posted(request), clock.now()
    chosen, accepted = read_uuid(form.get("qui", "")), form.get("reponse") == "oui"
    if chosen is None:
        raise NotFound
    await answer_invitation_to(
        signed_in=who, delegation=chosen, accepted=accepted, paper=partial(attestation, ended=False, at=at), at=at
    )
    return done(PROFILES, "accepted" if accepted else "refused")


@get(END, **open_to(Audience.PERSON))
async def ask_end(request: Asked) -> Response[str]:
    """Ask before somebody's help ends."""
    carer = read_uuid(request.query_params.get("qui", ""))
    one = await find_carer(signed_in=signed_in(request), carer=carer, at=clock.now())
    page = present_end(language=language_of(request), one=one)
    return await show(request, "pages/confirm.html", page, current="profiles")


@post(END, status_code=303, **open_to(Audience.PERSON))
async def end(request: Asked) -> Redirect:
    """End somebody's help."""
    who, at = signed_in(request), clock.now()
    chosen = read_uuid((await posted(request)).get("qui", ""))
    if chosen is None:
        raise NotFound
    try:
        await end_help(actor=who.actor, delegation=chosen, paper=partial(attestation, ended=True, at=at), at=at)
    except NotFound:
        return done(PROFILES, "gone")
    return done(PROFILES, "help-ended")


@post(STOP, status_code=303, **open_to(Audience.PERSON))
async def stop(request: Asked) -> Redirect:
    """Stop helping somebody."""
    chosen = read_uuid((await posted(request)).get("qui", ""))
    if chosen is None:
        raise NotFound
    at = clock.now()
    paper = partial(attestation, ended=True, at=at)
    await stop_helping(signed_in=signed_in(request), delegation=chosen, paper=paper, at=at)
    return done(PROFILES, "help-ended")


def attestation(line: DelegationLine, helped: str, *, ended: bool, at: datetime) -> tuple[str, bytes]:
    """Return the title and the pages of the attestation, in French: it is for others to read."""
    title = "Fin de l'aide" if ended else "Attestation d'aidant"
    return title, attestation_pdf(line, helped=helped, ended=ended, at=at, language=language_for("fr"))


def _again(form: dict[str, str], refusal: Invalid, language: Language, withheld: list[str]) -> Form:
    kept = {name: form.get(name, "") for name in FIELDS} | {"sauf": " ".join(withheld)}
    errors = (
        FieldError(PATHS.get(one.path or "", one.path or "matricule"), one.text(language.code))
        for one in refusal.problems
    )
    return Form(kept, tuple(errors))
