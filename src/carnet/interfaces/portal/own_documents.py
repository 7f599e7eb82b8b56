"""The person's own documents: adding one, changing what is said about it, deleting it."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from carnet.design.door import Asked
from carnet.design.language import PARIS
from carnet.design.parts import Form
from carnet.infra import clock, randomness
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.portal.forms import posted, uploaded
from carnet.interfaces.portal.page import done, show
from carnet.interfaces.portal.presenters.edit_document import (
    form_errors,
    present_deletion,
    present_document_form,
    present_new_document,
)
from carnet.interfaces.portal.setting import language_of, portal_of
from carnet.interfaces.portal.sources.document import gather_mine
from carnet.interfaces.portal.sources.documents import to_facts
from carnet.interfaces.portal.sources.own_space import space_of
from carnet.journeys.api import require_fresh, signed_in
from carnet.kernel.errors import Invalid
from carnet.records.api import (
    OwnDescription,
    add_own_document,
    ask_to_add,
    delete_document,
    edit_own_document,
    read_request_id,
)

FIELDS = ("titre", "categorie", "date", "depot")


@get("/documents/ajouter", **open_to(Audience.PERSON, Audience.DELEGATE))
async def ask_add(request: Asked) -> Response[str]:
    """Show the form to add a document; its id makes sending it twice harmless."""
    await _check_given(request)
    return await _show_new(request, Form({"depot": randomness.uuid4().hex}))


@post("/documents/ajouter", status_code=303, **open_to(Audience.PERSON, Audience.DELEGATE))
async def add(request: Asked) -> Response[Any]:
    """Add a document."""
    await _check_given(request)
    who, form = signed_in(request), await posted(request)
    try:
        receipt = await add_own_document(
            actor=who.actor,
            space=space_of(who),
            said=_said(form),
            files=await uploaded(request, "fichiers"),
            request_id=read_request_id(form.get("depot", "")),
            at=clock.now(),
        )
    except Invalid as refusal:
        return await _show_new(request, _again(request, form, refusal), status=400)
    return done(f"/documents/{receipt.documents[0].document_id.hex}", "added")


@get("/documents/{document:uuid}/modifier", **open_to(Audience.PERSON, Audience.DELEGATE))
async def ask_edit(request: Asked, document: FromPath[UUID]) -> Response[str]:
    """Show the form to change what is said about one's own document."""
    mine = await gather_mine(signed_in=signed_in(request), document=document, at=clock.now())
    facts = to_facts(mine, at=clock.now())
    form = Form({"titre": facts.title, "categorie": facts.category, "date": facts.about.isoformat()})
    return await _show_edit(request, document, form)


@post("/documents/{document:uuid}/modifier", status_code=303, **open_to(Audience.PERSON, Audience.DELEGATE))
async def edit(request: Asked, document: FromPath[UUID]) -> Response[Any]:
    """Change what is said about one's own document."""
    who, form = signed_in(request), await posted(request)
    try:
        await edit_own_document(
            actor=who.actor, space=space_of(who), document=document, said=_said(form), at=clock.now()
        )
    except Invalid as refusal:
        return await _show_edit(request, document, _again(request, form, refusal), status=400)
    return done(f"/documents/{document.hex}", "edited")


@get("/documents/{document:uuid}/supprimer", **open_to(Audience.PERSON, Audience.DELEGATE))
async def ask_delete(request: Asked, document: FromPath[UUID]) -> Response[str]:
    """Ask before one's own document is deleted; a proof of identity of the last minutes is needed."""
    require_fresh(signed_in(request).session)
    mine = await gather_mine(signed_in=signed_in(request), document=document, at=clock.now())
    page = present_deletion(language=language_of(request), document=to_facts(mine, at=clock.now()))
    return await show(request, "pages/confirm.html", page, current="documents")


@post("/documents/{document:uuid}/supprimer", status_code=303, **open_to(Audience.PERSON, Audience.DELEGATE))
async def delete(request: Asked, document: FromPath[UUID]) -> Response[Any]:
    """Delete one's own document."""
    who = signed_in(request)
    require_fresh(who.session)
    await delete_document(actor=who.actor, space=space_of(who), document=document, at=clock.now())
    return done("/documents", "deleted")


async def _check_given(request: Asked) -> None:
    """Refuse whoever acts for somebody and was not given their documents, before anything is asked of them."""
    who = signed_in(request)
    if who.session.acting is not None:
        await ask_to_add(actor=who.actor, space=space_of(who), at=clock.now())


def _said(form: dict[str, str]) -> OwnDescription:
    return OwnDescription(title=form.get("titre", ""), category=form.get("categorie", ""), about=form.get("date", ""))


def _again(request: Asked, form: dict[str, str], refusal: Invalid) -> Form:
    kept = {name: form.get(name, "") for name in FIELDS}
    return Form(kept, form_errors(refusal.problems, language_of(request)))


async def _show_new(request: Asked, form: Form, *, status: int = 200) -> Response[str]:
    page = present_new_document(
        language=language_of(request),
        form=form,
        today=clock.now().astimezone(PARIS).date(),
        max_bytes=portal_of(request).max_bytes,
    )
    return await show(request, "document_form.html", page, current="documents", status=status)


async def _show_edit(request: Asked, document: UUID, form: Form, *, status: int = 200) -> Response[str]:
    mine = await gather_mine(signed_in=signed_in(request), document=document, at=clock.now())
    page = present_document_form(
        language=language_of(request),
        document=to_facts(mine, at=clock.now()),
        form=form,
        today=clock.now().astimezone(PARIS).date(),
    )
    return await show(request, "document_form.html", page, current="documents", status=status)
