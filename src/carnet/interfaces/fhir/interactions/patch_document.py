"""What hides a document, taking it back, filing it away, by JSON Patch: DMP TD3.3 a to d, RFC 6902 (decision 0243).

What is asked for is read in `patch_words`; who may is decided where each act is (`records`), as for
`$set-confidentiality` and DELETE. The guide gives neither delay nor reason for what is kept from its person: it waits
to be announced, as long as a depositor may hold it. The answer says what is done and holds nothing of the document: who
may change it may not therefore read. Who may, and asks for the document (`Prefer: return=representation`, FHIR R4
§3.1.0.1.9), gets it as a read gives it.
"""

import contextlib
from typing import Any, Final

from litestar.types import ASGIApp

from carnet.infra import clock
from carnet.infra.installation import current
from carnet.interfaces.fhir import reply
from carnet.interfaces.fhir.errors import MediaTypeRefused, VersionPassed, malformed
from carnet.interfaces.fhir.interaction import AnyRequest, Interaction, Site
from carnet.interfaces.fhir.interactions import read_document
from carnet.interfaces.fhir.interactions.patch_words import Wanted, wanted_by
from carnet.interfaces.fhir.interactions.read_document import address_of
from carnet.interfaces.fhir.json_input import parse, read_body
from carnet.interfaces.fhir.negotiation import check_acceptable, language_of, preference
from carnet.interfaces.fhir.outcome import operation_outcome
from carnet.interfaces.fhir.scopes import actor_with_scope
from carnet.journal.api import Act
from carnet.kernel.errors import NotFound, Problem, Refused
from carnet.records.api import (
    HoldReason,
    archive_document,
    delete_document,
    hold_document,
    journalled_input,
    keep_from_representatives,
    lift_codes,
    mask_document,
)

JSON_PATCH: Final = "application/json-patch+json"
_LIMIT: Final = 16 * 1024
_KIND: Final = Problem(
    "media-type",
    f"Le corps d'un PATCH doit être du JSON Patch ({JSON_PATCH}).",
    f"The body of a PATCH must be JSON Patch ({JSON_PATCH}).",
)
_NO_VERSION: Final = Problem(
    "version-not-compared",
    "If-Match n'est pas comparé ici : demander deux fois revient au même.",
    "If-Match is not compared here: asking twice comes to the same.",
)
_DONE: Final = {
    Wanted.ARCHIVED: Problem("archived", "Le document est archivé.", "The document is archived."),
    Wanted.NOT_ARCHIVED: Problem(
        "not-archived", "Le document n'est plus archivé.", "The document is no longer archived."
    ),
    Wanted.DELETED: Problem("deleted", "Le document est supprimé.", "The document is deleted."),
    Wanted.MASKED: Problem(
        "masked", "Le document est masqué aux professionnels.", "The document is masked from professionals."
    ),
    Wanted.FROM_PERSON: Problem(
        "held", "Le document attend d'être annoncé à la personne.", "The document waits to be announced to its person."
    ),
    Wanted.FROM_REPRESENTATIVES: Problem(
        "kept-from-representatives",
        "Le document n'est pas visible des représentants légaux.",
        "The document is not visible to legal representatives.",
    ),
    Wanted.SHOWN: Problem(
        "shown",
        "Le document n'est ni masqué aux professionnels, ni caché à la personne.",
        "The document is neither masked from professionals nor hidden from its person.",
    ),
}


async def answer(request: AnyRequest, site: Site) -> ASGIApp:
    """Return an OperationOutcome once it is durable; the document, to who asks for it and may read it."""
    at = clock.now()
    act = Act.MASK_DOCUMENT
    actor = await actor_with_scope(request, resource="DocumentReference", letter="u", act=act, at=at)
    space, document = address_of(request)
    async with journalled_input(actor=actor, act=act, at=at):
        check_acceptable(request)
        wanted = await _wanted(request)
    if wanted is Wanted.DELETED:
        delete = Act.DELETE_DOCUMENT
        await actor_with_scope(request, resource="DocumentReference", letter="d", act=delete, at=at)
    await _change(wanted, {"actor": actor, "space": space, "document": document, "at": at})
    if preference(request, "return") == "representation":
        with contextlib.suppress(NotFound, Refused):
            return await read_document.answer(request, site)
    body = operation_outcome(
        (_DONE[wanted],), language=language_of(request), code="informational", severity="information"
    )
    return reply.fhir(body)


async def _change(wanted: Wanted, which: dict[str, Any]) -> None:
    """Do what is asked for. which: actor, space, document, at. Raises as each act does."""
    match wanted:
        case Wanted.ARCHIVED | Wanted.NOT_ARCHIVED:
            await archive_document(**which, archived=wanted is Wanted.ARCHIVED)
        case Wanted.DELETED:
            await delete_document(**which)
        case Wanted.MASKED:
            await mask_document(**which)
        case Wanted.FROM_PERSON:
            days = current().limits.access.hold_days
            await hold_document(**which, days=days, reason=HoldReason.TO_ANNOUNCE)
        case Wanted.FROM_REPRESENTATIVES:
            await keep_from_representatives(**which)
        case Wanted.SHOWN:
            await lift_codes(**which)


async def _wanted(request: AnyRequest) -> Wanted:
    """Return what the patch asks for. Raises MediaTypeRefused, VersionPassed, Malformed, TooLarge, Unsupported."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON_PATCH:
        raise MediaTypeRefused(_KIND)
    if "if-match" in request.headers:
        raise VersionPassed(_NO_VERSION)
    body = await read_body(request, limit=_LIMIT)
    tree = parse(b'{"patch":%s}' % body)
    patch = tree["patch"]
    if len(tree) > 1 or not isinstance(patch, list) or not all(isinstance(one, dict) for one in patch):
        raise malformed("patch-malformed", "Un JSON Patch est une liste.", "A JSON Patch is a list.")
    return wanted_by(patch)


INTERACTION = Interaction(
    code="patch",
    path="/DocumentReference/{id:str}",
    methods=("PATCH",),
    answer=answer,
    resource="DocumentReference",
    documentation="DMP TD3.3 by JSON Patch: securityLabel (a, b), status entered-in-error (c), isArchived (d).",
)
