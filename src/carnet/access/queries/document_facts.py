"""What decides about each document a person may know of? The facts, for whoever asks the decision about them."""

from typing import Any

from carnet.access.data import DocumentFacts
from carnet.access.queries.visibility import READER, VISIBLE
from carnet.infra.db.work import Rows, Statement

# ## What decides about each document the person may know of, newest first ##
_DOCUMENTS = f"""
WITH {READER}
SELECT d.document_id, d.status, d.type_code, d.masque_ps, d.invisible_patient, d.invisible_representants, d.author_kind,
  d.author_rpps, d.author_finess, d.logical_id, d.category, d.received_at
FROM document d, reader WHERE d.space_id = %(space)s AND {VISIBLE}
ORDER BY d.document_date DESC, d.document_id DESC
"""
_NAMES = (
    "document_id",
    "status",
    "type_code",
    "masque_ps",
    "invisible_patient",
    "invisible_representants",
    "author_kind",
    "author_rpps",
    "author_finess",
    "logical_id",
    "category",
    "received_at",
)


def documents_statement(params: dict[str, Any]) -> Statement:
    """Return the statement; `params` are those of the reader, with `space` and `at`."""
    return Statement(_DOCUMENTS, params)


def to_documents(rows: Rows) -> list[DocumentFacts]:
    """Return the facts of its rows, newest document first."""
    return [DocumentFacts(**dict(zip(_NAMES, row, strict=True))) for row in rows]
