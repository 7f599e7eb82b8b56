"""What do the pages of this document say? For people who cannot see the picture of them.

Asked with what `read_content` opened: the decision and its trace are made, this adds words to the picture shown.
"""

from carnet.infra.db import rows_in_one_trip
from carnet.infra.db.work import Statement
from carnet.kernel.ids import SpaceId
from carnet.records.queries.kept_text import open_text
from carnet.records.queries.reading import OpenedContent

# ## The kept words of one document ##
_WORDS = "SELECT text_enc FROM document_text WHERE space_id = %(space)s AND document_id = %(document)s"


async def words_of_pages(opened: OpenedContent, *, space: SpaceId) -> tuple[str, ...]:
    """Return the words of each page, in order; none when the worker has not taken them out, or could not."""
    document = opened.entry.document_id
    statement = Statement(_WORDS, {"space": space, "document": document})
    found = (await rows_in_one_trip([statement], space=space))[0]
    return open_text(found[0][0], document=document, keys=opened.keys).pages if found else ()
