"""A professional records that the person was informed and agrees: a Consent that permits. R1111-46 CSP; DMP TD0.3.

An explicit act of a natural person, which the person is told of at once. It may be a minor's secret one (mes.md P12,
decision 0132), as on the professional's page. It begins now: a consent for later is the
person's own to give. What a Consent may say is in `resources.consent`.
"""

from datetime import datetime, timedelta

from litestar.types import ASGIApp

from carnet.access.api import OwnConsent, own_consents, record_consent
from carnet.infra import clock
from carnet.infra.installation import current
from carnet.infra.web.audience import Audience
from carnet.interfaces.fhir import reply
from carnet.interfaces.fhir.interaction import AnyRequest, Interaction, Site
from carnet.interfaces.fhir.json_input import check_media_type, parse, read_body
from carnet.interfaces.fhir.negotiation import check_acceptable
from carnet.interfaces.fhir.resources.consent import GivenConsent, consent_resource, read_consent
from carnet.interfaces.fhir.scopes import actor_with_scope
from carnet.interfaces.fhir.search.reading import Subject
from carnet.interfaces.fhir.search.space import space_of
from carnet.journal.api import Act
from carnet.kernel.errors import Invalid, Problem
from carnet.records.api import journalled_input

_LIMIT = 64 * 1024
_LATER = Problem(
    "starts-later",
    "Un accord enregistré par un professionnel commence tout de suite.",
    "An agreement recorded by a professional begins at once.",
    "Consent.provision.period.start",
)


async def answer(request: AnyRequest, site: Site) -> ASGIApp:
    """Return 201 with the Consent as recorded and its address."""
    at = clock.now()
    actor = await actor_with_scope(request, resource="Consent", letter="c", act=Act.RECORD_CONSENT, at=at)
    async with journalled_input(actor=actor, act=Act.RECORD_CONSENT, at=at):
        given = await _read(request, at=at)
        subject = Subject(ins=given.claim.ins, space=None if given.claim.ins else given.claim.space)
        space = await space_of(subject, actor=actor, act=Act.RECORD_CONSENT, at=at)
    recorded = await record_consent(
        actor=actor,
        space=space,
        ends_at=given.ends_at,
        scope=given.scope,
        code=given.code,
        secret=given.secret,
        at=at,
    )
    lines = await own_consents(actor=actor, space=space, at=at)
    line: OwnConsent = next(one for one in lines if one.authorisation_id == recorded)
    resource = consent_resource(line, space=space, actor=actor, at=at)
    location = site.url(f"Consent/{resource['id']}").encode()
    return reply.resource(resource, status=201, headers=((b"location", location),))


async def _read(request: AnyRequest, *, at: datetime) -> GivenConsent:
    limits = current().limits
    check_media_type(request)
    check_acceptable(request)
    given = read_consent(parse(await read_body(request, limit=_LIMIT)), accepted_oids=limits.accepted_ins_oids)
    if given.starts_at is not None and given.starts_at > at + timedelta(seconds=limits.future_seconds):
        raise Invalid(_LATER)
    return given


INTERACTION = Interaction(
    code="create",
    path="/Consent",
    methods=("POST",),
    answer=answer,
    resource="Consent",
    audience=(Audience.PROFESSIONAL,),
    documentation="The person's agreement to be read by the professional who records it, or by their care team.",
)
