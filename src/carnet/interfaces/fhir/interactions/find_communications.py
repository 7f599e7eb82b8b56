"""A professional collects what a person wrote to them: FHIR R4 read and search on Communication, own mailbox only.

Nobody there, nobody who wrote and somebody who may not are one empty answer, after as many round trips and the same
delay; so asking again costs nothing (decisions 0070, 0122). Documents of the record sent along are named only while
this professional may read them.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from litestar.types import ASGIApp

from carnet.identity.api import Ins
from carnet.infra import clock, randomness
from carnet.infra.installation import current
from carnet.infra.web.audience import Audience
from carnet.infra.web.even_time import even_out
from carnet.interfaces.fhir import reply
from carnet.interfaces.fhir.errors import malformed
from carnet.interfaces.fhir.interaction import AnyRequest, Interaction, Site, searches
from carnet.interfaces.fhir.interactions.colleague_communications import colleagues, mail_of, one_of_colleague
from carnet.interfaces.fhir.interactions.read_document import address_of
from carnet.interfaces.fhir.negotiation import check_acceptable, language_of, preference
from carnet.interfaces.fhir.resources.communication import communication_resource
from carnet.interfaces.fhir.scopes import actor_with_scope
from carnet.interfaces.fhir.search.cursor import ColleaguePage, CommunicationPage, open_page
from carnet.interfaces.fhir.search.links import next_link, self_link_of_nobody
from carnet.interfaces.fhir.search.pages import searchset
from carnet.interfaces.fhir.search.parameters import COMMUNICATIONS, CURSOR, PLAIN_RESULT
from carnet.interfaces.fhir.search.reading import (
    Asked,
    Subject,
    count_of,
    only_counted,
    pairs_of,
    read,
    required_subject,
    subject_of,
)
from carnet.journal.api import Act
from carnet.kernel.actors import Actor
from carnet.kernel.errors import NotFound, Refused
from carnet.kernel.ids import SpaceId, routable
from carnet.messaging.api import LettersToProfessional, LetterToProfessional, Mark, letter_to, letters_to
from carnet.records.api import MAX_COUNT, DocumentQuery, list_resources, refuse_unknown
from carnet.spaces.api import find_space


async def answer(request: AnyRequest, site: Site) -> ASGIApp:
    """Return a searchset of what the person, or colleagues, wrote to this professional, latest first."""
    at = clock.now()
    check_acceptable(request)
    actor = await actor_with_scope(request, resource="Communication", letter="s", act=Act.COLLECT_MESSAGES, at=at)
    strict = preference(request, "handling") == "strict"
    asked = read(await pairs_of(request), known=COMMUNICATIONS, strict=strict, result=PLAIN_RESULT)
    page = open_page(asked.cursor, actor=actor) if asked.cursor is not None else None
    if page is not None and not isinstance(page, ColleaguePage | CommunicationPage):
        raise malformed("cursor-unknown", "Ce lien mène ailleurs.", "This link leads elsewhere.", CURSOR)
    if isinstance(page, ColleaguePage) or "category" in asked.values:
        goes_on = page if isinstance(page, ColleaguePage) else None
        return await colleagues(asked, page=goes_on, actor=actor, site=site, language=language_of(request), at=at)
    return await _of_person(request, asked, page, actor=actor, site=site, at=at)


async def _of_person(
    request: AnyRequest, asked: Asked, page: CommunicationPage | None, *, actor: Actor, site: Site, at: datetime
) -> ASGIApp:
    subject = subject_of(asked, accepted_oids=current().limits.accepted_ins_oids)
    if page is not None:
        subject = Subject(space=SpaceId(page.space))
    elif (refusal := required_subject(subject)) is not None:
        raise refusal
    counted, count = only_counted(asked), page.count if page else max(count_of(asked, most=MAX_COUNT), 1)
    found = await _of(subject, actor=actor, after=page.after if page else None, count=count, at=at)
    shown = () if counted else found.letters
    visible = await _visible(shown, actor=actor, at=at)
    links = [self_link_of_nobody("Communication", asked, without="patient.identifier")]
    if shown and found.after is not None:
        goes_on = CommunicationPage(space=shown[0].space, count=count, after=found.after)
        links.append(next_link("Communication", goes_on, actor=actor))
    body = searchset(
        [
            (
                f"Communication/{routable(SpaceId(one.space), one.message)}",
                msgspec.json.encode(communication_resource(one, actor=actor, visible=visible)),
            )
            for one in shown
        ],
        site=site,
        links=links,
        total=found.total,
        warnings=asked.warnings,
        language=language_of(request),
    )
    return reply.fhir(body)


async def read_one(request: AnyRequest, _: Site) -> ASGIApp:
    """Return one message with its files; anybody else's does not exist."""
    at = clock.now()
    check_acceptable(request)
    actor = await actor_with_scope(request, resource="Communication", letter="r", act=Act.COLLECT_MESSAGES, at=at)
    if (mail := mail_of(request)) is not None:
        return await one_of_colleague(mail, actor=actor, at=at)
    space, message = address_of(request)
    found = await letter_to(actor=actor, space=space, message=message, at=at)
    if found is None:
        await refuse_unknown(actor=actor, act=Act.COLLECT_MESSAGES, at=at)
        await even_out(space.hex)
        raise NotFound
    visible = await _visible((found,), actor=actor, at=at)
    return reply.resource(communication_resource(found, actor=actor, visible=visible))


async def _of(subject: Subject, *, actor: Actor, after: Mark | None, count: int, at: datetime) -> LettersToProfessional:
    ins: Ins | None = subject.ins
    known = await find_space(ins) if ins else subject.space
    asked = known or SpaceId(randomness.uuid4())
    found = await letters_to(actor=actor, space=asked, after=after, count=count, at=at)
    if not found.total:
        await refuse_unknown(actor=actor, act=Act.COLLECT_MESSAGES, ins=ins, at=at)
        await even_out(ins.matricule if ins else asked.hex)
    return found


async def _visible(letters: tuple[LetterToProfessional, ...], *, actor: Actor, at: datetime) -> frozenset[UUID]:
    """Return which documents sent along this professional may read now; none when they may not read the record."""
    sent = {file.document for one in letters for file in one.attachments if file.document is not None}
    if not sent:
        return frozenset()
    query = DocumentQuery(ids=tuple(sorted(sent))[:MAX_COUNT], count=MAX_COUNT)
    try:
        listing = await list_resources(actor=actor, space=SpaceId(letters[0].space), query=query, at=at)
    except Refused:
        return frozenset()
    return frozenset(one.document_id for one in listing.entries)


SEARCHES: Final = searches(
    "Communication",
    answer=answer,
    audience=(Audience.PROFESSIONAL,),
    documentation="What a person, or a colleague, wrote to this professional's mailbox, latest first.",
)
READ: Final = Interaction(
    code="read",
    path="/Communication/{id:str}",
    methods=("GET",),
    answer=read_one,
    resource="Communication",
    audience=(Audience.PROFESSIONAL,),
    documentation="One message a person, or a colleague, wrote to this professional's own mailbox, with its files.",
)
