"""The person changes how they are told, in which language, and the default for new documents."""

from datetime import datetime

from carnet.infra.db import work
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, Reason, allow, refuse
from carnet.kernel.errors import Invalid, Problem
from carnet.kernel.ids import SpaceId
from carnet.spaces.data import SpaceSettings

CHANNELS = frozenset({"portal", "email", "weekly"})
SUBJECTS = frozenset({"documents", "visits", "agenda"})
BAD_CHANNEL = Problem(
    code="channel", fr="Ce canal n'existe pas.", en="This channel does not exist.", path="notice_channels"
)

# ## What was chosen; the week of the digest begins with the wish ##
_SETTINGS = """
UPDATE space SET language = %(language)s, notice_channels = %(channels)s, quiet_subjects = %(quiet)s,
  digest_at = CASE WHEN %(weekly)s THEN coalesce(digest_at, %(at)s) END
WHERE space_id = %(space)s
"""
_DEFAULT = "UPDATE authz SET masked_by_default = %s, epoch = epoch + 1 WHERE space_id = %s AND masked_by_default <> %s"


async def change_settings(*, actor: Actor, space: SpaceId, settings: SpaceSettings, at: datetime) -> None:
    """Store the person's settings. Raises Invalid (a channel, subject or language unknown) or Refused (not theirs)."""
    known = set(settings.notice_channels) <= CHANNELS and set(settings.quiet_subjects) <= SUBJECTS
    if not known or settings.language not in {"fr", "en"}:
        raise Invalid(BAD_CHANNEL)
    decision = allow(Ground.OWN_SPACE) if actor.space == space and actor.strong else refuse(Reason.OTHER_SPACE)
    async with work(space=space, at=at) as w:
        await record(w, Act.CHANGE_SETTINGS, decision, actor=actor)
        if decision.allowed:
            chosen = {
                "language": settings.language,
                "channels": list(settings.notice_channels),
                "quiet": list(settings.quiet_subjects),
                "weekly": "weekly" in settings.notice_channels,
                "at": at,
                "space": space,
            }
            await w.execute(_SETTINGS, chosen)
            await w.execute(_DEFAULT, (settings.masked_by_default, space, settings.masked_by_default))
    decision.raise_if_refused()
