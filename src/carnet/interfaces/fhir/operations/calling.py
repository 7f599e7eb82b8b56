"""What every operation about a patient begins with: scope, JSON, Parameters, and the space it is about."""

from collections.abc import Iterable
from datetime import datetime

from carnet.infra.installation import current
from carnet.interfaces.fhir.interaction import AnyRequest
from carnet.interfaces.fhir.json_input import check_media_type, parse, read_body
from carnet.interfaces.fhir.negotiation import check_acceptable
from carnet.interfaces.fhir.resources.parameters import Given
from carnet.interfaces.fhir.search.reading import Subject
from carnet.interfaces.fhir.search.space import space_of
from carnet.journal.api import Act
from carnet.kernel.actors import Actor
from carnet.kernel.ids import SpaceId

LIMIT = 64 * 1024


async def given_in(request: AnyRequest, *, known: Iterable[str]) -> Given:
    """Return the parameters of a call. Raises Malformed, Unsupported, TooLarge, MediaTypeRefused, NotAcceptable."""
    check_media_type(request)
    check_acceptable(request)
    return Given(parse(await read_body(request, limit=LIMIT)), known=known)


async def space_in(given: Given, *, actor: Actor, act: Act, at: datetime) -> SpaceId:
    """Return the space the call is about. Raises Invalid, Refused (as for a closed space), TooMany."""
    claim = given.patient(accepted_oids=current().limits.accepted_ins_oids)
    subject = Subject(ins=claim.ins, space=None if claim.ins else claim.space)
    return await space_of(subject, actor=actor, act=act, at=at)
