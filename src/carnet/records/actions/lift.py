"""Showing again what is hidden, whatever hides it: for software that says only "normal" (DMP TD3.3a and b, by PATCH).

Which of the two acts it is, the codes in force say, to the organisation the document came from, which knows them.
Anybody else is answered as whoever unmasks: asking with one word must tell no more than asking with the right one. What
was kept from representatives stays so.
"""

from datetime import datetime
from uuid import UUID

from carnet.infra.db import work
from carnet.kernel.actors import Actor
from carnet.kernel.ids import SpaceId
from carnet.records.actions.confidentiality import reveal_document
from carnet.records.actions.release import release_document

_OWN = """
SELECT masque_ps, invisible_patient FROM document
WHERE space_id = %(space)s AND document_id = %(document)s AND author_finess = %(finess)s
"""


async def lift_codes(*, actor: Actor, space: SpaceId, document: UUID, at: datetime) -> None:
    """Show the person what was kept from them, or professionals what was masked. Raises as these two do."""
    async with work(space=space, at=at) as w:
        own = await w.row(_OWN, {"space": space, "document": document, "finess": actor.organisation})
    masked, kept_from_person = own or (False, False)
    # to software nothing is masked by its own hand: asked again, nothing happens
    show_person = own is not None and not masked and (kept_from_person or actor.rpps is None)
    change = release_document if show_person else reveal_document
    await change(actor=actor, space=space, document=document, at=at)
