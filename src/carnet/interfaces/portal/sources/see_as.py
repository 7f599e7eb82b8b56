"""The space through a professional's eyes: the decision's own answers, beside the documents of their owner."""

from datetime import datetime

from carnet.access.api import Need, Viewer, see_as
from carnet.identity.api import SignedIn, professional, workplaces
from carnet.interfaces.portal.presenters.facts import PartyFacts
from carnet.interfaces.portal.presenters.see_as import SeeAsFacts, Seen
from carnet.interfaces.portal.sources.documents import own_documents, to_facts
from carnet.interfaces.portal.sources.own_rules import own_look
from carnet.interfaces.portal.sources.own_space import space_of
from carnet.kernel.decisions import Decision
from carnet.kernel.errors import NotFound


async def gather_seen_as(*, signed_in: SignedIn, rpps: str, place: str, at: datetime) -> SeeAsFacts:
    """Return what this professional would see, and why. Raises NotFound when the directory does not know them.

    place: FINESS of the organisation they would look from; the first of theirs when it is none of them.
    """
    async with own_look(signed_in, need=Need.MANAGE_ACCESS, at=at) as (opened, _):
        someone = await professional(opened, rpps)
        places = await workplaces(opened, rpps)
    if someone is None:
        raise NotFound
    here = next((one for one in places if one.finess == place), places[0] if places else None)
    viewer = Viewer(rpps=rpps, profession=someone.profession, organisation=here.finess if here else None)
    answer = await see_as(actor=signed_in.actor, space=space_of(signed_in), viewer=viewer, at=at)
    verdicts = {one.document_id: one.decision for one in answer.documents}
    documents = await own_documents(signed_in=signed_in, at=at)
    return SeeAsFacts(
        party=PartyFacts(
            id=f"p-{rpps}",
            kind="professional",
            name=someone.name,
            profession=someone.profession,
            organisation=here.name if here else "",
            town=someone.town or "",
        ),
        places=tuple((one.finess, one.name, one is here) for one in places),
        enters=answer.door.allowed,
        why_not=str(answer.door.reason or ""),
        documents=tuple(
            Seen(to_facts(one, at=at), verdicts[one.entry.document_id].allowed, _why(verdicts[one.entry.document_id]))
            for one in documents
            if one.entry.document_id in verdicts and one.entry.status == "current"
        ),
    )


def _why(decision: Decision) -> str:
    return str((decision.ground if decision.allowed else decision.reason) or "")
