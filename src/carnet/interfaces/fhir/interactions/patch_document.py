"""Filing a document away by a patch of its `isArchived` extension: DMP TD3.3d, PDSm (update of metadata), RFC 6902.

Nothing else of a document is patched: what hides it is `$set-confidentiality`, taking it back is DELETE. The answer
says that it is done and holds nothing of the document: who may file away may not therefore read. Who may, and asks for
the document (`Prefer: return=representation`, FHIR R4 §3.1.0.1.9), gets it as a read gives it.
"""

import contextlib
from typing import Any, Final

from litestar.types import ASGIApp

from carnet.infra import clock
from carnet.interfaces.fhir import reply
from carnet.interfaces.fhir.errors import MediaTypeRefused, VersionPassed, malformed
from carnet.interfaces.fhir.interaction import AnyRequest, Interaction, Site
from carnet.interfaces.fhir.interactions import read_document
from carnet.interfaces.fhir.interactions.read_document import address_of
from carnet.interfaces.fhir.json_input import parse, read_body
from carnet.interfaces.fhir.negotiation import check_acceptable, language_of, preference
from carnet.interfaces.fhir.outcome import operation_outcome
from carnet.interfaces.fhir.scopes import actor_with_scope
from carnet.journal.api import Act
from carnet.kernel.errors import NotFound, Problem, Refused, Unsupported
from carnet.records.api import IS_ARCHIVED, archive_document, journalled_input

JSON_PATCH: Final = "application/json-patch+json"
_LIMIT: Final = 16 * 1024
_NAMED: Final = f"/extension[url:'{IS_ARCHIVED}']/valueBoolean"
"""How PDSm for the DMP writes the place (TD3.3d)."""
_ADDED: Final = "/extension/-"
"""And how RFC 6901 does: an extension at the end."""
_KIND: Final = Problem(
    "media-type",
    f"Le corps d'un PATCH doit être du JSON Patch ({JSON_PATCH}).",
    f"The body of a PATCH must be JSON Patch ({JSON_PATCH}).",
)
_ONLY: Final = Problem(
    "patch-not-offered",
    "Seule l'extension isArchived peut être modifiée ainsi, par une seule opération replace ou add.",
    "Only the extension isArchived can be changed this way, by one operation replace or add.",
)
_NO_VERSION: Final = Problem(
    "version-not-compared",
    "If-Match n'est pas comparé ici : archiver deux fois revient au même.",
    "If-Match is not compared here: archiving twice comes to the same.",
)
_DONE: Final = {
    True: Problem("archived", "Le document est archivé.", "The document is archived."),
    False: Problem("not-archived", "Le document n'est plus archivé.", "The document is no longer archived."),
}


async def answer(request: AnyRequest, site: Site) -> ASGIApp:
    """Return an OperationOutcome once it is durable; the document, to who asks for it and may read it."""
    at = clock.now()
    act = Act.ARCHIVE_DOCUMENT
    actor = await actor_with_scope(request, resource="DocumentReference", letter="u", act=act, at=at)
    space, document = address_of(request)
    async with journalled_input(actor=actor, act=act, at=at):
        check_acceptable(request)
        archived = await _wanted(request)
    await archive_document(actor=actor, space=space, document=document, archived=archived, at=at)
    if preference(request, "return") == "representation":
        with contextlib.suppress(NotFound, Refused):
            return await read_document.answer(request, site)
    body = operation_outcome(
        (_DONE[archived],), language=language_of(request), code="informational", severity="information"
    )
    return reply.fhir(body)


async def _wanted(request: AnyRequest) -> bool:
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
    wanted = _said(patch[0]) if len(patch) == 1 else None
    if not isinstance(wanted, bool):
        raise Unsupported(_ONLY)
    return wanted


def _said(operation: dict[str, Any]) -> Any:
    """Return the value one operation gives the extension, None when it is about anything else."""
    kind, path, value = (operation.get(name) for name in ("op", "path", "value"))
    if path == _NAMED and kind in ("replace", "add"):  # a tuple: what was sent may have no hash
        return value
    if kind == "add" and path == _ADDED and isinstance(value, dict) and value.keys() == {"url", "valueBoolean"}:
        return value["valueBoolean"] if value["url"] == IS_ARCHIVED else None
    return None


INTERACTION = Interaction(
    code="patch",
    path="/DocumentReference/{id:str}",
    methods=("PATCH",),
    answer=answer,
    resource="DocumentReference",
    documentation="Filed away or taken out again (isArchived, DMP TD3.3d), by the author's organisation: JSON Patch.",
)
