"""What may be shown of a space's notifications, now? The one predicate every list, count, change and e-mail uses.

A line about a document stands or falls with the document: hidden, gone or forbidden since, it is absent everywhere.
"""

from datetime import datetime
from typing import Any

from carnet.access.api import READER, reader
from carnet.access.api import VISIBLE as DOCUMENT_VISIBLE
from carnet.kernel.actors import Actor
from carnet.kernel.ids import SpaceId
from carnet.notifications.data import NoticeCode

WITH_READER = f"WITH {READER}"
# ## Lines of the list with their document; needs `reader` ##
LINES = """
notification n CROSS JOIN reader
LEFT JOIN document d ON d.space_id = n.space_id AND d.document_id = n.document_id
"""
# ## May this line be known of? ##
SHOWN = f"""
(n.space_id = %(space)s AND reader.open AND %(reader_side)s = 'person'
 AND (n.document_id IS NULL OR (d.document_id IS NOT NULL AND {DOCUMENT_VISIBLE})))
"""
# ## Did what this line tells of happen under a minor's secret consent to the one it names? (decision 0132) ##
KEPT_FROM_PARENTS = """
EXISTS (SELECT FROM authorisation z WHERE z.space_id = n.space_id AND z.secret AND z.rpps = n.grantee
  AND z.starts_at <= n.created_at AND coalesce(z.ended_at, z.ends_at, 'infinity') >= n.created_at)
"""
# ## Is it about an entry of the agenda that a minor keeps to themselves? One gone since may have been such ##
_OF_THEIR_OWN_AGENDA = f"""
(n.code IN ('{NoticeCode.RAPPEL_AGENDA}', '{NoticeCode.RAPPEL_RDV_USAGER}') AND EXISTS (SELECT FROM delegation g
  WHERE g.space_id = n.space_id AND g.kind = 'representative' AND g.ended_at IS NULL AND g.discreet_from <= n.created_at
    AND NOT EXISTS (SELECT FROM agenda_entry e WHERE e.space_id = n.space_id
      AND starts_with(n.event_key, 'agenda/' || e.entry_id::text || '/')
      AND (e.by_delegation IS NOT NULL OR e.recorded_at < g.discreet_from))))
"""
# ## Is this line no secret of a minor, whose mailbox may be a parent's? Needs `minor` ##
MAILABLE = f"""
NOT (%(minor)s AND ({KEPT_FROM_PARENTS} OR {_OF_THEIR_OWN_AGENDA} OR (coalesce(d.invisible_representants, false)
  AND EXISTS (SELECT FROM authorisation z WHERE z.space_id = n.space_id AND z.secret))))
"""


def shown_to(actor: Actor, *, space: SpaceId, at: datetime) -> dict[str, Any]:
    """Return the parameters of `WITH_READER` and `SHOWN`."""
    return {"space": space, "at": at, **reader(actor, at=at).params()}
