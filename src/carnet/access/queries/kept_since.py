"""What did the person keep from an addressee since they sent them something? Asked before it leaves (decision 0228).

Sending overrides what was so then, so only what was said since counts: a block of whoever the mailbox belongs to or of
where they work, a wish about the document, the mask, the deletion. Reading is decided by `decide`; this is about a copy
that is not read here.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from carnet.infra.db import Work


class KeptBy(StrEnum):
    """What keeps a document: the addressee is blocked; the document is deleted, masked, hidden or kept from them."""

    BLOCK = "block"
    DOCUMENT = "document"


# ## Whose mailbox it is as the directory says, nobody's if it says nothing; what was said since the sending ##
_SINCE: Final = """
WITH addressee AS (
  SELECT p.rpps, p.profession,
    array_append(ARRAY(SELECT s.finess FROM professional_situation s WHERE s.rpps = p.rpps), m.finess) AS places
  FROM (VALUES (%(address)s::text)) asked (address)
  LEFT JOIN mss_mailbox m USING (address) LEFT JOIN professional p ON p.rpps = m.rpps
)
SELECT
  EXISTS (SELECT FROM authorisation z
    WHERE z.space_id = %(space)s AND z.effect = 'block' AND z.ended_at IS NULL
      AND z.starts_at BETWEEN %(since)s AND %(at)s AND (z.ends_at IS NULL OR z.ends_at > %(at)s)
      AND (z.rpps = addressee.rpps OR z.finess = ANY(addressee.places))),
  EXISTS (SELECT FROM unnest(%(documents)s::uuid[], %(masked)s::boolean[]) AS sent (document_id, masked)
    LEFT JOIN document d ON d.space_id = %(space)s AND d.document_id = sent.document_id
    WHERE d.document_id IS NULL OR d.status = 'deleted' OR d.invisible_patient OR (d.masque_ps AND NOT sent.masked)
      OR EXISTS (SELECT FROM access_restriction r
        WHERE r.space_id = d.space_id AND r.ended_at IS NULL AND r.starts_at BETWEEN %(since)s AND %(at)s
          AND (r.ends_at IS NULL OR r.ends_at > %(at)s)
          AND (r.logical_id IS NULL OR r.logical_id = d.logical_id)
          AND (r.category IS NULL OR r.category = d.category)
          AND (r.received_from IS NULL OR d.received_at >= r.received_from)
          AND (r.effect = 'hide') = (r.everyone OR coalesce(addressee.rpps = ANY(r.rpps), false)
            OR coalesce(addressee.profession = ANY(r.professions), false)
            OR coalesce(r.finess && addressee.places, false))))
FROM addressee
"""


async def kept_since(work: Work, *, address: str, documents: Mapping[UUID, bool], since: datetime) -> KeptBy | None:
    """Return why these documents no longer go to the mailbox `address`, None when they may.

    documents: whether each was masked already when it was sent, `since`.
    """
    params = {
        "space": work.space_id,
        "at": work.at,
        "address": address,
        "since": since,
        "documents": list(documents),
        "masked": list(documents.values()),
    }
    ((blocked, kept),) = await work.rows(_SINCE, params)
    if blocked:
        return KeptBy.BLOCK
    return KeptBy.DOCUMENT if kept else None
