"""ITI-105 Simplified Publish: one DocumentReference with its content inside. IHE MHD 4.2 §2:3.105.

No submission set is made up: what came alone came alone.
"""

from litestar.types import ASGIApp

from carnet.infra import clock
from carnet.infra.installation import current
from carnet.interfaces.fhir import reply
from carnet.interfaces.fhir.interaction import AnyRequest, Interaction, Site
from carnet.interfaces.fhir.interactions.read_document import version_tag
from carnet.interfaces.fhir.json_input import body_limit, check_media_type, parse, read_body
from carnet.interfaces.fhir.negotiation import check_acceptable, language_of, preference
from carnet.interfaces.fhir.outcome import operation_outcome
from carnet.interfaces.fhir.probing import counting_deposit
from carnet.interfaces.fhir.resources.document_reference import Sent, read_document_reference
from carnet.interfaces.fhir.resources.elements import Node
from carnet.interfaces.fhir.resources.patient import required_ins
from carnet.interfaces.fhir.resources.references import Entries
from carnet.interfaces.fhir.scopes import actor_with_scope
from carnet.journal.api import Act
from carnet.kernel.errors import Problem
from carnet.kernel.ids import routable
from carnet.records.api import Deposit, deposit, establish, journalled_input

ACCEPTED = Problem("accepted", "Le document est enregistré.", "The document is stored.")


async def answer(request: AnyRequest, site: Site) -> ASGIApp:
    """Return 201 with the stored DocumentReference, or 200 when the same document was there already."""
    at = clock.now()
    actor = await actor_with_scope(request, resource="DocumentReference", letter="c", act=Act.DEPOSIT_DOCUMENT, at=at)
    async with journalled_input(actor=actor, act=Act.DEPOSIT_DOCUMENT, at=at):
        sent = await _read(request)
        ins = required_ins(sent.claim, path="DocumentReference.subject")
        established = await establish(actor=actor, declared=sent.declared, ins=ins, at=at)
    given = Deposit(
        ins=ins, traits=established.traits, documents=(established.document,), claimed_space=sent.claim.space
    )
    async with counting_deposit(actor, ins, at=at):
        receipt = await deposit(actor=actor, deposit=given, at=at)
    stored = receipt.documents[0]
    location = site.url(f"DocumentReference/{routable(receipt.space, stored.document_id)}")
    headers = ((b"location", location.encode()), (b"etag", version_tag(stored.resource_version)))
    status = 201 if stored.created else 200
    wanted = preference(request, "return")
    if wanted == "operationoutcome":
        warnings = (*established.warnings, *sent.warnings)
        severity = "warning" if warnings else "information"
        outcome = operation_outcome(
            warnings or (ACCEPTED,), language=language_of(request), code="informational", severity=severity
        )
        return reply.fhir(outcome, status=status, headers=headers)
    if wanted == "minimal" or not stored.created:
        # what became of it since may be hidden from whoever sends it again
        return reply.nothing(status, headers=headers)
    return reply.fhir(stored.resource, status=status, headers=headers)


async def _read(request: AnyRequest) -> Sent:
    limits = current().limits
    check_media_type(request)
    check_acceptable(request)
    tree = parse(await read_body(request, limit=body_limit(limits.software_document_bytes)))
    resource = Node(tree, "DocumentReference")
    return read_document_reference(resource, Entries(), accepted_oids=limits.accepted_ins_oids)


INTERACTION = Interaction(
    code="create",
    path="/DocumentReference",
    methods=("POST",),
    answer=answer,
    resource="DocumentReference",
    documentation="ITI-105: one DocumentReference with its content in attachment.data.",
)
