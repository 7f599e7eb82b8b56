"""Which documents does this session keep out? For what tells of documents elsewhere than in lists: the journal, the
results that wait, the person's wishes.
"""

from datetime import datetime

from carnet.access.own_data import topics_json
from carnet.access.rules.decide import DELEGATES, stepped_up
from carnet.infra.db.work import Statement
from carnet.kernel.actors import Actor

# ## Documents of topics the person keeps apart, or marked so by them; nothing where they keep nothing apart ##
_KEPT_APART = """
SELECT d.document_id FROM authz a JOIN document d ON d.space_id = a.space_id
WHERE a.space_id = %(space)s AND a.guarded AND (
  d.type_code IN (SELECT jsonb_array_elements_text(%(kept_topics)s::jsonb -> chosen.topic)
                  FROM unnest(a.safeguarded) AS chosen (topic))
  OR EXISTS (SELECT FROM safeguarded_document g WHERE g.space_id = d.space_id AND g.logical_id = d.logical_id))
"""


# ## And what is for no representative, ever: no proof of theirs changes that ##
_FOR_NO_DELEGATE = f"""{_KEPT_APART} UNION ALL
SELECT d.document_id FROM document d WHERE d.space_id = %(space)s AND d.invisible_representants
"""
# ## Is the document (all its versions) that `{logical}` names among these? ##
_ONE = """
EXISTS (SELECT FROM document k WHERE k.space_id = %(space)s AND k.logical_id = {logical}
  AND k.document_id IN ({apart}))
"""


def kept_apart(actor: Actor, *, at: datetime, mailed_to_minor: bool = False) -> Statement | None:
    """Return the query of ids this actor must not be told of (it wants `space`), None once a second factor is fresh.

    For a representative or carer nothing is ever fresh, and what is invisible to them is among it (mes.md §3.2);
    `for_delegate` also keeps a minor's secret consents, and what was done under them, out of the journal they read.
    mailed_to_minor: of what is said by e-mail, to a mailbox that may be a parent's: these are kept out too.
    """
    if actor.kind in DELEGATES:
        return Statement(_FOR_NO_DELEGATE, {"kept_topics": topics_json(), "for_delegate": True})
    if stepped_up(actor, at=at) and not mailed_to_minor:
        return None
    mailed = {"for_delegate": True} if mailed_to_minor else {}
    return Statement(_KEPT_APART, {"kept_topics": topics_json()} | mailed)


def is_kept_apart(actor: Actor, logical: str, *, at: datetime) -> Statement:
    """Return the condition that this actor must not be told of the document named by column `logical`; as above."""
    apart = kept_apart(actor, at=at)
    if apart is None:
        return Statement("false", {})
    return Statement(_ONE.format(logical=logical, apart=apart.sql), apart.params)
