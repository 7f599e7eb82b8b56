"""Saying no without an account: the address the letter prints, its confirmation, its receipt, and changing one's mind.

Wrong codes get one answer and are counted (spaces); what a browser carries in between is a short-lived pass.
"""

from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect

from carnet.design.door import Asked
from carnet.infra import clock
from carnet.infra.installation import current
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.portal.forms import posted
from carnet.interfaces.portal.page import show
from carnet.interfaces.portal.presenters.enrolment import born_on, present_check, present_prove, present_standing
from carnet.interfaces.portal.receipt_pdf import receipt_pdf
from carnet.interfaces.portal.setting import language_of, portal_of
from carnet.interfaces.portal.visitors import SOMEBODY, keep_pass, shown_pass, source_of
from carnet.kernel.errors import Invalid, NotFound, Problem
from carnet.spaces.api import (
    Proof,
    check_receipt,
    object_on_line,
    prove_by_code,
    retract_on_line,
    see_standing,
)

SAY = "/opposition/dire"
_LONGEST = 200


@get("/opposition", **open_to(Audience.PUBLIC))
async def ask(request: Asked) -> Response[Any]:
    """Ask for the letter's code and the birth date."""
    return await _form(request)


@post("/opposition", status_code=303, **open_to(Audience.PUBLIC))
async def prove(request: Asked) -> Response[Any]:
    """Check them; whoever is right may say no on the next page."""
    typed = {name: value[:_LONGEST] for name, value in (await posted(request)).items()}
    proof = Proof(code=typed.get("code", ""), born=born_on(typed.get("naissance", "")), source=source_of(request))
    try:
        given = await prove_by_code(actor=SOMEBODY, proof=proof, at=clock.now())
    except Invalid as refusal:
        return await _form(request, typed=typed, problems=refusal.problems, status=400)
    return Redirect(SAY, status_code=303, cookies=[keep_pass(request, given)])


@get(SAY, **open_to(Audience.PUBLIC))
async def standing(request: Asked) -> Response[Any]:
    """Show where somebody stands and what they may say."""
    shown, at = shown_pass(request), clock.now()
    found = await see_standing(actor=SOMEBODY, shown=shown, at=at) if shown else None
    if found is None:
        return Redirect("/opposition", status_code=303)
    said = check_receipt(current().house_key, request.query_params.get("jeton", "")[:_LONGEST])
    page = present_standing(language=language_of(request), standing=found, said=said)
    return await show(request, "opposition_say.html", page)


@post("/opposition/refuser", status_code=303, **open_to(Audience.PUBLIC))
async def refuse(request: Asked) -> Response[Any]:
    """Record the objection; the next page gives its receipt."""
    return await _say(request, object_on_line)


@post("/opposition/revenir", status_code=303, **open_to(Audience.PUBLIC))
async def come_back(request: Asked) -> Response[Any]:
    """Take it back: the space opens at once."""
    return await _say(request, retract_on_line)


@get("/opposition/recepisse", **open_to(Audience.PUBLIC))
async def paper(request: Asked) -> Response[bytes]:
    """Return the receipt on paper, from its number alone."""
    receipt = check_receipt(current().house_key, request.query_params.get("jeton", "")[:_LONGEST])
    if receipt is None:
        raise NotFound
    base = portal_of(request).web.base_url
    pdf = receipt_pdf(receipt, address=f"{base}/verifier", language=language_of(request))
    headers = {"Content-Disposition": 'attachment; filename="recepisse.pdf"', "Cache-Control": "no-store"}
    return Response(pdf, media_type="application/pdf", headers=headers)


@get("/verifier", **open_to(Audience.PUBLIC))
async def check(request: Asked) -> Response[Any]:
    """Tell whether a receipt is ours and what it proves. It names nobody, so anybody may ask."""
    typed = request.query_params.get("jeton", "").strip()[:_LONGEST]
    receipt = check_receipt(current().house_key, typed) if typed else None
    page = present_check(language=language_of(request), typed=typed, receipt=receipt)
    return await show(request, "verify_receipt.html", page)


async def _say(request: Asked, say: Any) -> Response[Any]:
    shown = shown_pass(request)
    if shown is None:
        return Redirect("/opposition", status_code=303)
    receipt = await say(actor=SOMEBODY, proof=shown, at=clock.now())
    return Redirect(f"{SAY}?jeton={receipt.token}", status_code=303)


async def _form(
    request: Asked,
    *,
    typed: dict[str, str] | None = None,
    problems: tuple[Problem, ...] = (),
    status: int = 200,
) -> Response[str]:
    page = present_prove(
        language=language_of(request),
        opening=False,
        card=False,
        provider=portal_of(request).provider if portal_of(request).signs_in else "",
        typed=typed,
        problems=problems,
    )
    return await show(request, "prove.html", page, status=status)
