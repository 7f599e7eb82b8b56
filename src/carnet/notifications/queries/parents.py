"""Who represents the person of a space, and may they know of this line? Decided as everything they look at."""

from datetime import date
from uuid import UUID

from carnet.access.api import READER, VISIBLE, DelegationLine, Need, delegations, look_in, reader
from carnet.infra.db import Work
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.legal_day import legal_day
from carnet.notifications.data import NoticeCode
from carnet.notifications.queries.shown import KEPT_FROM_PARENTS
from carnet.spaces.api import keys_in

_OF_A_CHILD = frozenset(
    {
        NoticeCode.AJOUT_DOCUMENT,
        NoticeCode.MODIF_DOCUMENT,
        NoticeCode.REMISE_VISIBILITE_AUTO,
        NoticeCode.ACCES_DMP_PS,
        NoticeCode.ACCES_BRIS_GLACE,
        NoticeCode.BLOCAGE_ACCES,
    }
)
_OF_THE_AGENDA = frozenset({NoticeCode.RAPPEL_AGENDA, NoticeCode.RAPPEL_RDV_USAGER})
_LINE = "SELECT code, created_at FROM notification WHERE space_id = %(space)s AND notification_id = %(id)s"
# ## May a representative know of what this line is about? ##
_MAY_KNOW = f"""
WITH {READER} SELECT 1 FROM notification n CROSS JOIN reader
LEFT JOIN document d ON d.space_id = n.space_id AND d.document_id = n.document_id
WHERE n.space_id = %(space)s AND n.notification_id = %(id)s
  AND NOT {KEPT_FROM_PARENTS}
  AND (n.document_id IS NULL OR (d.document_id IS NOT NULL AND {VISIBLE}))
"""


async def parents_who_may_know(w: Work, notification: UUID) -> tuple[date, list[DelegationLine]]:
    """Return the day of a line of the space's list, and who represents its person and may know of it; of one about the
    agenda, the carers it was given to as well.
    """
    found: list[DelegationLine] = []
    row = await w.row(_LINE, {"space": w.space_id, "id": notification})
    if row is None or row[0] not in _OF_A_CHILD | _OF_THE_AGENDA:
        return legal_day(w.at), found
    for line in await delegations(w, keys=await keys_in(w)):
        actor = Actor(
            kind=ActorKind(line.kind),
            identifier="representative",
            name="",
            strong=True,
            acts_for=w.space_id,
            delegation=line.delegation_id,
        )
        need = Need.READ_AGENDA if line.kind == "carer" and row[0] in _OF_THE_AGENDA else Need.READ_JOURNAL
        if not (await look_in(w, actor=actor)).decide(need).allowed:
            continue
        params = {"space": w.space_id, "at": w.at, **reader(actor, at=w.at).params(), "id": notification}
        if await w.row(_MAY_KNOW, params):
            found.append(line)
    return legal_day(row[1]), found
