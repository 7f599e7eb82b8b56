"""A version as a reader knows it who may not know of every other version: as if those had never come.

The versions of a document share its codes, not its type, category, day or author, which hide some of them from some
readers. A successor nobody may know of replaces nothing: the one before it is the current one, changed when it was
changed itself. One that came after a version nobody may know of replaces the last they know, and is counted from there.
A successor that was taken back replaced it all the same: taking back is no hiding. Decision 0130.

`LINEAGE` joins after `d` and `reader`; nothing is looked up for a document that has one version.
"""

import re

from carnet.access.queries.visibility import VISIBLE

_TAKEN_BACK = "d.status <> 'deleted' AND"


def ever_known(visible: str) -> str:
    """Return `visible` asked of version `n`, taken back or not."""
    return re.sub(r"\bd\.", "n.", visible.replace(_TAKEN_BACK, ""))


EVER_KNOWN = ever_known(VISIBLE)
# ## When the first later version came that the reader may know of; those before it that they may, the last first ##
LINEAGE = f"""
CROSS JOIN LATERAL (
  SELECT min(n.received_at) FILTER (WHERE n.version > d.version) AS replaced_at,
    array_agg(n.document_id ORDER BY n.version DESC) FILTER (WHERE n.version < d.version) AS before
  FROM document n
  WHERE (d.version > 1 OR d.status = 'superseded') AND n.space_id = d.space_id AND n.logical_id = d.logical_id
    AND n.version <> d.version AND {EVER_KNOWN}) near
"""
_ALONE = "d.status = 'superseded' AND near.replaced_at IS NULL"
KNOWN_STATUS = f"CASE WHEN {_ALONE} THEN 'current' ELSE d.status END"
KNOWN_VERSION = "1 + coalesce(cardinality(near.before), 0)"
KNOWN_CHANGED = """
CASE WHEN d.superseded_at IS NULL THEN d.changed_at
  ELSE greatest(coalesce(d.touched_at, d.changed_at), near.replaced_at) END
"""
KNOWN_RESOURCE_VERSION = f"d.resource_version - CASE WHEN {_ALONE} THEN 1 ELSE 0 END"
# ## What the stored resource must say instead for this reader; null for nearly every document ##
AMENDED = f"""
CASE WHEN (d.status = 'superseded' AND near.replaced_at IS DISTINCT FROM d.superseded_at)
    OR d.version <> {KNOWN_VERSION}
  THEN jsonb_build_object('status', {KNOWN_STATUS}, 'version', {KNOWN_RESOURCE_VERSION},
    'changed_at', {KNOWN_CHANGED}, 'replaces', near.before[1]) END
"""
