"""What may be shown of a space's notifications, now? The one predicate every list, count, change and e-mail uses.

A line about a document stands or falls with the document: hidden, gone or forbidden since, it is absent everywhere.
"""

from datetime import datetime
from typing import Any

from carnet.access.api import READER, reader
from carnet.access.api import VISIBLE as DOCUMENT_VISIBLE
from carnet.kernel.actors import Actor
from carnet.kernel.ids import SpaceId

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
# ## Is this line no secret of a minor, whose mailbox may be a parent's? Needs `minor` ##
MAILABLE = f"""
NOT (%(minor)s AND ({KEPT_FROM_PARENTS} OR (coalesce(d.invisible_representants, false)
  AND EXISTS (SELECT FROM authorisation z WHERE z.space_id = n.space_id AND z.secret))))
"""


def shown_to(actor: Actor, *, space: SpaceId, at: datetime) -> dict[str, Any]:
    """Return the parameters of `WITH_READER` and `SHOWN`."""
    return {"space": space, "at": at, **reader(actor, at=at).params()}
